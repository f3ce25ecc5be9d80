"""A wrong sum at the till: it goes back with the bill that is right."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, WITH_PAGE, new_key
from tests.web.counter_back import back, bought
from tests.web.outsider import CODE, INSTANT, RECEIPT, is_replay, post, refuses, says
from tests.web.page import Page, is_page_of
from tests.web.phone import MemberPhone
from tests.web.stopped import HOW, stop
from tests.web.test_refunds_that_wait import approvals
from tests.web.test_shifts import close, number
from tests.web.till import scan
from wallet.kit import Kit
from wallet.services import counter, network, payments

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
HERE = "/tills/bakery-1"


def correct(browser: FlaskClient, sale: str, amount: str, **more: str) -> TestResponse:
    """Ask for a wrong sum back and for the right bill."""
    return post(browser, f"{HERE}/corrections", **({"sale": sale, "amount": amount, "key": new_key()} | more))


def page_of(browser: FlaskClient, **query: str) -> Page:
    """Read the till's page with what the query puts in front."""
    return Page(browser.get(HERE, query_string=query).text)


def test_a_wrong_amount_goes_back_whole_with_the_bill_that_is_right(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, key = bought(staffed, 2_150, 150), new_key()
    assert back(bea, sale, "1.00").status_code == 201
    before = balances()

    first = correct(bea, sale, "12.50", cash="0.50", note="7", key=key)
    bill = says(
        first, 201, code=CODE, url=re.compile(r"http.*/b/\w{8}"), state="open", amount="12.50", cash="0.50",
        expires_at=INSTANT,
    )  # fmt: skip
    again = correct(browser_of("joy"), sale, "12.50", cash="0.50", note="7", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, first.data)
    refuses(correct(bea, sale, "12.51", cash="0.50", note="7", key=key), 422, "key_reused")
    refuses(correct(bea, sale, "12.50"), 409, "refund_exceeds_sale")

    assert balances()["ana"] == before["ana"] + 1_900
    story = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (story["refunded"], story["cash_refunded"], len(story["refunds"])) == ("20.00", "1.50", 2)
    assert post(browser_of("ana"), f"/b/{bill['code']}/pay", key=new_key()).status_code == 201


def test_of_what_was_given_back_in_part_a_correction_gives_back_the_rest_in_each_tender(
    bea: FlaskClient, staffed: Kit, browser_of: Browser
) -> None:
    sale = bought(staffed, 2_150, 150)
    assert back(bea, sale, "20.00", cash="0.50").status_code == 201

    assert correct(bea, sale, "12.50").status_code == 201
    story = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (story["refunded"], story["cash_refunded"]) == ("20.00", "1.50")
    refuses(correct(bea, sale, "12.50"), 409, "refund_exceeds_sale")


def test_a_sale_of_as_much_cash_as_res_is_corrected_like_any_other(
    bea: FlaskClient, staffed: Kit, browser_of: Browser
) -> None:
    sale = bought(staffed, 2_000, 1_000)

    assert correct(bea, sale, "12.50").status_code == 201
    story = browser_of("ana").get(f"/receipts/{sale}", headers=JSON).get_json()
    assert (story["refunded"], story["cash_refunded"]) == ("10.00", "10.00")


def test_a_correction_is_whole_or_not_at_all(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, key = bought(staffed, 2_150), new_key()
    counter.set_res_part(staffed, "bakery", 5_000)
    before = balances()

    refuses(correct(bea, sale, "12.50", key=key), 409, "cash_part_required")
    refuses(correct(bea, sale, "0.00"), 400, "bad_amount")
    refuses(correct(bea, sale, "1.00", cash="2.00"), 400, "bad_amount")
    refuses(correct(bea, "0000000000ZZ", "1.00"), 404, "unknown_sale")
    refuses(correct(browser_of("ana"), sale, "12.50"), 403, "not_allowed")
    refuses(correct(browser_of("cal"), sale, "12.50"), 404, "unknown_sale")
    network.open_till(staffed, "bakery", "bakery-2", "Counter 2")
    refuses(post(bea, "/tills/bakery-2/corrections", sale=sale, amount="1.00", key=new_key()), 404, "unknown_sale")
    assert balances() == before | {"bakery-2": 0}
    assert correct(bea, sale, "12.50", cash="6.25", key=key).status_code == 201


def test_a_correction_above_the_limit_asks_a_steward_and_makes_no_bill(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    sale, key = bought(staffed, 12_000), new_key()
    first = correct(bea, sale, "12.50", key=key)
    refund = says(first, 202, refund=RECEIPT, state="waiting")["refund"]
    refuses(correct(bea, sale, "12.51", key=key), 422, "key_reused")

    assert bea.get(f"{HERE}/state", headers=JSON).get_json()["bills"][0]["state"] == "paid"
    assert post(browser_of("tim"), f"/refunds/{refund}/approve").status_code == 200
    again = correct(bea, sale, "12.50", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, first.data)


def test_a_correction_says_how_much_of_it_is_cash_that_comes_out_of_the_drawer(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, clock: Clock
) -> None:
    sale = bought(staffed, 20_00, 15_00)
    clock.advance(1)
    assert back(bea, sale, "0.00", cash="1.00").status_code == 201
    assert "19.00, paid by Ana, goes back with the new bill, 14.00 of it in cash" in page_of(bea, wrong=sale).text
    assert "drawer" not in page_of(bea).text, "the receipt's page has said it"

    clock.advance(1)
    bill = correct(bea, sale, "12.00", cash="6.00").get_json()["code"]

    told = "Given back. Take 14.00 from the drawer"
    for browser in (bea, browser_of("joy")):
        assert told in page_of(browser, bill=bill).text
        assert told in page_of(browser).text
        text = page_of(browser).text
        assert text.rindex(told) < text.index("12.00"), "before what is parked: a phone shows two"
    (refund,) = bea.get(f"{HERE}/state", headers=JSON).get_json()["refunds"]
    assert (refund["state"], refund["sale"], refund["cash"], refund["lapses_at"]) == ("posted", sale, "14.00", None)
    clock.advance(minutes=2)
    assert told not in page_of(bea).text


def test_a_correction_of_res_alone_leaves_no_word_of_a_drawer(bea: FlaskClient, staffed: Kit) -> None:
    bill = correct(bea, bought(staffed, 20_00), "12.00").get_json()["code"]

    assert "drawer" not in page_of(bea, bill=bill).text
    assert bea.get(f"{HERE}/state", headers=JSON).get_json()["refunds"] == []


@pytest.mark.parametrize("how", [*HOW, "closed", "tender"])
def test_a_correction_whose_bill_cannot_be_made_asks_no_steward_for_the_refund(
    bea: FlaskClient, browser_of: Browser, federation: Kit, staffed: Kit, how: str
) -> None:
    sale = bought(staffed, 150_00)
    if how == "closed":
        assert close(bea, number(bea), res="150.00").status_code == 303
        network.close_till(federation, "bakery", "bakery-1")
    elif how == "tender":
        counter.set_res_part(staffed, "bakery", 5_000)
    else:
        stop(federation, "bakery", how)

    refuses(correct(bea, sale, "15.00"), 409, "cash_part_required" if how == "tender" else "account_not_open")
    assert approvals(browser_of("sam")) == []


def test_above_the_limit_a_correction_says_that_the_right_sum_is_charged_once_a_steward_agreed(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    sale = bought(staffed, 150_00)
    waits = "/refunds/" + correct(bea, sale, "15.00").get_json()["refund"]
    unpaid = "The bill with the right sum is not made yet"

    assert [unpaid in Page(browser_of(who).get(waits).text).text for who in ("bea", "tim")] == [True, True]
    assert post(browser_of("tim"), f"{waits}/approve").status_code == 200
    agreed = {who: Page(browser_of(who).get(waits).text) for who in ("bea", "tim")}
    assert ["No bill was made with it" in page.text for page in agreed.values()] == [True, True]
    assert ["Charge the right sum" in page.text for page in agreed.values()] == [True, False]
    assert ["Next sale" in page.text for page in agreed.values()] == [False, False]


def test_a_part_of_a_wrong_sum_and_goods_that_came_back_are_followed_by_no_bill(bea: FlaskClient, staffed: Kit) -> None:
    for amount, reason in (("120.00", "wrong_sum"), ("130.00", "returned")):
        waits = back(bea, bought(staffed, 130_00), amount, reason=reason).get_json()["refund"]
        assert "The bill with the right sum" not in Page(bea.get(f"/refunds/{waits}").text).text


def test_the_tills_proof_says_what_was_given_back_of_its_payment(bea: FlaskClient, staffed: Kit) -> None:
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=12_50, key=new_key()).code
    sale = payments.pay_bill(staffed, bill, "ana", key=new_key()).ref
    screens: list[dict[str, str]] = [{"bill": bill}, {"paid": sale}]
    proofs = [bea.get(HERE, query_string=query).text for query in screens]
    assert ["till-paid" in text and "Given back so far" not in Page(text).text for text in proofs] == [True, True]

    assert back(bea, sale, "2.50").status_code == 201
    for query in screens:
        shown = page_of(bea, **query).text
        assert "Paid, and partly given back" in shown
        assert "Given back so far: 2.50." in shown
    assert correct(bea, sale, "1.25").status_code == 201
    # Of a payment that is back nothing is left to correct: a step back leads there.
    for query in [*screens, {"wrong": sale}]:
        text = bea.get(HERE, query_string=query).text
        assert "till-paid" not in text
        assert "Given back so far: 12.50." in Page(text).text
        assert "counts for a pay share" not in Page(text).text
        assert f"{HERE}/corrections" not in Page(text).forms
    assert "12.50 Given back" in page_of(bea).text, "the parked bill"
    assert "Paid by Ana" not in page_of(bea).text


@pytest.mark.parametrize(("part", "rest"), [(("1.49", "1.00"), ("0.01", "0.00")), (("1.50", "0.99"), ("0.00", "0.01"))])
def test_what_was_given_back_whole_is_no_purchase_that_its_correction_repeats(
    bea: FlaskClient,
    browser_of: Browser,
    staffed: Kit,
    phone: MemberPhone,
    part: tuple[str, str],
    rest: tuple[str, str],
) -> None:
    """A wrong split is put right by a bill of the same sum, moments later."""
    bill = correct(bea, bought(staffed, 2_50), "2.50", cash="1.00").get_json()["code"]
    paid = post(browser_of("ana"), f"/b/{bill}/pay", key=new_key())
    assert paid.status_code == 201, paid.text

    again = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=2_50, key=new_key()).code
    refuses(post(browser_of("ana"), f"/b/{again}/pay", key=new_key()), 409, "looks_repeated")
    sale = paid.get_json()["receipt"]
    assert back(bea, sale, part[0], cash=part[1]).status_code == 201
    refuses(post(browser_of("ana"), f"/b/{again}/pay", key=new_key()), 409, "looks_repeated")
    refuses(scan(bea, phone.token(), "2.50"), 409, "looks_repeated")
    assert back(bea, sale, rest[0], cash=rest[1]).status_code == 201
    assert post(browser_of("ana"), f"/b/{again}/pay", key=new_key()).status_code == 201


def test_the_keypad_corrects_without_a_script(bea: FlaskClient, staffed: Kit) -> None:
    sale = bought(staffed, 2_150)
    page = Page(bea.get(f"{HERE}?wrong={sale}").text)
    hidden = page.forms[f"{HERE}/corrections"]
    fields = {name: hidden[name] for name in ("key", "sale")}

    assert (fields["sale"], "21.50, paid by Ana, goes back with the new bill" in page.text) == (sale, True)
    empty = bea.post(f"{HERE}/corrections", data={**fields, "amount": ""})
    assert empty.status_code == 400
    assert "goes back with the new bill" in Page(empty.text).text
    twice = {**fields, "key": new_key(), "amount": "12,50"}
    done = bea.post(f"{HERE}/corrections", data={**fields, "amount": "12,50"})
    assert done.status_code == 303, Page(done.text).text
    assert "bill=" in done.location
    late = bea.post(f"{HERE}/corrections", data=twice)
    assert (late.status_code, "given back already. No money moved again" in late.text) == (409, True)


def test_a_page_that_is_older_than_a_colleagues_refund_corrects_nothing_unseen(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, address = bought(staffed, 1_250), f"{HERE}/corrections"
    form = Page(bea.get(f"{HERE}?wrong={sale}").text).forms[address] | {"amount": "10.00"}
    assert back(browser_of("joy"), sale, "5.00").status_code == 201
    before = balances()

    late = bea.post(address, data=form)

    assert (late.status_code, balances()) == (409, before)
    page = Page(late.text)
    assert "Something of this sale was given back a moment ago. No money moved again." in page.text
    assert "7.50, paid by Ana, goes back with the new bill" in page.text
    assert bea.post(address, data=page.forms[address] | {"amount": "10.00"}).status_code == 303
    assert balances()["ana"] == before["ana"] + 750


def test_of_their_own_purchase_a_cashier_is_offered_no_correction(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    assert post(browser_of("ana"), "/gifts", to="bea", amount="20.00", key=new_key()).status_code == 201
    sale = bought(staffed, 1_250, payer="bea")

    links = [Page(browser.get(f"{HERE}?paid={sale}").text).links for browser in (browser_of("joy"), bea)]

    assert [f"{HERE}?wrong={sale}" in each for each in links] == [True, False]
    refuses(correct(bea, sale, "10.00"), 403, "not_allowed")


def test_a_script_that_asks_for_the_page_has_the_right_bill_or_is_told_of_the_refund_that_waits(
    bea: FlaskClient, staffed: Kit
) -> None:
    small, large = bought(staffed, 2_150), bought(staffed, 12_000)
    asked = {"sale": small, "amount": "12.50", "key": new_key()}
    made = bea.post(f"{HERE}/corrections", json=asked, headers=WITH_PAGE)
    bills = bea.get(f"{HERE}/state", headers=JSON).get_json()["bills"]
    code = next(bill["code"] for bill in bills if bill["state"] == "open")
    assert "12.50" in is_page_of(bea, made, f"{HERE}?bill={code}", 201)

    asked = {"sale": large, "amount": "1.00", "key": new_key()}
    waits = bea.post(f"{HERE}/corrections", json=asked, headers=WITH_PAGE)
    says(waits, 202, refund=RECEIPT, state="waiting")
