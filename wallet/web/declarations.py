"""What a co-op declares that it owns: what its meetings approved, and two of its stewards who say so."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.unitvalue import is_stale
from wallet.services import proposals
from wallet.store import declarations, federation
from wallet.store.engine import snapshot
from wallet.web import desk
from wallet.web.current import kit
from wallet.web.fields import amount, day
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs
from wallet.web.today import this_day

bp = Blueprint("declarations", __name__, url_prefix="/office/<coop>/declarations")

KIND = "declare"


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> str:
    """Show what the co-op has declared, what waits for a second steward, and the form for the next quarter."""
    today = this_day()
    with snapshot(kit().engine) as connection:
        return render_template(
            "office/declarations.html",
            declared=declarations.of_coop(connection, coop),
            cash=federation.cash(connection),
            today=today,
            stale=lambda one: is_stale(one.meeting_on, today),
            **desk.of_two(connection, coop, KIND),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("declarations.show", meeting={"bad_form"})
def declare(coop: str) -> ResponseReturnValue:
    """Propose to declare what a meeting of the co-op approved."""
    form = read(worth=amount(zero=True, moves=False), meeting=day())
    outcome = proposals.declare(kit(), proved_here().handle, coop, form.worth, form.meeting)
    return desk.went_on(outcome, url_for("declarations.show", coop=coop))
