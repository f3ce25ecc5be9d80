"""A shared tablet: a steward registers it, cashiers sign it in from their phones, and it works a till alone."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import before_the_act
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members, network, payments, sessions
from wallet.store import people
from wallet.store.engine import reading

Browsers = Callable[[str], FlaskClient]


def shown(tablet: FlaskClient) -> str:
    """Have a device show a code; give it."""
    assert tablet.post("/tablet/code").status_code == 303
    return str(tablet.get("/tablet/state").get_json()["code"])


@pytest.fixture
def tablet(app: Flask, browser_of: Browsers) -> FlaskClient:
    """Give a device that Sam has registered at the bakery's counter."""
    device = app.test_client()
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303
    return device


def signed_in(tablet: FlaskClient, browser_of: Browsers, cashier: str = "bea") -> FlaskClient:
    """Have a cashier vouch for the tablet, and the tablet begin."""
    vouched = browser_of(cashier).post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)})
    assert vouched.status_code == 204, vouched.text
    begun = tablet.post("/tablet/enter")
    assert begun.location == "/tills/bakery-1"
    return tablet


def charged(tablet: FlaskClient) -> int:
    """Make a bill; give the status."""
    return tablet.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON).status_code


def test_a_cashier_signs_the_tablet_in_from_the_phone_and_it_charges_in_their_name(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    locked = tablet.get("/tills/bakery-1")
    assert locked.status_code == 401
    assert 'href="/tablet"' in locked.text
    assert charged(tablet) == 401

    signed_in(tablet, browser_of)

    assert tablet.get("/tills/bakery-1").status_code == 200
    assert charged(tablet) == 201


@pytest.mark.parametrize("handle", ["bea", "sam", "ana"])
def test_the_code_of_a_tablet_is_typed_where_every_code_is_typed(
    tablet: FlaskClient, browser_of: Browsers, handle: str
) -> None:
    code, phone = shown(tablet), browser_of(handle)

    typed = phone.post("/pay", data={"code": f"{code[:4]}-{code[4:].lower()}"})
    led_on = phone.get(typed.location)

    assert (led_on.status_code, led_on.location) == (303, f"/pair/{code}")
    assert f"type {code[:4]}-{code[4:]} under Pay" in Page(tablet.get("/tablet").text).text


def test_no_tablet_is_offered_a_till_that_is_closed(federation: Kit, browser_of: Browsers) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    offered = '<option value="bakery-2">'
    assert offered in browser_of("sam").get("/office/bakery/tablets").text

    network.close_till(federation, "bakery", "bakery-2")
    assert offered not in browser_of("sam").get("/office/bakery/tablets").text


def test_a_steward_may_leave_a_device_as_it_is(app: Flask, browser_of: Browsers) -> None:
    device = app.test_client()
    phone, code = browser_of("sam"), shown(device)

    page = Page(phone.get(f"/pair/{code}").text)
    assert "Do not register it" in page.text
    assert "/" in page.links

    phone.get("/")
    assert f"type {code[:4]}-{code[4:]} under Pay" in Page(device.get("/tablet").text).text


def test_the_welcome_on_a_tablet_leads_to_its_till_and_on_a_revoked_one_or_a_phone_it_does_not(
    app: Flask, tablet: FlaskClient, browser_of: Browsers
) -> None:
    welcome = Page(tablet.get("/").text)
    assert "/tablet" in welcome.links
    assert "Bread & Roses, Counter 1" in welcome.text
    assert "/tablet" not in Page(app.test_client().get("/").text).links

    signed_in(tablet, browser_of)
    assert "/tablet" in Page(tablet.get("/").text).links

    revoked = browser_of("sam").post("/office/bakery/tablets/1/revoke")
    assert revoked.status_code == 303
    assert "/tablet" not in Page(tablet.get("/").text).links


def test_the_list_of_tablets_says_who_revoked_one_and_on_which_day(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "bakery", "sol", name="Sol Vega")
    members.grant(federation, "sol", "steward", "bakery")
    sam = browser_of("sam")
    assert "Revoked on" not in sam.get("/office/bakery/tablets").text

    assert browser_of("sol").post("/office/bakery/tablets/1/revoke").status_code == 303
    page = Page(sam.get("/office/bakery/tablets").text).text
    assert "Blue tablet · Counter 1 Revoked on 2 March 2026 by Sol Vega" in page


def test_the_installed_apps_way_to_the_till_leads_a_tablet_to_its_own(
    app: Flask, tablet: FlaskClient, browser_of: Browsers
) -> None:
    assert "/tablet" in Page(tablet.get("/tills/").text).links
    signed_in(tablet, browser_of)
    assert "/tablet" in Page(tablet.get("/tills/").text).links

    assert "/tablet" not in Page(app.test_client().get("/tills/").text).links


def test_a_tablet_says_whether_somebody_is_working_there(tablet: FlaskClient, browser_of: Browsers) -> None:
    says = "Somebody is working here."
    assert says in Page(signed_in(tablet, browser_of).get("/tablet").text).text

    tablet.post("/tablet/lock")

    assert says not in Page(tablet.get("/tablet").text).text


def test_a_tablet_opens_no_wallet_and_pays_nothing_in_its_cashiers_name(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    bill = tablet.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON).get_json()

    for address in ("/me", "/activity", "/share", "/code", "/you", "/office/bakery", "/tills/"):
        assert tablet.get(address, headers=JSON).status_code == 401, address
    paying = tablet.post(f"/b/{bill['code']}/pay", json={"key": new_key()}, headers=JSON)
    assert (paying.status_code, paying.get_json()["type"]) == (401, "not_signed_in")

    # Its token in the place of a wallet's opens nothing either.
    cookie = tablet.get_cookie("counter")
    assert cookie is not None
    tablet.set_cookie("wallet", cookie.value)
    assert tablet.get("/me", headers=JSON).status_code == 401
    assert tablet.post(f"/b/{bill['code']}/pay", json={"key": new_key()}, headers=JSON).status_code == 401


def test_the_next_cashier_takes_the_tablet_over_and_the_one_before_is_signed_out(
    tablet: FlaskClient, browser_of: Browsers, app: Flask
) -> None:
    signed_in(tablet, browser_of)
    before = tablet.get_cookie("counter")
    assert before is not None
    signed_in(tablet, browser_of)

    copy = app.test_client()
    copy.set_cookie("counter", before.value)
    assert copy.get("/tills/bakery-1").status_code == 401
    assert tablet.get("/tills/bakery-1").status_code == 200


def test_a_revoked_tablet_can_do_nothing_from_that_moment_and_its_bill_can_still_be_paid(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    bill = tablet.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON).get_json()
    number, waiting = tablet.get("/tablet/state").get_json()["tablet"], shown(tablet)
    steward = browser_of("sam")

    assert steward.post(f"/office/bakery/tablets/{number}/revoke").status_code == 303
    assert steward.post(f"/office/bakery/tablets/{number}/revoke").status_code == 404
    assert charged(tablet) == 401
    assert tablet.get("/tills/bakery-1").status_code == 401
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": waiting}).status_code == 404
    form = {"pairing": waiting, "till": "bakery-1", "name": "Blue tablet"}
    assert steward.post("/office/bakery/tablets", json=form, headers=JSON).status_code == 404
    assert browser_of("ana").post(f"/b/{bill['code']}/pay", json={"key": new_key()}, headers=JSON).status_code == 201


def test_a_revoked_tablet_says_so_until_it_is_registered_anew(
    app: Flask, tablet: FlaskClient, browser_of: Browsers
) -> None:
    says, sam = "This device is no till of Bread & Roses any more", browser_of("sam")
    assert says not in Page(tablet.get("/tablet").text).text
    sam.post("/office/bakery/tablets/1/revoke")

    assert says in Page(tablet.get("/tablet").text).text
    assert says not in Page(app.test_client().get("/tablet").text).text

    form = {"pairing": shown(tablet), "till": "bakery-1", "name": "Blue tablet"}
    assert says in Page(tablet.get("/tablet").text).text
    assert sam.post("/office/bakery/tablets", data=form).status_code == 303
    assert says not in Page(tablet.get("/tablet").text).text


def test_who_is_no_cashier_there_or_no_steward_cannot_vouch(
    tablet: FlaskClient, browser_of: Browsers, app: Flask
) -> None:
    code = shown(tablet)
    for handle in ("ana", "sam", "cal"):
        assert browser_of(handle).post("/tills/bakery-1/tablet", json={"pairing": code}).status_code == 404
    assert "vouch" not in browser_of("ana").get(f"/pair/{code}").text
    assert tablet.post("/tablet/enter").location == "/tablet"

    fresh = app.test_client()
    form = {"pairing": shown(fresh), "till": "mill-1", "name": "Theirs"}
    answer = browser_of("sam").post("/office/bakery/tablets", json=form, headers=JSON)
    assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_till")


@pytest.mark.usefixtures("staffed")
def test_a_code_runs_out_is_used_once_and_is_gone_when_a_new_one_is_shown(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    first = shown(tablet)
    second = shown(tablet)
    bea = browser_of("bea")
    assert bea.post("/tills/bakery-1/tablet", json={"pairing": first}).status_code == 404
    clock.advance(minutes=5)
    assert bea.post("/tills/bakery-1/tablet", json={"pairing": second}).status_code == 404
    third = shown(tablet)
    assert bea.post("/tills/bakery-1/tablet", json={"pairing": third.lower()}).status_code == 204
    assert browser_of("joy").post("/tills/bakery-1/tablet", json={"pairing": third}).status_code == 404
    assert tablet.post("/tablet/enter").location == "/tills/bakery-1"
    assert tablet.post("/tablet/enter").location == "/tablet"


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize("by_then", ["waits", "is at work", "was taken out of service"])
def test_who_vouched_and_had_no_answer_is_told_again_that_the_tablet_is_signed_in_and_nobody_else_is(
    tablet: FlaskClient, browser_of: Browsers, by_then: str
) -> None:
    code, bea = shown(tablet), browser_of("bea")
    asked = {"pairing": code}
    assert bea.post("/tills/bakery-1/tablet", json=asked).status_code == 204
    if by_then != "waits":
        assert tablet.post("/tablet/enter").location == "/tills/bakery-1"
    if by_then == "was taken out of service":
        assert browser_of("sam").post("/office/bakery/tablets/1/revoke").status_code == 303

    page, again = bea.get(f"/pair/{code}"), bea.post("/tills/bakery-1/tablet", data=asked)

    stands = by_then != "was taken out of service"
    assert ("Signed in at the till" in page.text, "Signed in at the till" in again.text) == (stands, stands)
    assert (again.status_code == 200) == stands
    assert "Signed in at the till" not in browser_of("joy").get(f"/pair/{code}").text
    assert browser_of("joy").post("/tills/bakery-1/tablet", json=asked).status_code == 404
    assert tablet.post("/tablet/enter").location == ("/tills/bakery-1" if by_then == "waits" else "/tablet")


def test_signing_out_everywhere_on_the_phone_locks_the_tablet_as_well(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    assert browser_of("bea").post("/you/security/sessions/end-all").status_code == 303
    assert charged(tablet) == 401


def test_a_cashier_who_is_shut_out_once_their_session_was_looked_at_vouches_for_no_tablet(
    app: Flask, kit: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    bea, asked = browser_of("bea"), {"pairing": shown(tablet)}
    with reading(kit.engine) as connection:
        person = people.holder(connection, "bea").id
    before_the_act(app, partial(sessions.end_everywhere, kit, person))

    assert bea.post("/tills/bakery-1/tablet", json=asked).status_code == 401
    assert tablet.post("/tablet/enter").location == "/tablet"


def test_a_cashier_gives_back_at_a_tablet_and_a_steward_agrees_elsewhere(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=12_000, cash_minor=11_900, key=new_key())
    receipt = payments.pay_bill(federation, bill.code, "ana", key=new_key()).ref
    device = signed_in(tablet, browser_of)

    def back(amount: str, cash: str) -> TestResponse:
        asked = {"amount": amount, "cash": cash, "reason": "stale", "key": new_key()}
        return device.post(f"/receipts/{receipt}/refunds", json=asked, headers=JSON)

    assert back("0.50", "0.00").status_code == 201
    waiting = f"/refunds/{back('0.50', '119.00').get_json()['refund']}"
    assert "It waits for a steward" in device.get(waiting).text
    assert browser_of("sam").post(f"{waiting}/approve", json={}, headers=JSON).status_code == 200
    assert "Given back: 0.50\xa0RES and 119.00 in cash" in device.get(waiting).text


def test_nobody_agrees_to_a_refund_at_a_tablet(federation: Kit, tablet: FlaskClient, browser_of: Browsers) -> None:
    members.grant(federation, "sam", "cashier", "bakery")
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=12_000, cash_minor=11_900, key=new_key())
    receipt = payments.pay_bill(federation, bill.code, "ana", key=new_key()).ref
    asked = {"amount": "1.00", "cash": "119.00", "reason": "stale", "key": new_key()}
    refund = browser_of("bea").post(f"/receipts/{receipt}/refunds", json=asked, headers=JSON).get_json()["refund"]
    device = signed_in(tablet, browser_of, "sam")

    page = device.get(f"/refunds/{refund}")
    assert (page.status_code, "Approve" in page.text) == (200, False)
    assert device.post(f"/refunds/{refund}/approve", json={}, headers=JSON).status_code == 401
    assert "Approve" in browser_of("sam").get(f"/refunds/{refund}").text


@pytest.mark.parametrize("what", ["revoked", "registered anew", "the cashier left"])
def test_a_tablet_that_was_vouched_for_in_vain_shows_its_lock_and_asks_to_begin_no_more(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers, what: str
) -> None:
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204
    if what == "revoked":
        assert browser_of("sam").post("/office/bakery/tablets/1/revoke").status_code == 303
    elif what == "registered anew":
        form = {"pairing": shown(tablet), "till": "bakery-1", "name": "Blue tablet"}
        assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303
    else:
        members.leave(federation, "bakery", "bea")

    assert tablet.post("/tablet/enter").location == "/tablet"

    page = tablet.get("/tablet").text
    assert "data-enter" not in page
    assert ("Show the code" if what == "revoked" else "This till is locked") in page
