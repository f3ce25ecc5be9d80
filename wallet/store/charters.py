"""The charter as it stands: what was voted, in one look-up, for a month, a period and what is to come."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from wallet.domain import fiscal
from wallet.domain.charter import Change, Charter, History
from wallet.domain.fiscal import Chance, Periods, Spell
from wallet.domain.parameter import DIVIDEND, PARAMETERS
from wallet.domain.period import date_of, day_start, month_of, month_start, next_month
from wallet.store import ballots, dividends, federation
from wallet.store.engine import is_writing, reading, write
from wallet.store.tables import ballots as rows

_passed = (
    sa.select(rows.c.id, rows.c.parameter, rows.c.to_value, rows.c.closes_at)
    .where(rows.c.state == "passed")
    .order_by(rows.c.closes_at, rows.c.id)
)

LAST_MONTH = "9999-12"


@dataclass(frozen=True, slots=True)
class _Known:
    """Hold a history and the month for which it is complete: no ballot that is open yet can change it."""

    since: datetime
    until: datetime
    history: History


# By the pool of an engine: engines of other options share it.
_known: "WeakKeyDictionary[Any, _Known]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class InHand:
    """Hold the period whose dividend is next: its begin, its charter, and the spells without dividends.

    `spell` is the one that runs `today`, and `coming` one that is voted and has not begun.
    """

    history: History
    charter_on: date
    periods: Periods
    since: date
    charter: Charter
    spell: Spell | None
    coming: Spell | None
    today: date

    @property
    def is_payable(self) -> bool:
        """Tell whether there is a period to pay for: one that a spell follows is, until it is paid."""
        return self.spell is None or self.since < self.spell.since

    @property
    def replaced(self) -> frozenset[int]:
        """Give the ballots whose value never holds: another was over before it began."""
        return fiscal.replaced(self.history, self.periods, self.since)

    @property
    def chances(self) -> tuple[Chance, ...]:
        """List the values of the switch that hold only if a period is paid that ends before they are replaced."""
        return fiscal.chances(self.history, self.periods)

    def waiting(self, parameter: str) -> list[Change]:
        """List the changes of what goes by periods, other than the switch, that are of a later one than this."""
        begun = day_start(self.since, self.history.zone)
        return [one for one in self.history.of(parameter) if one.at > begun and one.ballot not in self.replaced]

    def held_since(self, parameter: str) -> date:
        """Give where the first of the periods began that all had this one's value of a parameter."""
        begins = (self.charter_on, *self.periods.ends, *(one.until for one in self.periods.spells if one.until))
        first, value = self.since, getattr(self.charter, parameter)
        for begin in sorted((one for one in begins if one < self.since), reverse=True):
            if getattr(self.history.of_period(begin), parameter) != value:
                break
            first = begin
        return first

    def cut_by(self, ends_on: date) -> Spell | None:
        """Give the time that is in no period any more once a run is posted that ends then; None where there is none."""
        return fiscal.cut(self.history, self.charter_on, self.periods, ends_on)

    def after(self, ends_on: date) -> "InHand":
        """Give the period that is in hand once a run is posted that ends then."""
        return _at(self.history, self.charter_on, [*self.periods.ends, ends_on], self.today)

    def present(self, now: datetime) -> Charter:
        """Give what holds now: of this month, and of this period what goes by periods."""
        month = self.history.in_month_of(now)
        by_period = {one.name: getattr(self.charter, one.name) for one in PARAMETERS.values() if one.starts == "period"}
        by_period[DIVIDEND] = int(self.spell is None)
        return replace(month, **by_period, version=max(month.version, self.charter.version))

    def of_run(self, ends_on: date) -> "InHand":
        """Give the period of the run that ends then as it was in hand before that run."""
        before = fiscal.periods(self.history, self.charter_on, [end for end in self.periods.ends if end < ends_on])
        since = before.begins(ends_on)
        charter = self.history.of_period(since)
        return replace(self, periods=before, since=since, charter=charter, spell=None, coming=None)


def history(connection: sa.Connection, founding: Charter, now: datetime) -> History:
    """Read the charter with everything voted by `now`, also what is not in force yet.

    Ballots whose time is over are counted first.
    Locks:  those ballots, until commit.
    """
    if not ballots.is_due(connection, now):
        return _read(connection, founding)
    if is_writing(connection):
        ballots.close_due(connection, now)
        return _read(connection, founding)
    # Nothing is locked by who only reads, so another connection may count.
    write(connection.engine, lambda other: ballots.close_due(other, now))
    with reading(connection.engine) as fresh:
        return _read(fresh, founding)


def standing(connection: sa.Connection, founding: Charter, now: datetime) -> History:
    """Give the charter of every month up to that of `now`, as `history` would; for what is posted, often.

    It is kept for the rest of the month: no ballot that ends in it changes anything before the next.
    """
    known = _known.get(connection.engine.pool)
    if known is not None and known.since <= now < known.until and known.history.founding is founding:
        return known.history
    found = history(connection, founding, now)
    month = month_of(now, found.zone)
    # The calendar's last month has none after it.
    if federation.founded_zone(connection) is not None and month != LAST_MONTH:
        since, until = (month_start(one, found.zone) for one in (month, next_month(month)))
        _known[connection.engine.pool] = _Known(since, until, found)
    return found


def in_month_of(connection: sa.Connection, founding: Charter, now: datetime) -> Charter:
    """Give the charter of the month of `now`, as `standing` would."""
    return standing(connection, founding, now).in_month_of(now)


def in_hand(connection: sa.Connection, founding: Charter, now: datetime) -> InHand | None:
    """Give the dividend's period in hand; None before there is a charter."""
    charter_on, found = federation.charter_on(connection), history(connection, founding, now)
    if charter_on is None:
        return None
    return _at(found, charter_on, dividends.ends(connection), date_of(now, found.zone))


def _at(history: History, charter_on: date, ends: list[date], today: date) -> InHand:
    periods = fiscal.periods(history, charter_on, ends)
    since = periods.in_hand(today)
    coming = next((one for one in periods.spells if one.since > today), None)
    return InHand(history, charter_on, periods, since, history.of_period(since), periods.spell_on(today), coming, today)


def _read(connection: sa.Connection, founding: Charter) -> History:
    changes = tuple(Change(*row) for row in connection.execute(_passed))
    return History(founding, changes, federation.zone(connection))
