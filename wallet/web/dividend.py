"""The dividend: what a member brings to it, how far the phase-out has come, and what it is not."""

from datetime import date

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import dividend
from wallet.domain.dividend import Clock
from wallet.domain.money import format_amount
from wallet.domain.period import local
from wallet.errors import refuse
from wallet.store import federation, standing
from wallet.store.engine import snapshot
from wallet.store.standing import Standing
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.filters import federation_zone
from wallet.web.policy import needs

bp = Blueprint("dividend", __name__)

WHOLE_BP = 10_000


@bp.get("/dividend")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the signed-in person's way to the dividend."""
    with snapshot(kit().engine) as connection:
        mine = standing.of(connection, signed_in().handle)
        charter_on = federation.charter_on(connection)
    if mine is None:
        raise refuse("unknown_member")
    clock = None if charter_on is None else dividend.clock_at(charter_on, today(), kit().charter)
    if wants_json():
        return jsonify(as_json(mine, clock))
    return render_template(
        "dividend/show.html",
        mine=mine,
        clock=clock,
        charter_on=charter_on,
        ends_on=dividend.month_after(charter_on, clock.sunset_months) if charter_on and clock else None,
        history_bp=None if clock is None else clock.by_basis(WHOLE_BP),
        charter=kit().charter,
    )


@bp.get("/dividend/rule")
@needs("signed_in")
def rule() -> str:
    """Show the rule of the dividend, its version and the federation's settings."""
    return render_template("dividend/rule.html", charter=kit().charter)


def today() -> date:
    """Tell the day of this moment in the federation's zone."""
    return local(kit().clock(), federation_zone()).date()


def as_json(mine: Standing, clock: Clock | None) -> dict[str, object]:
    """Write what a member brings to the dividend, and the clock."""
    return {
        "basis": format_amount(mine.basis_minor),
        "eligible": format_amount(mine.eligible_minor),
        "qualified_minutes": mine.qualified_minutes,
        "clock": None
        if clock is None
        else {"month": clock.months, "sunset": clock.sunset_months, "by_basis_bp": clock.by_basis(WHOLE_BP)},
    }
