"""The sales behind a member's basis, month by month: those of today's, and those that a dividend's line counted."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import day_start, format_instant, month_of
from wallet.errors import refuse
from wallet.store.columns import MICROSECOND
from wallet.store.engine import snapshot
from wallet.store.views import counted_sales, dividends
from wallet.store.views.counted_sales import CountedSale, Sum
from wallet.store.views.dividends import DividendLine, DividendRun
from wallet.web import dividend_whole
from wallet.web.answers import saved
from wallet.web.current import kit, signed_in
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("counted_sales", __name__)

SHEET = ("receipt", "at", "co-op", "RES", "basis", "minutes", "basis given back", "minutes given back")


@dataclass(frozen=True, slots=True)
class SalesMonth:
    """Hold the sales of a month and what they come to."""

    month: str
    sales: tuple[CountedSale, ...]
    sum: Sum


@dataclass(frozen=True, slots=True)
class CountedSales:
    """Hold what is looked at: the viewer's sales up to now or, with a run, those that it counted with their line."""

    sales: list[CountedSale]
    run: DividendRun | None = None
    line: DividendLine | None = None


@bp.get("/dividend/basis")
@needs("signed_in")
def show() -> str:
    """Show the months of the viewer's basis as it is now, and the sales of one of them."""
    return page(None)


@bp.get("/dividend/<int:run>/basis")
@needs("signed_in")
def show_of_run(run: int) -> str:
    """Show the months that a run counted for the viewer, and the sales of one of them."""
    return page(run)


@bp.get("/dividend/basis.csv")
@needs("signed_in")
def sheet() -> ResponseReturnValue:
    """Give all sales behind the viewer's basis as a sheet."""
    return table(None)


@bp.get("/dividend/<int:run>/basis.csv")
@needs("signed_in")
def sheet_of_run(run: int) -> ResponseReturnValue:
    """Give all sales that a run counted for the viewer as a sheet."""
    return table(run)


def page(run: int | None) -> str:
    """Render the months of a cut and the sales of the one that is asked for, or of the last.

    Raises: unknown_page, for a month without such a sale.
    """
    cut = looked_at(run)
    months = by_month(cut.sales)
    wanted = request.args.get("month") or (months[0].month if months else None)
    opened = next((one for one in months if one.month == wanted), None)
    if opened is None and wanted is not None:
        raise refuse("unknown_page")
    return render_template(
        "dividend/sales.html", cut=cut, months=months, opened=opened, sum=counted_sales.summed(cut.sales)
    )


def table(run: int | None) -> ResponseReturnValue:
    """Write the sales of a cut: basis and minutes, less what was given back, add up to the member's own."""
    rows = [
        (
            one.ref, format_instant(one.at), one.where, format_amount(one.sold_minor), format_amount(one.was_minor),
            one.were_minutes, format_amount(one.back_minor), one.back_minutes,
        )
        for one in looked_at(run).sales
    ]  # fmt: skip
    return saved("basis" if run is None else f"basis-{run}", SHEET, rows)


def looked_at(run: int | None) -> CountedSales:
    """Read the viewer's counted sales: all up to this instant, or those on a run's cut.

    Raises: unknown_page.
    """
    who = signed_in().handle
    with snapshot(kit().engine) as connection:
        if run is None:
            until: datetime = kit().clock() + MICROSECOND
            return CountedSales(counted_sales.of(connection, who, until, until))
        found = dividend_whole.standing(connection, run)
        until = day_start(found.ends_on, federation_zone())
        sales = counted_sales.of(connection, who, until, found.cutoff_at)
        return CountedSales(sales, found, dividends.line_of(connection, found.id, who))


def by_month(sales: list[CountedSale]) -> list[SalesMonth]:
    """Gather sales, which are in the order of time, by their month."""
    zone = federation_zone()
    found = ((month, tuple(some)) for month, some in groupby(sales, lambda one: month_of(one.at, zone)))
    return [SalesMonth(month, some, counted_sales.summed(some)) for month, some in found]
