"""Limits: what the member pays without being asked, by this phone and by a shown code."""

from flask import Blueprint, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.limit import Limit, Most
from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import Refusal, refuse
from wallet.services import limits
from wallet.web.current import is_fresh, is_persona, kit, signed_in, wants_json
from wallet.web.fields import amount
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("limits", __name__, url_prefix="/you/limits")

HERE = "/you/limits"


@bp.get("")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the viewer's limits, and from when those hold that were raised."""
    who = signed_in()
    found = limits.limits_of(kit(), who.person_id)
    if wants_json():
        return jsonify(described(found))
    spent = limits.spent_today(kit(), who.person_id)
    if is_persona(who):
        # Each press of a persona counts as proved by a passkey, and what is proved is not counted.
        del spent["phone"]
    return render_template("limits/show.html", limits=found, spent=spent, fresh=is_fresh(who))


@bp.post("")
@needs("signed_in")
@answered_on("limits.show")
def change() -> ResponseReturnValue:
    """Set the viewer's limits; a lower one holds at once, a higher one after a day."""
    who = signed_in()
    try:
        form = read(
            phone_payment=amount(zero=True, moves=False),
            phone_day=amount(zero=True, moves=False),
            code_payment=amount(zero=True, moves=False),
            code_day=amount(zero=True, moves=False),
        )
        wishes = {"phone": Most(form.phone_payment, form.phone_day), "code": Most(form.code_payment, form.code_day)}
        held = limits.change(kit(), who.person_id, wishes, proved=is_fresh(who))
    except Refusal as refusal:
        if refusal.code == "step_up_required":
            raise refuse("step_up_required", refusal.sentence, confirm=HERE) from refusal
        raise
    return jsonify(described(held)) if wants_json() else redirect(f"{HERE}?saved=1", 303)


def described(found: dict[str, Limit]) -> dict[str, dict[str, object]]:
    """Write the limits as JSON."""
    return {
        means: sums(one.most)
        | ({"next": sums(one.raised.most) | {"from": format_instant(one.raised.from_at)}} if one.raised else {})
        for means, one in found.items()
    }


def sums(most: Most) -> dict[str, object]:
    """Write the sums of a limit."""
    return {"payment": format_amount(most.payment_minor), "day": format_amount(most.day_minor)}
