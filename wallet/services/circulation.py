"""Circulation: what is over is summed once for all, by whoever looks first."""

from datetime import timedelta

import sqlalchemy as sa

from wallet.domain.period import month_of, month_start, next_month
from wallet.kit import Kit
from wallet.store import circulation, federation
from wallet.store.engine import note, reading

MONTHS = 12
# A posting takes its instant first and is committed after: by then all of a month are.
SETTLED = timedelta(hours=1)


def keep_months(kit: Kit) -> list[str]:
    """Keep the last twelve months that are over and not kept yet; name them."""
    with reading(kit.engine) as connection:
        due = _due(connection, kit)
    if due:
        note(kit.engine, lambda connection: circulation.keep(connection, due, federation.zone(connection)))
    return due


def _due(connection: sa.Connection, kit: Kit) -> list[str]:
    first, zone = circulation.first_at(connection), federation.zone(connection)
    if first is None:
        return []
    settled, kept = kit.clock() - SETTLED, circulation.months(connection)
    last = next_month(month_of(settled, zone), -1)
    months = [next_month(last, -back) for back in range(MONTHS)]
    return [month for month in reversed(months) if month not in kept and month_start(next_month(month), zone) > first]
