"""The dues that are open, and what all together count with: a little old where only a member's estimate needs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from flask import current_app

from wallet.store import dividend_view, dividends, dues
from wallet.store.dividend_view import Weights
from wallet.store.dues import Due, Period
from wallet.web import charters
from wallet.web.current import kit
from wallet.web.filters import federation_zone

# What a member's own page takes of everybody may be as old as this: it sums all sales of the period, and all wallets.
KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Everybody:
    """Hold what an estimate needs of everybody: what is open of co-ops that are in, and of others, and all weights."""

    at: datetime
    pool_minor: int
    draft: int | None
    open_minor: int
    out_minor: int
    weights: Weights


def of_all(connection: sa.Connection) -> tuple[Period | None, list[Due]]:
    """Work out the dues of the period that is open; there is none before there is a charter."""
    hand, draft = charters.in_hand(connection), dividends.draft(connection)
    if hand is None:
        return None, []
    zone, ends_on = federation_zone(), None if draft is None else draft.ends_on
    period = dues.period(connection, hand, zone, ends_on, kit().clock())
    return period, dues.of_all(connection, period, hand, zone)


def everybody(connection: sa.Connection, pool_minor: int, draft: int | None) -> Everybody:
    """Sum what an estimate needs, some minutes old as long as the pool and the draft that waits stand as they stood."""
    now, kept = kit().clock(), current_app.extensions.get("everybody")
    stands = (pool_minor, draft)
    if kept is None or (kept.pool_minor, kept.draft) != stands or not kept.at <= now < kept.at + KEPT:
        found = of_all(connection)[1]
        # Of what is open, no more than this can come in.
        owed = sum(due.open_minor for due in found if due.status == "active")
        out = sum(due.open_minor for due in found) - owed
        kept = Everybody(now, pool_minor, draft, owed, out, dividend_view.weights_of_all(connection))
        current_app.extensions["everybody"] = kept
    return cast(Everybody, kept)
