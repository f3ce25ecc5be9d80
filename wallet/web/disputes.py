"""Disputes: say that something is wrong, read what was answered, answer, give back, pass on, decide."""

from uuid import uuid4

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.dispute import Return, may_carry
from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.services import dispute_returns, rulings
from wallet.services import disputes as acts
from wallet.store import dispute_sides, disputes, halts
from wallet.store.disputes import Dispute, DisputeTold
from wallet.store.engine import reading, snapshot
from wallet.store.views import office, quilt
from wallet.store.views.disputable import subject_of
from wallet.web.answers import once
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import amount, flag, key, remark, sentences, whole
from wallet.web.forms import read, read_query
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs

bp = Blueprint("disputes", __name__)


def said_of(ref: str) -> str:
    """Give the page of what was said of a receipt already, or the one on which to say it."""
    with reading(kit().engine) as connection:
        found = disputes.about(connection, ref, kit().clock())
    return url_for("disputes.ask", ref=ref) if found is None else url_for("disputes.show", dispute=found.ref)


@bp.get("/receipts/<ref>/dispute")
@needs("payer", of="ref")
def ask(ref: str) -> ResponseReturnValue:
    """Show where one says what is wrong with a purchase or a line of pay, or what was said already."""
    with reading(kit().engine) as connection:
        subject = subject_of(connection, ref, signed_in().handle)
        before = disputes.about(connection, ref, kit().clock())
        owes = disputes.owes(connection, signed_in().person_id)
        is_halted = halts.since(connection) is not None
        sides = dispute_sides.of(connection, subject.coop_id, signed_in().handle, kit().clock())
    if before is not None:
        return redirect(url_for("disputes.show", dispute=before.ref), 303)
    chosen = request.args.get("not_me") == "1" or request.form.get("not_me") == "1"
    not_me = chosen and subject.means == "code"
    why_not = {"is_late": not may_carry(subject.means, subject.at, kit().clock()), "owes": owes, "is_halted": is_halted}
    return render_template("disputes/new.html", ref=ref, subject=subject, not_me=not_me, sides=sides, **why_not)


@bp.post("/receipts/<ref>/dispute")
@needs("payer", of="ref")
@answered_on(said_of)
def begin(ref: str) -> ResponseReturnValue:
    """Say what is wrong; a charge by code that is disputed in time is given back at once."""
    form = read(words=sentences(), not_me=flag())
    dispute = acts.begin(kit(), signed_in().handle, ref, form.words, not_me=form.not_me)
    return answered(dispute, status=201, done="sent")


@bp.get("/disputes/<dispute>")
@needs("disputing", of="dispute")
def show(dispute: str) -> ResponseReturnValue:
    """Show what was said and done, to both sides and to a facilitator of what was passed on."""
    found, side = look(dispute)
    if wants_json():
        return jsonify(as_json(found) | {"words": [[one.side, one.act, one.words] for one in found.said]})
    with reading(kit().engine) as connection:
        sides = dispute_sides.of(connection, found.coop_id, found.member, kit().clock())
    about = {"dispute": found, "side": side, "sides": sides}
    return render_template("disputes/show.html", **about, key=str(uuid4()), done=request.args.get("done"))


@bp.post("/disputes/<dispute>/words")
@needs("disputing", of="dispute")
@answered_on("disputes.show")
def say(dispute: str) -> ResponseReturnValue:
    """Write to the other side."""
    words = read(words=sentences()).words
    return answered(acts.say(kit(), signed_in().handle, dispute, words))


@bp.post("/disputes/<dispute>/refund")
@needs("approver", of="dispute")
@answered_on("disputes.show", amount={"refund_exceeds_sale"}, cash={"refund_exceeds_sale"})
def give_back(dispute: str) -> ResponseReturnValue:
    """Give back a part or all of it as a steward, or leave what is carried with the member; safe to send twice."""
    part = amount(optional=True, zero=True)
    form = read(amount=part, cash=part, words=remark(200, optional=True), seen=whole(optional=True), key=key())
    back = Return(form.amount, form.cash, form.words, form.key, form.seen)
    found, before = dispute_returns.give_back(kit(), proved_here().handle, dispute, back)
    return once(answered(found), before)


