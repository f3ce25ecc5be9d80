"""What facilitators should look at: patterns of trade and work that may be quite in order, and stop nothing."""

import sqlalchemy as sa
from flask import Blueprint, render_template

from wallet.domain import flag
from wallet.domain.charter import Dated
from wallet.domain.period import month_of, month_start, next_month, previous_month
from wallet.store.engine import snapshot
from wallet.store.views import flags, quilt
from wallet.store.views.flags import Long
from wallet.web import charters
from wallet.web.current import kit
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("flags", __name__, url_prefix="/federation/flags")


@bp.get("")
@needs("facilitator")
def show() -> str:
    """Show what the ledger flags."""
    now, zone = kit().clock(), federation_zone()
    since, this_month = now - flag.LOOKED_AT, month_of(now, zone)
    months = [previous_month(this_month, back) for back in range(flag.MONTHS_BEFORE + 1)]
    with snapshot(kit().engine) as connection:
        voted = charters.voted(connection)
        return render_template(
            "federation/flags.html",
            federation=quilt.name(connection),
            back=flags.flowed_back(connection, since, now),
            at_one=flags.at_one_coop(connection),
            circles=flags.circles(connection, since, now),
            long=[(month, one) for month in months for one in long_month(connection, month, zone, voted)],
            most_minutes=voted.of_month(this_month).month_minutes_max,
            one_coop_bp=100 * flag.ONE_COOP_PERCENT,
            shown=flags.SHOWN,
        )


def long_month(connection: sa.Connection, month: str, zone: str, dated: Dated) -> list[Long]:
    """List who was paid for more of a month than counted in it; nobody where any number does."""
    most = dated.of_month(month).month_minutes_max
    if most is None:
        return []
    return flags.long_months(connection, month_start(month, zone), month_start(next_month(month), zone), most)
