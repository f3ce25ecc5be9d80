"""A till's shifts: close the one that is open, and the reports of those before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.domain.shift import MOST_SHOWN, Register, candidates
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import shifts
from wallet.services.shifts import Closing
from wallet.store import federation
from wallet.store.engine import snapshot
from wallet.store.views import shifts as shift_view
from wallet.store.views.shifts import Counter, PostedLine, Report
from wallet.web import charters
from wallet.web.answers import once, said, saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import key, note, remark, signed_amount, whole
from wallet.web.forms import read, read_query
from wallet.web.policy import needs
from wallet.web.watched_till import rev_of, status_of

bp = Blueprint("shifts", __name__, url_prefix="/tills/<till>")

REASON_LENGTH = 200
COLUMNS = ("at", "kind", "receipt", "res", "cash", "note", "cashier", "refund of", "reason")


@bp.get("/shift")
@needs("staff", of="till")
def show(till: str) -> ResponseReturnValue:
    """Show what the open shift holds, and what is needed to close it."""
    return close_page(till)


@bp.post("/shift/close")
@needs("staff", of="till")
def close(till: str) -> ResponseReturnValue:
    """Close the shift and sweep the till; safe to send twice with one key."""
    closing = None
    try:
        form = read(
            shift=whole(),
            res=signed_amount(),
            cash=signed_amount(optional=True),
            reason=remark(REASON_LENGTH, optional=True),
            note=note(),
            seen=signed_amount(optional=True, absent=None),
            seen_cash=signed_amount(optional=True),
            key=key(),
        )
        seen = None if form.seen is None else Register(form.seen, form.seen_cash)
        closing = Closing(Register(form.res, form.cash), form.reason, form.note, seen)
        again = shifts.close_shift(kit(), till, signed_in().handle, form.shift, closing, key=form.key)
    except Refusal as refusal:
        if wants_json() or refusal.status not in (400, 409):
            raise
        if refusal.code == "shift_closed":
            return redirect(url_for("shifts.report", till=till, shift=form.shift, again=1), 303)
        return said(close_page(till, refusal, closing), refusal)
    if wants_json():
        return once((jsonify(as_json(find_report(till, form.shift)[1])), 201), again)
    return once(redirect(url_for("shifts.report", till=till, shift=form.shift), 303), again)


@bp.get("/shifts")
@needs("staff", of="till")
def past(till: str) -> ResponseReturnValue:
    """List the till's shifts that are closed, the last first."""
    before = read_query(before=whole(optional=True)).before
    with snapshot(kit().engine) as connection:
        counter = my_counter(connection, till)
        found, further = shift_view.past(connection, till, before)
        running = shift_view.running(connection, till, counter.account_id)
    if wants_json():
        return jsonify(shifts=[as_json(each) for each in found], before=further)
    return render_template("shifts/past.html", till=counter, shifts=found, running=running, further=further)


@bp.get("/shifts/<int:shift>")
@needs("staff", of="till")
def report(till: str, shift: int) -> ResponseReturnValue:
    """Show what was signed, on one page for print."""
    again = bool(read_query(again=whole(optional=True)).again)
    counter, found = find_report(till, shift)
    if wants_json():
        return jsonify(as_json(found))
    with snapshot(kit().engine) as connection:
        back = shift_view.given_back(connection, counter.account_id, shift)
        cash = federation.cash(connection)
        counts = cash_counts(connection, found.opened_at, found.closed_at)
    return render_template(
        "shifts/report.html", till=counter, shift=found, back=back, again=again, cash=cash, cash_counts=counts
    )


@bp.get("/shifts/<int:shift>/lines.csv")
@needs("staff", of="till")
def lines(till: str, shift: int) -> ResponseReturnValue:
    """Write every sale and refund of a shift that is closed, as a sheet."""
    counter, _found = find_report(till, shift)
    with snapshot(kit().engine) as connection:
        rows = shift_view.posted(connection, counter.account_id, shift)
    return saved(f"shift-{shift}", COLUMNS, (cells(row) for row in rows))


