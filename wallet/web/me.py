"""The signed-in person's figures, for scripts."""

from flask import Blueprint, Response, jsonify

from wallet.domain import period
from wallet.domain.money import format_amount
from wallet.errors import refuse
from wallet.store import standing
from wallet.store.engine import snapshot
from wallet.web.current import kit, signed_in
from wallet.web.filters import federation_zone
from wallet.web.policy import needs

bp = Blueprint("me", __name__)


@bp.get("/me")
@needs("signed_in")
def show() -> Response:
    """Tell balance, basis and pay share; every federation pays at the floor share at present."""
    person = signed_in().handle
    month = period.month_of(kit().clock(), federation_zone())
    before = period.previous_month(month)
    with snapshot(kit().engine) as connection:
        found = standing.of(connection, person)
        income = standing.income_of(connection, person, month, before)
        paid = standing.was_paid(connection, person)
    if found is None:
        raise refuse("unknown_member")
    floor = kit().charter.floor_bp
    share = {
        "month": month,
        "bp": floor,
        "next": floor,
        "income_expected": format_amount(income.get(month) or income.get(before) or 0),
    }
    return jsonify(
        handle=found.handle,
        balance=format_amount(found.balance_minor),
        eligible=format_amount(found.eligible_minor),
        basis=format_amount(found.basis_minor),
        qualified_minutes=found.qualified_minutes,
        share=share if paid else None,
    )
