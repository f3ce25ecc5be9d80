"""Instants, days and months are those of the federation's zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain import period
from wallet.errors import Refusal

NOT_INSTANTS = [
    "",
    "2026-03-02",
    "2026-03-02T12:00:00",
    "2026-03-02 12:00:00Z",
    "2026-03-02T12:00:00z",
    "2026-03-02T12:00:00+00:00",
    "2026-03-02T12:00:00.0Z",
    "2026-02-30T12:00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T12:00:60Z",
    "0000-01-01T00:00:00Z",
    "2026-3-02T12:00:00Z",
    "２026-03-02T12:00:00Z",
    "2026-03-02T12:00:00Z\n",
    " 2026-03-02T12:00:00Z",
]
MONTHS = [
    ("2026-02-28T23:30:00Z", "UTC", "2026-02", "2026-02-28"),
    ("2026-02-28T23:30:00Z", "Europe/Berlin", "2026-03", "2026-03-01"),
    ("2026-03-01T04:59:59Z", "America/New_York", "2026-02", "2026-02-28"),
    ("2026-03-01T05:00:00Z", "America/New_York", "2026-03", "2026-03-01"),
    ("2026-12-31T10:00:00Z", "Pacific/Kiritimati", "2027-01", "2027-01-01"),
    ("0001-01-01T00:00:00Z", "America/New_York", "0001-01", "0001-01-01"),
    ("9999-12-31T23:59:59Z", "Pacific/Kiritimati", "9999-12", "9999-12-31"),
    # At 00:01 the clock went back to 23:01 of a day that was over.
    ("2009-11-01T02:29:59Z", "America/St_Johns", "2009-10", "2009-10-31"),
    ("2009-11-01T02:30:00Z", "America/St_Johns", "2009-11", "2009-11-01"),
    ("2009-11-01T02:31:00Z", "America/St_Johns", "2009-11", "2009-11-01"),
    ("2009-11-01T03:29:59Z", "America/St_Johns", "2009-11", "2009-11-01"),
    # At midnight it went back to 23:00: midnight came once.
    ("2018-02-18T02:59:59Z", "America/Sao_Paulo", "2018-02", "2018-02-17"),
    ("2018-02-18T03:00:00Z", "America/Sao_Paulo", "2018-02", "2018-02-18"),
]
STARTS = [
    ("2026-03", "UTC", "2026-03-01T00:00:00Z"),
    ("2026-03", "America/New_York", "2026-03-01T05:00:00Z"),
    ("2026-04", "America/New_York", "2026-04-01T04:00:00Z"),
    ("2026-01", "Asia/Kathmandu", "2025-12-31T18:15:00Z"),
]


@pytest.mark.parametrize("text", NOT_INSTANTS)
def test_anything_but_a_whole_second_of_utc_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        period.parse_instant(text)

    assert refusal.value.code == "bad_form"


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_read_as_it_was_written(at: datetime) -> None:
    assert period.parse_instant(period.format_instant(at)) == at.replace(microsecond=0)


@pytest.mark.parametrize(("text", "zone", "month", "day"), MONTHS)
def test_month_and_day_are_those_of_the_zone(text: str, zone: str, month: str, day: str) -> None:
    at = period.parse_instant(text)

    assert (period.month_of(at, zone), period.day_of(at, zone)) == (month, day)


@pytest.mark.parametrize(("month", "zone", "start"), STARTS)
def test_a_month_starts_at_local_midnight(month: str, zone: str, start: str) -> None:
    assert period.format_instant(period.month_start(month, zone)) == start


@given(
    st.integers(3_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Cairo"]
    ),
)
def test_every_instant_lies_between_its_months_start_and_the_next(at: datetime, zone: str) -> None:
    month = period.month_of(at, zone)

    assert period.month_start(month, zone) <= at < period.month_start(period.next_month(month), zone)


def test_a_day_that_begins_with_a_jump_of_the_clock_begins_at_the_jump() -> None:
    start = period.day_start(date(2018, 11, 4), "America/Sao_Paulo")

    assert period.format_instant(start) == "2018-11-04T03:00:00Z"
    assert period.day_of(start, "America/Sao_Paulo") == "2018-11-04"
    assert period.day_of(start - timedelta(seconds=1), "America/Sao_Paulo") == "2018-11-03"


def test_months_are_listed_with_both_ends() -> None:
    assert period.months_from_to("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert period.months_from_to("2026-02", "2026-02") == ["2026-02"]
    assert period.months_from_to("2026-03", "2026-02") == []
    assert period.months_from_to("9999-11", "9999-12") == ["9999-11", "9999-12"]


def test_months_are_counted_over_the_year() -> None:
    assert period.next_month("2025-12") == "2026-01"
    assert period.previous_month("2026-01") == "2025-12"
    assert period.previous_month("2026-02", 3) == "2025-11"


@pytest.mark.parametrize(
    ("zone", "kept"),
    [("CET", "Europe/Brussels"), ("MET", "Europe/Brussels"), ("EET", "Europe/Athens"), ("WET", "Europe/Lisbon")],
)
def test_a_zone_that_is_an_abbreviation_too_is_kept_by_its_place(zone: str, kept: str) -> None:
    assert period.zone_to_keep(zone) == kept
    for month in (1, 7):
        at = datetime(2026, month, 1, tzinfo=UTC)
        assert at.astimezone(ZoneInfo(kept)).utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()


def test_any_other_zone_keeps_its_name() -> None:
    assert period.zone_to_keep("Europe/Berlin") == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "Europe", "/UTC"])
@pytest.mark.parametrize("read", [period.zone_named, period.zone_to_keep])
def test_an_unknown_zone_is_refused(read: Callable[[str], object], zone: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(zone)

    assert refusal.value.code == "bad_form"


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "right/Europe/Berlin"])
def test_a_zone_that_is_another_elsewhere_is_not_kept(zone: str) -> None:
    with pytest.raises(Refusal) as refusal:
        period.zone_to_keep(zone)

    assert refusal.value.code == "bad_form"
