"""Limits: what the member pays without being asked, by this phone and by a shown code."""

from collections.abc import Mapping

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wallet.domain.cap import Cap, Limit
from wallet.domain.money import format_amount, parse_typed
from wallet.domain.period import format_instant
from wallet.errors import Refusal, refuse
from wallet.services import limits
from wallet.web.answers import said
from wallet.web.current import is_fresh, kit, signed_in, wants_json
from wallet.web.fields import amount
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("limits", __name__, url_prefix="/you/limits")

HERE = "/you/limits"


@bp.get("")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the viewer's limits, and from when those hold that were raised."""
    found = limits.limits_of(kit(), signed_in().person_id)
    return jsonify(described(found)) if wants_json() else page(found)


@bp.post("")
@needs("signed_in")
def change() -> ResponseReturnValue:
    """Set the viewer's limits; a lower one holds at once, a higher one after a day."""
    who = signed_in()
    try:
        form = read(
            phone_payment=amount(zero=True),
            phone_day=amount(zero=True),
            code_payment=amount(zero=True),
            code_day=amount(zero=True),
        )
        wishes = {"phone": Cap(form.phone_payment, form.phone_day), "code": Cap(form.code_payment, form.code_day)}
        held = limits.change(kit(), who.person_id, wishes, proved=is_fresh(who))
    except Refusal as refusal:
        if refusal.code == "step_up_required":
            raise refuse("step_up_required", refusal.sentence, confirm=HERE) from refusal
        if wants_json() or refusal.code != "bad_amount":
            raise
        return said(page(limits.limits_of(kit(), who.person_id), refusal), refusal)
    return jsonify(described(held)) if wants_json() else redirect(HERE, 303)


def page(found: dict[str, Limit], refusal: Refusal | None = None) -> str:
    """Render the settings; `refusal` says why the last try failed."""
    who = signed_in()
    return render_template(
        "limits/show.html",
        limits=found,
        spent=limits.spent_today(kit(), who.person_id),
        fresh=is_fresh(who),
        refusal=refusal,
        typed=request.form if refusal else {},
        wrong=misread(request.form) if refusal else {},
    )


def misread(typed: Mapping[str, str]) -> dict[str, str]:
    """Say of each field that holds no sum what is wrong with it."""
    found = {}
    for name, text in typed.items():
        try:
            parse_typed(text)
        except Refusal as refusal:
            found[name] = refusal.sentence
    return found


def described(found: dict[str, Limit]) -> dict[str, dict[str, object]]:
    """Write the limits as JSON."""
    return {
        means: sums(one.cap)
        | ({"next": sums(one.raised.cap) | {"from": format_instant(one.raised.from_at)}} if one.raised else {})
        for means, one in found.items()
    }


def sums(cap: Cap) -> dict[str, object]:
    """Write the sums of a cap."""
    return {"payment": format_amount(cap.payment_minor), "day": format_amount(cap.day_minor)}
