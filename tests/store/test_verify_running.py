"""Verify tells the month of an instant from that of its whole day, and is right at every edge of a month."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.store.verify.running import Facts

ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Apia", "America/St_Johns")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@given(
    number=st.integers(min_value=0, max_value=12 * 200),
    seconds=st.integers(min_value=-2 * 86_400, max_value=2 * 86_400),
)
def test_an_instant_near_a_months_begin_lies_in_the_month_of_its_own_day(zone: str, number: int, seconds: int) -> None:
    facts = Facts(ZoneInfo(zone), {})
    begins = datetime(1900 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    micros = (begins + timedelta(seconds=seconds) - EPOCH) // timedelta(microseconds=1)
    # Twice, since the second time it is remembered.
    assert [facts.month(micros), facts.month(micros)] == [facts.day(micros)[:7]] * 2


def test_a_month_that_has_begun_does_not_end_where_the_clock_goes_back_over_midnight() -> None:
    facts = Facts(ZoneInfo("America/St_Johns"), {})
    begins = facts.begins(date(2009, 11, 1))
    moments = [begins + minutes * 60_000_000 for minutes in (-1, 0, 1, 30, 59, 60, 61)]

    assert [facts.month(micros) for micros in moments] == ["2009-10"] + ["2009-11"] * 6


def test_the_first_and_the_last_instant_of_the_calendar_have_a_month() -> None:
    facts = Facts(ZoneInfo("Pacific/Kiritimati"), {})
    first, last = (
        (at - EPOCH) // timedelta(microseconds=1) for at in (EPOCH.replace(year=1), datetime.max.replace(tzinfo=UTC))
    )
    assert (facts.month(first), facts.month(last)) == ("0001-01", "9999-12")
    assert (facts.month(-(2**62)), facts.month(2**62)) == ("0001-01", "9999-12"), "whatever somebody wrote"
