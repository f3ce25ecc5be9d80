"""What the replay of a wallet is held against: the running rows of its person, and whose the other accounts are."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

_ZONE = sa.text("SELECT zone FROM federation")
_PLACES = sa.text("SELECT account_id, id FROM coops UNION ALL SELECT account_id, coop_id FROM tills")
# How many columns after the person make up a row's key, and the columns.
RUNNING = {
    "patronage_months": (2, "month, posted_month, income_minor, spend_minor"),
    "basis_months": (1, "month, basis_minor, minutes"),
    "work_months": (1, "month, minutes"),
    "code_days": (1, "day, spent_minor"),
}
_STORED = {
    table: sa.text(f"SELECT person_id, {columns} FROM {table} WHERE person_id IN :people").bindparams(  # noqa: S608
        sa.bindparam("people", expanding=True)
    )
    for table, (_width, columns) in RUNNING.items()
}
_PAID = sa.text(
    "SELECT person_id, coop_id, last_paid_at FROM own_set WHERE person_id IN :people AND last_paid_at IS NOT NULL"
).bindparams(sa.bindparam("people", expanding=True))

DAY = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALENDAR = [
    (end - EPOCH) // timedelta(microseconds=1) for end in (EPOCH.replace(year=1), datetime.max.replace(tzinfo=UTC))
]

Figures = dict[tuple[Any, ...], list[int]]


def instant(micros: int) -> datetime:
    """Give what is stored as an instant; one that no calendar has is the calendar's first or last."""
    first, last = CALENDAR
    return EPOCH + timedelta(microseconds=min(max(first, micros), last))


@dataclass(frozen=True)
class Facts:
    """Hold the federation's zone, and to which co-op each account of a co-op or a till belongs."""

    zone: ZoneInfo
    places: dict[int, int]
    # By the number of a day of UTC: the month that all of it lies in, or nothing when a month ends within it.
    whole: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: sa.Connection) -> "Facts":
        """Read them from the snapshot."""
        # Where it is missing is told by whoever looks at forms; money can be reckoned all the same.
        zone = connection.execute(_ZONE).scalar() or "UTC"
        return cls(ZoneInfo(zone), {row[0]: row[1] for row in connection.execute(_PLACES)})

    def day(self, micros: int) -> str:
        """Give the day `YYYY-MM-DD` of an instant in the federation's zone."""
        at = instant(micros)
        # The first and last hours of the calendar keep UTC's day.
        with suppress(OverflowError):
            at = at.astimezone(self.zone)
        day = at.date()
        # Clocks that go back over midnight show a day again that is over.
        if at.fold and self.begins(day + timedelta(days=1)) <= micros:
            day += timedelta(days=1)
        return day.isoformat()

    def month(self, micros: int) -> str:
        """Give the month `YYYY-MM` of an instant in the federation's zone."""
        number = micros // DAY
        found = self.whole.get(number)
        if found is None:
            first, last = (self.day(at)[:7] for at in (number * DAY, number * DAY + DAY - 1))
            found = self.whole[number] = first if first == last else ""
        return found or self.day(micros)[:7]

    def begins(self, day: date) -> int:
        """Give the instant at which a day begins in the federation's zone, as it is stored."""
        begins = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        try:
            since = begins - EPOCH
        except OverflowError:
            since = begins.replace(tzinfo=UTC) - EPOCH
        return since // timedelta(microseconds=1)


def read_running(connection: sa.Connection, people: list[int]) -> dict[int, dict[str, Figures]]:
    """Read the running rows of `people`: by person and table, a row's figures by its key."""
    found: dict[int, dict[str, Figures]] = defaultdict(lambda: defaultdict(dict))
    for table, (width, _columns) in RUNNING.items():
        for person, *row in connection.execute(_STORED[table], {"people": people}):
            found[person][table][tuple(row[:width])] = [int(figure) for figure in row[width:]]
    return found


def read_paid(connection: sa.Connection, people: list[int]) -> dict[int, dict[int, int]]:
    """Read when co-ops are said to have paid `people` last: by person, the instant by the co-op."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for person, coop, at in connection.execute(_PAID, {"people": people}):
        found[person][coop] = at
    return found
