"""Disputes: say that something is wrong, read what was answered, answer, give back, pass on, decide."""

from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.dispute import PASS_AFTER, may_carry
from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import Refusal, refuse
from wallet.services import disputes as acts
from wallet.store import disputes, office_view, quilt
from wallet.store.disputes import Dispute
from wallet.store.engine import reading
from wallet.web.answers import said
from wallet.web.current import freshly_proved, kit, signed_in, wants_json
from wallet.web.fields import amount, flag, sentences, text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("disputes", __name__)


@bp.get("/receipts/<ref>/dispute")
@needs("payer", of="ref")
def ask(ref: str) -> ResponseReturnValue:
    """Show where one says what is wrong with a purchase or a line of pay, or what was said already."""
    return form_for(ref)


@bp.post("/receipts/<ref>/dispute")
@needs("payer", of="ref")
def begin(ref: str) -> ResponseReturnValue:
    """Say what is wrong; a charge by code that is disputed in time is given back at once."""
    try:
        form = read(words=sentences(), not_me=flag())
    except Refusal as refusal:
        if wants_json():
            raise
        return said(form_for(ref, refusal), refusal)
    dispute = acts.begin(kit(), signed_in().handle, ref, form.words, not_me=form.not_me)
    return answered(dispute, status=201)


@bp.get("/disputes/<dispute>")
@needs("disputing", of="dispute")
def show(dispute: str) -> ResponseReturnValue:
    """Show what was said and done, to both sides and to a facilitator of what was passed on."""
    if not wants_json():
        return page(dispute)
    found = look(dispute)[0]
    return jsonify(as_json(found) | {"words": [[one.side, one.act, one.words] for one in found.said]})


@bp.post("/disputes/<dispute>/words")
@needs("disputing", of="dispute")
def say(dispute: str) -> ResponseReturnValue:
    """Write to the other side."""
    return done(dispute, lambda who: acts.say(kit(), who, dispute, read(words=sentences()).words))


@bp.post("/disputes/<dispute>/refund")
@needs("approver", of="dispute")
def give_back(dispute: str) -> ResponseReturnValue:
    """Give back a part or all of it as a steward, or leave what is carried with the member."""

    def act(who: str) -> Dispute:
        part = amount(optional=True, zero=True)
        form = read(amount=part, cash=part, words=text(200, optional=True))
        freshly_proved(url_for("disputes.show", dispute=look(dispute)[0].ref))
        return acts.give_back(kit(), who, dispute, form.amount, form.cash, form.words)

    return done(dispute, act)


@bp.post("/disputes/<dispute>/paid")
@needs("approver", of="dispute")
def note_paid(dispute: str) -> ResponseReturnValue:
    """Note that the member has paid what they owed."""
    return done(dispute, lambda who: plainly(acts.note_paid, who, dispute))


@bp.post("/disputes/<dispute>/pass")
@needs("disputing", of="dispute")
def pass_on(dispute: str) -> ResponseReturnValue:
    """Pass it to the facilitators."""
    return done(dispute, lambda who: plainly(acts.pass_on, who, dispute))


@bp.post("/disputes/<dispute>/end")
@needs("payer", of="dispute")
def take_back(dispute: str) -> ResponseReturnValue:
    """Let the member end it."""
    return done(dispute, lambda who: plainly(acts.take_back, who, dispute))


@bp.post("/disputes/<dispute>/decide")
@needs("facilitator")
def decide(dispute: str) -> ResponseReturnValue:
    """Decide, as a facilitator, what was passed on."""

    def act(who: str) -> Dispute:
        form = read(words=sentences(), for_member=flag())
        freshly_proved(url_for("disputes.show", dispute=dispute))
        return acts.decide(kit(), who, dispute, form.words, for_member=form.for_member)

    return done(dispute, act)


@bp.get("/office/<coop>/disputes")
@needs("steward", of="coop")
def of_coop(coop: str) -> ResponseReturnValue:
    """List a co-op's disputes, what waits longest first."""
    with reading(kit().engine) as connection:
        found = disputes.at_coop(connection, coop, kit().clock())
        place = office_view.one_coop(connection, coop)
    return render_template("office/disputes.html", coop=place, disputes=found)


@bp.get("/federation/disputes")
@needs("facilitator")
def passed() -> ResponseReturnValue:
    """List what is for a facilitator to decide."""
    now = kit().clock()
    with reading(kit().engine) as connection:
        found = disputes.passed(connection, now - PASS_AFTER, now)
        name = quilt.name(connection)
    return render_template("federation/disputes.html", federation=name, disputes=found)


def look(ref: str) -> tuple[Dispute, str]:
    """Give a dispute, and whom the viewer speaks for.

    Raises: unknown_dispute.
    """
    who = signed_in()
    return acts.look(kit(), ref, who.handle, facilitates=who.is_facilitator)


def plainly(act: Any, who: str, ref: str) -> Dispute:
    """Do an act that takes no words."""
    read()
    found: Dispute = act(kit(), who, ref)
    return found


def done(ref: str, act: Any) -> ResponseReturnValue:
    """Do an act and show what came of it; what was refused is said on the page."""
    try:
        return answered(act(signed_in().handle))
    except Refusal as refusal:
        if wants_json() or refusal.code in ("unknown_dispute", "not_signed_in", "step_up_required"):
            raise
        return said(page(ref, refusal), refusal)


def answered(dispute: Dispute, status: int = 200) -> ResponseReturnValue:
    """Answer an act: the dispute for scripts, its page for people."""
    if wants_json():
        return make_response(jsonify(as_json(dispute)), status)
    # A facilitator who has decided reads on as long as it is theirs.
    return redirect(url_for("disputes.show", dispute=dispute.ref), 303)


def page(ref: str, refusal: Refusal | None = None) -> str:
    """Render a dispute for the side that the viewer speaks for."""
    found, side = look(ref)
    typed = request.form if refusal else {}
    return render_template("disputes/show.html", dispute=found, side=side, refusal=refusal, typed=typed)


def form_for(ref: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Render where one says what is wrong.

    Raises: unknown_receipt, for what is not the viewer's to dispute.
    """
    with reading(kit().engine) as connection:
        subject = disputes.subject(connection, ref, signed_in().handle)
        before = disputes.about(connection, ref, kit().clock())
        owes = disputes.owes(connection, signed_in().person_id)
    if subject is None:
        raise refuse("unknown_receipt")
    if before is not None:
        return redirect(url_for("disputes.show", dispute=before.ref), 303)
    chosen = request.args.get("not_me") == "1" or request.form.get("not_me") == "1"
    not_me = chosen and subject.means == "code"
    is_late = not may_carry(subject.means, subject.at, kit().clock())
    return render_template(
        "disputes/new.html", ref=ref, subject=subject, not_me=not_me, refusal=refusal, is_late=is_late, owes=owes
    )


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
