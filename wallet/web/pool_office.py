"""A co-op's part of the pool: what it is asked for, and two of its stewards who put it in."""

from uuid import uuid4

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.services import proposals
from wallet.store import dividends, dues
from wallet.store.engine import snapshot
from wallet.web import charters, desk, sold
from wallet.web.current import kit
from wallet.web.fields import amount, key
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("pool_office", __name__, url_prefix="/office/<coop>/pool")


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """Show what the co-op is asked for, what waits for a second steward, and what was put in."""
    with snapshot(kit().engine) as connection:
        asked = dues.asked(connection, kit().charter, kit().clock(), sold.some_minutes_ago)
        return render_template(
            "office/pool.html",
            period=asked.period,
            due=next((due for due in asked.dues if due.slug == coop), None),
            hand=charters.in_hand(connection),
            draft=dividends.draft(connection) is not None,
            sunset=asked.sunset,
            goes_on=asked.goes_on,
            charter=asked.charter,
            key=str(uuid4()),
            **desk.of_two(connection, coop, "fund"),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("pool_office.show", amount={"insufficient_funds"})
def put_in(coop: str) -> ResponseReturnValue:
    """Propose to put RES into the pool; safe to send twice with one key."""
    form = read(amount=amount(), key=key())
    here = url_for("pool_office.show", coop=coop)
    outcome = proposals.put_in(kit(), proved_here().handle, coop, form.amount, key=form.key)
    return desk.went_on(outcome, here)
