"""The Network Builder dividend: what a period's pool is split by, and how it is split to the last unit."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import count

from wallet.domain.charter import Charter
from wallet.domain.ratio import WHOLE_BP


@dataclass(frozen=True, slots=True)
class Clock:
    """Hold how far the phase-out has come: complete months since the charter, and the month in which it ends."""

    months: int
    sunset_months: int

    @property
    def history_left(self) -> int:
        """Give the months in which history still counts."""
        return max(0, self.sunset_months - self.months)

    def by_basis(self, pot_minor: int) -> int:
        """Give what of `pot_minor` goes by what was circulated; the rest goes by hours."""
        return pot_minor * self.history_left // self.sunset_months


@dataclass(frozen=True, slots=True)
class Weight:
    """Hold what an eligible member counts with.

    Units: `basis_minor` and `minutes` of the whole life on the run's cut; `new_minutes` those of them beyond the most
    that an earlier run counted in which the member was eligible.
    """

    basis_minor: int
    minutes: int
    new_minutes: int


@dataclass(frozen=True, slots=True)
class DividendSplit:
    """Hold what each member gets of a pot, by handle; who gets nothing of a part is left out of it."""

    by_basis: dict[str, int]
    by_hours: dict[str, int]

    @property
    def total(self) -> dict[str, int]:
        """Give both parts together."""
        both = dict(self.by_basis)
        for handle, minor in self.by_hours.items():
            both[handle] = both.get(handle, 0) + minor
        return both


@dataclass(frozen=True, slots=True)
class Counts:
    """Hold what somebody, or all together, would count with if a period ended now."""

    basis_minor: int = 0
    new_minutes: int = 0


@dataclass(frozen=True, slots=True)
class DividendEstimate:
    """Hold what a member would get of a pot if a period closed today, odd units left out."""

    pot_minor: int
    by_basis_minor: int
    by_hours_minor: int

    @property
    def total_minor(self) -> int:
        """Give both parts together."""
        return self.by_basis_minor + self.by_hours_minor


def clock_at(charter_on: date, on: date, charter: Charter) -> Clock:
    """Give the clock of a period that ends `on`."""
    return Clock(complete_months(charter_on, on), charter.sunset_months)


def complete_months(start: date, end: date) -> int:
    """Count the months from `start` that are complete at `end`, never below 0.

    A month is complete when the start's day number is reached, or the month's last day if it is shorter.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months if end.day >= _day_in(end.year, end.month, start.day) else months - 1)


def month_after(start: date, months: int) -> date:
    """Give the first day on which `months` from `start` are complete."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, _day_in(year, month + 1, start.day))


def period_label(ends_on: date) -> str:
    """Name the period that ends at the first instant of `ends_on`: a year, a month or its last day.

    It follows from the end alone: it decides between equal remainders, and so nobody may choose it.
    """
    last = (ends_on - timedelta(days=1)).isoformat()
    if ends_on.day > 1:
        return last
    return last[:4] if ends_on.month == 1 else last[:7]


def period_labels(ends_on: date) -> Iterator[str]:
    """Give the names of the period that ends at the first instant of `ends_on`, in the order in which they are taken.

    A history chose its names itself and may have one of these; the next follows from the end alone as well.
    """
    first, last = period_label(ends_on), (ends_on - timedelta(days=1)).isoformat()
    yield first
    if last != first:
        yield last
    yield from (f"{last}-{number}" for number in count(2))


def _day_in(year: int, month: int, day: int) -> int:
    return min(day, monthrange(year, month)[1])


def due_of(sold_minor: int, rate_bp: int) -> int:
    """Give what a co-op is asked to put into the pool for its qualifying sales of a period, net of refunds."""
    return sold_minor * rate_bp // WHOLE_BP


def new_minutes(minutes: int, paid_on: int) -> int:
    """Give the minutes that no run has counted: those beyond the most that an earlier one was `paid_on`.

    What a late refund took below that is made up for first, and never asked back.
    """
    return max(0, minutes - paid_on)


def split(pot_minor: int, weights: Mapping[str, Weight], label: str, clock: Clock) -> DividendSplit:
    """Split the pot of the period `label` among those who are eligible, by handle.

    A part in which nobody has any weight stays in the pool.
    """
    history = clock.by_basis(pot_minor)
    return DividendSplit(
        parted(history, {handle: weight.basis_minor for handle, weight in weights.items()}, label),
        parted(pot_minor - history, {handle: weight.new_minutes for handle, weight in weights.items()}, label),
    )


def parted(part_minor: int, weights: Mapping[str, int], label: str) -> dict[str, int]:
    """Split a part by weights, to the last unit: the largest remainders get one more.

    Among equal remainders the hash of label and handle decides, so that no order of joining does.
    """
    total = sum(weights.values())
    if total == 0:
        return {}
    given, remainders = dict[str, int](), dict[str, int]()
    for handle, weight in weights.items():
        given[handle], remainders[handle] = divmod(part_minor * weight, total)
    left = part_minor - sum(given.values())
    if left:
        last = sorted(remainders.values(), reverse=True)[left - 1]
        ahead = [handle for handle, remainder in remainders.items() if remainder > last]
        tied = [handle for handle, remainder in remainders.items() if remainder == last]
        for handle in ahead + sorted(tied, key=lambda one: draw(label, one))[: left - len(ahead)]:
            given[handle] += 1
    return {handle: minor for handle, minor in given.items() if minor}


def estimated(pot_minor: int, mine: Counts, everybody: Counts, clock: Clock) -> DividendEstimate:
    """Work out what a member would get of a pot today."""
    history = clock.by_basis(pot_minor)
    # All together may be a little older than what is mine: never more than the whole.
    parts = (
        (history, mine.basis_minor, max(mine.basis_minor, everybody.basis_minor)),
        (pot_minor - history, mine.new_minutes, max(mine.new_minutes, everybody.new_minutes)),
    )
    by_basis, by_hours = (part * some // whole if whole else 0 for part, some, whole in parts)
    return DividendEstimate(pot_minor, by_basis, by_hours)


def draw(label: str, handle: str) -> str:
    """Give what decides between equal remainders; the smallest goes first."""
    return sha256(f"{label}:{handle}".encode()).hexdigest()
