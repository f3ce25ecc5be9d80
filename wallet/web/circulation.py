"""What RES is: how much is outstanding, where it can be spent, how often it is in a year, and what nobody covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.circulation import turns_hundredths
from wallet.domain.period import month_of, month_start, next_month
from wallet.services import circulation as acts
from wallet.store import circulation
from wallet.store.circulation import Month, Uncovered
from wallet.store.engine import snapshot
from wallet.web.current import kit
from wallet.web.kept import some_minutes_old
from wallet.web.today import federation_zone

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the figures of an instant.

    Units: `turns` hundredths of a turn a year, None before a month is over with something outstanding.
    """

    at: datetime
    outstanding_minor: int
    places: int
    turns: int | None
    uncovered: tuple[Uncovered, ...]

    @property
    def uncovered_minor(self) -> int:
        """Sum what nobody is bound to take."""
        return sum(each.minor for each in self.uncovered)


def figures(held_minor: int) -> Figures:
    """Give the figures, some minutes old, but never such that all hold less than the `held_minor` of who reads them."""
    return some_minutes_old("circulation", _summed, lambda known: known.outstanding_minor >= held_minor)


def summed(connection: sa.Connection, now: datetime) -> Figures:
    """Sum the figures of this instant, from the months that are kept and, of the others, from the journal."""
    kept = circulation.months(connection)
    turns = turns_hundredths(_sold(connection, now, kept), _outstanding(connection, now, kept))
    held, places = circulation.outstanding(connection), circulation.places(connection)
    return Figures(now, held, places, turns, circulation.uncovered(connection))


def _summed(now: datetime) -> Figures:
    acts.keep_months(kit())
    with snapshot(kit().engine) as connection:
        return summed(connection, now)


def _outstanding(connection: sa.Connection, now: datetime, kept: dict[str, Month]) -> list[int]:
    """Give what was outstanding at the last month ends, at most twelve, and none before the first transfer."""
    zone, first_at = federation_zone(), circulation.first_at(connection)
    month = month_of(now, zone)
    ends = {next_month(month, -back - 1): month_start(next_month(month, -back), zone) for back in range(acts.MONTHS)}
    over = {month: end for month, end in ends.items() if first_at is not None and end > first_at}
    asked = [end for month, end in over.items() if month not in kept]
    found = dict(zip(asked, circulation.outstanding_at(connection, asked), strict=True))
    return [kept[month].outstanding_minor if month in kept else found[end] for month, end in over.items()]


def _sold(connection: sa.Connection, now: datetime, kept: dict[str, Month]) -> int:
    """Give the RES sales of the last 365 days."""
    month, since, minor = month_of(now - YEAR, federation_zone()), now - YEAR, 0
    for begins, ends, whole in _months(month, now):
        if whole in kept and begins >= since:
            minor += kept[whole].sold_minor
        else:
            minor += circulation.sold(connection, max(begins, since), ends)
    return minor


def _months(month: str, now: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    """List months with their begin and end, from `month` to that of `now`."""
    zone = federation_zone()
    while (begins := month_start(month, zone)) <= now:
        following = next_month(month)
        yield begins, month_start(following, zone), month
        month = following
