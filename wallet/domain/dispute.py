"""A dispute: a member's note to a co-op's stewards about a charge or a line of pay, and how it stands at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet.i18n import gettext as _
from wallet.i18n import sum_name

CARRIED_WITHIN = timedelta(hours=72)
REMIND_AFTER = timedelta(days=3)
PASS_AFTER = timedelta(days=7)

# Nothing more is to be done about these.
ENDED = frozenset({"refunded", "settled"})


@dataclass(frozen=True, slots=True)
class Return:
    """Hold what a steward gives back: RES and cash in minor units, with words and the key of the request.

    `seen_minor` is what had been given back of the sale when it was decided; None where nobody looked.
    """

    amount_minor: int
    cash_minor: int
    words: str
    key: str
    seen_minor: int | None = None


def may_carry(means: str | None, sold_at: datetime, now: datetime) -> bool:
    """Tell whether the co-op carries a disputed sale until it is settled: a charge by code, disputed in time."""
    return means == "code" and now - sold_at <= CARRIED_WITHIN


def state_of(stored: str, waits_since: datetime | None, now: datetime) -> str:
    """Tell how a dispute stands: what waited for the stewards for a week is passed to a facilitator by itself."""
    if stored == "open" and waits_since is not None and now - waits_since >= PASS_AFTER:
        return "passed"
    return stored


def is_overdue(state: str, waits_since: datetime | None, now: datetime) -> bool:
    """Tell whether the stewards are reminded: it has waited for them for three days."""
    return state in ("open", "passed") and waits_since is not None and now - waits_since >= REMIND_AFTER


def whole_in_words(res_minor: int, cash_minor: int) -> str:
    """Say that a facilitator decided that all that is left goes back."""
    sums = {"res": sum_name(res_minor), "cash": sum_name(cash_minor)}
    if not cash_minor:
        return _(
            "A facilitator decided for the member: all that is left of it, %(res)s RES, goes back. No money moved.",
            **sums,
        )
    return _(
        "A facilitator decided for the member: all that is left of it, %(res)s RES and %(cash)s in cash, goes back. "
        "No money moved.",
        **sums,
    )


def left_in_words(res_minor: int, cash_minor: int) -> str:
    """Say that no more can be given back than is left."""
    sums = {"res": sum_name(res_minor), "cash": sum_name(cash_minor)}
    if not cash_minor:
        return _(
            "This is more than is left of it: %(res)s RES. No money moved. Give back that, or a part of it.", **sums
        )
    return _(
        "This is more than is left of it: %(res)s RES and %(cash)s in cash. No money moved. Give back that, or a part "
        "of it.",
        **sums,
    )
