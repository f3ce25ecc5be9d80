"""Being paid in RES: agreeing to it once, and taking less of it than one's share."""

from flask import Blueprint, Response, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import agreement, period
from wallet.domain.period import format_instant
from wallet.i18n import gettext as _
from wallet.services import elections
from wallet.store import shares
from wallet.store.engine import snapshot
from wallet.web import charters
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import flag, percent, text
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.policy import needs
from wallet.web.today import this_month

bp = Blueprint("elections", __name__)


@bp.get("/agreement")
@needs("signed_in")
def agreed() -> ResponseReturnValue:
    """Show the words of the agreement to be paid in RES: today's, or those that the viewer has agreed to."""
    taken = elections.taken(kit(), signed_in().person_id)
    if wants_json():
        agreed_at = format_instant(taken.agreement.agreed_at) if taken.agreement else None
        return jsonify(version=agreement.VERSION, words=agreement.words(), agreed_at=agreed_at)
    words = taken.agreement.words if taken.agreement else agreement.words()
    return render_template("elections/agreement.html", taken=taken, version=agreement.VERSION, words=words.split("\n"))


@bp.post("/agreement")
@needs("signed_in")
def answer() -> ResponseReturnValue:
    """Take the viewer's answer: yes to the words they have read, or no."""
    form, who = read(agree=flag(), version=text(9)), signed_in().person_id
    if form.agree:
        elections.agree(kit(), who, form.version, agreement.words())
        return done("/agreement")
    elections.decline(kit(), who)
    return done()


@bp.get("/share/less")
@needs("signed_in")
def less() -> ResponseReturnValue:
    """Show how much of their share the viewer takes."""
    if wants_json():
        return described()
    who, month = signed_in(), this_month()
    with snapshot(kit().engine) as connection:
        mine = shares.outlook(connection, who.handle, month, charters.voted(connection))
    return render_template(
        "elections/less.html",
        taken=elections.taken(kit(), who.person_id),
        mine=mine,
        coming_month=period.next_month(month),
    )


@bp.post("/share/less")
@needs("signed_in")
@answered_on("elections.less", most={"bad_amount"})
def take_less() -> ResponseReturnValue:
    """Take at most a part of one's pay in RES from the next month on."""
    wrong = _("Write a percentage up to your share, such as 12.5. Nothing was changed.")
    form, who = read(most=percent(wrong=wrong)), signed_in()
    elections.choose(kit(), who.person_id, who.handle, form.most)
    return done()


@bp.post("/share/whole")
@needs("signed_in")
def take_whole() -> ResponseReturnValue:
    """Take the whole share again from the next month on."""
    read()
    who = signed_in()
    elections.choose(kit(), who.person_id, who.handle, None)
    return done()


def done(page: str = "/share") -> ResponseReturnValue:
    """Answer a choice: what holds now, or the page that says so."""
    return described() if wants_json() else redirect(page, 303)


def described() -> Response:
    """Write what the viewer takes of their share as JSON; null is the whole of it."""
    taken = elections.taken(kit(), signed_in().person_id)
    return jsonify(
        agreed=taken.agreement is not None,
        most=taken.most_bp,
        next=None if taken.coming is None else {"month": taken.coming.from_month, "most": taken.coming.elected_bp},
    )
