"""A wallet on a shop's tablet: who signs in to their own has it whole, and the till beside it stays the cashier's."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.test_tablet import charged, shown, signed_in, tablet
from wallet.kit import Kit
from wallet.services import payments

Browsers = Callable[[str], FlaskClient]

__all__ = ["tablet"]


def sign_in(device: FlaskClient, handle: str) -> None:
    """Sign somebody in to their wallet on a device."""
    assert device.post("/demo/sign-in", json={"handle": handle}).status_code == 204


@pytest.mark.usefixtures("federation")
@pytest.mark.parametrize("cashier", ["at work", "gone for five minutes", "out, as the tablet was revoked"])
def test_who_sends_res_on_a_tablet_reads_the_receipt_whatever_became_of_the_cashier(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock, cashier: str
) -> None:
    device = signed_in(tablet, browser_of)
    if cashier == "gone for five minutes":
        clock.advance(minutes=5)
    elif cashier != "at work":
        assert browser_of("sam").post("/office/bakery/tablets/1/revoke").status_code == 303
    sign_in(device, "ana")

    form = {"to": "cal", "amount": "1.00", "note": "for the bread", "key": new_key()}
    read = device.post("/gifts", data=form, follow_redirects=True)

    assert device.get("/me", headers=JSON).get_json()["balance"] == "9.00"
    assert (read.status_code, "for the bread" in read.text) == (200, True)


@pytest.mark.usefixtures("staffed")
def test_who_is_signed_in_to_a_wallet_on_a_tablet_vouches_for_the_tablet_beside_it_as_themselves(
    app: Flask, tablet: FlaskClient, browser_of: Browsers
) -> None:
    device = signed_in(tablet, browser_of)
    beside = app.test_client()
    made = {"pairing": shown(beside), "till": "bakery-1", "name": "Red"}
    assert browser_of("sam").post("/office/bakery/tablets", data=made).status_code == 303
    code = shown(beside)
    # Its cashier's session at the till vouches for nothing.
    assert device.post("/tills/bakery-1/tablet", json={"pairing": code}, headers=JSON).status_code == 401
    sign_in(device, "sam")
    form = Page(device.get(f"/pair/{code}").text).forms["/tills/bakery-1/tablet"]

    assert device.post("/tills/bakery-1/tablet", data=form).status_code == 200


def test_a_device_that_is_no_tablet_any_more_is_its_cashiers_own_till(
    tablet: FlaskClient, browser_of: Browsers
) -> None:
    device = signed_in(tablet, browser_of)
    assert browser_of("sam").post("/office/bakery/tablets/1/revoke").status_code == 303
    assert device.get("/tills/bakery-1").status_code == 401

    sign_in(device, "bea")

    assert device.get("/tills/bakery-1").status_code == 200


def test_the_till_of_a_tablet_stays_its_cashiers_while_somebody_is_signed_in_beside_it(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    device = signed_in(tablet, browser_of)
    sign_in(device, "ana")

    charged = device.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}, headers=JSON)

    assert charged.status_code == 201
    sale = payments.pay_bill(federation, charged.get_json()["code"], "ana", key=new_key()).ref
    # The counter's receipt shows as its staff sees it, also to who paid: the queue reads along.
    page = device.get(f"/receipts/{sale}")
    assert (page.status_code, "You had, after it" in page.text) == (200, False)


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


@pytest.mark.usefixtures("federation")
@pytest.mark.parametrize("how", ["the cashier is gone for five minutes", "it was locked"])
def test_who_is_signed_in_on_a_tablet_is_led_back_to_its_till_once_nobody_works_there(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock, how: str
) -> None:
    device = signed_in(tablet, browser_of)
    sign_in(device, "ana")
    if how == "it was locked":
        device.post("/tablet/lock")
    else:
        clock.advance(minutes=5)

    till = Page(device.get("/tills/bakery-1?left=undone").text)
    assert "Signed out at this till" in till.text
    assert "No bill was opened and no money moved." in till.text
    assert "/tablet" in till.links
    for page in ("/", "/tills/"):
        assert "/tablet" in Page(device.get(page).text).links
    elsewhere = Page(device.get("/tills/mill-1").text)
    assert ("/tablet" in elsewhere.links, "There is no such till here" in elsewhere.text) == (False, True)


def test_no_phone_of_a_member_is_led_to_a_tablet(browser_of: Browsers) -> None:
    for page in ("/", "/tills/", "/tills/bakery-1"):
        assert "/tablet" not in Page(browser_of("ana").get(page).text).links