@bp.post("/disputes/<dispute>/paid")
@needs("approver", of="dispute")
@answered_on("disputes.show")
def note_paid(dispute: str) -> ResponseReturnValue:
    """Note that the member has paid what they owed."""
    read()
    return answered(dispute_returns.note_paid(kit(), signed_in().handle, dispute))


@bp.post("/disputes/<dispute>/right")
@needs("approver", of="dispute")
@answered_on("disputes.show")
def note_right(dispute: str) -> ResponseReturnValue:
    """Note that a line of pay that was decided for the member is set right."""
    read()
    return answered(dispute_returns.note_right(kit(), signed_in().handle, dispute))


@bp.post("/disputes/<dispute>/pass")
@needs("disputing", of="dispute")
@answered_on("disputes.show")
def pass_on(dispute: str) -> ResponseReturnValue:
    """Pass it to the facilitators."""
    read()
    return answered(acts.pass_on(kit(), signed_in().handle, dispute), done="passed")


@bp.post("/disputes/<dispute>/end")
@needs("payer", of="dispute")
@answered_on("disputes.show")
def take_back(dispute: str) -> ResponseReturnValue:
    """Let the member end it."""
    read()
    return answered(acts.take_back(kit(), signed_in().handle, dispute), done="ended")


@bp.post("/disputes/<dispute>/decide")
@needs("facilitator")
@answered_on("disputes.show")
def decide(dispute: str) -> ResponseReturnValue:
    """Decide, as a facilitator, what was passed on."""
    form = read(words=sentences(), for_member=flag())
    return answered(rulings.decide(kit(), proved_here().handle, dispute, form.words, for_member=form.for_member))


@bp.get("/office/<coop>/disputes")
@needs("steward", of="coop")
def of_coop(coop: str) -> ResponseReturnValue:
    """List a co-op's disputes: what waits longest first, then those that are over."""
    before, now = read_query(before=whole(optional=True)).before, kit().clock()
    with snapshot(kit().engine) as connection:
        over, further = disputes.over(connection, coop, now, before)
        found = (disputes.going_on(connection, coop, now) if before is None else []) + over
        place = office.one_coop(connection, coop)
    return render_template("office/disputes.html", coop=place, disputes=found, further=further)


@bp.get("/federation/disputes")
@needs("facilitator")
def for_facilitators() -> ResponseReturnValue:
    """List what is for a facilitator to decide, the oldest first."""
    after = read_query(after=whole(optional=True)).after or 0
    with reading(kit().engine) as connection:
        found, further = disputes.for_facilitators(connection, kit().clock(), after)
        name = quilt.name(connection)
    return render_template("federation/disputes.html", federation=name, disputes=found, further=further)


def look(ref: str) -> tuple[DisputeTold, str]:
    """Give a dispute, and whom the viewer speaks for.

    Raises: unknown_dispute.
    """
    who = signed_in()
    return acts.look(kit(), ref, who.handle, facilitates=who.is_facilitator)


def answered(dispute: Dispute, status: int = 200, done: str | None = None) -> ResponseReturnValue:
    """Answer an act: the dispute for scripts, its page for people, which says once what was `done`."""
    if wants_json():
        return make_response(jsonify(as_json(dispute)), status)
    # A facilitator who has decided reads on as long as it is theirs.
    return redirect(url_for("disputes.show", dispute=dispute.ref, done=done), 303)


def as_json(dispute: Dispute) -> dict[str, object]:
    """Write a dispute for scripts."""
    return {
        "dispute": dispute.ref,
        "about": dispute.about,
        "kind": dispute.kind,
        "state": dispute.state,
        "coop": dispute.coop,
        "carried": format_amount(dispute.carried_minor),
        "opened_at": format_instant(dispute.opened_at),
    }
