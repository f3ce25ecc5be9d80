"""Statements: a month of the member's wallet on one page, for print and as a sheet."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import period
from wallet.domain.money import format_amount
from wallet.domain.wallet_statement import HEADER, Statement, rows
from wallet.errors import refuse
from wallet.store.engine import snapshot
from wallet.store.views import activity, quilt, wallet_statement
from wallet.web import charters
from wallet.web.answers import saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import text
from wallet.web.forms import read_query
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("wallet_statement", __name__)


@bp.get("/statement")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show a month: what one had, every movement, what counted, what one had then."""
    statement, first, last, federation, cash_counts = found()
    if wants_json():
        return jsonify(as_json(statement))
    return render_template(
        "wallet_statement/show.html",
        statement=statement,
        federation=federation,
        before=period.previous_month(statement.month) if statement.month > first else None,
        after=period.next_month(statement.month) if statement.month < last else None,
        is_over=statement.month < last,
        cash_counts=cash_counts,
    )


@bp.get("/statement.csv")
@needs("signed_in")
def as_sheet() -> Response:
    """Write a month as a sheet."""
    statement, *_ = found()
    return saved(f"statement-{statement.month}", HEADER, rows(statement, federation_zone()))


def found() -> tuple[Statement, str, str, str | None, bool]:
    """Find the month that the address names, else this one; the first and last that there are; the federation's name.

    Last, whether logged cash counts in that month.

    Raises: bad_form, unknown_member for who has no wallet, unknown_page for a month that has not begun.
    """
    asked = read_query(month=text(7, optional=True)).month
    zone = federation_zone()
    last = period.month_of(kit().clock(), zone)
    month = period.parse_month(asked) if asked else last
    if month > last:
        raise refuse("unknown_page")
    with snapshot(kit().engine) as connection:
        wallet = activity.wallet(connection, signed_in().handle)
        if wallet is None:
            raise refuse("unknown_member")
        first = period.month_of(wallet.first_at, zone) if wallet.first_at else last
        voted = charters.voted(connection)
        statement = wallet_statement.of(connection, wallet.account_id, month, zone, voted)
        return statement, first, last, quilt.name(connection), bool(voted.of_month(month).count_logged_cash)


def as_json(statement: Statement) -> dict[str, Any]:
    """Write a statement for scripts."""
    return {
        "month": statement.month,
        "opening": format_amount(statement.opening_minor),
        "in": format_amount(statement.in_minor),
        "out": format_amount(-statement.out_minor),
        "closing": format_amount(statement.closing_minor),
        "counted": format_amount(statement.counted_minor),
        "basis": format_amount(statement.basis_minor),
        "movements": [
            {
                "receipt": line.ref,
                "at": period.format_instant(line.at),
                "kind": line.kind,
                "other": line.other,
                "amount": format_amount(line.signed_minor),
                "cash": format_amount(line.cash_minor),
                "counted": format_amount(line.counted_minor),
                "basis": format_amount(line.basis_minor),
                "balance": format_amount(line.balance_minor),
            }
            for line in statement.lines
        ],
    }
