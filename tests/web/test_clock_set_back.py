"""A clock that is set back: nobody waits until it has come round, and payments and books go on as always."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import code_of, confirm, resident, sign_in
from tests.web.page import Page
from tests.web.test_codes import Handset, scan, state
from tests.web.test_ways_in import WARNING
from wallet.domain.rate import MONEY_OF_PERSON, MONEY_OF_TILL
from wallet.kit import Kit
from wallet.services import histories, payments

pytestmark = pytest.mark.for_real_people


def browser(app: Flask, kit: Kit, handle: str) -> FlaskClient:
    return resident(app, kit, kind="person", handle=handle).browser


def charge(bea: FlaskClient) -> TestResponse:
    return bea.post("/tills/bakery-1/bills", json={"amount": "0.10", "key": new_key()}, headers=JSON)


def pay(ana: FlaskClient, kit: Kit, **more: object) -> TestResponse:
    code = payments.open_bill(kit, "bakery-1", "bea", amount_minor=10, key=new_key()).code
    return ana.post(f"/b/{code}/pay", json={"key": new_key(), **more}, headers=JSON)


def give(ana: FlaskClient, **more: object) -> TestResponse:
    return ana.post("/gifts", json={"to": "cal", "amount": "0.10", "key": new_key(), **more}, headers=JSON)


def test_a_till_that_was_busy_is_not_stopped_for_as_long_as_the_clock_was_set_back(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    bea = browser(app, kit, "bea")
    for _ in range(MONEY_OF_TILL.times):
        assert charge(bea).status_code == 201
    assert code_of(charge(bea)) == "too_many"

    clock.advance(seconds=-20)
    assert code_of(charge(bea)) == "too_many", "clocks differ by as much"
    clock.advance(minutes=-55)

    assert charge(bea).status_code == 201


def test_a_member_who_was_busy_is_not_stopped_for_as_long_as_the_clock_was_set_back(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana = browser(app, kit, "ana")
    for _ in range(MONEY_OF_PERSON.times):
        assert give(ana, confirm=True).status_code == 201
    assert code_of(give(ana, confirm=True)) == "too_many"

    clock.advance(seconds=-20)
    assert [code_of(give(ana, confirm=True)), code_of(pay(ana, kit))] == ["too_many"] * 2
    clock.advance(minutes=-55)

    assert [give(ana, confirm=True).status_code, pay(ana, kit).status_code] == [201] * 2


def test_the_same_sum_looks_repeated_only_where_it_was_paid_moments_ago(app: Flask, kit: Kit, clock: Clock) -> None:
    ana = browser(app, kit, "ana")
    assert [pay(ana, kit).status_code, give(ana).status_code] == [201] * 2

    clock.advance(seconds=-20)
    assert [code_of(pay(ana, kit)), code_of(give(ana))] == ["looks_repeated"] * 2
    clock.advance(minutes=-10)

    assert [pay(ana, kit).status_code, give(ana).status_code] == [201] * 2


def test_a_proof_is_fresh_for_minutes_and_not_until_the_clock_comes_round(app: Flask, kit: Kit, clock: Clock) -> None:
    ana = resident(app, kit, kind="person", handle="ana")
    clock.advance(minutes=1)
    assert confirm(ana.browser, ana.passkey).status_code == 200
    drawn = "/you/security/recovery-codes"

    clock.advance(seconds=-20)
    assert ana.browser.post(drawn, json={}, headers=JSON).status_code == 201
    clock.advance(hours=-2)
    assert code_of(ana.browser.post(drawn, json={}, headers=JSON)) == "step_up_required"
    assert confirm(ana.browser, ana.passkey).status_code == 200

    assert ana.browser.post(drawn, json={}, headers=JSON).status_code == 201


def test_steps_of_the_clock_between_payments_stop_nobody_and_leave_the_books_sound(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, bea = browser(app, kit, "ana"), browser(app, kit, "bea")
    statuses = []
    for minutes in (0, -10, 1, 30, -45, 2, 24, -3, 4):
        clock.advance(minutes=minutes)
        made = charge(bea)
        key = new_key()
        paid, again = (ana.post(f"/b/{made.get_json()['code']}/pay", json={"key": key}, headers=JSON) for _ in range(2))
        histories.pay(kit, "mill", "ana", 1_00, 1, key=new_key())
        statuses.append((made.status_code, paid.status_code, again.status_code, give(ana).status_code))
        assert again.headers["Idempotent-Replay"] == "true"

    assert set(statuses) == {(201, 201, 201, 201)}


def test_a_phone_that_paid_while_the_clock_was_ahead_is_set_up_anew_and_pays_at_once(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, bea = resident(app, kit, kind="person", handle="ana"), browser(app, kit, "bea")
    phone = Handset(ana.browser, clock)
    clock.advance(hours=6)
    shown, tried, unseen = phone.token(-60), phone.token(), phone.token(60)
    assert scan(bea, tried) == (201, "paid")

    clock.advance(seconds=-30)
    assert state(ana.browser, phone)["unknown"] is False, "clocks differ by as much"
    clock.advance(hours=-6, minutes=5)
    refused = bea.post("/tills/bakery-1/scans", json={"token": phone.token(), "amount": "2.00", "key": new_key()})
    assert "must be set up again" in refused.get_json()["title"]
    assert (code_of(refused), state(ana.browser, phone)["unknown"]) == ("code_spent", True)
    assert confirm(ana.browser, ana.passkey).status_code == 200

    anew = Handset(ana.browser, clock)
    assert (state(ana.browser, anew)["unknown"], state(ana.browser, anew)["spent_step"]) == (False, 0)
    assert scan(bea, anew.token(), "3.00") == (201, "paid")

    # The time that the clock showed too soon comes: what was shown then is as dead as what was tried.
    clock.advance(hours=6, minutes=-6, seconds=-30)
    for token in (shown, tried, unseen):
        assert scan(bea, token, "4.00") == (410, "code_spent")
        clock.advance(minutes=1)
    assert scan(bea, anew.token(), "5.00") == (201, "paid")


def test_codes_frozen_while_the_clock_was_ahead_are_frozen_on_the_phone_that_is_set_up_anew(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, bea = resident(app, kit, kind="person", handle="ana"), browser(app, kit, "bea")
    Handset(ana.browser, clock)
    clock.advance(hours=6)
    assert ana.browser.post("/code/freeze", json={}, headers=JSON).status_code == 204
    clock.advance(hours=-6, minutes=5)
    assert confirm(ana.browser, ana.passkey).status_code == 200

    anew = Handset(ana.browser, clock)

    assert (state(ana.browser, anew)["frozen"], scan(bea, anew.token())) == (True, (410, "code_spent"))
    assert ana.browser.post("/code/unfreeze", json={}, headers=JSON).status_code == 204
    clock.advance(seconds=30)
    assert scan(bea, anew.token()) == (201, "paid")


def test_my_code_tells_of_no_payment_that_was_made_before_it_was_opened_whatever_the_clock_said(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, bea = browser(app, kit, "ana"), browser(app, kit, "bea")
    phone = Handset(ana, clock)

    def opened() -> int:
        (since,) = re.findall(r'data-since="(\d+)"', ana.get("/code").text)
        return int(since)

    before = opened()
    clock.advance(hours=6)
    assert scan(bea, phone.token()) == (201, "paid")
    clock.advance(hours=-6, minutes=1)

    paid = state(ana, phone, before)["paid"]
    assert "You paid 2.00 RES to Bread & Roses" in Page(ana.get(f"/code/paid/{paid}").text).text
    for minutes in (0, 2, 60, 296):
        clock.advance(minutes=minutes)
        since = opened()
        assert state(ana, phone, since)["paid"] is None
    # Nor does it, where it stays open, once that time has truly come.
    clock.advance(minutes=2)
    assert state(ana, phone, since)["paid"] is None


def test_a_till_shows_nothing_of_what_ended_while_the_clock_was_ahead_but_what_is_paid_now(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, bea = browser(app, kit, "ana"), browser(app, kit, "bea")
    phone = Handset(ana, clock)

    def tiles() -> list[tuple[str, str]]:
        found = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
        return sorted((bill["amount"], bill["state"]) for bill in found)

    clock.advance(hours=6)
    for _ in range(2):
        assert pay(ana, kit, confirm=True).status_code == 201
    assert scan(bea, phone.token(), "50.01") == (202, "claimed")
    declined = state(ana, phone)["bill"]
    assert ana.post(f"/b/{declined}/decline", json={}, headers=JSON).status_code == 200
    ended = [("0.10", "paid"), ("0.10", "paid"), ("50.01", "declined")]
    clock.advance(seconds=-20)
    assert tiles() == ended, "clocks differ by as much"
    clock.advance(hours=-6)

    assert tiles() == []
    assert [pay(ana, kit, confirm=True).status_code for _ in range(2)] == [201] * 2
    assert tiles() == [("0.10", "paid")] * 2
    clock.advance(seconds=31)
    assert tiles() == []


@pytest.mark.parametrize("shown", ["looked", "signed in"])
def test_whoever_looked_while_the_clock_was_ahead_is_told_of_a_new_way_in_until_they_look_again(
    app: Flask, kit: Kit, clock: Clock, shown: str
) -> None:
    eva, thief = resident(app, kit), app.test_client()
    clock.advance(hours=6)
    if shown == "looked":
        assert eva.browser.get("/you/security").status_code == 200
    else:
        eva.browser.post("/sign-out")
        sign_in(eva.browser, eva.passkey)

    def says() -> bool:
        return WARNING in eva.browser.get("/activity").text

    clock.advance(seconds=-20)
    assert says() is False, "clocks differ by as much"
    clock.advance(hours=-6, minutes=5)
    assert thief.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON).status_code == 200

    assert says() is True
    clock.advance(minutes=1)
    assert eva.browser.get("/you/security").status_code == 200
    assert says() is False
    clock.advance(hours=7)
    assert says() is False


def test_what_happened_to_the_ways_in_while_the_clock_was_ahead_is_told_until_it_was_looked_at_and_no_longer(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    eva, thief = resident(app, kit), app.test_client()
    clock.advance(hours=6)
    assert thief.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON).status_code == 200
    clock.advance(hours=-6, minutes=5)

    def says() -> bool:
        return WARNING in eva.browser.get("/activity").text

    assert says() is True
    assert eva.browser.get("/you/security").status_code == 200
    assert says() is False
    clock.advance(hours=7)
    assert says() is False