def close_page(till: str, refusal: Refusal | None = None, closing: Closing | None = None) -> str:
    """Render the page on which the open shift is closed, with what was typed if that was refused."""
    now, typed = kit().clock(), request.form if refusal else {}
    with snapshot(kit().engine) as connection:
        counter = my_counter(connection, till)
        running = shift_view.running(connection, till, counter.account_id)
        if running is None:
            last = shift_view.past(connection, till)[0][:1]
            return render_template("shifts/none.html", till=counter, before=last[0] if last else None)
        posted = shift_view.posted(connection, counter.account_id, running.id)
        waiting, unpaid = shift_view.unpaid(connection, till, running, now)
        told, unheard = shift_view.unheard(connection, till, running, {row.line.ref for row in posted})
        # Only a till's cashier may watch it.
        rev = rev_of(status_of(connection, till, now)) if counter.is_cashier else None
        cash, counts = federation.cash(connection), cash_counts(connection, running.opened_at, now)
    difference = closing.register.over(running.totals) if closing else Register(0, 0)
    found = candidates([*(row.line for row in posted), *unpaid], difference)
    if refusal and refusal.code == "difference" and closing and closing.seen == difference and not closing.reason:
        refusal.wrong["reason"] = _("Write why, or put the figures right. The shift is still open.")
    return render_template(
        "shifts/close.html",
        till=counter,
        shift=running,
        rev=rev,
        waiting=waiting,
        told=told,
        unheard=unheard,
        refs=[row.line.ref for row in posted],
        refusal=refusal,
        typed=typed,
        difference=difference,
        seen=to_explain(difference, typed if closing is None else {}),
        candidates=found[:MOST_SHOWN],
        more=max(0, len(found) - MOST_SHOWN),
        key=str(uuid4()),
        now=now,
        cash=cash,
        cash_counts=counts,
    )


def to_explain(difference: Register, unread: Mapping[str, str]) -> dict[str, str] | None:
    """Give the fields of the difference for which a page asks a reason; None if it asks for none.

    Of a form that could not be read, that is what its sender had read before: what they wrote is no reason for another.
    """
    if not difference.agrees:
        return {"seen": format_amount(difference.res_minor), "seen_cash": format_amount(difference.cash_minor)}
    if unread.keys().isdisjoint(("reason", "seen")):
        return None
    return {name: unread[name] for name in ("seen", "seen_cash") if name in unread}


def cash_counts(connection: sa.Connection, since: datetime, until: datetime) -> bool:
    """Tell whether cash that a till logs counts for the pay share, in the months in which a shift begins and ends."""
    voted = charters.voted(connection)
    return all(voted.in_month_of(at).count_logged_cash for at in (since, until))


def find_report(till: str, shift: int) -> tuple[Counter, Report]:
    """Give a closed shift with its till.

    Raises: unknown_till, unknown_shift.
    """
    with snapshot(kit().engine) as connection:
        counter = my_counter(connection, till)
        found = shift_view.report(connection, till, shift)
    if found is None:
        raise refuse("unknown_shift")
    return counter, found


def my_counter(connection: sa.Connection, till: str) -> Counter:
    """Give the till, refusing what is not the viewer's to see.

    Raises: unknown_till.
    """
    found = shift_view.counter(connection, till, signed_in().handle, kit().clock())
    if found is None:
        raise refuse("unknown_till")
    return found


def cells(row: PostedLine) -> tuple[object, ...]:
    """Give one line of a shift as the cells of its sheet."""
    line = row.line
    sums = format_amount(line.res_minor), format_amount(line.cash_minor)
    return format_instant(line.at), line.kind, line.ref, *sums, line.note or "", row.cashier, row.answers, row.reason


def as_json(shift: Report) -> dict[str, Any]:
    """Write what was signed for scripts."""
    totals, register, difference = shift.totals, shift.register, shift.difference
    return {
        "shift": shift.id,
        "state": "closed",
        "opened_at": format_instant(shift.opened_at),
        "closed_at": format_instant(shift.closed_at),
        "closed_by": shift.closed_by,
        "sales": {"number": totals.sales, "res": format_amount(totals.sales_minor)},
        "refunds": {"number": totals.refunds, "res": format_amount(totals.refunds_minor)},
        "cash_sales": {"number": totals.cash_sales, "cash": format_amount(totals.cash_sales_minor)},
        "cash_refunds": {"number": totals.cash_refunds, "cash": format_amount(totals.cash_refunds_minor)},
        "taken": {"res": format_amount(totals.res_minor), "cash": format_amount(totals.cash_minor)},
        "register": {"res": format_amount(register.res_minor), "cash": format_amount(register.cash_minor)},
        "difference": {"res": format_amount(difference.res_minor), "cash": format_amount(difference.cash_minor)},
        "reason": shift.reason,
        "note": shift.note,
        "swept": format_amount(shift.swept_minor),
    }
