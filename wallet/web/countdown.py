"""Countdowns: the seconds that a screen counts down from."""

from datetime import datetime
from math import ceil


def seconds_left(until: datetime | None, now: datetime) -> int:
    """Give the seconds until an instant, one that has begun counted whole, never below 0; 0 of none."""
    return 0 if until is None else max(0, ceil((until - now).total_seconds()))
