"""The federation's desk: its co-ops, how far each may owe, and who facilitates."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.needs import NEEDS, OTHER
from wallet.errors import refuse
from wallet.services import invitations, proposals
from wallet.store import suspensions
from wallet.store.engine import reading
from wallet.store.views import office
from wallet.store.views.office import CoopRow, Facilitator
from wallet.web import desk
from wallet.web.current import kit, signed_in
from wallet.web.fields import amount, key, label, name, sentences, text
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("federation", __name__, url_prefix="/federation")

# As long as a reason for a suspension may be, in characters.
REASON = 300


@bp.get("")
@needs("facilitator")
def show() -> ResponseReturnValue:
    """List the co-ops and what waits for a second facilitator."""
    with reading(kit().engine) as connection:
        return render_template(
            "federation/coops.html",
            coops=office.all_coops(connection),
            needs=(*NEEDS, OTHER),
            **desk.second(connection),
            **desk.shown(connection),
        )


@bp.post("/coops")
@needs("facilitator")
@answered_on("federation.show", name={"name_taken"})
def admit() -> ResponseReturnValue:
    """Propose to admit a co-op."""
    form = read(name=name(), need=text(20), place=name(optional=True), line=amount(zero=True, moves=False))
    if form.need not in (*NEEDS, OTHER):
        raise refuse("bad_form")
    here = url_for("federation.show")
    outcome = proposals.admit(kit(), proved_here().handle, form.name, form.line, need=form.need, place=form.place)
    return desk.went_on(outcome, here)


@bp.get("/coops/<coop>")
@needs("facilitator")
def show_coop(coop: str) -> ResponseReturnValue:
    """Show one co-op and what can be proposed about it."""
    with reading(kit().engine) as connection:
        return render_template(
            "federation/coop.html",
            coop=known(office.one_coop(connection, coop)),
            suspensions=suspensions.past(connection, coop),
            **desk.second(connection),
            **desk.shown(connection, slug=coop),
        )


@bp.post("/coops/<coop>/line")
@needs("facilitator")
@answered_on("federation.show_coop")
def change_line(coop: str) -> ResponseReturnValue:
    """Propose another credit line."""
    form = read(line=amount(zero=True, moves=False))
    return back_to(coop, proposals.change_line(kit(), proved_here().handle, coop, form.line))


@bp.post("/coops/<coop>/again")
@needs("facilitator")
@answered_on("federation.show_coop")
def admit_again(coop: str) -> ResponseReturnValue:
    """Propose to admit a co-op again that has left."""
    form = read(line=amount(zero=True, moves=False))
    return back_to(coop, proposals.admit_again(kit(), proved_here().handle, coop, form.line))


@bp.post("/coops/<coop>/leave")
@needs("facilitator")
@answered_on("federation.show_coop")
def let_go(coop: str) -> ResponseReturnValue:
    """Propose that a co-op leaves."""
    read()
    return back_to(coop, proposals.let_go(kit(), proved_here().handle, coop))


@bp.post("/coops/<coop>/suspend")
@needs("facilitator")
@answered_on("federation.show_coop")
def suspend(coop: str) -> ResponseReturnValue:
    """Propose to suspend a co-op, and say why."""
    form = read(reason=sentences(REASON))
    return back_to(coop, proposals.suspend(kit(), proved_here().handle, coop, form.reason))


@bp.post("/coops/<coop>/lift")
@needs("facilitator")
@answered_on("federation.show_coop")
def lift(coop: str) -> ResponseReturnValue:
    """Propose to lift a co-op's suspension."""
    read()
    return back_to(coop, proposals.lift(kit(), proved_here().handle, coop))


@bp.post("/coops/<coop>/stewards")
@needs("facilitator")
@answered_on("federation.show_coop")
def invite_steward(coop: str) -> ResponseReturnValue:
    """Propose to invite somebody who runs a co-op's office."""
    form = read(name=name(), key=key(optional=True))
    outcome = proposals.invite_to_serve(kit(), proved_here().handle, coop, form.name, "steward", key=form.key)
    return back_to(coop, outcome, form.name)


@bp.get("/people")
@needs("facilitator")
def people() -> ResponseReturnValue:
    """List the facilitators, and who is invited to serve."""
    with reading(kit().engine) as connection:
        cards = desk.shown(connection)
        kept: dict[str, Any] = {
            "asked": [each for each in cards["asked"] if desk.is_about_facilitators(each[0])],
            "decided": [each for each in cards["decided"] if desk.is_about_facilitators(each)],
        }
        found = office.facilitators(connection)
        return render_template(
            "federation/people.html",
            facilitators=found,
            endable=endable(found),
            invited=office.invited_to_serve(connection, kit().clock()),
            **(cards | kept),
        )


@bp.post("/people")
@needs("facilitator")
@answered_on("federation.people")
def invite() -> ResponseReturnValue:
    """Propose to invite a facilitator; who is the only one invites alone."""
    form = read(name=name(), key=key(optional=True))
    here = url_for("federation.people")
    outcome = proposals.add_facilitator(kit(), proved_here().handle, form.name, key=form.key)
    return desk.went_on(outcome, here, form.name)


@bp.post("/people/end")
@needs("facilitator")
@answered_on("federation.people")
def end() -> ResponseReturnValue:
    """Propose that somebody, who may be oneself, no longer facilitates."""
    handle = read(handle=label()).handle
    outcome = proposals.end_facilitator(kit(), proved_here().handle, handle)
    return desk.went_on(outcome, url_for("federation.people"))


@bp.post("/invitations/<int:number>/withdraw")
@needs("facilitator")
@answered_on("federation.people")
def withdraw(number: int) -> ResponseReturnValue:
    """Take the invitation of a facilitator or a steward back."""
    read()
    invitations.withdraw(kit(), None, number)
    return redirect(url_for("federation.people", saved=1), 303)


def endable(found: list[Facilitator]) -> set[str]:
    """Give the handles of those whose role can be proposed to end: somebody else serves now who can agree."""
    me, serving = signed_in().handle, {each.id for each in found if each.since <= kit().clock()}
    return {each.id for each in found if serving - {me, each.id}}


def back_to(coop: str, outcome: proposals.Outcome, whom: str = "") -> ResponseReturnValue:
    """Go on with the co-op's page."""
    return desk.went_on(outcome, url_for("federation.show_coop", coop=coop), whom)


def known(found: CoopRow | None) -> CoopRow:
    """Give a co-op.

    Raises: unknown_coop.
    """
    if found is None:
        raise refuse("unknown_coop")
    return found
