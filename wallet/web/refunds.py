"""Refunds that wait for a steward: how one stands, agreeing to it, declining it, and taking it back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import refuse
from wallet.services import refunds as acts
from wallet.services import tablets
from wallet.store import roles
from wallet.store.engine import reading
from wallet.store.views import refunds
from wallet.store.views.refunds import Refund
from wallet.web.countdown import seconds_left
from wallet.web.current import asker, kit, signed_in, wants_json
from wallet.web.fields import sentences
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("refunds", __name__, url_prefix="/refunds")

REASON_LENGTH = 200


@bp.get("/<refund>")
@needs("staff", of="refund")
def show(refund: str) -> ResponseReturnValue:
    """Show a refund to those who serve at the co-op: the till waits here, a steward agrees here."""
    found, who, now = known(refund), signed_in(), kit().clock()
    keep_awake(found)
    if wants_json():
        return jsonify(as_json(found))
    with reading(kit().engine) as connection:
        mine = who.handle in roles.serving(connection, found.coop_id, "cashier", now)
        stewards = roles.serving(connection, found.coop_id, "steward", now)
    # On a shared tablet nobody agrees: a steward does so in a session of their own.
    own = who.means != tablets.MEANS and who.is_steward_at(found.coop)
    could = set(filter(found.asks, stewards))
    return render_template(
        "refunds/show.html",
        refund=found,
        may_approve=own and who.handle in could,
        could=could,
        left=seconds_left(found.lapses_at, now),
        serves=mine,
        runs=who.is_steward_at(found.coop),
    )


@bp.post("/<refund>/approve")
@needs("approver", of="refund")
@answered_on("refunds.show")
def approve(refund: str) -> ResponseReturnValue:
    """Agree to a refund as a steward, which gives the money back."""
    read()
    # Who serves elsewhere learns nothing of it, not even that it would take a passkey.
    known(refund)
    return answered(acts.approve(kit(), refund, proved_here().handle), given)


@bp.post("/<refund>/decline")
@needs("approver", of="refund")
@answered_on("refunds.show")
def decline(refund: str) -> ResponseReturnValue:
    """Decline a refund as a steward, with the reason that the till reads."""
    reason = read(reason=sentences(REASON_LENGTH)).reason
    return answered(acts.decline(kit(), refund, signed_in().handle, reason), as_json)


@bp.post("/<refund>/withdraw")
@needs("staff", of="refund")
@answered_on("refunds.show")
def withdraw(refund: str) -> ResponseReturnValue:
    """Take a refund back that waits, for the till."""
    read()
    return answered(acts.withdraw(kit(), refund, signed_in().handle), as_json)


def answered(found: Refund, written: Callable[[Refund], dict[str, Any]]) -> ResponseReturnValue:
    """Answer an act on a refund: on its page, which says how it stands, or `written` for scripts."""
    return jsonify(written(found)) if wants_json() else redirect(url_for("refunds.show", refund=found.ref), 303)


def known(ref: str) -> Refund:
    """Give a refund of a co-op that the viewer serves.

    Raises: unknown_refund.
    """
    who, now = signed_in(), kit().clock()
    with reading(kit().engine) as connection:
        found = refunds.find(connection, ref, now)
    if found is None or not (who.is_cashier_at(found.coop) or who.is_steward_at(found.coop)):
        raise refuse("unknown_refund")
    return found


def keep_awake(refund: Refund) -> None:
    """Let a shared tablet stay unlocked while a refund on it waits for a steward."""
    if refund.state == "waiting" and signed_in().means == tablets.MEANS:
        tablets.keep_awake(kit(), asker(), refund.lapses_at)


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
