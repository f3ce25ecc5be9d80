"""A co-op's desk: who works there and serves as what, whom it invites, and its tills."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.handle import handle_from
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.services import invitations, network, proposals
from wallet.services.invitations import Offer
from wallet.services.proposals import Outcome
from wallet.store import coops, second_persons
from wallet.store.engine import reading
from wallet.store.views import office, payruns
from wallet.web import desk
from wallet.web.current import kit, signed_in
from wallet.web.fields import flag, key, label, name, text, whole
from wallet.web.forms import read, read_query
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs
from wallet.web.today import this_month

bp = Blueprint("office", __name__, url_prefix="/office/<coop>")

KINDS = frozenset({"worker", "customer"})


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """Show who works there, and what waits for a second person."""
    form = read_query(q=text(optional=True), after=text(optional=True), saved=flag(), proposed=flag())
    with reading(kit().engine) as connection:
        place = coops.known(connection, coop)
        cards = desk.shown(connection, coop_id=place.id)
        return render_template(
            "office/people.html",
            coop=office.one_coop(connection, coop),
            staff=office.staff(connection, coop, form.q or "", form.after or ""),
            sought=form,
            runs=payruns.waiting(connection, [coop]),
            month=this_month(),
            first=second_persons.is_first(connection, signed_in().handle, place.id, "role", kit().clock()),
            **cards,
        )


@bp.post("/roles")
@needs("steward", of="coop")
@answered_on("office.show")
def give_role(coop: str) -> ResponseReturnValue:
    """Propose that a worker serves as cashier or steward."""
    form = read(handle=label(), role=text(10))
    return back(coop, proposals.give_role(kit(), proved_here().handle, coop, form.handle, form.role))


@bp.post("/roles/end")
@needs("steward", of="coop")
@answered_on("office.show")
def end_role(coop: str) -> ResponseReturnValue:
    """Propose that somebody no longer serves as cashier or steward."""
    form = read(handle=label(), role=text(10))
    return back(coop, proposals.end_role(kit(), proved_here().handle, coop, form.handle, form.role))


@bp.post("/members/end")
@needs("steward", of="coop")
@answered_on("office.show")
def end_work(coop: str) -> ResponseReturnValue:
    """Propose that somebody no longer works here."""
    handle = read(handle=label()).handle
    return back(coop, proposals.end_work(kit(), proved_here().handle, coop, handle))


@bp.post("/recover")
@needs("steward", of="coop")
@answered_on("office.ask", handle={"unknown_member", "not_allowed"})
def recover(coop: str) -> ResponseReturnValue:
    """Propose a way back for somebody who lost every way into their wallet and stands before the steward."""
    handle = read(handle=label()).handle
    return back(coop, proposals.recover(kit(), proved_here().handle, coop, handle))


@bp.get("/invite")
@needs("steward", of="coop")
def ask(coop: str) -> ResponseReturnValue:
    """Show whom the co-op has invited, and the ways to invite more."""
    form = read_query(q=text(optional=True), after=whole(optional=True), saved=flag())
    with reading(kit().engine) as connection:
        place = coops.known(connection, coop)
        return render_template(
            "office/invite.html",
            coop=office.one_coop(connection, coop),
            open=office.invited_like(connection, coop, kit().clock(), form.q or "", form.after),
            sought=form,
            first=second_persons.is_first(connection, signed_in().handle, place.id, "invite", kit().clock()),
        )


@bp.post("/invite")
@needs("steward", of="coop")
@answered_on("office.ask", serves={"bad_form"})
def invite(coop: str) -> ResponseReturnValue:
    """Invite one person, once for a key; one who is to serve takes a second to agree."""
    form = read(name=name(), kind=text(10), serves=text(10, optional=True), key=key())
    if form.kind not in KINDS:
        raise refuse("bad_form")
    if form.serves and form.kind != "worker":
        says = _("Who is to serve works here: choose a member, or nothing further. Nobody was invited.")
        raise refuse("bad_form", says)
    if form.serves:
        outcome = proposals.invite_to_serve(kit(), proved_here().handle, coop, form.name, form.serves, key=form.key)
        # Where it waits, so that nobody proposes it twice for want of an answer.
        return desk.went_on(outcome, url_for("office.show", coop=coop), form.name)
    offer = Offer(form.kind, coop=coop, handle=handle_from(form.name), name=form.name)
    made = invitations.invite_once(kit(), offer, invited_by=signed_in().handle, key=form.key)
    return desk.went_on(Outcome(True, made.token, made.again), url_for("office.ask", coop=coop), form.name)


@bp.post("/invitations/<int:number>/withdraw")
@needs("steward", of="coop")
@answered_on("office.ask")
def withdraw(coop: str, number: int) -> ResponseReturnValue:
    """Take an invitation back."""
    read()
    invitations.withdraw(kit(), coop, number)
    return redirect(url_for("office.ask", coop=coop, saved=1), 303)


@bp.get("/tills")
@needs("steward", of="coop")
def tills(coop: str) -> ResponseReturnValue:
    """List the co-op's tills."""
    with reading(kit().engine) as connection:
        place, tills = office.one_coop(connection, coop), office.standing_tills(connection, coop)
    return render_template("office/tills.html", coop=place, tills=tills)


@bp.post("/tills")
@needs("steward", of="coop")
@answered_on("office.tills", name={"name_taken"})
def open_till(coop: str) -> ResponseReturnValue:
    """Open a till, under the next number that is free."""
    network.open_next_till(kit(), coop, read(name=name()).name)
    return redirect(url_for("office.tills", coop=coop, saved=1), 303)


@bp.post("/tills/close")
@needs("steward", of="coop")
@answered_on("office.tills")
def close_till(coop: str) -> ResponseReturnValue:
    """Close a till for good; its shift must be closed first."""
    network.close_till(kit(), coop, read(till=label()).till)
    return redirect(url_for("office.tills", coop=coop, saved=1), 303)


@bp.post("/tills/open-again")
@needs("steward", of="coop")
@answered_on("office.tills")
def open_till_again(coop: str) -> ResponseReturnValue:
    """Open a till again that was closed for good."""
    network.open_till_again(kit(), coop, read(till=label()).till)
    return redirect(url_for("office.tills", coop=coop, saved=1), 303)


def back(coop: str, outcome: Outcome) -> ResponseReturnValue:
    """Go on with the people of the co-op."""
    return desk.went_on(outcome, url_for("office.show", coop=coop))
