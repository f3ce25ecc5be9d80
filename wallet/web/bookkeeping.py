"""A co-op's accounts for its bookkeeper: balances and totals of a period, and the whole of it for other programs."""

from collections.abc import Iterator
from datetime import date, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, render_template, send_file
from flask.typing import ResponseReturnValue

from wallet.domain import beancount, journal_sheet, sheet
from wallet.domain.bookkeeping import Book, Period
from wallet.domain.money import format_amount
from wallet.domain.period import day_start, parse_day
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store.engine import snapshot
from wallet.store.views import bookkeeping, office
from wallet.web.answers import said
from wallet.web.current import kit, wants_json
from wallet.web.fields import text
from wallet.web.forms import read_query
from wallet.web.policy import needs
from wallet.web.today import federation_zone, this_day

bp = Blueprint("bookkeeping", __name__, url_prefix="/office/<coop>/accounts")

# A period is no longer than this, and lies in the centuries that Beancount knows.
MOST_DAYS = 3 * 366
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 30)
# What is longer waits in a file of its own until it is sent.
IN_MEMORY = 1024 * 1024


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """Show what the co-op's accounts had before and after a period, and what moved in between."""
    asked, refusal = read_days(), None
    try:
        period = period_of(*asked)
    except Refusal as found:
        if wants_json():
            raise
        refusal, period = found, period_of("", "")
    with snapshot(kit().engine) as connection:
        book = bookkeeping.book(connection, coop, period, kit().clock())
        totals = bookkeeping.totals(connection, book)
        place = office.one_coop(connection, coop)
    if wants_json():
        return jsonify(as_json(book))
    days = asked if refusal else (period.first, period.last)
    page = render_template(
        "bookkeeping/show.html",
        coop=place,
        book=book,
        totals=totals,
        periods=usual(this_day()),
        days=days,
        no_period=refusal,
    )
    return said(page, refusal) if refusal else page


@bp.get("/journal.csv")
@needs("steward", of="coop")
def as_sheet(coop: str) -> ResponseReturnValue:
    """Write the accounts of a period as a sheet."""
    period = read_period()
    with snapshot(kit().engine) as connection:
        book = bookkeeping.book(connection, coop, period, kit().clock())
        rows = journal_sheet.rows(book, bookkeeping.entries(connection, book))
        return sent(sheet.written_lines(journal_sheet.HEADER, rows), book, "csv", "text/csv")


@bp.get("/journal.beancount")
@needs("steward", of="coop")
def as_beancount(coop: str) -> ResponseReturnValue:
    """Write the accounts of a period for Beancount."""
    period = read_period()
    with snapshot(kit().engine) as connection:
        book = bookkeeping.book(connection, coop, period, kit().clock())
        return sent(beancount.written(book, bookkeeping.entries(connection, book)), book, "beancount", "text/plain")


def sent(lines: Iterator[str], book: Book, ending: str, kind: str) -> Response:
    """Send a file that is whole before its first byte goes out: none ever breaks off in the middle."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        for line in lines:
            file.write(line.encode("utf-8"))
        file.seek(0)
        name = f"{book.coop}-{book.period.first}-{book.period.last}.{ending}"
        return send_file(cast(IO[bytes], file), mimetype=kind, as_attachment=True, download_name=name)
    except sa.exc.SQLAlchemyError:
        file.close()
        raise


def read_period() -> Period:
    """Read a period from the address.

    Raises: bad_form.
    """
    return period_of(*read_days())


def read_days() -> tuple[str, str]:
    """Read the first and the last day as the address writes them, each empty where it does not.

    Raises: bad_form.
    """
    form = read_query(first=text(10, optional=True), last=text(10, optional=True))
    return form.first, form.last


def period_of(first_day: str, last_day: str) -> Period:
    """Give the period of a first and a last day; without them it is the last whole month.

    Raises: bad_form, for the field that is wrong.
    """
    usual_first, usual_last = month_before(this_day())
    first, last = _day("first", first_day, usual_first), _day("last", last_day, usual_last)
    if last < first:
        raise _wrong("last", _("The last day lies before the first."))
    if (last - first).days >= MOST_DAYS:
        raise _wrong("last", _("Give a first and a last day, at most three years apart."))
    since, until = (day_start(day, federation_zone()) for day in (first, last + timedelta(days=1)))
    return Period(first, last, since, until)


def _day(field: str, written: str, otherwise: date) -> date:
    try:
        day = parse_day(written) if written else otherwise
    except Refusal:
        raise _wrong(field, _("There is no such day.")) from None
    if not EARLIEST <= day <= LATEST:
        raise _wrong(field, _("Give days from 1900 to 2199."))
    return day


def _wrong(field: str, sentence: str) -> Refusal:
    refusal = refuse("bad_form", sentence)
    refusal.wrong = {field: sentence}
    return refusal


def month_before(day: date) -> tuple[date, date]:
    """Give the first and the last day of the month before that of `day`."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def usual(day: date) -> list[tuple[str, date, date]]:
    """List the periods that one mostly asks for."""
    first, last = month_before(day)
    quarter = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    before = quarter - timedelta(days=1)
    return [
        (_("This month"), day.replace(day=1), day),
        (_("Last month"), first, last),
        (_("Last quarter"), date(before.year, before.month - 2, 1), before),
        (_("This year"), date(day.year, 1, 1), day),
        (_("Last year"), date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)),
    ]


def as_json(book: Book) -> dict[str, object]:
    """Write the balances before and after a period."""
    return {
        "first": str(book.period.first),
        "last": str(book.period.last),
        "closed": book.closed,
        "opening": {name: format_amount(book.opening.get(name, 0)) for name in book.closing},
        "closing": {name: format_amount(minor) for name, minor in book.closing.items()},
    }
