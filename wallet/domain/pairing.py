"""Pairing: a code that a tablet shows for some minutes, by which somebody's phone vouches for it."""

from datetime import datetime, timedelta

from wallet.domain.lately import still_runs

PAIRING = timedelta(minutes=5)
# A tablet that nobody touches locks; however busy it is, its cashier vouches for it anew each working day.
IDLE = timedelta(minutes=2)
LONGEST = timedelta(hours=16)
# What it waits for, a bill or a refund, waits no longer for a steward.
BUSIEST = timedelta(minutes=10)


def awake_until(now: datetime, began_at: datetime, busy_until: datetime | None = None) -> datetime:
    """Give until when a tablet touched `now` stays signed in; it waits for a bill that runs until `busy_until`."""
    return min(max(now + IDLE, min(busy_until or now, now + BUSIEST)), began_at + LONGEST)


def is_awake(until: datetime, now: datetime) -> bool:
    """Tell whether a tablet that stays signed in `until` then is so at `now`: not when the clock was set back since."""
    return still_runs(until, now, BUSIEST)
