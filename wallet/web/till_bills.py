"""What a till does with one of its own bills: show its code, cancel it."""

from flask import Blueprint, Response, jsonify, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.errors import Refusal
from wallet.services import payments
from wallet.store.bills import BillView
from wallet.store.engine import reading
from wallet.store.views import tills
from wallet.web import qr
from wallet.web.addresses import bill_link, read_code
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("till_bills", __name__, url_prefix="/b")


@bp.get("/<code>/qr.svg")
@needs("cashier", of="code")
def code_picture(code: str) -> ResponseReturnValue:
    """Draw the QR code of the bill's link, for the till that made it."""
    code = read_code(code)
    with reading(kit().engine) as connection:
        tills.till_of_bill(connection, code, signed_in().handle)
    picture = qr.svg(bill_link(code))
    return Response(str(picture), mimetype="image/svg+xml")


@bp.post("/<code>/cancel")
@needs("cashier", of="code")
def cancel(code: str) -> ResponseReturnValue:
    """Take a bill back that is not paid yet; `to` names the page of the till that a person goes on with."""
    to_shift = read(to=text(5, optional=True)).to == "shift"
    try:
        bill = payments.cancel_bill(kit(), read_code(code), signed_in().handle)
    except Refusal as refusal:
        # The till's page shows how the bill stands; that says more than the refusal does.
        if wants_json() or not refusal.code.startswith("bill_"):
            raise
        return to_the_bill(read_code(code), to_shift=to_shift)
    if wants_json():
        return make_response(jsonify(shown_to_till(bill)), 200)
    if to_shift:
        return redirect(url_for("shifts.show", till=bill.till), 303)
    return redirect(url_for("till.show", till=bill.till, bill=bill.code), 303)


def to_the_bill(code: str, *, to_shift: bool) -> ResponseReturnValue:
    """Lead to the till's page with the bill in front, or to the page of its shift."""
    with reading(kit().engine) as connection:
        till = tills.till_of_bill(connection, code, signed_in().handle)
    if to_shift:
        return redirect(url_for("shifts.show", till=till.id), 303)
    return redirect(url_for("till.show", till=till.id, bill=code), 303)


def shown_to_till(bill: BillView) -> dict[str, str]:
    """Give the bill as the till that made it may see it."""
    shown = {
        "code": bill.code,
        "state": bill.state,
        "amount": format_amount(bill.amount_minor),
        "cash": format_amount(bill.cash_minor),
        "coop": bill.coop,
        "till": bill.till,
    }
    if bill.payer_name:
        shown["payer"] = bill.payer_name
    if bill.receipt:
        shown["receipt"] = bill.receipt
    return shown
