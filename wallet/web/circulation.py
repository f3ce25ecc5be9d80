"""What RES is, in three figures: how much is outstanding, where it can be spent, and how often it is in a year."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from flask import current_app

from wallet.domain.circulation import turns_hundredths
from wallet.domain.period import month_of, month_start, next_month
from wallet.store import circulation
from wallet.web.current import kit
from wallet.web.filters import federation_zone

# It sums all balances and the sales of a year, so it may be as old as this.
KEPT = timedelta(minutes=10)
YEAR, MONTH_ENDS = timedelta(days=365), 12


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the figures of an instant, and what was outstanding at the month ends behind them, which stays as it was.

    Units: `turns` hundredths of a turn a year, None before a month is over with something outstanding.
    """

    at: datetime
    outstanding_minor: int
    places: int
    turns: int | None
    ends: dict[datetime, int] = field(default_factory=dict)


def figures(connection: sa.Connection) -> Figures:
    """Give the figures, some minutes old."""
    now, kept = kit().clock(), current_app.extensions.get("circulation")
    if kept is None or not kept.at <= now < kept.at + KEPT:
        kept = summed(connection, now, {} if kept is None else kept.ends)
        current_app.extensions["circulation"] = kept
    return cast(Figures, kept)


def summed(connection: sa.Connection, now: datetime, known: dict[datetime, int]) -> Figures:
    """Sum the figures of this instant; month ends that are `known` are not summed again."""
    ends = month_ends(now, circulation.first_at(connection))
    asked = [end for end in ends if end not in known]
    found = known | dict(zip(asked, circulation.outstanding_at(connection, asked), strict=True))
    outstanding = {end: found[end] for end in ends}
    turns = turns_hundredths(circulation.sold_since(connection, now - YEAR), [*outstanding.values()])
    return Figures(now, circulation.outstanding(connection), circulation.places(connection), turns, outstanding)


def month_ends(now: datetime, first_at: datetime | None) -> list[datetime]:
    """List the last month ends, at most twelve, and none before the first transfer."""
    zone = federation_zone()
    month = month_of(now, zone)
    starts = (month_start(next_month(month, -back), zone) for back in range(MONTH_ENDS))
    return [at for at in starts if first_at is not None and at > first_at]
