"""Pairing: a code that a tablet shows for some minutes, by which somebody's phone vouches for it."""

from datetime import datetime, timedelta

PAIRING = timedelta(minutes=5)
# A tablet that nobody touches locks; however busy it is, its cashier vouches for it anew each working day.
IDLE = timedelta(minutes=2)
LONGEST = timedelta(hours=16)


def awake_until(now: datetime, began_at: datetime, busy_until: datetime | None = None) -> datetime:
    """Give until when a tablet touched `now` stays signed in; it waits for a bill that runs until `busy_until`."""
    return min(max(now + IDLE, busy_until or now), began_at + LONGEST)
