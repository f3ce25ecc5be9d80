"""The facilitators' ballots: proposing another sunset with its reason, opening it as a second one, taking it back."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import ballots as acts
from wallet.store import ballot_view, ballots, federation, office_view, quilt
from wallet.store.engine import snapshot
from wallet.web.answers import said
from wallet.web.current import kit, signed_in
from wallet.web.forms import read, sentences, whole
from wallet.web.policy import needs
from wallet.web.sunset import between, dated

bp = Blueprint("ballot_proposals", __name__, url_prefix="/federation/ballots")

USUAL_DAYS = 30


@bp.get("")
@needs("facilitator")
def show() -> ResponseReturnValue:
    """Show what waits for a second facilitator, the ballots that were opened, and the form of a new one."""
    acts.close_due(kit())
    return page()


@bp.post("")
@needs("facilitator")
def propose() -> ResponseReturnValue:
    """Propose a ballot."""
    try:
        form = read(months=whole(), reason=sentences(1_000), days=whole())
        acts.propose(kit(), signed_in().handle, form.months, form.reason, form.days)
    except Refusal as refusal:
        if refusal.code != "bad_form":
            raise
        return said(page(refusal), refusal)
    return redirect(url_for("ballot_proposals.show"), 303)


@bp.post("/<int:ballot>/open")
@needs("facilitator")
def agree(ballot: int) -> ResponseReturnValue:
    """Open a ballot, as a second person."""
    read()
    acts.agree(kit(), signed_in().handle, ballot)
    return redirect(url_for("ballot_proposals.show"), 303)


@bp.post("/<int:ballot>/withdraw")
@needs("facilitator")
def withdraw(ballot: int) -> ResponseReturnValue:
    """Withdraw a ballot that is not open yet."""
    read()
    acts.withdraw(kit(), signed_in().handle, ballot)
    return redirect(url_for("ballot_proposals.show"), 303)


def page(refusal: Refusal | None = None) -> str:
    """Render the desk; `refusal` says why the last try failed."""
    with snapshot(kit().engine) as connection:
        standing = ballots.voted(connection, kit().charter).sunset_months
        waiting = ballot_view.proposed(connection)
        opened = ballot_view.opened(connection)
        facts = {
            "federation": quilt.name(connection),
            "alone": len(office_view.facilitators(connection)) < 2,
            "charter_on": federation.charter_on(connection),
            "is_mine": waiting is not None and waiting.proposed_by == signed_in().person_id,
        }
    return render_template(
        "federation/ballots.html",
        **facts,
        standing=standing,
        waiting=waiting,
        wish=None if waiting is None else dated(waiting),
        now=between(standing, standing),
        opened=[(one, dated(one)) for one in opened],
        is_open=any(one.state == "open" for one in opened),
        usual_days=USUAL_DAYS,
        shortest_days=acts.shortest(kit()).days,
        refusal=refusal,
        typed=request.form if refusal else {},
    )
