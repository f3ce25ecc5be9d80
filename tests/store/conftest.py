"""Books in which everything has happened, for whoever tampers with them."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.clock import Clock
from tests.closing_up import close
from tests.giving_back import refund_sale
from tests.handset import Handset
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import gifts, histories, payments, refunds, scans
from wallet.services.refunds import Ask


@pytest.fixture
def books(kit: Kit, clock: Clock) -> Kit:
    """Give books in which everything has happened that a counter, a member and an office do."""
    cast.build(kit)
    phone = Handset(kit, "ana")
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=1250, cash_minor=250, key="bread")
    paid = payments.pay_bill(kit, bill.code, "ana", key="bread")
    scans.scan_code(kit, "bakery-1", "ben", token=phone.shows(clock()), amount_minor=800, key="cake")
    clock.advance(minutes=1)
    asked = scans.scan_code(kit, "bakery-2", "ben", token=phone.shows(clock()), amount_minor=6000, key="feast")
    feast = payments.pay_bill(kit, asked.code, "ana", key="feast")
    own = payments.open_bill(kit, "mill-1", "dee", amount_minor=500, key="flour")
    payments.pay_bill(kit, own.code, "ana", key="flour")
    over = payments.open_bill(kit, "mill-1", "dee", amount_minor=700, key="bran")
    payments.cancel_bill(kit, over.code, "dee")
    close(kit, "mill-1", "dee", 5_00)
    clock.advance(days=40)
    refund_sale(kit, paid.ref, 333, 100)
    refund_sale(kit, paid.ref, 300, 0)
    with kit.engine.begin() as connection:
        connection.execute(sa.text("UPDATE tills SET refund_limit_minor = 0 WHERE id = 'bakery-2'"))
    refunds.give_back(kit, Ask(paid.ref, "ben", 50, 50, "stale", None, "stale"))
    waiting = refunds.give_back(kit, Ask(feast.ref, "ben", 500, 0, "burnt", None, "burnt"))
    refunds.approve(kit, waiting.ref, "eve")
    refunds.give_back(kit, Ask(feast.ref, "ben", 500, 0, "burnt", None, "burnt too"))
    for key in ("burnt again", "burnt twice"):
        asked = refunds.give_back(kit, Ask(feast.ref, "ben", 500, 0, "burnt", None, key)).ref
        if key == "burnt again":
            refunds.decline(kit, asked, "eve", "It was eaten")
        else:
            refunds.withdraw(kit, asked, "ben")
    gifts.send(kit, "ana", "cy", 2000, key="for Cy")
    histories.sell(kit, "clinic", "cy", 900, 0, key="a visit")
    histories.sell(kit, "clinic", "dee", 0, 900, key="a visit in cash")
    histories.pay(kit, "mill", "ana", 240_001, 9_600, key="second pay of ana")
    histories.pay(kit, "bakery", "ana", 240_000, 18_000, key="more hours than a month has")
    histories.supply(kit, "bakery", "mill", 5000, key="grain")
    histories.fund(kit, "mill", 700, key="pool")
    # What lay in the till was swept before, with the grain.
    close(kit, "bakery-1", "ben", 18_00, cash_minor=2_50)
    return kit


@pytest.fixture
def app(kit: Kit, clock: Clock) -> Flask:
    """Give the application on these books."""
    return create_app(replace(kit.settings, demo=True), engine=kit.engine, clock=clock)
