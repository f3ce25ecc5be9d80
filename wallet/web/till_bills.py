"""What a till does with one of its own bills: show its code, cancel it."""

from flask import Blueprint, Response, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import payments
from wallet.store.engine import reading
from wallet.store.views import tills
from wallet.web import billed, qr
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
    to_shift, code = read(to=text(5, optional=True)).to == "shift", read_code(code)
    try:
        bill = payments.cancel_bill(kit(), code, signed_in().handle)
    except Refusal as refusal:
        # The till's page shows how the bill stands; that says more than the refusal does.
        if wants_json() or not refusal.code.startswith("bill_"):
            raise
    else:
        if wants_json():
            return jsonify(billed.described(bill))
    with reading(kit().engine) as connection:
        till = tills.till_of_bill(connection, code, signed_in().handle)
    if to_shift:
        return redirect(url_for("shifts.show", till=till.id), 303)
    return redirect(url_for("till.show", till=till.id, bill=code), 303)
