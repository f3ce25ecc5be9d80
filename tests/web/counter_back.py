"""Selling at the bakery and asking for it back, as the tests of refunds do."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import new_key
from tests.web.outsider import post
from wallet.kit import Kit
from wallet.services import payments


def bought(kit: Kit, amount: int, cash: int = 0, payer: str = "ana") -> str:
    """Let somebody buy at the bakery; give the receipt's number."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount, cash_minor=cash, key=new_key())
    return payments.pay_bill(kit, bill.code, payer, key=new_key(), confirm=True).ref


def back(browser: FlaskClient, receipt: str, amount: str, **more: str) -> TestResponse:
    """Ask for a refund."""
    return post(
        browser, f"/receipts/{receipt}/refunds", **({"amount": amount, "reason": "stale", "key": new_key()} | more)
    )
