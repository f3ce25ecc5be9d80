"""A refund at a counter: when a steward has to agree, and how long one that waits may still be agreed to."""

from datetime import datetime, timedelta

APPROVAL_MINUTES = 10
# Reasons that a till offers by name; anybody may write another.
REASONS = ("returned", "wrong_sum", "twice")


def needs_steward(refunded_minor: int, asked_minor: int, limit_minor: int) -> bool:
    """Tell whether a sale of which `refunded_minor` is back already needs a steward for `asked_minor` more.

    Units: RES and cash together; the limit is the till's, for all refunds of one sale.
    """
    return refunded_minor + asked_minor > limit_minor


def lapse_of(asked_at: datetime) -> datetime:
    """Give the instant from which a refund asked for at `asked_at` can no longer be agreed to."""
    return asked_at + timedelta(minutes=APPROVAL_MINUTES)


def state_of(stored_state: str, lapses_at: datetime | None, now: datetime) -> str:
    """Tell how a refund stands at `now`: waiting, posted or lapsed."""
    if stored_state == "waiting" and lapses_at is not None and now >= lapses_at:
        return "lapsed"
    return stored_state
