"""Supplies: a steward pays another co-op's bill from the account of the own one."""

from uuid import uuid4

from flask import Blueprint, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import supplies as acts
from wallet.store import coops, second_persons, supplies
from wallet.store.engine import reading
from wallet.store.supplies import Sight
from wallet.store.views import office, quote
from wallet.web import metrics
from wallet.web.addresses import read_code
from wallet.web.answers import once, said
from wallet.web.countdown import seconds_left
from wallet.web.current import freshly_proved, kit, signed_in, wants_json
from wallet.web.fields import key
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("supplies", __name__, url_prefix="/office/<coop>/bills")


@bp.get("/<code>")
@needs("steward", of="coop")
def show(coop: str, code: str) -> ResponseReturnValue:
    """Show who is paid how much from which account, and how it stands while a second steward is asked."""
    sight = look(coop, read_code(code))
    if wants_json():
        return jsonify({"state": sight.state} | ({"receipt": sight.receipt} if sight.receipt else {}))
    return redirect(url_for("receipts.show", ref=sight.receipt), 303) if sight.receipt else sheet(coop, sight)


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
        sight = look(coop, code)
        if sight.receipt:
            # Another of its stewards was first, or another press.
            return redirect(url_for("receipts.show", ref=sight.receipt), 303)
        return said(sheet(coop, sight, refusal), refusal)
    if supply.receipt is None:
        waits = make_response(jsonify(state="waiting"), 202)
        here = redirect(url_for("supplies.show", coop=coop, code=code), 303)
        return once(waits if wants_json() else here, supply.replayed)
    if not supply.replayed:
        metrics.paid()
    paid = make_response(jsonify(receipt=supply.receipt, state="paid"), 201)
    shown = redirect(url_for("receipts.show", ref=supply.receipt), 303)
    return once(paid if wants_json() else shown, supply.replayed)


def look(coop: str, code: str) -> Sight:
    """Read the bill as a steward of `coop` sees it.

    Raises: unknown_bill.
    """
    with reading(kit().engine) as connection:
        return supplies.sight(connection, code, coops.known(connection, coop), kit().clock())


def sheet(coop: str, sight: Sight, refusal: Refusal | None = None) -> str:
    """Render the sheet on which a co-op pays."""
    now, bill, most, by = kit().clock(), sight.bill, kit().charter.supply_alone_minor, signed_in().handle
    alone = bill.amount_minor <= most
    with reading(kit().engine) as connection:
        payee, buyer = quote.payee(connection, bill.code), office.one_coop(connection, coop)
        waits = sight.asked if sight.state == "waiting" else None
        others = second_persons.may_agree(connection, waits, now) if waits else {}
        place = coops.known(connection, coop).id
        nobody_else = not alone and second_persons.is_alone(connection, by, place, "supply", now)
    return render_template(
        "supplies/pay.html",
        sight=sight,
        bill=bill,
        payee=payee,
        buyer=buyer,
        alone=alone,
        nobody_else=nobody_else,
        most_minor=most,
        others=others,
        may_agree=by in others,
        left=seconds_left(bill.expires_at, now),
        key=str(uuid4()),
        refusal=refusal,
    )
