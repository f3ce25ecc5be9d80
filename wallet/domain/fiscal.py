"""Periods of the dividend: where they begin, and those in which the charter has switched it off.

Source: docs/dividend.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from wallet.domain.charter import Change, History
from wallet.domain.parameter import DIVIDEND, PARAMETERS


@dataclass(frozen=True, slots=True)
class Spell:
    """Hold a time without dividends, from one day's beginning to another's; `until` is None while no end is voted."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """Hold a value of the switch that another ballot replaces unless a period is paid that ends in some days.

    It holds then from where that period ends, `until` the other's begins; `first` and `last` are those days.
    """

    ballot: int
    value: int
    first: date
    last: date
    until: date


@dataclass(frozen=True, slots=True)
class Periods:
    """Hold where the last posted period ended, or the charter's day, and the spells without dividends.

    `ends` are those of the posted periods, the earliest first.
    """

    last: date
    spells: tuple[Spell, ...] = ()
    ends: tuple[date, ...] = ()

    def starts_on(self, day: date) -> date:
        """Give from which day on holds what may hold from `day` on."""
        return boundary(day, self.ends)

    def is_off(self, ends_on: date) -> bool:
        """Tell whether a period that ends then lies in a spell."""
        return any(one.since < ends_on and (one.until is None or ends_on <= one.until) for one in self.spells)

    def begins(self, ends_on: date) -> date:
        """Give where the period begins that ends then: where the last one ended, or a spell that came after it."""
        return max([self.last, *(one.until for one in self.spells if one.until and one.until < ends_on)])

    def spell_on(self, day: date) -> Spell | None:
        """Give the spell in which a day lies."""
        return next((one for one in self.spells if one.since <= day and (one.until is None or day < one.until)), None)

    def in_hand(self, day: date) -> date:
        """Give where the period begins that a day lies in, or that a spell has ended and nobody has paid yet."""
        ended = [one.until for one in self.spells if one.until and one.until <= day]
        return max([self.last, *ended])


def periods(history: History, charter_on: date, ends: Iterable[date]) -> Periods:
    """Give the periods that follow from what was voted and from the ends of the posted ones."""
    known = tuple(sorted(ends))
    starts: dict[date, int] = {}
    for change in history.of(DIVIDEND):
        starts[boundary(history.day_from(change), known)] = change.value
    spells: list[Spell] = []
    stands = history.founding.dividend_on
    for day, value in sorted(starts.items()):
        if stands and not value:
            spells.append(Spell(day))
        elif value and not stands:
            spells[-1] = Spell(spells[-1].since, day)
        stands = value
    return Periods(known[-1] if known else charter_on, tuple(spells), known)


def chances(history: History, found: Periods) -> tuple[Chance, ...]:
    """List the values of the switch that begin with the next one's, unless a period is paid that ends before that."""
    return tuple(filter(None, (_chance(history, found, *both) for both in pairwise(history.of(DIVIDEND)))))


def cut(history: History, charter_on: date, found: Periods, ends_on: date) -> Spell | None:
    """Give the time that is in no period any more once one is paid that ends then, though the switch was on till then.

    It goes to where a time without dividends would have begun, or else to its end.
    """
    begun = next(
        (one for one in periods(history, charter_on, [*found.ends, ends_on]).spells if one.since == ends_on), None
    )
    if begun is None:
        return None
    stood = (
        one.since for one in found.spells if one.since >= ends_on and (begun.until is None or one.since < begun.until)
    )
    until = next(stood, begun.until)
    return None if until == ends_on else Spell(ends_on, until)


def replaced(history: History, found: Periods, since: date) -> frozenset[int]:
    """Give the ballots whose value never holds, since a later one on the same parameter begins with it.

    `since` is where the period in hand begins.
    """
    open_still = {one.ballot for one in chances(history, found)}
    decided = [change for change in history.changes if change.ballot not in open_still]
    starts = [(change, _start(history, found, since, change)) for change in decided]
    last = {(change.parameter, start): change.ballot for change, start in starts}
    return frozenset(
        change.ballot for change, start in starts if start and last[change.parameter, start] != change.ballot
    )


def _chance(history: History, found: Periods, change: Change, other: Change) -> Chance | None:
    day, other_day = history.day_from(change), history.day_from(other)
    first, last = max(day, found.last + timedelta(days=1)), other_day - timedelta(days=1)
    until = found.starts_on(other_day)
    if first > last or found.starts_on(day) != until or found.is_off(last):
        return None
    return Chance(change.ballot, change.value, first, last, until)


def _start(history: History, found: Periods, since: date, change: Change) -> str:
    """Give the month or the day with which a change begins; nothing while that hangs on which period is paid next."""
    if PARAMETERS[change.parameter].starts == "month":
        return history.month_from(change)
    day = history.day_from(change)
    if change.parameter == DIVIDEND:
        return found.starts_on(day).isoformat()
    begun = (found.last, *found.ends, *(one.until for one in found.spells if one.until))
    return min((one.isoformat() for one in begun if day <= one <= since), default="")


def boundary(day: date, ends: Iterable[date]) -> date:
    """Give the first day not before `day` with which a period begins: where a posted one ended, or a year's first."""
    year = date(day.year, 1, 1) if (day.month, day.day) == (1, 1) else date(day.year + 1, 1, 1)
    return min([year, *(end for end in ends if end >= day)])
