"""The till's page without script: its forms, its screens, its refusals."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, WITH_PAGE, new_key
from tests.web.page import Page, is_page_of
from tests.web.phone import MemberPhone
from tests.web.till import KEY, charge, problem, scan
from wallet.kit import Kit
from wallet.services import payments

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
REFUSED_TYPED = ["", "0", "0,00", "-1", "1.234", "1,234", "12.345", "1e3", "１０", "1_000", "NaN", str(2**63)]


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("res", "cash", "took"),
    [
        (300, 0, "3.00 RES, 1 payment"),
        (0, 450, "4.50 cash , 1 sale"),
        (300, 450, "3.00 RES, 1 payment, and 4.50 cash, 1 sale"),
    ],
)
def test_the_head_of_the_last_payments_says_what_the_shift_took_in_res_and_in_cash(
    federation: Kit, bea: FlaskClient, res: int, cash: int, took: str
) -> None:
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=res + cash, cash_minor=cash, key=new_key())
    payments.pay_bill(federation, bill.code, "ana", key=new_key())

    assert f"Shift {took} " in Page(page(bea, "/tills/bakery-1")).text
    assert (f"{res // 100}.00 RES" in (shifts := Page(page(bea, "/tills/bakery-1/shifts")).text)) == bool(res)
    assert ("4.50 cash" in shifts) == bool(cash)


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


def test_a_payment_of_another_day_stands_among_the_last_five_with_its_day(
    bea: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    pay(browser_of("ana"), charge(bea).get_json()["code"])
    assert ">12:00</time>" in page(bea, "/tills/bakery-1")

    clock.advance(hours=12)
    assert ">Mon 2\N{NO-BREAK SPACE}Mar</time>" in page(bea, "/tills/bakery-1")


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
    # The till takes back what it was told once there is room, however it was told.
    full = "3 bills are waiting. Cancel one, or wait until one is paid."
    assert f'data-full="{full}"' in fourth.text
    assert full in Page(fourth.text).text
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


def test_a_bill_of_cash_alone_that_has_ended_is_logged_again(bea: FlaskClient, browser_of: Browsers) -> None:
    first = charge(bea, "3.00", cash="3.00").get_json()["code"]
    pay(browser_of("ana"), first)
    code = charge(bea, "3.00", cash="3.00").get_json()["code"]
    asked = browser_of("ana").post(f"/b/{code}/pay", data={"key": new_key()})
    assert "Confirm 3.00 in cash once more" in asked.text
    assert bea.post(f"/b/{code}/cancel", json={}, headers=JSON).status_code == 200

    ended = page(bea, f"/tills/bakery-1?bill={code}")

    assert "3.00 cash" in Page(ended).text
    assert "Log 3.00 in cash again" in ended
    assert "Charge" not in ended.partition("<main")[2].partition("</main>")[0]


def test_a_bill_of_another_till_is_unknown_here(bea: FlaskClient) -> None:
    page(bea, "/tills/bakery-1?bill=K7M4PQ2X", 404)
    page(bea, "/tills/bakery-1?paid=K7M4PQ2XK7M4", 404)


def test_what_no_bill_and_no_payment_can_be_is_unknown_too(bea: FlaskClient, browser_of: Browsers) -> None:
    for query in ("bill=%00", "paid=%00", "wrong=a%00"):
        page(bea, f"/tills/bakery-1?{query}", 404)
        assert browser_of("ana").get(f"/tills/bakery-1?{query}").status_code == 404
    form = {"amount": "x", "sale": "\0", "key": KEY}
    assert bea.post("/tills/bakery-1/corrections", data=form).status_code == 404


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


def test_a_script_that_asks_for_the_page_has_the_waiting_bill_with_the_answer(bea: FlaskClient) -> None:
    asked = {"amount": "12.50", "key": KEY}
    made, again = (bea.post("/tills/bakery-1/bills", json=asked, headers=WITH_PAGE) for _ in range(2))

    code = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"][0]["code"]
    for answer in (made, again):
        shown = is_page_of(bea, answer, f"/tills/bakery-1?bill={code}", 201)
        assert f"{code[:4]}-{code[4:]}" in shown
    assert [answer.headers.get("Idempotent-Replay") for answer in (made, again)] == [None, "true"]
    refused = bea.post("/tills/bakery-1/bills", json=asked | {"amount": "12.51"}, headers=WITH_PAGE)
    problem(refused, 422, "key_reused")


def test_a_script_that_asks_for_the_page_has_what_a_scan_led_to(
    bea: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    paid = bea.post(
        "/tills/bakery-1/scans", json={"token": phone.token(), "amount": "2.50", "key": KEY}, headers=WITH_PAGE
    )
    ref = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["last"][0]["receipt"]
    assert "Paid" in is_page_of(bea, paid, f"/tills/bakery-1?paid={ref}", 201)

    clock.advance(30)
    asked = {"token": phone.token(), "amount": "99.00", "key": new_key()}
    claimed = bea.post("/tills/bakery-1/scans", json=asked, headers=WITH_PAGE)
    code = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"][0]["code"]
    assert "was asked on the phone" in is_page_of(bea, claimed, f"/tills/bakery-1?bill={code}", 202)
