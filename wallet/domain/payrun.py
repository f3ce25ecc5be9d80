"""The life of a pay run: a draft, submitted by one steward, approved by another, posted on the pay date."""

from dataclasses import dataclass

HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class PayRunFacts:
    """Hold what decides whether a run may be submitted, or posted.

    Units: days `YYYY-MM-DD`; `short_minor` what the credit line lacks for the run's RES; `month` that whose shares it
    holds, None of a draft.
    """

    lines: int
    pay_on: str
    today: str
    floor_answered: bool
    coop_is_open: bool
    short_minor: int
    month: str | None = None

    @property
    def is_due(self) -> bool:
        """Tell whether the pay date has come."""
        return self.today >= self.pay_on

    @property
    def is_over(self) -> bool:
        """Tell whether it holds the shares of a month that is over, so that nobody can be paid by it."""
        return self.month is not None and is_stale(self.month, self.today[:7])


def blocking(run: PayRunFacts) -> tuple[str, ...]:
    """Name what must be settled before a run is submitted.

    A share is fixed on the first of its month, so a run cannot be submitted before the month of its pay date. The
    credit line must bear it when it is due; before, what comes in until then may still fill it.
    """
    points = {
        "empty": run.lines == 0,
        "not_open": not run.coop_is_open,
        "floor": not run.floor_answered,
        "early": run.today[:7] < run.pay_on[:7],
        "short": run.is_due and run.short_minor > 0,
    }
    return tuple(name for name, holds in points.items() if holds)


def is_stale(month: str, now_month: str) -> bool:
    """Tell whether a run that holds the shares of `month` has to go back to draft: another month has begun."""
    return month != now_month


def hour_minor(total_minor: int, minutes: int) -> int | None:
    """Give what an hour of a line is paid, None without hours."""
    return total_minor * HOUR_MINUTES // minutes if minutes else None
