"""Ballots on the phone: the question, the check before a vote is cast, the roll, and what came of it."""

from flask import Blueprint, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import ballot as rule
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import ballots as acts
from wallet.services import passkeys
from wallet.store import ballots
from wallet.store.ballots import Ballot
from wallet.store.charters import InHand
from wallet.store.engine import reading
from wallet.store.views import ballots as ballot_view
from wallet.store.views.ballots import RollPlace
from wallet.web import charters
from wallet.web.answers import said
from wallet.web.current import asker, is_persona, kit, signed_in, wants_json
from wallet.web.fields import credential, text
from wallet.web.forms import read, read_query
from wallet.web.policy import needs
from wallet.web.questions import asked

# Of more people than that, each co-op has a page of its own.
ROLL_AT_ONCE = 500

bp = Blueprint("ballots", __name__, url_prefix="/ballots")


@bp.get("")
@needs("signed_in")
def show_all() -> ResponseReturnValue:
    """List the ballots, open and closed."""
    acts.close_due(kit())
    with reading(kit().engine) as connection:
        found = ballot_view.opened(connection)
        hand = charters.in_hand(connection)
        waiting = {place.ballot for place in ballot_view.waiting_for(connection, signed_in().person_id, kit().clock())}
    return render_template("ballots/list.html", ballots=[(one, asked(one, hand)) for one in found], waiting=waiting)


@bp.get("/<int:ballot>")
@needs("signed_in")
def show(ballot: int) -> ResponseReturnValue:
    """Show a ballot: to who may vote with the choices, closed with what came of it."""
    acts.close_due(kit())
    return page(known(ballot), read_query(at=text(64, optional=True)).at)


@bp.post("/<int:ballot>/<coop>/check")
@needs("voter", of="coop")
def check(ballot: int, coop: str) -> ResponseReturnValue:
    """Show once more what is about to be cast; nothing is cast by it."""
    acts.close_due(kit())
    found, choice = known(ballot), read(choice=text(8, optional=True)).choice
    place = next((one for one in places(found) if one.slug == coop and one.stands), None)
    if found.state != "open":
        return over(found)
    if place is None:
        raise refuse("not_allowed", _("Only who works there now may vote there. Nothing was cast."))
    if place.voted:
        raise refuse("vote_cast")
    if choice not in rule.CHOICES:
        refusal = refuse("bad_form", _("Choose yes, no or blank first. Nothing was cast."))
        return said(page(found, coop, refusal), refusal)
    return render_template(
        "ballots/check.html",
        ballot=found,
        place=place,
        choice=choice,
        persona=is_persona(signed_in()),
        asked=asked(found, in_hand()),
    )


@bp.post("/<int:ballot>/<coop>/challenge")
@needs("signed_in")
def challenge(ballot: int, coop: str) -> ResponseReturnValue:
    """Ask the viewer's passkey for an answer that counts for this ballot and co-op alone."""
    read()
    return jsonify(acts.begin_vote(kit(), known(ballot).id, coop, signed_in().person_id, asker().digest))


@bp.post("/<int:ballot>/<coop>")
@needs("voter", of="coop")
def cast(ballot: int, coop: str) -> ResponseReturnValue:
    """Cast the viewer's vote in one of their co-ops, once."""
    form = read(choice=text(8), credential=credential(optional=True))
    proof = passkeys.proof(kit(), form.credential, asker().digest) if form.credential else None
    if proof is None and not is_persona(signed_in()):
        raise refuse("step_up_required", _("Confirm with your passkey first. Nothing was cast."))
    try:
        acts.cast(kit(), ballot, coop, signed_in().person_id, form.choice, proof)
    except Refusal as refusal:
        if refusal.code != "ballot_over":
            raise
        acts.close_due(kit())
        return over(known(ballot))
    return ("", 204) if wants_json() else redirect(f"/ballots/{ballot}/stored", 303)


@bp.get("/<int:ballot>/stored")
@needs("signed_in")
def stored(ballot: int) -> ResponseReturnValue:
    """Say that the viewer's votes are stored, and where they may still vote."""
    found = known(ballot)
    mine = places(found)
    voted = [one for one in mine if one.voted]
    if not voted:
        return redirect(f"/ballots/{ballot}", 303)
    question = asked(found, in_hand())
    return render_template("ballots/stored.html", ballot=found, voted=voted, left=may_vote(mine), asked=question)


@bp.get("/<int:ballot>/roll")
@needs("signed_in")
def roll(ballot: int) -> ResponseReturnValue:
    """Show who is on the roll and who has voted, never how; a long one co-op by co-op, the viewer's first."""
    coop, found = read_query(coop=text(optional=True)).coop or None, known(ballot)
    mine = places(found)
    with reading(kit().engine) as connection:
        rolls = ballot_view.rolls(connection, ballot)
        if coop is not None and coop not in {one.slug for one in rolls}:
            raise refuse("unknown_coop")
        shown = coop
        if coop is None and sum(one.eligible for one in rolls) > ROLL_AT_ONCE:
            shown = (mine or rolls)[0].slug
        people = ballot_view.people_on(connection, ballot, shown)
    return render_template("ballots/roll.html", ballot=found, rolls=rolls, people=people, shown=shown)


def page(found: Ballot, at: str = "", refusal: Refusal | None = None) -> str:
    """Render a ballot; `at` names the co-op for which the viewer wants to vote."""
    mine = places(found)
    with reading(kit().engine) as connection:
        rolls = ballot_view.rolls(connection, found.id)
        hand = charters.in_hand(connection)
    left = may_vote(mine) if found.state == "open" else []
    until = signed_in().confined_until
    waits = until if left and until and found.closes_at and until < found.closes_at else None
    if waits:
        left = []
    return render_template(
        "ballots/show.html",
        waits=waits,
        ballot=found,
        rolls=sorted(rolls, key=lambda one: one.outcome != "failed"),
        mine=mine,
        left=left,
        place=next((one for one in left if one.slug == at), left[0] if left else None),
        refusal=refusal,
        asked=asked(found, hand),
        replaced=hand is not None and found.id in hand.replaced,
    )


def over(found: Ballot) -> ResponseReturnValue:
    """Answer who came after the end: nothing was cast, and for people what came of the ballot.

    Raises: ballot_over, for scripts.
    """
    refusal = refuse("ballot_over", _("This ballot is over. Your vote was not cast. What came of it stands below."))
    if wants_json():
        raise refusal
    return said(page(found, refusal=refusal), refusal)


def known(ballot: int) -> Ballot:
    """Give a ballot that was opened.

    Raises: unknown_ballot.
    """
    with reading(kit().engine) as connection:
        found = ballots.find(connection, ballot)
    if found is None or found.opened_at is None:
        raise refuse("unknown_ballot")
    return found


def in_hand() -> InHand | None:
    """Give the dividend's period in hand."""
    with reading(kit().engine) as connection:
        return charters.in_hand(connection)


def places(found: Ballot) -> list[RollPlace]:
    """List the viewer's places on the roll."""
    with reading(kit().engine) as connection:
        return ballot_view.places(connection, found.id, signed_in().person_id)


def may_vote(mine: list[RollPlace]) -> list[RollPlace]:
    """Give the places at which one may still vote."""
    return [one for one in mine if one.stands and not one.voted]
