"""Receipts on a shared tablet: those of its co-op, as its staff sees them, and none of who happens to work there."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.test_tablet import shown, signed_in
from wallet.kit import Kit
from wallet.services import gifts, histories, members, payments
from wallet.services.gifts import Gift

Browsers = Callable[[str], FlaskClient]


@pytest.fixture
def tablet(app: Flask, browser_of: Browsers) -> FlaskClient:
    """Give a tablet at the bakery's counter, at which Bea works."""
    device = app.test_client()
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303
    return signed_in(device, browser_of)


def bought(kit: Kit, payer: str, till: str = "bakery-1", cashier: str = "bea") -> str:
    """Buy for 2.00; give the receipt."""
    bill = payments.open_bill(kit, till, cashier, amount_minor=2_00, key=new_key())
    return payments.pay_bill(kit, bill.code, payer, key=new_key()).ref


def test_a_tablet_shows_no_gift_and_no_pay_of_who_works_at_it(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    pay = histories.pay(federation, "bakery", "bea", 100_00, 60, key="pay of bea").ref
    gift = gifts.give(federation, "bea", Gift("ana", False, 3_00, "secret note", new_key())).ref
    got = gifts.give(federation, "ana", Gift("bea", False, 1_00, "secret note", new_key())).ref

    for ref in (gift, got, pay):
        for wish in (JSON, {}):
            answer = tablet.get(f"/receipts/{ref}", headers=wish)
            assert (answer.status_code, "secret note" in answer.text) == (404, False)
        assert browser_of("bea").get(f"/receipts/{ref}").status_code == 200


def test_a_purchase_of_who_works_at_the_tablet_shows_there_as_any_other(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.grant(federation, "sam", "cashier", "bakery")
    histories.pay(federation, "bakery", "bea", 100_00, 60, key="pay of bea")
    own, other = bought(federation, "bea", cashier="sam"), bought(federation, "ana")

    for ref in (own, other):
        page = tablet.get(f"/receipts/{ref}")
        assert (page.status_code, "You had, after it" in page.text) == (200, False)
    assert "You had, after it" in browser_of("bea").get(f"/receipts/{own}").text


def test_a_tablet_shows_no_receipt_of_another_co_op_where_its_cashier_works_too(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.grant(federation, "bea", "cashier", "mill")
    there = bought(federation, "ana", "mill-1")

    assert tablet.get(f"/receipts/{there}", headers=JSON).status_code == 404
    assert browser_of("bea").get(f"/receipts/{there}", headers=JSON).status_code == 200
