"""A bill on the payer's phone: shown, claimed, declined and paid once, by people and by scripts."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, WITH_PAGE, new_key
from tests.web.page import Page, is_page_of
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import members, payments, scans
from wallet.store.bills import BillView

Open = Callable[..., BillView]
Balances = Callable[[], dict[str, int]]
Browser = Callable[[str], FlaskClient]


@pytest.fixture
def bill(federation: Kit) -> Open:
    def made(amount_minor: int = 450, cash_minor: int = 0) -> BillView:
        return payments.open_bill(
            federation, "bakery-1", "bea", amount_minor=amount_minor, cash_minor=cash_minor, note="r 17", key=new_key()
        )

    return made


@pytest.fixture
def ana(browser_of: Browser) -> FlaskClient:
    return browser_of("ana")


def test_the_sheet_says_who_how_much_what_is_left_and_that_it_counts(ana: FlaskClient, bill: Open) -> None:
    code = bill().code

    sheet = ana.get(f"/b/{code}").text
    page = Page(sheet)

    for words in ("Bread & Roses", "Counter 1", "5.50 RES", "counts, 4.50", "Pay 4.50 RES", "Do not pay", "3:00"):
        assert words in page.text
    assert "Pay 4.50\xa0RES" in sheet, "on a narrow button the sum does not part from its unit"
    assert UUID(page.forms[f"/b/{code}/pay"]["key"])


def test_the_sheet_names_the_part_in_cash(ana: FlaskClient, bill: Open) -> None:
    page = Page(ana.get(f"/b/{bill(450, 200).code}").text)

    assert "Pay 2.50 RES" in page.text
    assert "In cash, at the till 2.00" in page.text


def test_at_the_own_coop_the_sheet_says_why_it_does_not_count(federation: Kit, ana: FlaskClient) -> None:
    members.grant(federation, "fay", "cashier", "mill")
    code = payments.open_bill(federation, "mill-1", "fay", amount_minor=100, key=new_key()).code

    page = Page(ana.get(f"/b/{code}").text)

    assert "own co-op" in page.text
    assert "You work here" in page.text


def test_opening_the_page_claims_nothing(ana: FlaskClient, bill: Open) -> None:
    code = bill().code
    ana.get(f"/b/{code}")

    assert ana.get(f"/b/{code}", headers=JSON).json["state"] == "open"


def test_a_script_that_asks_for_the_page_has_it_with_the_answer_and_refusals_as_json(
    ana: FlaskClient, bill: Open, balances: Balances
) -> None:
    code, key = bill().code, str(new_key())

    paid, again = (ana.post(f"/b/{code}/pay", json={"key": key}, headers=WITH_PAGE) for _ in range(2))

    for answer in (paid, again):
        assert "You paid 4.50 RES" in is_page_of(ana, answer, f"/b/{code}", 201)
    assert [answer.headers.get("Idempotent-Replay") for answer in (paid, again)] == [None, "true"]
    refused = ana.post(f"/b/{code}/pay", json={"key": str(new_key())}, headers=WITH_PAGE)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert refused.json["type"] == "bill_already_paid"
    assert balances()["ana"] == 550


def test_a_claim_tells_the_till_and_lapses(ana: FlaskClient, bill: Open, browser_of: Browser, clock: Clock) -> None:
    code = bill().code
    claimed = ana.post(f"/b/{code}/claim", json={})

    assert claimed.status_code == 200
    assert claimed.json["state"] == "claimed"
    assert browser_of("bea").get(f"/b/{code}", headers=JSON).json["payer"] == "Ana"
    clock.advance(30)
    assert ana.get(f"/b/{code}", headers=JSON).json["state"] == "open"


def test_the_bill_as_json(ana: FlaskClient, stranger: FlaskClient, bill: Open) -> None:
    code = bill(450, 200).code

    assert ana.get(f"/b/{code}", headers=JSON).json == {
        "code": code,
        "state": "open",
        "amount": "4.50",
        "cash": "2.00",
        "coop": "bakery",
        "till": "bakery-1",
    }
    assert stranger.get(f"/b/{code}", headers=JSON).json == {
        "code": code,
        "state": "open",
        "amount": "4.50",
        "coop": "bakery",
    }


def test_paying_as_json_and_again_with_the_same_key(ana: FlaskClient, bill: Open, balances: Balances) -> None:
    code, body = bill(450, 200).code, {"key": new_key()}

    first = ana.post(f"/b/{code}/pay", json=body)
    again = ana.post(f"/b/{code}/pay", json=body)

    assert first.status_code == again.status_code == 201
    assert set(first.json) == {"receipt", "state", "amount", "cash", "balance", "words"}
    assert (first.json["state"], first.json["amount"], first.json["cash"], first.json["balance"]) == (
        "paid",
        "4.50",
        "2.00",
        "7.50",
    )
    assert first.data == again.data
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert balances()["ana"] == 750
    assert balances()["bakery-1"] == 250
    assert ana.get(f"/b/{code}", headers=JSON).json["receipt"] == first.json["receipt"]


def test_the_plain_form_pays_once_however_often_it_is_sent(ana: FlaskClient, bill: Open, balances: Balances) -> None:
    code = bill().code
    fields = Page(ana.get(f"/b/{code}").text).forms[f"/b/{code}/pay"]

    sent = [ana.post(f"/b/{code}/pay", data=fields) for _ in range(3)]

    assert [answer.status_code for answer in sent] == [303, 303, 303]
    assert balances()["ana"] == 550
    page = Page(ana.get(sent[0].location).text)
    for words in ("You paid 4.50 RES", "Bread & Roses", "The till shows the same words", "It counts.", "Done"):
        assert words in page.text
    assert "The proof is the till’s screen, not this one." in page.text


def test_who_serves_at_the_till_reads_who_paid_its_bill(ana: FlaskClient, browser_of: Browser, bill: Open) -> None:
    code = bill(450, 200).code
    receipt = ana.post(f"/b/{code}/pay", json={"key": new_key()}).json["receipt"]

    page = Page(browser_of("bea").get(f"/b/{code}").text)
    assert "Ana paid this bill" in page.text
    assert "and 2.00 in cash at the till" in page.text
    assert "Both screens showed: " in page.text
    assert {f"/receipts/{receipt}", "/tills/bakery-1"} <= set(page.links)
    assert "from your wallet" not in page.text

    assert "It was not paid from your wallet." in Page(browser_of("cal").get(f"/b/{code}").text).text


def test_a_second_tab_finds_the_bill_paid(ana: FlaskClient, bill: Open, balances: Balances) -> None:
    code = bill().code
    first, second = (Page(ana.get(f"/b/{code}").text).forms[f"/b/{code}/pay"] for _ in range(2))
    ana.post(f"/b/{code}/pay", data=first)

    late = ana.post(f"/b/{code}/pay", data=second)

    assert late.status_code == 409
    assert "Nothing was paid twice." in Page(late.text).text
    assert balances()["ana"] == 550


def test_somebody_elses_payment_shows_neither_payer_nor_words(
    ana: FlaskClient, bill: Open, browser_of: Browser, stranger: FlaskClient
) -> None:
    code = bill().code
    ana.post(f"/b/{code}/pay", json={"key": new_key()})

    other = browser_of("cal")
    assert other.get(f"/b/{code}", headers=JSON).json.keys() == {"code", "state", "amount", "cash", "coop", "till"}
    assert "Ana" not in other.get(f"/b/{code}").text
    assert "This bill is paid" in Page(stranger.get(f"/b/{code}").text).text
    assert other.post(f"/b/{code}/pay", json={"key": new_key()}).json["type"] == "bill_already_paid"


def test_too_little_is_said_with_what_there_is(ana: FlaskClient, bill: Open, balances: Balances) -> None:
    code = bill(1250).code

    page = Page(ana.get(f"/b/{code}").text)
    refused = ana.post(f"/b/{code}/pay", json={"key": new_key()})

    assert "2.50 RES are missing" in page.text
    assert "you have 10.00 RES" in page.text
    assert f"/b/{code}/pay" not in page.forms
    assert (refused.status_code, refused.json["type"]) == (409, "insufficient_funds")
    assert balances()["ana"] == 1000


def test_the_same_sum_again_is_asked_once_more(ana: FlaskClient, bill: Open, balances: Balances) -> None:
    first, second = bill(200).code, bill(200).code
    ana.post(f"/b/{first}/pay", json={"key": new_key()})
    fields = Page(ana.get(f"/b/{second}").text).forms[f"/b/{second}/pay"]

    asked = ana.post(f"/b/{second}/pay", data=fields)
    confirming = Page(asked.text).forms[f"/b/{second}/pay"]

    assert asked.status_code == 409
    assert confirming["confirm"] == "1"
    assert balances()["ana"] == 800
    assert ana.post(f"/b/{second}/pay", data=confirming).status_code == 303
    assert balances()["ana"] == 600


def test_declining_takes_the_claim_back_and_home_says_what_becomes_of_the_bill(ana: FlaskClient, bill: Open) -> None:
    code = bill().code
    ana.post(f"/b/{code}/claim", json={})

    assert ana.post(f"/b/{code}/decline", json={}).json["state"] == "open"
    led_to = ana.post(f"/b/{code}/decline", data={}).location
    said = Page(ana.get(led_to).text).text
    assert "You did not pay Bread & Roses" in said
    assert "No money moved. The bill of 4.50 is still open at the till until" in said

    ana.post(f"/b/{code}/pay", json={"key": new_key()})
    assert "You did not pay" not in ana.get(led_to).text
    assert "You did not pay" not in ana.get("/?unpaid=nonsense").text


def test_who_does_not_pay_a_bill_that_was_for_them_alone_reads_that_the_till_knows_it(
    federation: Kit, ana: FlaskClient
) -> None:
    token = MemberPhone(federation, "ana").token()
    asked = scans.scan_code(federation, "bakery-1", "bea", token=token, amount_minor=61_00, key=new_key())
    led_to = ana.post(f"/b/{asked.code}/decline", data={}).location
    assert "The bill of 61.00 is declined, and the till knows it." in Page(ana.get(led_to).text).text


def test_who_does_not_pay_a_bill_that_is_over_reads_how_it_ended(federation: Kit, ana: FlaskClient, bill: Open) -> None:
    cancelled, paid = bill(100).code, bill(200).code
    payments.cancel_bill(federation, cancelled, "bea")
    ana.post(f"/b/{paid}/pay", json={"key": new_key()})

    for code, words in ((cancelled, "The till cancelled the bill"), (paid, "You paid 2.00 RES")):
        assert words in Page(ana.get(ana.post(f"/b/{code}/decline", data={}).location).text).text


@pytest.mark.parametrize(
    ("end", "said", "code_said"),
    [("cancel", "The till cancelled the bill", "bill_cancelled"), ("expire", "The bill ran out", "bill_expired")],
)
def test_an_ended_bill_says_that_no_money_moved(
    federation: Kit, ana: FlaskClient, bill: Open, clock: Clock, end: str, said: str, code_said: str
) -> None:
    code = bill().code
    if end == "cancel":
        payments.cancel_bill(federation, code, "bea")
    else:
        clock.advance(180)

    page = Page(ana.get(f"/b/{code}").text)
    refused = ana.post(f"/b/{code}/pay", json={"key": new_key()})

    assert said in page.text
    assert "No money moved." in page.text
    assert (refused.status_code, refused.json["type"]) == (410, code_said)
    assert ana.post(f"/b/{code}/pay", data={"key": new_key()}).status_code == 410


def test_a_key_used_for_one_bill_is_refused_for_another(ana: FlaskClient, bill: Open) -> None:
    key, first, second = new_key(), bill(100).code, bill(200).code
    ana.post(f"/b/{first}/pay", json={"key": key})

    refused = ana.post(f"/b/{second}/pay", json={"key": key})

    assert (refused.status_code, refused.json["type"]) == (422, "key_reused")


@pytest.mark.parametrize("act", ["claim", "decline", "pay"])
def test_a_stranger_may_look_but_do_nothing(stranger: FlaskClient, bill: Open, act: str) -> None:
    code = bill().code

    page = Page(stranger.get(f"/b/{code}").text)
    refused = stranger.post(f"/b/{code}/{act}", json={"key": new_key()} if act == "pay" else {})

    assert "Sign in to pay" in page.text
    assert "Counter 1" not in page.text
    assert f"/demo?next=/b/{code}" in page.links
    assert page.forms == {}
    assert (refused.status_code, refused.json["type"]) == (401, "not_signed_in")


@pytest.mark.parametrize("end", ["open", "paid", "expired", "cancelled"])
def test_who_is_signed_out_reads_the_co_op_and_the_whole_sum_alone_however_the_bill_stands(
    federation: Kit, ana: FlaskClient, stranger: FlaskClient, bill: Open, clock: Clock, end: str
) -> None:
    code = bill(450, 123).code
    if end == "paid":
        ana.post(f"/b/{code}/pay", json={"key": new_key()})
    elif end == "expired":
        clock.advance(180)
    elif end == "cancelled":
        payments.cancel_bill(federation, code, "bea")

    text = Page(stranger.get(f"/b/{code}").text).text

    assert stranger.get(f"/b/{code}", headers=JSON).json["state"] == end
    assert "Bread & Roses" in text
    assert "4.50 in all, RES and cash together" in text
    assert not [told for told in ("4.50 RES", "3.27", "1.23", "Counter 1") if told in text]


def test_who_is_signed_out_does_not_read_that_a_bill_waits_for_somebody(
    federation: Kit, ana: FlaskClient, stranger: FlaskClient
) -> None:
    token = MemberPhone(federation, "ana").token()
    asked = scans.scan_code(federation, "bakery-1", "bea", token=token, amount_minor=60_00, key=new_key())
    assert isinstance(asked, BillView)

    assert "The till has read your code." in Page(ana.get(f"/b/{asked.code}").text).text
    seen = Page(stranger.get(f"/b/{asked.code}").text).text
    assert "60.00 in all, RES and cash together" in seen
    assert "read your code" not in seen


def test_who_paid_with_what_words_and_the_shops_note_are_the_payers_and_the_tills_alone(
    federation: Kit, bill: Open
) -> None:
    made = bill()
    payments.claim_bill(federation, made.code, "ana")
    claimed = payments.show_bill(federation, made.code, "bea")
    assert (claimed.payer, claimed.payer_name, claimed.note) == ("ana", "Ana", "r 17")
    paid = payments.pay_bill(federation, made.code, "ana", key=new_key())

    for whose in ("ana", "bea"):
        seen = payments.show_bill(federation, made.code, whose)
        assert (seen.payer, seen.receipt, seen.words, seen.note) == ("ana", paid.ref, paid.words, "r 17")
    for other in ("cal", "sam", "fay", None):
        seen = payments.show_bill(federation, made.code, other)
        assert (seen.state, seen.payer, seen.payer_name, seen.receipt) == ("paid", None, None, None)
        assert (seen.words, seen.note) == (None, None)


@pytest.mark.parametrize("code", ["ZZZZZZZZ", "short", "ÄÄÄÄÄÄÄÄ", "A" * 300])
def test_what_names_no_bill_is_unknown(ana: FlaskClient, code: str) -> None:
    assert ana.get(f"/b/{code}", headers=JSON).json["type"] == "unknown_bill"
    assert ana.get(f"/b/{code}").status_code == 404
    assert ana.post(f"/b/{code}/pay", json={"key": new_key()}).status_code == 404


def test_a_mistyped_code_stays_in_its_field_to_be_mended_for_who_may_pay(
    ana: FlaskClient, stranger: FlaskClient
) -> None:
    led_to = ana.post("/pay", data={"code": "zzzz-zzzz"}).location

    mended = ana.get(led_to)
    page = Page(mended.text)
    assert "/pay" in page.forms
    assert "/pay" in page.links
    assert 'value="ZZZZZZZZ"' in mended.text
    assert 'aria-invalid="true"' in mended.text
    assert Page(stranger.get(led_to).text).forms.keys().isdisjoint({"/pay"})


def test_a_code_is_forgiven_its_spelling(ana: FlaskClient, bill: Open) -> None:
    code = bill().code

    typed = f" {code[:4].lower()}-{code[4:].lower()} ".replace("0", "o").replace("1", "l")

    assert ana.post("/pay", data={"code": typed}).location == f"/b/{code}"
    assert ana.get(f"/b/{code[:4]}-{code[4:]}", headers=JSON).json["code"] == code


def test_a_pasted_link_of_a_bill_leads_to_it_and_anothers_link_does_not(ana: FlaskClient, bill: Open) -> None:
    code = bill().code
    link = f"{ana.application.extensions['kit'].settings.origin}/b/{code}"

    for typed in (link, f" {link}/ ", f"{code[:4]}–{code[4:]}"):
        assert ana.post("/pay", data={"code": typed}).location == f"/b/{code}"
    for foreign in (f"https://elsewhere.example/b/{code}", link.replace("://", "://elsewhere."), f"{link}?next=/"):
        assert ana.post("/pay", data={"code": foreign}).status_code == 400


def test_a_typed_code_that_is_none_is_refused_in_words(ana: FlaskClient) -> None:
    answer = ana.post("/pay", data={"code": "<b>nonsense"})

    assert answer.status_code == 400
    assert "That is not a till’s code" in Page(answer.text).text
    assert "<b>nonsense" not in answer.text


@pytest.mark.parametrize("body", [{}, {"key": "no"}, {"key": 7}, {"key": None}, {"key": "x", "more": 1}])
def test_a_payment_without_a_proper_key_is_refused(ana: FlaskClient, bill: Open, body: dict[str, object]) -> None:
    refused = ana.post(f"/b/{bill().code}/pay", json=body)

    assert (refused.status_code, refused.json["type"]) == (400, "bad_form")


def test_paying_is_never_done_by_a_get(ana: FlaskClient, bill: Open) -> None:
    for act in ("claim", "decline", "pay"):
        assert ana.get(f"/b/{bill().code}/{act}").status_code in (404, 405)


def test_the_scanner_can_be_read_without_script(ana: FlaskClient) -> None:
    page = Page(ana.get("/pay").text)

    assert "Eight characters beside the code" in page.text
    assert "/pay" in page.forms
