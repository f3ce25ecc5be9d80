"""The dues that are open: worked out anew for who looks at the pool, and a little old where only their sum is shown."""

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from wallet.store import dividends, dues, federation
from wallet.store.dues import Due, Period
from wallet.web.current import kit
from wallet.web.filters import federation_zone

# A member's own page may be as old as this: the dues sum all sales of the period.
KEPT = timedelta(minutes=10)


def of_all(connection: sa.Connection) -> tuple[Period | None, list[Due]]:
    """Work out the dues of the period that is open; there is none before there is a charter."""
    charter_on, draft = federation.charter_on(connection), dividends.draft(connection)
    if charter_on is None:
        return None, []
    zone, ends_on = federation_zone(), None if draft is None else draft.ends_on
    period = dues.period(connection, charter_on, zone, ends_on, kit().clock())
    return period, dues.of_all(connection, period, charter_on, zone, kit().charter)


def open_minor(connection: sa.Connection, pool_minor: int) -> int:
    """Give what all co-ops together still owe the pool, some minutes old as long as the pool stands where it stood."""
    now, kept = kit().clock(), current_app.extensions.get("open_dues")
    if kept is None or kept[1] != pool_minor or not kept[0] <= now < kept[0] + KEPT:
        kept = now, pool_minor, sum(due.open_minor for due in of_all(connection)[1])
        current_app.extensions["open_dues"] = kept
    return int(kept[2])
