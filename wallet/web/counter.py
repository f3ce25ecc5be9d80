"""A co-op's counters on its desk: refunds that wait for a steward, how sales may be paid, what a cashier gives back."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.services import counter as acts
from wallet.store.engine import reading
from wallet.store.views import office, refunds
from wallet.web.answers import led_to
from wallet.web.current import kit, signed_in
from wallet.web.fields import amount, percent
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("counter", __name__, url_prefix="/office/<coop>/counter")


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """Show what waits for a steward, and what the co-op has settled."""
    return page(coop)


@bp.post("/tender")
@needs("steward", of="coop")
@answered_on("counter.show", part={"bad_amount"})
def settle_tender(coop: str) -> ResponseReturnValue:
    """Settle the highest part of a sale that the tills take in RES; a form and JSON write percent like 50.00."""
    part = read(part=percent()).part
    acts.set_res_part(kit(), coop, part)
    return done(coop, part=part)


@bp.post("/tills/<till>/limit")
@needs("steward", of="coop")
@answered_on("counter.show", limit={"bad_amount"})
def settle_limit(coop: str, till: str) -> ResponseReturnValue:
    """Settle how much of one sale a cashier of a till gives back without a steward."""
    limit = read(limit=amount(zero=True, moves=False)).limit
    # Up to here a cashier gives money back alone.
    proved_here()
    acts.set_refund_limit(kit(), coop, till, limit)
    return done(coop, limit=limit)


def done(coop: str, **settled: int) -> ResponseReturnValue:
    """Answer with what is settled now: scripts with the figure, written as it was sent; people with the page."""
    facts = {name: format_amount(figure) for name, figure in settled.items()}
    return led_to(lambda: url_for("counter.show", coop=coop, saved=1), lambda: page(coop), facts, 200)


def page(coop: str) -> str:
    """Render the page."""
    who, now = signed_in().handle, kit().clock()
    with reading(kit().engine) as connection:
        return render_template(
            "counter/show.html",
            coop=office.one_coop(connection, coop),
            settled=office.counters_of(connection, coop),
            waiting=[each for each in refunds.waiting_for(connection, who, now) if each.coop == coop],
            most_minor=kit().charter.refund_limit_minor,
        )
