"""Six digits of a payment, for a till that is cut off."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.outage import begin_of, digits_for, minute_of

KEY = bytes(range(32))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_digits_follow_from_key_sum_and_minute() -> None:
    assert digits_for(KEY, 1_250, minute_of(NOON)) == "703914"


@given(st.integers(1, 999_999_999_999), st.integers(0, 10**8))
def test_another_sum_minute_or_key_has_other_digits_but_for_chance(total: int, minute: int) -> None:
    right = digits_for(KEY, total, minute)
    others = {
        digits_for(KEY, total + 1, minute),
        digits_for(KEY, total, minute + 1),
        digits_for(KEY[::-1], total, minute),
    }

    assert len(right) == 6
    # One of a million may agree; three never do.
    assert others != {right}


def test_a_minute_is_the_servers_and_begins_where_it_says() -> None:
    last = NOON + timedelta(seconds=59, microseconds=999_999)

    assert minute_of(NOON) == minute_of(last) == minute_of(NOON + timedelta(minutes=1)) - 1
    assert begin_of(minute_of(last)) == NOON
