"""The facilitators' dividend: drafting a period's run, approving it, withdrawing it, posting it; and its sheet."""

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain import period
from wallet.domain.money import format_amount
from wallet.errors import refuse
from wallet.services import dividends as acts
from wallet.store import dividends, pool
from wallet.store.charters import InHand
from wallet.store.engine import reading, snapshot
from wallet.store.views import dividends as dividend_view
from wallet.store.views import quilt
from wallet.store.views.dividends import DividendRun
from wallet.web import charters, desk, dividend_whole
from wallet.web.answers import saved
from wallet.web.current import kit, signed_in
from wallet.web.fields import amount, day
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("dividend_runs", __name__, url_prefix="/federation/dividend")

SHEET = ("handle", "name", "basis", "new minutes", "by basis", "by hours", "total", "ref")


@bp.get("")
@needs("facilitator")
def show() -> ResponseReturnValue:
    """Show the pool, the draft that waits, and the runs that were posted."""
    with snapshot(kit().engine) as connection:
        found = dividend_view.runs(connection)
        last = dividends.last_end(connection)
        hand = charters.in_hand(connection)
        page = {
            "federation": quilt.name(connection),
            "pool_minor": pool.balance(connection),
            **desk.second(connection),
            "hand": hand,
        }
    draft = next((run for run in found if run.state == "draft"), None)
    return render_template(
        "federation/dividend.html",
        **page,
        draft=draft,
        leaves_out=hand.cut_by(draft.ends_on) if hand and draft else None,
        posts_at=None if draft is None else draft.drafted_at + kit().deployment.draft_waits,
        posted=[run for run in found if run.state == "posted"],
        ends_on=proposed_end(hand),
        last=last,
    )


@bp.post("")
@needs("facilitator")
@answered_on("dividend_runs.show", pot={"insufficient_funds"}, ends_on={"not_allowed"})
def draft() -> ResponseReturnValue:
    """Draft the run of a period."""
    form = read(ends_on=day(), pot=amount())
    acts.draft(kit(), proved_here().handle, form.ends_on, form.pot)
    return redirect(url_for("dividend_runs.show"), 303)


@bp.post("/<int:run>/approve")
@needs("facilitator")
@answered_on("dividend_runs.show")
def approve(run: int) -> ResponseReturnValue:
    """Approve a draft, as a second person."""
    read()
    acts.approve(kit(), proved_here().handle, known(run).id)
    return redirect(url_for("dividend_runs.show"), 303)


@bp.post("/<int:run>/withdraw")
@needs("facilitator")
@answered_on("dividend_runs.show")
def withdraw(run: int) -> ResponseReturnValue:
    """Withdraw a draft."""
    read()
    acts.withdraw(kit(), signed_in().handle, known(run).id)
    return redirect(url_for("dividend_runs.show"), 303)


@bp.post("/<int:run>/post")
@needs("facilitator")
@answered_on("dividend_runs.show")
def post(run: int) -> ResponseReturnValue:
    """Post a draft that is due; one that is not stays as it is, and so does every other."""
    read()
    if known(run).state == "withdrawn":
        raise refuse("already_decided")
    proved_here()
    acts.post(kit(), run)
    return redirect(url_for("dividend_runs.whole", run=run), 303)


@bp.get("/<int:run>")
@needs("facilitator")
def whole(run: int) -> str:
    """Show what a run is or was as a whole, and who made it."""
    found = dividend_whole.looked_up(run)
    with reading(kit().engine) as connection:
        name = quilt.name(connection)
    return render_template("federation/dividend_run.html", federation=name, whole=found)


@bp.get("/<int:run>/lines.csv")
@needs("facilitator")
def sheet(run: int) -> ResponseReturnValue:
    """Give all lines of a run, for whoever checks it and for the books."""
    with reading(kit().engine) as connection:
        found = dividend_view.lines(connection, dividend_whole.standing(connection, run).id)
    rows = [
        (handle, name, format_amount(basis), minutes, *(format_amount(minor) for minor in sums), ref or "")
        for handle, name, basis, minutes, *sums, ref in found
    ]
    return saved(f"dividend-{run}", SHEET, rows)


def known(run: int) -> DividendRun:
    """Give a run, whatever was decided of it.

    Raises: unknown_page.
    """
    with reading(kit().engine) as connection:
        return dividend_view.known(connection, run)


def proposed_end(hand: InHand | None) -> date | None:
    """Give the newest end for which a run can be drafted: a month's first day, or where a time without dividends began.

    Its cut-off is over; None where there is none. Whether the dividend goes off by where a period ends is for people
    to choose.
    """
    if hand is None:
        return None
    today = period.local(kit().clock() - acts.CUTOFF - timedelta(seconds=1), federation_zone()).date()
    newest = today.replace(day=1)
    chances = [one for one in hand.chances if not one.value]
    before = ((one.first - timedelta(days=1)).replace(day=1) for one in chances)
    ends = (newest, *before, *(spell.since for spell in hand.periods.spells))
    can = (end for end in ends if hand.periods.last < end <= newest and not hand.periods.is_off(end))
    return max((end for end in can if not any(one.first <= end <= one.last for one in chances)), default=None)
