"""Refunds that wait for a steward: how one stands, agreeing to it, declining it, and taking it back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import Refusal, refuse
from wallet.services import refunds as acts
from wallet.services import tablets
from wallet.store import refund_view, refunds
from wallet.store.engine import reading
from wallet.store.refund_view import Refund
from wallet.web.answers import said
from wallet.web.countdown import seconds_left
from wallet.web.current import freshly_proved, kit, signed_in, wants_json
from wallet.web.fields import sentences
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("refunds", __name__, url_prefix="/refunds")

REASON_LENGTH = 200


@bp.get("/<refund>")
@needs("staff", of="refund")
def show(refund: str) -> ResponseReturnValue:
    """Show a refund to those who serve at the co-op: the till waits here, a steward agrees here."""
    return jsonify(as_json(known(refund))) if wants_json() else page(refund)


@bp.post("/<refund>/approve")
@needs("approver", of="refund")
def approve(refund: str) -> ResponseReturnValue:
    """Agree to a refund as a steward, which gives the money back."""
    read()
    steward = freshly_proved(url_for("refunds.show", refund=known(refund).ref)).handle
    return answered(refund, lambda: acts.approve(kit(), refund, steward), given)


@bp.post("/<refund>/decline")
@needs("approver", of="refund")
def decline(refund: str) -> ResponseReturnValue:
    """Decline a refund as a steward, with the reason that the till reads."""

    def act() -> Refund:
        return acts.decline(kit(), refund, signed_in().handle, read(reason=sentences(REASON_LENGTH)).reason)

    return answered(refund, act, as_json)


@bp.post("/<refund>/withdraw")
@needs("staff", of="refund")
def withdraw(refund: str) -> ResponseReturnValue:
    """Take a refund back that waits, for the till."""
    read()
    return answered(refund, lambda: acts.withdraw(kit(), refund, signed_in().handle), as_json)


def answered(ref: str, act: Callable[[], Refund], written: Callable[[Refund], dict[str, Any]]) -> ResponseReturnValue:
    """Answer an act on a refund: on its page, which says how it stands, or `written` for scripts."""
    try:
        found = act()
    except Refusal as refusal:
        if wants_json() or refusal.code == "unknown_refund":
            raise
        return said(page(ref, refusal), refusal)
    return jsonify(written(found)) if wants_json() else redirect(url_for("refunds.show", refund=ref), 303)


def page(ref: str, refusal: Refusal | None = None) -> str:
    """Render how a refund stands."""
    found, now = known(ref), kit().clock()
    who = signed_in()
    with reading(kit().engine) as connection:
        mine = who.handle in refunds.serving(connection, found.coop_id, "cashier", now)
        stewards = refunds.serving(connection, found.coop_id, "steward", now)
    # On a shared tablet nobody agrees: a steward does so in a session of their own.
    own = who.means != tablets.MEANS and who.is_steward_at(found.coop)
    could = set(stewards) - {found.asked_by, found.payer}
    return render_template(
        "refunds/show.html",
        refund=found,
        refusal=refusal,
        may_approve=own and who.handle in could,
        nobody=not could,
        left=seconds_left(found.lapses_at, now),
        serves=mine,
        runs=who.is_steward_at(found.coop),
        typed=request.form if refusal else {},
    )


def known(ref: str) -> Refund:
    """Give a refund of a co-op that the viewer serves.

    Raises: unknown_refund.
    """
    who, now = signed_in(), kit().clock()
    with reading(kit().engine) as connection:
        found = refund_view.find(connection, ref, now)
    if found is None or not (who.is_cashier_at(found.coop) or who.is_steward_at(found.coop)):
        raise refuse("unknown_refund")
    return found


def given(refund: Refund) -> dict[str, str]:
    """Give the answer to a refund that is posted."""
    return {
        "refund": refund.ref,
        "refunded_total": format_amount(refund.refunded_minor),
        "cash_refunded_total": format_amount(refund.cash_refunded_minor),
    }


def as_json(refund: Refund) -> dict[str, Any]:
    """Write how a refund stands for scripts."""
    return {
        "refund": refund.ref,
        "state": refund.state,
        "sale": refund.sale,
        "amount": format_amount(refund.amount_minor),
        "cash": format_amount(refund.cash_minor),
        "reason": refund.reason,
        "lapses_at": None if refund.lapses_at is None else format_instant(refund.lapses_at),
        "ended_at": None if refund.ended_at is None else format_instant(refund.ended_at),
        "ended_why": refund.ended_why,
    }
