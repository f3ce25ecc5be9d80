"""The door: signing in with a passkey or a recovery code, proving to be there, and leaving."""

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wallet.errors import Refusal
from wallet.services import passkeys, sessions
from wallet.web import session
from wallet.web.addresses import own_path
from wallet.web.answers import said
from wallet.web.current import asker, kit, public, signed_in, viewer, wants_json
from wallet.web.fields import credential, text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("auth", __name__)

SECURITY = "/you/security"
NEXT = 200
CODE = 60


@bp.get("/sign-in")
@public
def show() -> ResponseReturnValue:
    """Ask for a passkey; who is signed in already goes on."""
    target = own_path(request.args.get("next", ""))
    if viewer() is not None:
        return redirect(target or "/", 303)
    return render_template("auth/sign_in.html", target=target, refusal=None)


@bp.post("/sign-in/challenge")
@public
def ask() -> ResponseReturnValue:
    """Give the browser a challenge for whichever passkey its person chooses."""
    read()
    token, bearer = session.ceremony()
    return session.keep_ceremony(jsonify(passkeys.begin_sign_in(kit(), bearer)), token)


@bp.post("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Sign in whoever the passkey belongs to, with a new session."""
    form = read(credential=credential(), next=text(NEXT, optional=True))
    target = own_path(form.next)
    token, door = session.doorway()
    try:
        passkeys.sign_in(kit(), door, form.credential)
    except Refusal as refusal:
        if wants_json():
            raise
        return said(render_template("auth/sign_in.html", target=target, refusal=refusal), refusal)
    return session.begin(_on_to(target or "/"), token)


@bp.get("/sign-in/recovery")
@public
def recover() -> ResponseReturnValue:
    """Ask for a recovery code."""
    return render_template("auth/recovery.html", refusal=None, typed="")


@bp.post("/sign-in/recovery")
@public
def sign_in_by_code() -> ResponseReturnValue:
    """Sign in with a recovery code, which then is used up, and lead to making a new passkey."""
    form = read(code=text(CODE))
    token, door = session.doorway()
    try:
        sessions.sign_in_by_code(kit(), door, form.code)
    except Refusal as refusal:
        if wants_json():
            raise
        # Only a code that opens nothing is written into a page, where its reader mends it.
        typed = form.code if refusal.code == "unknown_code" else ""
        return said(render_template("auth/recovery.html", refusal=refusal, typed=typed), refusal)
    return session.begin(_on_to(SECURITY), token)


@bp.get("/you/confirm")
@needs("signed_in")
def show_confirm() -> ResponseReturnValue:
    """Ask who is signed in to prove with a passkey that they are there."""
    target = own_path(request.args.get("next", "")) or SECURITY
    return render_template("auth/confirm.html", target=target, refusal=None)


@bp.post("/you/confirm/challenge")
@needs("signed_in")
def ask_confirm() -> ResponseReturnValue:
    """Give the browser a challenge for one of the person's own passkeys."""
    read()
    return jsonify(passkeys.begin_confirm(kit(), signed_in().person_id, asker().digest))


@bp.post("/you/confirm")
@needs("signed_in")
def confirm() -> ResponseReturnValue:
    """Note that the person has just proved to be there, and lead back to what needed it."""
    form = read(credential=credential(), next=text(NEXT, optional=True))
    target = own_path(form.next) or SECURITY
    try:
        passkeys.confirm(kit(), signed_in().person_id, asker().digest, form.credential)
    except Refusal as refusal:
        if wants_json():
            raise
        return said(render_template("auth/confirm.html", target=target, refusal=refusal), refusal)
    return _on_to(target)


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """End this browser's session; signing out twice is no error."""
    answer = make_response("", 204) if wants_json() else make_response(redirect("/", 303))
    return session.end(answer)


def _on_to(address: str) -> Response:
    """Answer a proof that was taken: a script learns where to go on, a browser goes there."""
    if wants_json():
        return jsonify(next=address)
    return make_response(redirect(quote(address, safe="/?=&%#:,;+~!$'()*@[]"), 303))
