"""Proposals: finding one on its desk, agreeing to what somebody else has proposed, or dropping it."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from wallet.errors import refuse
from wallet.services import proposals as acts
from wallet.store import proposals
from wallet.store.engine import reading
from wallet.store.proposals import Proposal
from wallet.web import metrics
from wallet.web.answers import once
from wallet.web.current import freshly_proved, kit, signed_in
from wallet.web.desk import page_of, went_on
from wallet.web.fields import key
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("proposals", __name__, url_prefix="/proposals")


@bp.get("/<int:proposal>")
@needs("second", of="proposal")
def show(proposal: int) -> ResponseReturnValue:
    """Lead to a proposal on the desk on which the viewer decides about it."""
    return redirect(on_desk(known(proposal)), 303)


def form_page(proposal: int) -> str:
    """Name the page on which the viewer decides about a proposal."""
    return page_of(known(proposal))


@bp.post("/<int:proposal>/agree")
@needs("second", of="proposal")
@answered_on(form_page)
def agree(proposal: int) -> ResponseReturnValue:
    """Agree, as a second person, which carries the proposal out; safe to send twice with one key."""
    form = read(key=key(optional=True))
    found = known(proposal)
    # Both who propose and who agree are there: a session alone moves no money and opens no wallet.
    outcome = acts.agree(kit(), freshly_proved(page_of(found)).handle, proposal, key=form.key)
    if found.kind == "supply":
        if not outcome.replayed:
            metrics.paid()
        # A bill's page tells by itself that it is paid.
        return once(redirect(on_desk(found), 303), outcome.replayed)
    return went_on(outcome, on_desk(found), found.content.get("name", ""))


@bp.post("/<int:proposal>/drop")
@needs("second", of="proposal")
@answered_on(form_page)
def drop(proposal: int) -> ResponseReturnValue:
    """Decline somebody else's proposal, or take back one's own."""
    read()
    found = known(proposal)
    acts.drop(kit(), signed_in().handle, proposal)
    return redirect(on_desk(found), 303)


def on_desk(proposal: Proposal) -> str:
    """Name where on its desk a proposal stands, waiting or decided; a bill's payment has a page of its own."""
    page = page_of(proposal)
    return page if proposal.kind == "supply" else f"{page}#proposal-{proposal.id}"


def known(number: int) -> Proposal:
    """Give a proposal about which the viewer may decide, or which they made.

    Raises: unknown_proposal.
    """
    with reading(kit().engine) as connection:
        found = proposals.find(connection, number)
        could = proposals.who_could(connection, found.coop_id, kit().clock(), found.kind) if found else {}
    if found is None or signed_in().handle not in could:
        raise refuse("unknown_proposal")
    return found
