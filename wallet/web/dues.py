"""The dues that are open, and what all together count with: a little old where only a member's estimate needs them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store import dividend_view, dues
from wallet.store.dividend_view import Weights
from wallet.web.current import kit
from wallet.web.kept import some_minutes_old


@dataclass(frozen=True, slots=True)
class Everybody:
    """Hold what an estimate needs of everybody: what is open of co-ops that are in, and of others, and all weights."""

    at: datetime
    pool_minor: int
    draft: int | None
    open_minor: int
    out_minor: int
    weights: Weights


def everybody(connection: sa.Connection, pool_minor: int, draft: int | None) -> Everybody:
    """Sum what an estimate needs, some minutes old as long as the pool and the draft that waits stand as they stood."""

    def summed(now: datetime) -> Everybody:
        asked = dues.asked(connection, kit().charter, now)
        weights = dividend_view.weights_of_all(connection)
        return Everybody(now, pool_minor, draft, asked.open_minor, asked.out_minor, weights)

    return some_minutes_old("everybody", summed, lambda known: (known.pool_minor, known.draft) == (pool_minor, draft))
