"""What RES is: how much is outstanding, where it can be spent, how often it is in a year, and what nobody covers."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.circulation import month_ends, turns_hundredths, year_by_month
from wallet.store import circulation, federation
from wallet.store.circulation import CirculationMonth, Uncovered


@dataclass(frozen=True, slots=True)
class Circulation:
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


def summed(connection: sa.Connection, now: datetime) -> Circulation:
    """Sum the figures of this instant, from the months that are kept and, of the others, from the journal."""
    zone, kept = federation.zone(connection), circulation.months(connection)
    turns = turns_hundredths(_sold(connection, now, zone, kept), _outstanding(connection, now, zone, kept))
    held, places = circulation.outstanding(connection), circulation.places(connection)
    return Circulation(now, held, places, turns, circulation.uncovered(connection))


def _outstanding(connection: sa.Connection, now: datetime, zone: str, kept: dict[str, CirculationMonth]) -> list[int]:
    """Give what was outstanding at the month ends that count."""
    ends = month_ends(circulation.first_at(connection), now, zone)
    asked = [end for month, end in ends.items() if month not in kept]
    found = dict(zip(asked, circulation.outstanding_at(connection, asked), strict=True))
    return [kept[month].outstanding_minor if month in kept else found[end] for month, end in ends.items()]


def _sold(connection: sa.Connection, now: datetime, zone: str, kept: dict[str, CirculationMonth]) -> int:
    """Give the RES sales of the days that count."""
    return sum(
        kept[month].sold_minor if is_whole and month in kept else circulation.sold(connection, since, before)
        for month, since, before, is_whole in year_by_month(now, zone)
    )
