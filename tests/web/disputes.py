"""A purchase and what its member says of it, for whoever asks about disputes."""

from typing import Any

from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import codes, members, payments, scans


def with_mia(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    members.join(federation, "mill", "mia", name="Mia Lang")
    members.grant(federation, "mia", "steward", "mill")
    return federation


def charged(kit: Kit, amount_minor: int = 300, till: str = "bakery-1", cashier: str = "bea") -> str:
    """Let a till, the bakery's unless another is named, charge Ana's code; give the receipt."""
    phone = MemberPhone(kit, "ana")
    codes.unfreeze(kit, "ana")
    token = phone.token()
    paid = scans.scan_code(kit, till, cashier, token=token, amount_minor=amount_minor, confirm=True, key=new_key())
    return str(paid.ref)  # type: ignore[union-attr]


def bought(kit: Kit, amount_minor: int = 300, cash_minor: int = 0) -> str:
    """Let Ana pay a bill of the bakery, `cash_minor` of it in cash; give the receipt."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount_minor, cash_minor=cash_minor, key=new_key())
    return payments.pay_bill(kit, bill.code, "ana", key=new_key(), confirm=True).ref


def disputed(browser: FlaskClient, ref: str, words: str = "I was not there", **more: Any) -> dict[str, Any]:
    answer = browser.post(f"/receipts/{ref}/dispute", json={"words": words, **more}, headers=JSON)
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def does(browser: FlaskClient, dispute: dict[str, Any], act: str, **more: Any) -> Any:
    more = {"key": new_key(), **more} if act == "refund" else more
    return browser.post(f"/disputes/{dispute['dispute']}/{act}", json=more, headers=JSON)


def state(browser: FlaskClient, dispute: dict[str, Any]) -> str:
    return str(browser.get(f"/disputes/{dispute['dispute']}", headers=JSON).get_json().get("state"))
