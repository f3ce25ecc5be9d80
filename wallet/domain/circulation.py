"""Circulation: how often the RES that is outstanding is spent in a year, and which year that is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from wallet.domain.period import month_of, month_start, months_from_to, next_month
from wallet.domain.ratio import half_up

# Sales count for so many days, and what is outstanding at so many month ends.
YEAR = timedelta(days=365)
MONTHS = 12


class Stretch(NamedTuple):
    """Hold what counts of a month: from when, before when, and whether that is the whole month."""

    month: str
    since: datetime
    before: datetime
    is_whole: bool


def turns_hundredths(sold_minor: int, outstanding_minor: Sequence[int]) -> int | None:
    """Divide the RES sales of a year by the mean of what was outstanding at its month ends; None if that is nothing.

    Units: hundredths of a turn, half up.
    """
    return half_up(100 * sold_minor * len(outstanding_minor), sum(outstanding_minor))


def month_ends(first_at: datetime | None, now: datetime, zone: str) -> dict[str, datetime]:
    """Give the last twelve months that are over, with their ends: none that ended before the first transfer.

    Source: docs/decisions/0019-turns-are-taken-over-months-that-were.md
    """
    last = next_month(month_of(now, zone), -1)
    ends = {month: month_start(next_month(month), zone) for month in last_months(last)}
    return {month: end for month, end in ends.items() if first_at is not None and end > first_at}


def last_months(last: str) -> list[str]:
    """List twelve months, `last` first."""
    return [next_month(last, -back) for back in range(MONTHS)]


def year_by_month(now: datetime, zone: str) -> list[Stretch]:
    """Give the last 365 days, month by month: the first counts from the instant at which they begin."""
    since = now - YEAR
    months = months_from_to(month_of(since, zone), month_of(now, zone))
    begins = {month: month_start(month, zone) for month in months}
    return [
        Stretch(month, max(at, since), month_start(next_month(month), zone), at >= since)
        for month, at in begins.items()
    ]
