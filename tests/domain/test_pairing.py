"""How long a tablet that somebody touches stays signed in."""

from datetime import UTC, datetime, timedelta

import pytest

from wallet.domain.pairing import awake_until

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("touched", "bill", "locks"),
    [
        (timedelta(0), None, timedelta(minutes=2)),
        (timedelta(hours=3), None, timedelta(hours=3, minutes=2)),
        # A bill that waits longer is waited for, one that has run out is not.
        (timedelta(0), timedelta(minutes=3), timedelta(minutes=3)),
        (timedelta(minutes=9), timedelta(minutes=3), timedelta(minutes=11)),
        # Nothing is waited for that runs longer than anything does.
        (timedelta(0), timedelta(hours=6), timedelta(minutes=10)),
        # However busy it is, its cashier vouches for it anew each working day.
        (timedelta(hours=15, minutes=59), None, timedelta(hours=16)),
        (timedelta(hours=15, minutes=59), timedelta(hours=16, minutes=2), timedelta(hours=16)),
    ],
)
def test_a_tablet_locks_two_minutes_after_the_last_touch(
    touched: timedelta, bill: timedelta | None, locks: timedelta
) -> None:
    busy_until = None if bill is None else MORNING + bill

    assert awake_until(MORNING + touched, MORNING, busy_until) == MORNING + locks
