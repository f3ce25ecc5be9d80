"""The till over HTTP: bills, scans, the screen's state, and what a stranger may not do."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import payday

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
KEY = "7c1f6d0a-3c5e-4a53-9a7d-0d2f5b7b9d11"

BAD_AMOUNTS = [
    "0", "0.00", "-1", "-1.00", "0.001", "1e3", "１０", "1_000", str(2**63), f"{2**63}.00", "NaN", "Infinity", "", " ",
    "12", "12.5", "12,50", "01.00", "+1.00", "10000000000.00", True, False, None, [10], ["10.00"], {"a": 1}, 12, 12.5,
    9007199254740993, 2**63,
]  # fmt: skip
BAD_RAW = ["9007199254740993", "1e400", "NaN", "-Infinity", "1" * 5000]
REFUSED_TYPED = ["", "0", "0,00", "-1", "1.234", "1,234", "12.345", "1e3", "１０", "1_000", "NaN", str(2**63)]


@pytest.fixture
def bea(browser_of: Browsers) -> FlaskClient:
    """Give the browser of the bakery's cashier."""
    return browser_of("bea")


@pytest.fixture
def phone(federation: Kit) -> MemberPhone:
    """Give Ana's phone; she has 80.00 RES at the most of what she was paid."""
    return MemberPhone(federation, "ana")


def charge(browser: FlaskClient, amount: str = "2.50", **fields: object):  # type: ignore[no-untyped-def]
    body = {"amount": amount, "key": new_key(), **fields}
    return browser.post("/tills/bakery-1/bills", json=body, headers=JSON)


def scan(browser: FlaskClient, token: str, amount: str = "2.50", **fields: object):  # type: ignore[no-untyped-def]
    body = {"token": token, "amount": amount, "key": new_key(), **fields}
    return browser.post("/tills/bakery-1/scans", json=body, headers=JSON)


def problem(answer, status: int, code: str, sent: object = "") -> None:  # type: ignore[no-untyped-def]
    assert (answer.status_code, answer.get_json()["type"]) == (status, code), sent
    assert answer.content_type.startswith("application/problem+json")
    assert answer.get_json()["status"] == status
    assert answer.get_json()["title"]


def test_a_cashier_makes_a_bill(bea: FlaskClient, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC))
    answer = charge(bea, "12.50", cash="2.50", note="42")
    bill = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert bill == {
        "code": bill["code"],
        "url": f"http://localhost:8000/b/{bill['code']}",
        "state": "open",
        "amount": "12.50",
        "cash": "2.50",
        "expires_at": "2026-03-02T12:03:00Z",
    }
    assert len(bill["code"]) == 8


def test_the_same_key_answers_the_same_bill_again(bea: FlaskClient) -> None:
    first = charge(bea, key=KEY)
    again = charge(bea, key=KEY)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_replay_answers_as_at_first_whatever_became_of_the_bill(bea: FlaskClient, browser_of: Browsers) -> None:
    first = charge(bea, key=KEY)
    paid = browser_of("ana").post(f"/b/{first.get_json()['code']}/pay", json={"key": new_key()}, headers=JSON)
    assert paid.status_code == 201
    assert charge(bea, key=KEY).get_json() == first.get_json()


def test_a_key_is_for_one_content(bea: FlaskClient) -> None:
    charge(bea, key=KEY)
    problem(charge(bea, "2.51", key=KEY), 422, "key_reused")


def test_a_refused_bill_leaves_its_key_free(bea: FlaskClient) -> None:
    problem(charge(bea, "0.00", key=KEY), 400, "bad_amount")
    assert charge(bea, key=KEY).status_code == 201


def test_what_is_not_an_amount_is_refused(bea: FlaskClient, balances: Balances) -> None:
    before = balances()
    for amount in BAD_AMOUNTS:
        problem(charge(bea, amount), 400, "bad_amount", amount)  # type: ignore[arg-type]
        problem(scan(bea, "x", amount), 400, "bad_amount", amount)  # type: ignore[arg-type]
    assert balances() == before


