"""What was voted, read once more: the values of any month, and of any period of the dividend."""

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store.verify.forms import is_day
from wallet.store.verify.running import Facts

_PASSED = sa.text(
    "SELECT parameter, to_value, closes_at FROM ballots WHERE state = 'passed' AND closes_at IS NOT NULL"
    " ORDER BY closes_at, id"
)
_ENDS = sa.text("SELECT ends_on FROM dividend_runs WHERE state = 'posted' ORDER BY ends_on")


class Charters:
    """Give the charter of a month and of a period, from the ballots that had ended when it began."""

    def __init__(self, connection: sa.Connection, founding: Charter, facts: Facts) -> None:
        self.founding, self.facts = founding, facts
        known = founding.__slots__
        self.passed = [row for row in connection.execute(_PASSED) if row.parameter in known]
        self.months: dict[str, Charter] = {}
        ends = [date.fromisoformat(row.ends_on) for row in connection.execute(_ENDS) if is_day(row.ends_on)]
        self.turns = list(self._turns(ends))

    def month(self, name: str) -> Charter:
        """Give the charter of the month called so."""
        if not self.passed:
            return self.founding
        if name not in self.months:
            self.months[name] = self.begun(date(int(name[:4]), int(name[5:]), 1))
        return self.months[name]

    def begun(self, day: date) -> Charter:
        """Give the charter of what begins with a day."""
        at = self.micros(day)
        early = [row for row in self.passed if row.closes_at <= at]
        values: dict[str, Any] = {row.parameter: row.to_value for row in early}
        return replace(self.founding, **values, version=self.founding.version + len(early))

    def pays(self, ends: date) -> bool:
        """Tell whether a period that ends then has a dividend at all."""
        before = [value for day, value in self.turns if day < ends]
        return bool(before[-1] if before else self.founding.dividend_on)

    def begin_of(self, last: date, ends: date) -> date:
        """Give where the period begins that ends then and follows one that ended at `last`."""
        stands, begin = bool(self.founding.dividend_on), last
        for day, value in self.turns:
            if value and not stands and last < day < ends:
                begin = day
            stands = bool(value)
        return begin

    def micros(self, day: date) -> int:
        """Give the instant at which a day begins, as it is stored."""
        return self.facts.begins(day)

    def _turns(self, ends: list[date]) -> list[tuple[date, int]]:
        """List from which days on there are dividends or none: a period's end, or else a year's."""
        found: dict[date, int] = {}
        for row in self.passed:
            if row.parameter != "dividend_on":
                continue
            year = int(self.facts.day(row.closes_at)[:4])
            years = [date(number, 1, 1) for number in (year, min(year + 1, date.max.year))]
            after = (day for day in [*years, *ends] if self.micros(day) >= row.closes_at)
            found[min(after, default=date.max)] = row.to_value
        return sorted(found.items())
