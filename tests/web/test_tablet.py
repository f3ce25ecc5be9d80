"""A shared tablet: a steward registers it, cashiers sign it in from their phones, and it works a till alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.test_ways_back import waiting
from wallet.domain.outage import minute_of
from wallet.domain.passkey import to_base64url
from wallet.kit import Kit
from wallet.services import members, network, payments, proposals, refunds
from wallet.services.refunds import Ask
from wallet.store import tillkeys
from wallet.store.engine import reading
from wallet.store.tables import sessions

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


def secret_of(kit: Kit, till: str = "bakery-1") -> str | None:
    """Give the key of a till as a tablet would get it."""
    with reading(kit.engine) as connection:
        found = tillkeys.secret_of(connection, till)
    return None if found is None else to_base64url(found)


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


def test_a_tablet_is_one_still_when_somebody_who_was_signed_in_on_it_signs_out(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    assert tablet.post("/demo/sign-in", json={"handle": "ana"}).status_code == 204

    cleared = tablet.post("/sign-out").headers["Clear-Site-Data"]

    # Of its till it keeps who it is, its cashier, and what it has yet to confirm: pages forget what is a person's.
    assert cleared == '"cache"'
    assert tablet.get("/me").status_code == 401
    assert charged(tablet) == 201


def test_a_revoked_tablet_has_all_of_it_cleared_when_somebody_signs_out(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    assert browser_of("sam").post("/office/bakery/tablets/1/revoke").status_code == 303

    assert '"storage"' in tablet.post("/sign-out").headers["Clear-Site-Data"]


@pytest.mark.parametrize("handle", ["bea", "sam", "ana"])
def test_the_code_of_a_tablet_is_typed_where_every_code_is_typed(
    tablet: FlaskClient, browser_of: Browsers, handle: str
) -> None:
    code, phone = shown(tablet), browser_of(handle)

    typed = phone.post("/pay", data={"code": f"{code[:4]}-{code[4:].lower()}"})

    assert (typed.status_code, typed.location) == (303, f"/pair/{code}")
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


def test_a_tablet_locks_after_two_idle_minutes_and_a_touch_keeps_it_awake(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    clock.advance(seconds=119)
    assert tablet.post("/tills/bakery-1/awake").status_code == 204
    clock.advance(seconds=119)
    assert tablet.get("/tills/bakery-1").status_code == 200
    clock.advance(seconds=120)
    assert tablet.get("/tills/bakery-1").status_code == 401
    assert tablet.post("/tills/bakery-1/awake", headers=JSON).status_code == 401
    assert charged(tablet) == 401


def test_a_tablet_that_is_never_idle_wants_its_cashier_anew_after_sixteen_hours(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    with federation.engine.begin() as connection:
        at_tablet = sessions.c.tablet_id.is_not(None)
        began = clock() - timedelta(hours=16) + timedelta(minutes=3)
        connection.execute(sa.update(sessions).where(at_tablet).values(created_at=began))

    for _minute in range(2):
        clock.advance(minutes=1)
        assert tablet.post("/tills/bakery-1/awake").status_code == 204
    clock.advance(seconds=59)
    assert charged(tablet) == 201
    clock.advance(1)
    assert charged(tablet) == 401


def test_a_bill_that_waits_keeps_the_tablet_awake_until_it_runs_out(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    bill = tablet.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON).get_json()
    assert tablet.get(f"/tills/bakery-1?bill={bill['code']}").status_code == 200
    # A touch meanwhile takes nothing of that time away.
    assert tablet.post("/tills/bakery-1/awake").status_code == 204
    clock.advance(seconds=179)
    assert tablet.get(f"/tills/bakery-1?bill={bill['code']}").status_code == 200


def look(tablet: FlaskClient, refund: str, minutes: int, clock: Clock) -> list[int]:
    """Look at a refund every half minute, as its page does by itself; give the statuses."""
    statuses = []
    for _half in range(2 * minutes):
        clock.advance(30)
        statuses.append(tablet.get(refund, headers=JSON).status_code)
    return statuses


def asked_back(kit: Kit) -> str:
    """Ask for more of a sale than a cashier may give back alone; give the address of the refund that waits."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    sale = payments.pay_bill(kit, bill.code, "ana", key=new_key()).ref
    return f"/refunds/{refunds.give_back(kit, Ask(sale, 'bea', 150_00, 0, 'returned', None, new_key())).ref}"


