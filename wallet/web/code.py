"""My code: the rotating code that a till scans, enrolling the phone that makes it, and freezing it."""

from datetime import datetime, timedelta

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.paycode import newest_step
from wallet.domain.period import EPOCH
from wallet.errors import refuse
from wallet.services import codes
from wallet.store import codes as phones
from wallet.store import limits
from wallet.store.engine import reading
from wallet.store.views import quote, standing
from wallet.web.courtesy import courtesy
from wallet.web.current import asker, freshly_proved, kit, public, signed_in, wants_json
from wallet.web.fields import held, text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("code", __name__)

KEY_LENGTH = 120
# A screen asks about what happened while it was open; older payments are in the activity.
LOOK_BACK = timedelta(hours=1)
LONGEST_SEQ = 15


@bp.get("/code")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the viewer's code, made by the phone itself."""
    with reading(kit().engine) as connection:
        owner = phones.owner(connection, signed_in().handle)
        balance_minor = standing.balance_minor(connection, signed_in().handle)
        most = limits.of(connection, "code", signed_in().person_id, kit().clock()).most
        spent = limits.spent(connection, "code", signed_in().person_id, kit().clock())
    if owner is None:
        raise refuse("unknown_member")
    facts = {"owner": owner, "most": most, "left_minor": most.left_minor(spent), "balance_minor": balance_minor}
    return render_template("code/show.html", **facts, since=owner.seq)


@bp.get("/code/state")
@needs("signed_in")
def state() -> ResponseReturnValue:
    """Tell the phone that shows a code what a till has done with it."""
    who, now = signed_in().handle, kit().clock()
    with reading(kit().engine) as connection:
        owner = phones.owner(connection, who)
        if owner is None or owner.account_id is None:
            raise refuse("unknown_member")
        phone = phones.find(connection, held(request.args, "device"))
        # Of a phone that was used before the clock was set back no till takes a code: it is set up anew.
        mine = phone if phone is not None and phone.person_id == owner.person_id and not phone.is_removed else None
        if mine is not None and mine.last_step > newest_step(now):
            mine = None
        since = read_seq(request.args.get("since", ""))
        paid = phones.last_paid_by_code(connection, owner.account_id, since, now - LOOK_BACK)
        bill = quote.bound_bill(connection, who, now)
    return jsonify(
        now=milliseconds(now),
        bill=bill,
        paid=paid,
        frozen=owner.frozen,
        unknown=mine is None,
        spent_step=mine.last_step if mine else 0,
    )


@bp.get("/code/paid/<ref>")
@needs("payer", of="ref")
def paid(ref: str) -> ResponseReturnValue:
    """Show a payment that a till has just made with the viewer's code, and the way to freeze the codes."""
    with reading(kit().engine) as connection:
        sale = quote.sale(connection, ref, signed_in().handle)
    if sale is None:
        raise refuse("unknown_receipt")
    return courtesy(sale, url_for("code.paid", ref=ref), by_code=True)


@bp.post("/code/devices")
@needs("signed_in")
def enrol() -> ResponseReturnValue:
    """Enrol this phone by the public half of the key that it made."""
    form = read(public_key=text(KEY_LENGTH))
    who = freshly_proved("/code")
    enrolment = codes.enrol(kit(), who.handle, form.public_key, asker().digest)
    return make_response(jsonify(device=enrolment.device, public_key=enrolment.public_key), 201)


@bp.post("/code/freeze")
@needs("signed_in")
def freeze() -> ResponseReturnValue:
    """Freeze the viewer's codes: a payment was not theirs, or a phone is gone."""
    read()
    codes.freeze(kit(), signed_in().handle)
    return make_response("", 204) if wants_json() else redirect(url_for("code.show", wait=1), 303)


@bp.post("/code/unfreeze")
@needs("signed_in")
def unfreeze() -> ResponseReturnValue:
    """Let the viewer's phones make codes again: all of them, so a session alone does not say it."""
    read()
    codes.unfreeze(kit(), freshly_proved(url_for("code.show")).handle)
    return make_response("", 204) if wants_json() else redirect(url_for("code.show", wait=1), 303)


@bp.get("/m/<token>")
@public
def member_code(token: str) -> ResponseReturnValue:  # noqa: ARG001 - whatever the code says, this page does not look
    """Say that this is a member's code, and nothing about whose."""
    if wants_json():
        return jsonify(kind="member_code")
    return render_template("code/member.html")


@bp.get("/time")
@public
def time() -> ResponseReturnValue:
    """Tell the server's time, so that a phone whose clock is wrong makes codes for the right step."""
    return jsonify(now=milliseconds(kit().clock()))


def milliseconds(at: datetime) -> int:
    """Give the milliseconds from 1970 UTC to `at`."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def read_seq(written: str) -> int:
    """Read the number of a wallet's posting; what is none means before the first."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= LONGEST_SEQ else 0
