"""Receipts: one transfer on one page, for those who have a part in it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.addresses import segment
from wallet.domain.charter import Dated
from wallet.domain.money import format_amount
from wallet.domain.patronage import is_early, is_left_out, spend_of
from wallet.domain.period import format_instant, month_of
from wallet.domain.refund import REASONS
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.services import refunds as acts
from wallet.services.refunds import Ask
from wallet.store import disputes
from wallet.store.engine import snapshot
from wallet.store.views import dividends, receipts, refunds
from wallet.store.views.receipts import Receipt
from wallet.store.views.refunds import Refund
from wallet.web import charters
from wallet.web.answers import once
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import amount, key, note, remark, whole
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.own_tablet import own_tablet
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("receipts", __name__)

REASON_LENGTH = 100
OTHER = "other"


@bp.get("/receipts/<ref>")
@needs("party", of="ref")
def show(ref: str) -> ResponseReturnValue:
    """Show the receipt `ref` as far as the viewer may see it."""
    found, now = known(ref), kit().clock()
    if wants_json():
        with snapshot(kit().engine) as connection:
            return jsonify(as_json(found, charters.voted(connection)))
    with snapshot(kit().engine) as connection:
        asked = refunds.asked_of_sale(connection, ref, now) if found.side == "staff" else []
        dispute = disputes.about(connection, ref, now)
        dated = charters.voted(connection)
        statement = dividends.behind(connection, ref) if found.kind == "dividend" else None
    mine = (found.kind, found.side) in (("sale", "out"), ("pay", "in"))
    may_read = mine or signed_in().is_steward_at(found.coop or "")
    may = found.side == "staff" and found.kind == "sale" and found.left and signed_in().is_cashier_at(found.coop or "")
    return render_template(
        "receipts/show.html",
        receipt=found,
        counted_minor=counted(found, dated),
        early=early(found),
        back=came_from(found),
        asked=asked,
        statement=statement,
        dispute=dispute if may_read else None,
        may_dispute=mine,
        may_refund=may,
        reasons=REASONS,
        other=OTHER,
        limit_minor=kit().charter.refund_limit_minor if found.limit_minor is None else found.limit_minor,
        key=str(uuid4()),
        sent=(found.kind, found.side) == ("gift", "out") and "sent" in request.args,
        done=next((one for one in found.refunds if one.ref == request.args.get("back")), None),
    )


def counted(receipt: Receipt, dated: Dated) -> int:
    """Give what of a sale counts for the pay share: what is not given back, by the charter of its month."""
    kept = receipt.amount_minor - receipt.refunded_minor, receipt.cash_minor - receipt.cash_refunded_minor
    return spend_of(*kept, dated.of_month(month_of(receipt.at, federation_zone())))


@bp.post("/receipts/<ref>/refunds")
@needs("cashier", of="ref")
@answered_on("receipts.show", words={"bad_form"})
def give_back(ref: str) -> ResponseReturnValue:
    """Give back a part of the sale `ref`, or ask a steward for it; safe to send twice with one key."""
    refund = acts.give_back(kit(), asked_for(ref))
    return once(answered(ref, refund), refund.replayed)


def asked_for(ref: str) -> Ask:
    """Read what is to be given back of the sale `ref`.

    Raises: bad_form, bad_amount.
    """
    typed = not wants_json()
    # A till's page offers reasons by name, and a line of its own for any other.
    own = {"words": remark(REASON_LENGTH, optional=True), "seen": whole(optional=True)} if typed else {}
    parts = {"amount": amount(optional=typed, zero=True), "cash": amount(optional=True, zero=True)}
    form = read(**parts, reason=remark(REASON_LENGTH), note=note(), key=key(), **own)
    reason = form.words if typed and form.reason == OTHER else form.reason
    if not reason:
        raise refuse("bad_form", _("Say why it is given back. No money moved."))
    # Two cashiers with the same goods on their counters would give back twice what each gives back once.
    seen = form.seen if typed else None
    return Ask(ref, signed_in().handle, form.amount, form.cash, reason, form.note, form.key, seen)


def answered(ref: str, refund: Refund) -> ResponseReturnValue:
    """Answer what came of a refund: it is done, or it waits for a steward."""
    waits = refund.state == "waiting"
    if not wants_json():
        waiting = url_for("refunds.show", refund=refund.ref)
        return redirect(waiting if waits else url_for("receipts.show", ref=ref, back=refund.ref), 303)
    if waits:
        return jsonify(refund=refund.ref, state="waiting"), 202
    totals = format_amount(refund.refunded_minor), format_amount(refund.cash_refunded_minor)
    return jsonify(refund=refund.ref, refunded_total=totals[0], cash_refunded_total=totals[1]), 201


def came_from(receipt: Receipt) -> str:
    """Name the page of the viewer on which this receipt stands in a list: the till, the office, their own activity."""
    who = signed_in()
    if receipt.side != "staff":
        return "/activity"
    if who.is_cashier_at(receipt.coop or ""):
        return f"/tills/{segment(receipt.till_id or '')}"
    # A steward is here of the co-op that was paid, or of the one that paid a bill of another.
    offices = [coop for role, coop in who.roles if role == "steward" and coop]
    # Whose role ended since they asked has no office to go back to.
    mine = receipt.coop if receipt.coop in offices else next(iter(offices), None)
    return f"/office/{segment(mine)}" if mine else "/activity"


def known(ref: str) -> Receipt:
    """Give a receipt as far as the viewer may see it; on a tablet none of their own.

    Raises: unknown_receipt.
    """
    tablet = own_tablet()
    with snapshot(kit().engine) as connection:
        counter_of = tablet.coop if tablet else None
        found = receipts.find(connection, ref, signed_in().handle, kit().clock(), counter_of=counter_of)
    if found is None:
        raise refuse("unknown_receipt")
    return found


def early(receipt: Receipt) -> bool:
    """Tell whether it is a purchase of the viewer's own from before their pay share began."""
    return receipt.side == "out" and is_early(month_of(receipt.at, federation_zone()), receipt.first_pay)


def as_json(receipt: Receipt, dated: Dated) -> dict[str, Any]:
    """Write a receipt for scripts."""
    charter = dated.of_month(month_of(receipt.at, federation_zone()))
    left_out = early(receipt) or (receipt.kind == "sale" and is_left_out(receipt.amount_minor, charter))
    return {
        "receipt": receipt.ref,
        "kind": receipt.kind,
        "at": format_instant(receipt.at),
        "amount": format_amount(receipt.amount_minor),
        "cash": format_amount(receipt.cash_minor),
        "person": receipt.person,
        "other": receipt.other,
        "note": receipt.note,
        "words": receipt.words,
        "counts": receipt.qualifies and not left_out,
        "refunded": format_amount(receipt.refunded_minor),
        "cash_refunded": format_amount(receipt.cash_refunded_minor),
        "refunds": [refund.ref for refund in receipt.refunds],
    }
