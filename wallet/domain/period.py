"""Instants, days and months; a month is text `2026-03` in the federation's zone."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wallet.errors import refuse

# Since when instants, minutes and the steps of codes are counted.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_MONTH = re.compile(r"(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# PostgreSQL takes these for abbreviations, which know no summer time. The time zone database links each to a place.
_PLACES = {"CET": "Europe/Brussels", "EET": "Europe/Athens", "MET": "Europe/Brussels", "WET": "Europe/Lisbon"}
_OF_THE_MACHINE = frozenset({"localtime", "posixrules"})


@lru_cache(maxsize=64)
def zone_named(zone: str) -> ZoneInfo:
    """Give the time zone called `zone`.

    Raises: Refusal bad_form.
    """
    try:
        return ZoneInfo(_PLACES.get(zone, zone))
    except (KeyError, ValueError, OSError):
        # An unknown name is a KeyError, one with dots a ValueError, a folder of names an OSError.
        raise refuse("bad_form") from None


def zone_to_keep(zone: str) -> str:
    """Give the name under which a new federation keeps `zone`, which means the same on every machine and database.

    Raises: Refusal bad_form, for what names no zone or one of this machine alone, or counts leap seconds.
    """
    # PostgreSQL counts no leap seconds: its months would end some 27 seconds before Python's.
    if zone in _OF_THE_MACHINE or zone.startswith("right/"):
        raise refuse("bad_form")
    return zone_named(zone).key


def parse_instant(text: str) -> datetime:
    """Read `YYYY-MM-DDTHH:MM:SSZ` as an aware UTC instant.

    Raises: Refusal bad_form.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise refuse("bad_form")
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise refuse("bad_form") from None


def format_instant(at: datetime) -> str:
    """Write the aware instant `at` as `YYYY-MM-DDTHH:MM:SSZ`, whole seconds of UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_day(text: str) -> date:
    """Read `YYYY-MM-DD`.

    Raises: Refusal bad_form.
    """
    if _DAY.fullmatch(text) is None:
        raise refuse("bad_form")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("bad_form") from None


def parse_month(text: str) -> str:
    """Read `YYYY-MM`, of the years 1900 to 2199.

    Raises: Refusal bad_form.
    """
    if _MONTH.fullmatch(text) is None:
        raise refuse("bad_form")
    return text


def local(at: datetime, zone: str) -> datetime:
    """Give the instant `at` as the wall clock of `zone` shows it.

    The first and last hours of the calendar have no wall clock in some zones; they keep UTC's.
    """
    try:
        return at.astimezone(zone_named(zone))
    except OverflowError:
        return at.astimezone(UTC)


def date_of(at: datetime, zone: str) -> date:
    """Give the day into which the instant `at` falls in `zone`.

    Clocks that go back over midnight show the day before again; it is over all the same, for a day is one interval.
    """
    here = local(at, zone)
    day = here.date()
    if here.fold and day_start(day + timedelta(days=1), zone) <= at:
        day += timedelta(days=1)
    return day


def day_of(at: datetime, zone: str) -> str:
    """Give the day `YYYY-MM-DD` into which the instant `at` falls in `zone`."""
    return date_of(at, zone).isoformat()


def month_of(at: datetime, zone: str) -> str:
    """Give the month `YYYY-MM` into which the instant `at` falls in `zone`."""
    return day_of(at, zone)[:7]


def next_month(month: str, steps: int = 1) -> str:
    """Give the month `steps` after `month`."""
    return _month(_number(month) + steps)


def previous_month(month: str, steps: int = 1) -> str:
    """Give the month `steps` before `month`."""
    return next_month(month, -steps)


def months_from_to(first: str, last: str) -> list[str]:
    """List the months from `first` to `last`, both included; none if `last` is earlier."""
    return [_month(number) for number in range(_number(first), _number(last) + 1)]


def month_start(month: str, zone: str) -> datetime:
    """Give the first instant of `month` in `zone`, as UTC."""
    return day_start(date(int(month[:4]), int(month[5:7]), 1), zone)


def day_start(day: date, zone: str) -> datetime:
    """Give the first instant of `day` in `zone`, as UTC.

    Where clocks jump over midnight the day begins with the jump; where midnight comes twice, with the first.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone_named(zone))
    try:
        return midnight.astimezone(UTC)
    except OverflowError:
        return midnight.replace(tzinfo=UTC)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _month(number: int) -> str:
    year, month = divmod(number, 12)
    return f"{year:04d}-{month + 1:02d}"
