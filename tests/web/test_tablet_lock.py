"""When a shared tablet locks, what keeps it awake, and where whoever finds it locked is led."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.test_tablet import Browsers, charged, signed_in, tablet
from wallet.domain.pairing import IDLE
from wallet.kit import Kit
from wallet.services import network, payments, refunds
from wallet.services.refunds import Ask
from wallet.store.tables import sessions

__all__ = ["tablet"]


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


def test_a_tablet_that_was_touched_while_the_clock_was_ahead_is_locked_once_it_is_set_back(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    for hours in (1, 6):
        clock.advance(minutes=1)
        with_bill = tablet.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON)
        clock.advance(seconds=-20)
        assert tablet.get("/tills/bakery-1").status_code == 200, "clocks differ by as much"
        clock.advance(hours=-hours)

        assert (tablet.get("/tills/bakery-1").status_code, charged(tablet)) == (401, 401)
        assert tablet.post("/tills/bakery-1/awake", headers=JSON).status_code == 401
        # Nor does a bill of then, which has hours left, keep it awake.
        signed_in(tablet, browser_of)
        assert tablet.get(f"/tills/bakery-1?bill={with_bill.get_json()['code']}").status_code == 200
        clock.advance(minutes=9)
        assert charged(tablet) == 201
        clock.advance(minutes=2)
        assert charged(tablet) == 401
        clock.advance(hours=6)
        signed_in(tablet, browser_of)


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
    own = f'data-idle="{IDLE.seconds}" data-awake="/tills/bakery-1/awake" data-key="/tills/bakery-1/key"'
    for page in (*pages, report):
        text = " ".join(tablet.get(page).text.split())
        # Whichever till is shown, it is the tablet's own that it is awake at, and whose key it keeps.
        assert text.count(own) == 1, page
        assert text.count("elements/wallet-tablet.js") == 1, page
        assert 'action="/tablet/lock" hidden' in text, page
        assert "wallet-tablet" not in bea.get(page).text, page
    for page in ("/", "/tablet", "/outage"):
        assert "wallet-tablet" not in tablet.get(page).text, page
