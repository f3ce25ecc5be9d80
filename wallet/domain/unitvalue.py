"""Unit value: what co-ops own together for each RES that is outstanding, and how that has grown; it sets no price."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from wallet.domain.ratio import WHOLE_BP, half_up

# A declaration that is older than so many months is stale: it goes on counting as it was, and says so.
STALE_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Stand:
    """Hold what stood at an instant.

    Units: minor units; `worth_minor` of cash is declared by co-ops less what nobody covers, `outstanding_minor` is RES.
    """

    worth_minor: int
    outstanding_minor: int

    @classmethod
    def of(cls, declared_minor: int, uncovered_minor: int, outstanding_minor: int) -> Self:
        """Give what stands of what was declared: never less than nothing."""
        return cls(max(0, declared_minor - uncovered_minor), outstanding_minor)


def value_hundredths(stand: Stand) -> int | None:
    """Give the cash behind one RES, in hundredths, half up; None while none is outstanding."""
    return half_up(100 * stand.worth_minor, stand.outstanding_minor)


def index_hundredths(now: Stand, first: Stand) -> int | None:
    """Give 100 times the value now against the first day's, in hundredths, half up; None where either has none."""
    if first.outstanding_minor <= 0:
        return None
    return half_up(WHOLE_BP * now.worth_minor * first.outstanding_minor, now.outstanding_minor * first.worth_minor)


def is_stale(meeting_on: date, today: date) -> bool:
    """Tell whether what a meeting approved on a day is older than twelve months."""
    since = 12 * (today.year - meeting_on.year) + today.month - meeting_on.month
    return since > STALE_MONTHS or (since == STALE_MONTHS and today.day > meeting_on.day)
