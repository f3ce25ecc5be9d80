"""Lately: what happened moments ago, whoever's clock wrote it down."""

from datetime import datetime, timedelta

# Clocks of several servers differ, and who waits for a lock looks with an earlier time than those whom it waited for:
# only what is further ahead was written before the clock was set back.
AHEAD = timedelta(seconds=30)


def is_lately(at: datetime, now: datetime, span: timedelta) -> bool:
    """Tell whether `at` is no longer before `now` than `span`, nor further ahead than clocks may be."""
    return -AHEAD <= now - at <= span


def still_runs(until: datetime, now: datetime, longest: timedelta) -> bool:
    """Tell whether what has never longer left than `longest` runs at `now`, if it runs `until` then."""
    return now < until <= now + longest + AHEAD
