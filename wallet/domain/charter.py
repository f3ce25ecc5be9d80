"""The charter: the federation's parameters, with the values every federation starts with, and what was voted since."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Protocol, Self

from wallet.domain.period import date_of, day_start, month_of, month_start, next_month
from wallet.domain.ratio import WHOLE_BP

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Charter:
    """Hold the parameters in force; amounts in minor units, ratios in basis points."""

    version: int = 1
    floor_bp: int = 1000
    cap_bp: int = WHOLE_BP
    headroom_bp: int = 1000
    rise_bp: int = 1000
    fall_bp: int = 500
    window_months: int = 3
    frozen_below_minor: int = 10_000
    own_set_days: int = 90
    count_logged_cash: int = 1
    rate_max_minor: int = 2250
    month_minutes_max: int | None = 18_000
    sunset_months: int = 180
    pool_rate_bp: int = 100
    dividend_on: int = 1
    ballot_days: int = 30
    code_payment_minor: int = 5_000
    code_day_minor: int = 15_000
    repeat_seconds: int = 30
    logged_cash_day_minor: int = 20_000
    refund_limit_minor: int = 10_000
    supply_alone_minor: int = 50_000

    def of_month(self, _month: str) -> Self:
        """Give the charter of a month: of one that never changes, itself."""
        return self


class Dated(Protocol):
    """Give the charter as of any month."""

    def of_month(self, month: str, /) -> Charter:
        """Give the charter of a month."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a value that a ballot gave a parameter, and when that ballot ended."""

    ballot: int
    parameter: str
    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Hold the charter as it began and everything voted since, in the order in which the ballots ended."""

    founding: Charter
    changes: tuple[Change, ...] = ()
    zone: str = "UTC"
    _months: dict[str, Charter] = field(default_factory=dict, compare=False, repr=False)

    @property
    def latest(self) -> Charter:
        """Give the charter with all that was voted, also what is not in force yet."""
        return self._with(self.changes)

    def of_month(self, month: str, /) -> Charter:
        """Give the charter of a month: what was voted by ballots that had ended when it began."""
        if not self.changes:
            return self.founding
        found = self._months.get(month)
        if found is None:
            found = self._months[month] = self._at(month_start(month, self.zone))
        return found

    def in_month_of(self, instant: datetime) -> Charter:
        """Give the charter of the month in which an instant lies."""
        return self.of_month(month_of(instant, self.zone)) if self.changes else self.founding

    def of_period(self, since: date) -> Charter:
        """Give the charter of a period: what was voted by ballots that had ended when it began."""
        return self._at(day_start(since, self.zone))

    def of(self, parameter: str) -> list[Change]:
        """List the changes of a parameter, the oldest first."""
        return [change for change in self.changes if change.parameter == parameter]

    def spans_of(self, parameter: str, value: int) -> list[tuple[datetime, datetime]]:
        """List from when to before when a monthly parameter has a value, the oldest first."""
        held = {EARLIEST: getattr(self.founding, parameter)}
        held |= {month_start(self.month_from(change), self.zone): change.value for change in self.of(parameter)}
        ends = [*list(held)[1:], LATEST]
        return [span for span, found in zip(zip(held, ends, strict=True), held.values(), strict=True) if found == value]

    def month_from(self, change: Change) -> str:
        """Give the first month that a change of a monthly parameter is of."""
        month = month_of(change.at, self.zone)
        return month if month_start(month, self.zone) == change.at else next_month(month)

    def day_from(self, change: Change) -> date:
        """Give the first day with whose beginning a period may begin that a change is of."""
        day = date_of(change.at, self.zone)
        return day if day_start(day, self.zone) >= change.at else date.fromordinal(day.toordinal() + 1)

    def _at(self, instant: datetime) -> Charter:
        return self._with(change for change in self.changes if change.at <= instant)

    def _with(self, changes: Iterable[Change]) -> Charter:
        found = list(changes)
        voted = {change.parameter: change.value for change in found}
        return replace(self.founding, version=self.founding.version + len(found), **voted)
