"""Ways in: a person's passkeys, sign-ins, recovery codes and phones for codes, and what happened to them."""

from datetime import datetime

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.services import passkeys, sessions
from wallet.store import codes, confinements, invitations, notices, proposals, recovery
from wallet.store import passkeys as rows
from wallet.store import sessions as signed
from wallet.store.engine import reading
from wallet.store.passkeys import Passkey
from wallet.store.sessions import OpenSession
from wallet.web import session
from wallet.web.browsers import device_named
from wallet.web.current import Viewer, asker, freshly_proved, is_fresh, kit, signed_in, wants_json
from wallet.web.fields import credential, label, text, whole
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("access", __name__, url_prefix="/you/security")

HERE = "/you/security"
NAME = 40


@bp.get("")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show every way in, and what happened; what is shown is seen."""
    who, now = signed_in(), kit().clock()
    with reading(kit().engine) as connection:
        held, open_now = rows.of_person(connection, who.person_id), signed.of_person(connection, who.person_id, now)
        found = {
            "phones": codes.phones_of(connection, who.person_id),
            "codes_left": recovery.left(connection, who.person_id),
            "way_back": proposals.way_back_asked(connection, who.handle)
            or invitations.way_back(connection, who.person_id, now) is not None,
            "notices": notices.last(connection, who.person_id),
            "held": confinements.find(connection, who.person_id, now),
        }
    sessions.see_notices(kit(), who.person_id, asker().digest, now)
    since = _recovered_at(who, open_now)
    return render_template(
        "access/show.html",
        passkeys=held,
        sessions=open_now,
        fresh=is_fresh(who),
        may_add=_may_add(who),
        recovered_at=since,
        left=since is not None and _is_left_from_before(since, held, open_now),
        **found,
    )


@bp.post("/passkeys/challenge")
@needs("signed_in")
def ask() -> ResponseReturnValue:
    """Ask the browser to make one more passkey."""
    read()
    who = _proved_or_recovering()
    return jsonify(passkeys.begin_add(kit(), who.person_id, asker().digest, who.name))


@bp.post("/passkeys")
@needs("signed_in")
def add() -> ResponseReturnValue:
    """Keep the passkey that was just made."""
    form = read(credential=credential(), name=text(NAME, optional=True))
    who = _proved_or_recovering()
    name = form.name.strip() or device_named(request.user_agent.string)
    passkeys.add(kit(), who.person_id, asker().digest, form.credential, name)
    return _done()


@bp.post("/passkeys/remove")
@needs("signed_in")
def remove() -> ResponseReturnValue:
    """Remove a passkey; the last one stays."""
    named = read(passkey=whole()).passkey
    who = freshly_proved(HERE)
    passkeys.remove(kit(), who.person_id, asker().digest, named)
    return _done()


@bp.post("/recovery-codes")
@needs("signed_in")
def renew() -> ResponseReturnValue:
    """Draw new recovery codes and show them, this once."""
    read()
    drawn = sessions.new_recovery_codes(kit(), freshly_proved(HERE).person_id, asker().digest)
    if wants_json():
        return make_response(jsonify(codes=drawn), 201)
    return render_template("join/codes.html", codes=drawn, new=False), 201


@bp.post("/sessions/end")
@needs("signed_in")
def end_one() -> ResponseReturnValue:
    """Sign the person out on one other browser."""
    named = read(session=whole()).session
    sessions.end_one(kit(), signed_in().person_id, named)
    return _done()


@bp.post("/sessions/end-all")
@needs("signed_in")
def end_all() -> ResponseReturnValue:
    """Sign the person out everywhere, here too."""
    read()
    sessions.end_everywhere(kit(), signed_in().person_id)
    home = url_for("home.show", out="everywhere")
    answer = make_response("", 204) if wants_json() else make_response(redirect(home, 303))
    return session.end(answer)


@bp.post("/way-back/stop")
@needs("signed_in")
def stop_way_back() -> ResponseReturnValue:
    """Stop whoever asks at a co-op for a way into the person's wallet."""
    read()
    sessions.stop_way_back(kit(), freshly_proved(HERE).person_id)
    return _done()


@bp.post("/phones/remove")
@needs("signed_in")
def remove_phone() -> ResponseReturnValue:
    """Let a phone make codes no more."""
    sessions.remove_phone(kit(), signed_in().person_id, read(device=label()).device)
    return _done()


def _may_add(who: Viewer) -> bool:
    """Tell whether a passkey may be added: after a fresh proof, or once after a recovery code."""
    return is_fresh(who) or (who.means == "recovery" and who.asserted_at is None)


def _recovered_at(who: Viewer, open_now: tuple[OpenSession, ...]) -> datetime | None:
    """Tell when who looks came in by a recovery code; None if they came in otherwise."""
    return next((one.created_at for one in open_now if one.id == who.session_id and one.means == "recovery"), None)


def _is_left_from_before(since: datetime, held: tuple[Passkey, ...], open_now: tuple[OpenSession, ...]) -> bool:
    """Tell whether what was lost may still be a way in: a passkey from before `since`, or another sign-in."""
    return any(one.created_at < since for one in held) or len(open_now) > 1


def _proved_or_recovering() -> Viewer:
    who = signed_in()
    return who if _may_add(who) else freshly_proved(HERE)


def _done() -> ResponseReturnValue:
    return make_response("", 204) if wants_json() else redirect(HERE, 303)
