"""The signed-in person's figures, for scripts."""

from flask import Blueprint, Response, jsonify

from wallet.domain.money import format_amount
from wallet.errors import refuse
from wallet.store import shares
from wallet.store.engine import snapshot
from wallet.store.shares import Outlook
from wallet.store.views import standing
from wallet.web import charters
from wallet.web.current import kit, signed_in
from wallet.web.policy import needs
from wallet.web.today import this_month

bp = Blueprint("me", __name__)


@bp.get("/me")
@needs("signed_in")
def show() -> Response:
    """Tell balance, basis and pay share; there is no share before the first pay."""
    person = signed_in().handle
    month = this_month()
    with snapshot(kit().engine) as connection:
        found = standing.of(connection, person)
        mine = shares.outlook(connection, person, month, charters.voted(connection))
    if found is None:
        raise refuse("unknown_member")
    return jsonify(
        handle=person,
        balance=format_amount(found.balance_minor),
        eligible=format_amount(found.eligible_minor),
        basis=format_amount(found.basis_minor),
        qualified_minutes=found.qualified_minutes,
        share=None if mine is None else as_json(mine),
    )


def as_json(mine: Outlook) -> dict[str, object]:
    """Write this month's share and what is to be expected of the next."""
    return {
        "month": mine.now.month,
        "bp": mine.now.share_bp,
        "next": mine.next.share.share_bp,
        "income_expected": format_amount(mine.next.income_expected_minor),
    }
