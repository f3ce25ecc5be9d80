"""Filters of the templates: sums, ratios and times as the reader's language writes them."""

import re
from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask

from wallet.domain import period
from wallet.domain.addresses import segment
from wallet.domain.bill import spelled
from wallet.domain.crowd import FEW, told
from wallet.domain.money import format_amount
from wallet.domain.names import initials
from wallet.domain.needs import NEEDS
from wallet.i18n import NARROW_SPACE, date_name, ngettext, percent_name, points_name, signed, sum_name
from wallet.i18n import gettext as _
from wallet.web.current import kit
from wallet.web.language import current_locale
from wallet.web.today import federation_zone, this_month


def install(app: Flask) -> None:
    """Give the filters to the templates of `app`."""
    for name in (
        amount,
        signed_amount,
        plain_amount,
        percent_bp,
        points,
        in_points,
        number,
        crowd,
        need_name,
        period_name,
        day,
        date_name,
        iso_day,
        short_day,
        short_month,
        month_name,
        month_word,
        month_and_year,
        clock,
        clock_or_day,
        moment,
        clock_seconds,
        minutes,
        work_time,
        instant_iso,
        since_year,
        initials,
        spelled,
        segment,
    ):
        app.add_template_filter(name)


def amount(minor: int) -> str:
    """Write minor units as a sum: 144000 is `1,440.00`."""
    return sum_name(minor)


def signed_amount(minor: int) -> str:
    """Write minor units with their sign: `+7.50`, `−12.50`, `0.00`."""
    return signed("+", amount(minor)) if minor > 0 else amount(minor)


def plain_amount(minor: int) -> str:
    """Write minor units for machines: 144000 is `1440.00`."""
    return format_amount(minor)


def percent_bp(bp: int) -> str:
    """Write basis points as a percentage: 3364 is `33.64 %`."""
    return percent_name(bp)


def points(bp: int) -> str:
    """Write basis points as percentage points: 1250 is `12.5`."""
    return points_name(bp)


def in_points(bp: int) -> str:
    """Write basis points as percentage points with their word: 1250 is `12.5 points`."""
    # One is a point, one and a half are points.
    return ngettext("%(points)s point", "%(points)s points", bp // 100 if bp % 100 == 0 else 2, points=points(bp))


def number(count: int) -> str:
    """Write how many there are: 1000 is `1,000`."""
    return format_decimal(count, locale=current_locale())


def crowd(people: int) -> str:
    """Write how many people there are, unless they are so few that it would show who."""
    return _("fewer than %(num)s", num=FEW) if told(people) is None else number(people)


def need_name(need: str) -> str:
    """Write what members find at a co-op: `food` is `Food`."""
    return _(NEEDS[need]) if need in NEEDS else _("Something else")


def period_name(label: str) -> str:
    """Write a period's name in words: `2026-07` is `July 2026`, `2027-01-18` is `18 January 2027`, a year is itself.

    A history may name one as it likes: no line ends at a hyphen of such a name.
    """
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", label):
        return month_and_year(label)
    try:
        return iso_day(label) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", label) else _unbroken(label)
    except ValueError:
        return _unbroken(label)


def day(at: datetime) -> str:
    """Write the day of an instant with the month as a word: `14 November 2026`."""
    return date_name(_local(at))


def iso_day(on: str) -> str:
    """Write a day `2026-11-14` with the month as a word: `14 November 2026`."""
    return date_name(date.fromisoformat(on))


def short_day(at: datetime) -> str:
    """Write the day of an instant shortly: `Thu 12 Nov`, or `Thu 12 Nov 2026` in another year."""
    local = _local(at)
    form = "EEE d\u00a0MMM" if local.year == _local(kit().clock()).year else "EEE d\u00a0MMM y"
    return format_date(local, format=form, locale=current_locale())


def month_name(month: str) -> str:
    """Write a month as a word: `2026-11` is `November`, or `November 2026` in another year."""
    this_year = month[:4] == this_month()[:4]
    form = "LLLL" if this_year else "LLLL y"
    return format_date(date.fromisoformat(f"{month}-01"), format=form, locale=current_locale())


def month_word(month: str) -> str:
    """Write a month as a word alone, where no year has room: `2026-11` is `November`."""
    return format_date(date.fromisoformat(f"{month}-01"), format="LLLL", locale=current_locale())


def short_month(month: str) -> str:
    """Write a month shortly, as under a bar of a chart: `2026-11` is `Nov`."""
    return format_date(date.fromisoformat(f"{month}-01"), format="LLL", locale=current_locale())


def month_and_year(month: str) -> str:
    """Write a month with its year, as paper has it: `2026-11` is `November 2026`."""
    return format_date(date.fromisoformat(f"{month}-01"), format="LLLL y", locale=current_locale())


def clock(at: datetime) -> str:
    """Write the time of an instant: `09:41`."""
    return format_time(_local(at), format="HH:mm", locale=current_locale())


def clock_or_day(at: datetime) -> str:
    """Write the time of an instant of today, and the day of another: `09:41`, `Thu 12 Nov`, with another year."""
    return clock(at) if _is_of_today(at) else short_day(at)


def moment(at: datetime) -> str:
    """Write an instant: `09:41` of today, `Thu 12 Nov, 09:41` of another day, with the year when that is another."""
    return clock(at) if _is_of_today(at) else _("%(day)s, %(time)s", day=short_day(at), time=clock(at))


def clock_seconds(at: datetime) -> str:
    """Write the time of an instant to the second: `09:41:27`."""
    return format_time(_local(at), format="HH:mm:ss", locale=current_locale())


def minutes(seconds: int) -> str:
    """Write a short time left: 161 seconds are `2:41`."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def work_time(minutes: int) -> str:
    """Write minutes of work: `180 h`, `1 h 36 min`, `40 min`, with spaces that do not break."""
    hours, rest = divmod(minutes, 60)
    parts = [_("%(num)s h", num=format_decimal(hours, locale=current_locale()))] if hours or not rest else []
    if rest:
        parts.append(_("%(num)s min", num=rest))
    return " ".join(parts).replace(" ", NARROW_SPACE)


def instant_iso(at: datetime) -> str:
    """Write an instant for machines: `2026-11-14T09:41:27Z`."""
    return period.format_instant(at)


def since_year(at: datetime) -> str:
    """Write the year of an instant: `2022`."""
    return f"{_local(at).year:04d}"


def _unbroken(label: str) -> str:
    return label.replace("-", "\N{NON-BREAKING HYPHEN}")


def _is_of_today(at: datetime) -> bool:
    return _local(at).date() == _local(kit().clock()).date()


def _local(at: datetime) -> datetime:
    return period.local(at, federation_zone())
