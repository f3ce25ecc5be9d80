"""Supplies: a steward pays another co-op's bill from the account of the own one."""

from uuid import uuid4

from flask import Blueprint, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import payments
from wallet.services import supplies as acts
from wallet.store import office_view, quote
from wallet.store.engine import reading
from wallet.web.addresses import read_code
from wallet.web.answers import once, said
from wallet.web.current import freshly_proved, kit, signed_in, wants_json
from wallet.web.forms import key, read
from wallet.web.policy import needs

bp = Blueprint("supplies", __name__, url_prefix="/office/<coop>/bills")


@bp.get("/<code>")
@needs("steward", of="coop")
def show(coop: str, code: str) -> ResponseReturnValue:
    """Show who is paid how much from which account."""
    return sheet(coop, read_code(code))


@bp.post("/<code>")
@needs("steward", of="coop")
def pay(coop: str, code: str) -> ResponseReturnValue:
    """Pay the bill from the co-op's account, or ask another steward; safe to send twice with one key."""
    code = read_code(code)
    form = read(key=key())
    try:
        # The co-op's money: a session alone does not move it.
        steward = freshly_proved(url_for("supplies.show", coop=coop, code=code)).handle
        supply = acts.pay(kit(), steward, coop, code, key=form.key)
    except Refusal as refusal:
        if wants_json() or refusal.code in ("step_up_required", "unknown_bill", "unknown_coop", "key_reused"):
            raise
        return said(sheet(coop, code, refusal), refusal)
    if supply.receipt is None:
        waits = make_response(jsonify(state="waiting"), 202)
        return once(waits if wants_json() else redirect(url_for("office.show", coop=coop), 303), supply.replayed)
    paid = make_response(jsonify(receipt=supply.receipt, state="paid"), 201)
    shown = redirect(url_for("receipts.show", ref=supply.receipt), 303)
    return once(paid if wants_json() else shown, supply.replayed)


def sheet(coop: str, code: str, refusal: Refusal | None = None) -> str:
    """Render the sheet on which a co-op pays.

    Raises: unknown_bill.
    """
    bill = payments.show_bill(kit(), code, signed_in().handle)
    with reading(kit().engine) as connection:
        payee, buyer = quote.payee(connection, code), office_view.one_coop(connection, coop)
    most = kit().charter.supply_alone_minor
    facts = {"bill": bill, "payee": payee, "buyer": buyer, "alone": bill.amount_minor <= most, "most_minor": most}
    return render_template("supplies/pay.html", **facts, key=str(uuid4()), refusal=refusal)