def test_a_json_number_is_no_amount_whatever_its_size(bea: FlaskClient) -> None:
    for raw in BAD_RAW:
        body = f'{{"amount": {raw}, "key": "{KEY}"}}'
        answer = bea.post("/tills/bakery-1/bills", data=body, content_type="application/json")
        problem(answer, 400, "bad_amount", raw)


def test_the_cash_part_is_an_amount_within_the_sum(bea: FlaskClient) -> None:
    for cash in ("-1.00", "0.001", "3.00", 1, None):
        problem(charge(bea, "2.50", cash=cash), 400, "bad_amount", cash)


def test_a_malformed_request_is_refused(bea: FlaskClient) -> None:
    for body in (
        {"amount": "2.50"},
        {"amount": "2.50", "key": "7"},
        {"amount": "2.50", "key": KEY, "tip": "1.00"},
        {"amount": "2.50", "key": KEY, "note": "n" * 41},
        {"amount": "2.50", "key": KEY, "note": "a\u0000b"},
        {},
        [],
        "x",
    ):
        problem(bea.post("/tills/bakery-1/bills", json=body, headers=JSON), 400, "bad_form", body)


def test_a_till_is_unknown_to_who_is_not_its_cashier(browser_of: Browsers, balances: Balances) -> None:
    before = balances()
    for who in ("ana", "cal", "sam", "fay"):
        browser = browser_of(who)
        problem(charge(browser), 404, "unknown_till", who)
        problem(browser.get("/tills/bakery-1/state", headers=JSON), 404, "unknown_till", who)
        assert browser.get("/tills/bakery-1").status_code == 404, who
    assert balances() == before


def test_a_cashier_is_a_stranger_at_the_next_co_op(bea: FlaskClient) -> None:
    answer = bea.post("/tills/mill-1/bills", json={"amount": "1.00", "key": KEY}, headers=JSON)
    problem(answer, 404, "unknown_till")
    problem(bea.post("/tills/nowhere/bills", json={"amount": "1.00", "key": KEY}, headers=JSON), 404, "unknown_till")


def test_who_is_not_signed_in_is_told_so(stranger: FlaskClient) -> None:
    problem(charge(stranger), 401, "not_signed_in")
    problem(stranger.get("/tills/bakery-1/state", headers=JSON), 401, "not_signed_in")


def test_wrong_methods_are_refused(bea: FlaskClient) -> None:
    assert bea.get("/tills/bakery-1/bills", headers=JSON).status_code == 405
    assert bea.get("/tills/bakery-1/scans", headers=JSON).status_code == 405
    assert bea.post("/tills/bakery-1/state", headers=JSON).status_code == 405


