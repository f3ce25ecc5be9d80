"""The pool: what each co-op is asked to put in, what it has put in, and what went in and out."""

from flask import Blueprint, render_template

from wallet.store import dividends, dues, pool
from wallet.store.engine import snapshot
from wallet.web import charters, sold
from wallet.web.current import kit
from wallet.web.policy import needs

bp = Blueprint("pool", __name__)


@bp.get("/dividend/pool")
@needs("signed_in")
def show() -> str:
    """Show the pool, the dues of every co-op, and the last movements."""
    with snapshot(kit().engine) as connection:
        asked = dues.asked(connection, kit().charter, kit().clock(), sold.some_minutes_ago)
        return render_template(
            "dividend/pool.html",
            pool_minor=pool.balance(connection),
            period=asked.period,
            dues=asked.dues,
            movements=dues.movements(connection),
            hand=charters.in_hand(connection),
            draft=dividends.draft(connection) is not None,
            sunset=asked.sunset,
            goes_on=asked.goes_on,
            charter=asked.charter,
        )