def test_a_refund_that_waits_keeps_the_tablet_awake_until_it_is_approved(
    staffed: Kit, tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    refund = asked_back(staffed)
    assert set(look(tablet, refund, 9, clock)) == {200}

    assert browser_of("tim").post(f"{refund}/approve").status_code == 303

    text = Page(tablet.get(refund).text).text
    assert "Given back: 150.00 RES" in text
    # Neither does the cover that lies ready say it, under which the tablet locks.
    assert "No money moved" not in text


@pytest.mark.parametrize("how", ["lapses", "is withdrawn"])
def test_a_refund_that_is_over_keeps_no_tablet_awake(
    staffed: Kit, tablet: FlaskClient, browser_of: Browsers, clock: Clock, how: str
) -> None:
    signed_in(tablet, browser_of)
    refund = asked_back(staffed)
    assert tablet.get(refund, headers=JSON).status_code == 200
    if how == "is withdrawn":
        assert browser_of("joy").post(f"{refund}/withdraw").status_code == 303
    seen = look(tablet, refund, 13, clock)

    # Within two minutes of the tenth one can see what became of it.
    assert (seen[18], seen[24]) == (200, 401)


@pytest.mark.parametrize("act", ["reads", "sends"])
def test_who_is_signed_out_meanwhile_beside_the_till_is_led_to_unlock_the_tablet(
    staffed: Kit, tablet: FlaskClient, browser_of: Browsers, app: Flask, clock: Clock, act: str
) -> None:
    signed_in(tablet, browser_of)
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=15_00, key=new_key())
    payments.pay_bill(staffed, bill.code, "ana", key=new_key())
    form = Page(tablet.get("/tills/bakery-1/shift").text).forms["/tills/bakery-1/shift/close"]
    clock.advance(minutes=3)

    def done(device: FlaskClient) -> TestResponse:
        if act == "reads":
            return device.get("/tills/bakery-1/shift")
        return device.post("/tills/bakery-1/shift/close", data=form | {"res": "15.00", "cash": "0.00"})

    read = done(tablet)
    assert (read.status_code, "/tablet" in Page(read.text).links) == (401, True)
    assert [link for link in Page(read.text).links if link and "next=" in link] == []
    assert "/tablet" not in Page(done(app.test_client()).text).links


@pytest.mark.parametrize("page", ["/tills/bakery-1", "/tills/bakery-1/sticker"])
def test_a_tablet_at_a_closed_till_goes_back_to_where_it_is_locked(
    tablet: FlaskClient, browser_of: Browsers, page: str
) -> None:
    signed_in(tablet, browser_of)
    assert browser_of("sam").post("/office/bakery/tills/close", data={"till": "bakery-1"}).status_code == 303

    found = [link for link in Page(tablet.get(page).text).links if link and link.startswith("/")]

    assert "/tablet" in found
    assert "/tablet/lock" in Page(tablet.get("/tablet").text).forms
    assert {link: tablet.get(link).status_code for link in found if tablet.get(link).status_code != 200} == {}
    assert "/tills/" in Page(browser_of("bea").get("/tills/bakery-1").text).links


def test_every_page_that_a_tablets_session_opens_locks_and_none_of_its_cashiers_own_phone_does(
    staffed: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    network.open_till(staffed, "bakery", "bakery-2", "Counter 2")
    refund = asked_back(staffed)
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=15_00, key=new_key())
    sale = payments.pay_bill(staffed, bill.code, "ana", key=new_key()).ref
    bea = browser_of("bea")
    pages = [
        f"/tills/{till}{page}" for till in ("bakery-1", "bakery-2") for page in ("", "/shift", "/shifts", "/sticker")
    ]
    pages += [f"/receipts/{sale}", "/receipts/NOSUCHRECEIPT", refund]
    signed_in(tablet, browser_of)

    closed = Page(tablet.get("/tills/bakery-1/shift").text).forms["/tills/bakery-1/shift/close"]
    report = tablet.post("/tills/bakery-1/shift/close", data=closed | {"res": "165.00"}).location
    for page in (*pages, report):
        text = tablet.get(page).text
        # Whichever till is shown, it is the tablet's own that it is awake at, and whose key it keeps.
        assert text.count('data-awake="/tills/bakery-1/awake" data-key="/tills/bakery-1/key"') == 1, page
        assert text.count("elements/wallet-tablet.js") == 1, page
        assert 'action="/tablet/lock" hidden' in text, page
        assert "wallet-tablet" not in bea.get(page).text, page
    for page in ("/", "/tablet", "/outage"):
        assert "wallet-tablet" not in tablet.get(page).text, page


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
    assert bea.post("/tills/bakery-1/tablet", json={"pairing": third}).status_code == 404
    assert tablet.post("/tablet/enter").location == "/tills/bakery-1"
    assert tablet.post("/tablet/enter").location == "/tablet"