def test_a_foreign_page_cannot_charge(bea: FlaskClient) -> None:
    body = {"amount": "1.00", "key": KEY}
    answer = bea.post("/tills/bakery-1/bills", json=body, headers={**JSON, "Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_the_state_tells_bills_and_payments(bea: FlaskClient, browser_of: Browsers, clock: Clock) -> None:
    waiting = charge(bea, "1.00").get_json()["code"]
    clock.advance(1)
    paid = charge(bea, "2.00", cash="0.50").get_json()["code"]
    before = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
    browser_of("ana").post(f"/b/{paid}/pay", json={"key": new_key()}, headers=JSON)
    after = bea.get("/tills/bakery-1/state", headers=JSON).get_json()

    assert [(bill["code"], bill["state"]) for bill in before["bills"]] == [(waiting, "open"), (paid, "open")]
    assert [(bill["code"], bill["state"], bill["payer"]) for bill in after["bills"]] == [
        (waiting, "open", None),
        (paid, "paid", "Ana"),
    ]
    assert [(sale["amount"], sale["cash"], sale["payer"]) for sale in after["last"]] == [("2.00", "0.50", "Ana")]
    assert before["rev"] != after["rev"]


def test_a_claim_shows_the_name_until_it_lapses(bea: FlaskClient, browser_of: Browsers, clock: Clock) -> None:
    code = charge(bea).get_json()["code"]
    browser_of("ana").post(f"/b/{code}/claim", json={}, headers=JSON)

    def seen() -> tuple[str, str | None]:
        (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
        return bill["state"], bill["payer"]

    assert seen() == ("claimed", "Ana")
    clock.advance(30)
    assert seen() == ("open", None)
    clock.advance(150)
    assert seen() == ("expired", None)


def test_a_scan_pays_at_once(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    before = balances()
    answer = scan(bea, phone.link(), "4.00", cash="1.00", note="7", key=KEY)
    body = answer.get_json()
    assert answer.status_code == 201
    assert body == {
        "receipt": body["receipt"],
        "state": "paid",
        "amount": "4.00",
        "cash": "1.00",
        "payer": "Ana",
        "words": body["words"],
    }
    assert (before["ana"] - balances()["ana"], balances()["bakery-1"] - before["bakery-1"]) == (300, 300)


def test_a_scan_sent_again_with_its_key_is_a_replay(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    token = phone.token()
    first = scan(bea, token, key=KEY)
    after = balances()
    again = scan(bea, token, key=KEY)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert balances() == after


def test_a_code_is_good_for_one_attempt(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    token = phone.token()
    scan(bea, token)
    after = balances()
    problem(scan(bea, token), 410, "code_spent")
    assert balances() == after


def test_a_refused_scan_moves_nothing_and_spends_the_code(
    bea: FlaskClient, phone: MemberPhone, balances: Balances, clock: Clock
) -> None:
    before, token = balances(), phone.token()
    problem(scan(bea, token, "49.99"), 409, "insufficient_funds")
    problem(scan(bea, token, "1.00"), 410, "code_spent")
    assert balances() == before
    clock.advance(30)
    assert scan(bea, phone.token(), "1.00").status_code == 201


def test_the_same_sum_twice_needs_a_confirmation_and_a_fresh_code(
    bea: FlaskClient, phone: MemberPhone, balances: Balances, clock: Clock
) -> None:
    clock.advance(20)
    scan(bea, phone.token())
    after = balances()
    clock.advance(29)
    problem(scan(bea, phone.token()), 409, "looks_repeated")
    assert balances() == after
    problem(scan(bea, phone.token(), confirm=True), 410, "code_spent")
    clock.advance(30)
    assert scan(bea, phone.token(), confirm=True).status_code == 201


def test_above_the_code_limit_the_phone_is_asked(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, balances: Balances, browser_of: Browsers, clock: Clock
) -> None:
    for month in range(9):
        payday.pay_line(federation, "mill", "ana", 100_000, 480, key=f"pay {month}")
    before = balances()
    answer = scan(bea, phone.token(), "50.01", key=KEY)
    code = answer.get_json()["code"]
    assert (answer.status_code, answer.get_json()) == (202, {"code": code, "state": "claimed"})
    assert balances() == before
    (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
    assert (bill["code"], bill["state"], bill["payer"]) == (code, "claimed", "Ana")
    clock.advance(59)
    paid = browser_of("ana").post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON)
    assert paid.status_code == 201
    assert before["ana"] - balances()["ana"] == 5_001


def test_a_bill_asked_on_the_phone_dies_after_a_minute(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, clock: Clock
) -> None:
    code = scan(bea, phone.token(), "50.01").get_json()["code"]
    clock.advance(60)
    (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
    assert (bill["code"], bill["state"]) == (code, "expired")


def test_what_is_no_code_of_ours_is_refused(bea: FlaskClient, balances: Balances) -> None:
    before = balances()
    for token in (
        "",
        "x",
        "A" * 31,
        "A" * 600,
        "A" * 601,
        "https://elsewhere.example/m/AAAA",
        "http://localhost:8000/b/K7M4PQ2X",
        "javascript:alert(1)",
        "é" * 31,
        7,
        None,
    ):
        answer = scan(bea, token)  # type: ignore[arg-type]
        assert (answer.status_code, answer.get_json()["type"]) in ((400, "bad_form"), (404, "unknown_member")), token
    assert balances() == before


def test_only_the_tills_cashier_may_scan(browser_of: Browsers, phone: MemberPhone, balances: Balances) -> None:
    before = balances()
    problem(scan(browser_of("cal"), phone.token()), 404, "unknown_till")
    assert balances() == before
    assert scan(browser_of("bea"), phone.token()).status_code == 201, "a stranger's try leaves the code alone"


def test_a_till_cancels_its_bill(bea: FlaskClient, browser_of: Browsers, balances: Balances) -> None:
    code, before = charge(bea).get_json()["code"], balances()
    answer = bea.post(f"/b/{code}/cancel", json={}, headers=JSON)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "cancelled")
    assert bea.post(f"/b/{code}/cancel", json={}, headers=JSON).status_code == 200
    problem(browser_of("ana").post(f"/b/{code}/pay", json={"key": KEY}, headers=JSON), 410, "bill_cancelled")
    assert balances() == before


def test_a_paid_bill_cannot_be_cancelled(bea: FlaskClient, browser_of: Browsers, balances: Balances) -> None:
    code = charge(bea).get_json()["code"]
    browser_of("ana").post(f"/b/{code}/pay", json={"key": KEY}, headers=JSON)
    after = balances()
    problem(bea.post(f"/b/{code}/cancel", json={}, headers=JSON), 409, "bill_already_paid")
    assert balances() == after


def test_only_the_bills_own_till_cancels_it_and_draws_its_code(bea: FlaskClient, browser_of: Browsers) -> None:
    code, ana = charge(bea).get_json()["code"], browser_of("ana")
    problem(ana.post(f"/b/{code}/cancel", json={}, headers=JSON), 404, "unknown_bill")
    problem(ana.get(f"/b/{code}/qr.svg", headers=JSON), 404, "unknown_bill")
    problem(bea.post("/b/nonsense!/cancel", json={}, headers=JSON), 404, "unknown_bill")
    picture = bea.get(f"/b/{code}/qr.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.text.startswith("<svg xmlns=")


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def charge_by_form(browser: FlaskClient, amount: str, key: str = KEY, **fields: str):  # type: ignore[no-untyped-def]
    return browser.post("/tills/bakery-1/bills", data={"amount": amount, "key": key, **fields})


def pay(browser: FlaskClient, code: str) -> str:
    answer = browser.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON)
    assert answer.status_code == 201
    return str(answer.get_json()["receipt"])


def test_a_cashier_chooses_among_their_tills(bea: FlaskClient, browser_of: Browsers) -> None:
    assert 'href="/tills/bakery-1"' in page(bea, "/tills/")
    assert "/tills/bakery-1" not in page(browser_of("cal"), "/tills/")


def test_the_plain_form_charges_without_script(bea: FlaskClient) -> None:
    shown = page(bea, "/tills/bakery-1")
    assert 'action="/tills/bakery-1/bills"' in shown
    form = {"amount": "12,5", "cash": "", "note": "", "token": "", "key": KEY}
    answer = bea.post("/tills/bakery-1/bills", data=form)
    again = bea.post("/tills/bakery-1/bills", data=form)
    assert (answer.status_code, again.status_code, again.location) == (303, 303, answer.location)
    shown = page(bea, answer.location)
    assert "12.50" in shown
    assert 'http-equiv="refresh"' in shown


def test_people_type_amounts_as_they_write_them(bea: FlaskClient) -> None:
    for typed, shown in (("12", "12.00"), ("12.5", "12.50"), ("12,50", "12.50"), ("0,05", "0.05")):
        answer = charge_by_form(bea, typed, key=new_key())
        assert f'value="{shown}"' in page(bea, answer.location), typed
        bea.post(f"/b/{answer.location.split('=')[1]}/cancel", data={})


def test_a_typed_sum_that_is_none_comes_back_with_a_sentence(bea: FlaskClient) -> None:
    for typed in REFUSED_TYPED:
        answer = charge_by_form(bea, typed, note="order 7")
        assert answer.status_code == 400, typed
        assert 'role="alert"' in answer.text
        assert 'value="order 7"' in answer.text


def test_a_fourth_bill_asks_to_cancel_or_wait(bea: FlaskClient) -> None:
    for _ in range(3):
        assert bea.post("/tills/bakery-1/bills", data={"amount": "1", "key": new_key()}).status_code == 303
    fourth = bea.post("/tills/bakery-1/bills", data={"amount": "4", "key": KEY})
    assert fourth.status_code == 429
    assert 'value="4"' in fourth.text
    assert charge(bea).status_code == 201, "a script may open any number"


def test_a_form_sent_again_while_three_wait_is_still_a_replay(bea: FlaskClient) -> None:
    for _ in range(2):
        charge(bea)
    form = {"amount": "1", "key": KEY}
    first = bea.post("/tills/bakery-1/bills", data=form)
    assert bea.post("/tills/bakery-1/bills", data=form).location == first.location


def test_each_state_of_a_bill_has_its_screen(bea: FlaskClient, browser_of: Browsers, clock: Clock) -> None:
    ana = browser_of("ana")
    paid, lost, gone = (charge(bea, amount).get_json()["code"] for amount in ("1.00", "2.00", "3.00"))
    here = "/tills/bakery-1?bill="
    assert 'data-screen="waiting"' in page(bea, here + paid)
    assert f"{paid[:4]}-{paid[4:]}" in page(bea, here + paid)
    ana.post(f"/b/{paid}/claim", json={}, headers=JSON)
    assert "Ana" in page(bea, here + paid)
    assert f"{paid[:4]}-{paid[4:]}" not in page(bea, here + paid)
    receipt = pay(ana, paid)
    for address in (here + paid, f"/tills/bakery-1?paid={receipt}"):
        assert 'data-screen="paid"' in page(bea, address)
    bea.post(f"/b/{gone}/cancel", data={})
    assert 'data-screen="ended"' in page(bea, here + gone)
    clock.advance(180)
    assert 'data-screen="ended"' in page(bea, here + lost)


def test_a_bill_of_another_till_is_unknown_here(bea: FlaskClient) -> None:
    page(bea, "/tills/bakery-1?bill=K7M4PQ2X", 404)
    page(bea, "/tills/bakery-1?paid=K7M4PQ2XK7M4", 404)


def test_a_form_scan_pays_and_leads_to_the_paid_screen(bea: FlaskClient, phone: MemberPhone) -> None:
    form = {"amount": "2,50", "cash": "", "note": "", "token": phone.link(), "key": KEY}
    answer = bea.post("/tills/bakery-1/scans", data=form)
    assert answer.status_code == 303
    assert 'data-screen="paid"' in page(bea, answer.location)
    assert bea.post("/tills/bakery-1/scans", data=form).location == answer.location


def test_a_refused_form_scan_stays_at_the_keypad(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    before = balances()
    form = {"amount": "49.99", "token": phone.token(), "key": KEY}
    answer = bea.post("/tills/bakery-1/scans", data=form)
    assert answer.status_code == 409
    assert 'data-screen="register"' in answer.text
    assert balances() == before


def test_a_repeated_form_scan_can_be_confirmed_with_a_fresh_code(
    bea: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    clock.advance(25)
    scan(bea, phone.token())
    clock.advance(5)
    form = {"amount": "2.50", "token": phone.token(), "key": KEY}
    asked = bea.post("/tills/bakery-1/scans", data=form)
    assert asked.status_code == 409
    assert 'name="confirm"' in asked.text
    clock.advance(24.9)
    other = {**form, "token": MemberPhone(phone.kit, "ana").token(), "confirm": "1", "key": new_key()}
    assert bea.post("/tills/bakery-1/scans", data=other).status_code == 303
