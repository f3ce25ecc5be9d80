"""A co-op's part of the pool: what it is asked for, and two of its stewards who put it in."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.services import proposals
from wallet.store import coops, dividends, office_view
from wallet.store.engine import snapshot
from wallet.web import charters, desk, dues
from wallet.web.current import kit, signed_in
from wallet.web.fields import amount
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("pool_office", __name__, url_prefix="/office/<coop>/pool")


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """Show what the co-op is asked for, what waits for a second steward, and what was put in."""
    with snapshot(kit().engine) as connection:
        period, found = dues.of_all(connection)
        hand = charters.in_hand(connection)
        cards = desk.shown(connection, coop_id=coops.known(connection, coop).id)
        return render_template(
            "office/pool.html",
            coop=office_view.one_coop(connection, coop),
            period=period,
            due=next((due for due in found if due.slug == coop), None),
            asked=[each for each in cards["asked"] if each[0].kind == "fund"],
            decided=[each for each in cards["decided"] if each.kind == "fund"],
            names=cards["names"],
            hand=hand,
            draft=dividends.draft(connection) is not None,
            charter=charters.present(hand),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("pool_office.show")
def put_in(coop: str) -> ResponseReturnValue:
    """Propose to put RES into the pool."""
    form = read(amount=amount())
    outcome = proposals.put_in(kit(), signed_in().handle, coop, form.amount)
    return desk.went_on(outcome, url_for("pool_office.show", coop=coop))