def test_signing_out_everywhere_on_the_phone_locks_the_tablet_as_well(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    assert browser_of("bea").post("/you/security/sessions/end-all").status_code == 303
    assert charged(tablet) == 401


def key_of(device: FlaskClient, till: str = "bakery-1") -> str:
    """Give the key that a device gets of a till."""
    answer = device.get(f"/tills/{till}/key", headers=JSON)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["key"])


def test_a_tablet_gets_the_key_of_its_till_and_a_revoked_one_knows_none_that_counts(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    before = key_of(tablet)
    assert len(before) == 43
    number = tablet.get("/tablet/state").get_json()["tablet"]
    browser_of("sam").post(f"/office/bakery/tablets/{number}/revoke")

    assert tablet.get("/tills/bakery-1/key").status_code == 401
    assert secret_of(federation) not in (None, before)


def test_a_phone_gets_no_key_of_a_till(tablet: FlaskClient, browser_of: Browsers) -> None:
    assert key_of(browser_of("bea")) == ""
    assert browser_of("ana").get("/tills/bakery-1/key", headers=JSON).status_code == 404


@pytest.mark.parametrize("how", ["role", "work", "all"])
def test_who_is_cashier_no_more_knows_no_key_that_counts(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers, how: str
) -> None:
    members.join(federation, "bakery", "joy", name="Joy")
    members.grant(federation, "joy", "cashier", "bakery")
    with federation.engine.begin() as connection:
        tillkeys.ensure(connection, "mill-1", federation.clock())
    before, elsewhere = key_of(signed_in(tablet, browser_of, "joy")), secret_of(federation, "mill-1")
    if how == "role":
        proposals.end_role(federation, "sam", "bakery", "joy", "cashier")
        proposals.agree(federation, "fay", waiting(federation))
    elif how == "work":
        proposals.end_work(federation, "sam", "bakery", "joy")
        proposals.agree(federation, "fay", waiting(federation))
    else:
        members.leave(federation, "bakery", "joy")

    assert tablet.get("/tills/bakery-1/key", headers=JSON).status_code == 404
    assert key_of(signed_in(tablet, browser_of)) != before
    assert secret_of(federation, "mill-1") == elsewhere


def test_who_was_no_cashier_leaves_with_the_key_as_it_is(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "bakery", "joy", name="Joy")
    before = key_of(signed_in(tablet, browser_of))

    members.leave(federation, "bakery", "joy")

    assert key_of(tablet) == before


def test_a_tablet_that_moves_to_another_till_knows_no_key_of_the_former(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    before = key_of(signed_in(tablet, browser_of))
    form = {"pairing": shown(tablet), "till": "bakery-2", "name": "Blue tablet"}

    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303

    assert secret_of(federation) not in (None, before)


def test_a_line_checked_alone_is_the_payment_of_that_sum_in_that_minute(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    charge = {"amount": "1.00", "cash": "0.40", "key": new_key()}
    bill = tablet.post("/tills/bakery-1/bills", json=charge, headers=JSON).get_json()
    paid = browser_of("ana").post(f"/b/{bill['code']}/pay", json={"key": new_key()}, headers=JSON).get_json()
    minute = minute_of(clock())

    def asked(amount: str, at: int) -> str:
        return str(tablet.get(f"/tills/bakery-1/paid?amount={amount}&minute={at}").get_json()["receipt"])

    assert asked("1.00", minute) == paid["receipt"]
    assert [asked("1.01", minute), asked("1.00", minute - 1), asked("1.00", minute + 1)] == ["", "", ""]


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
    assert "Given back: 0.50 RES and 119.00 in cash" in device.get(waiting).text


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
