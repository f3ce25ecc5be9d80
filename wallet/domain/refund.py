"""A refund at a counter: when a steward has to agree, how long one that waits may be agreed to, and how it can end."""

from datetime import datetime, timedelta

APPROVAL_MINUTES = 10
# Reasons that a till offers by name; anybody may write another.
REASONS = ("returned", "wrong_sum", "twice")
# Why a dispute gives something back: until it is settled, or because a steward says so.
CARRIED, DISPUTED = "carried", "disputed"
# By its state, how the refusal is called that who comes too late meets: of all who end a refund one does.
OVER = {
    "posted": "refund_posted",
    "withdrawn": "refund_withdrawn",
    "declined": "refund_declined",
    "lapsed": "refund_lapsed",
}


def needs_steward(refunded_minor: int, asked_minor: int, limit_minor: int) -> bool:
    """Tell whether a sale of which `refunded_minor` is back already needs a steward for `asked_minor` more.

    Units: RES and cash together; the limit is the till's, for all refunds of one sale.
    """
    return refunded_minor + asked_minor > limit_minor


def lapse_of(asked_at: datetime) -> datetime:
    """Give the instant from which a refund asked for at `asked_at` can no longer be agreed to."""
    return asked_at + timedelta(minutes=APPROVAL_MINUTES)


def state_of(stored_state: str, lapses_at: datetime | None, now: datetime) -> str:
    """Tell how a refund stands at `now`: waiting, posted, withdrawn, declined or lapsed."""
    if stored_state == "waiting" and lapses_at is not None and now >= lapses_at:
        return "lapsed"
    return stored_state
