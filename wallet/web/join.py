"""Joining: an invitation's page, where its person takes a name, makes a passkey and sees the recovery codes once."""

import re
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.names import read_name
from wallet.domain.secret import digest_of
from wallet.errors import refuse
from wallet.services import acceptance, invitations, passkeys
from wallet.web import session
from wallet.web.answers import said
from wallet.web.browsers import device_named
from wallet.web.current import kit, public, signed_in, viewer, wants_json
from wallet.web.fields import credential, name, text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("join", __name__, url_prefix="/join")

LINK = 300
NAMES = {"name": name(optional=True), "counter_name": name(optional=True)}
IN_A_LINK = re.compile(r"(?:^|/join/)([A-Za-z0-9_-]{43})(?:$|[/?#])", re.ASCII)


@bp.get("")
@public
def ask_link() -> ResponseReturnValue:
    """Ask somebody who has an invitation for its link."""
    return render_template("join/link.html", wrong=None)


@bp.post("")
@public
def follow_link() -> ResponseReturnValue:
    """Lead to the invitation of a link that was typed or pasted; other addresses lead nowhere."""
    link = read(link=text(LINK)).link
    found = IN_A_LINK.search(link.strip())
    if found is None:
        refusal = refuse("bad_form")
        if wants_json():
            raise refusal
        return said(render_template("join/link.html", wrong=link), refusal)
    return redirect(f"/join/{found[1]}", 303)


@bp.get("/<invitation>")
@public
def show(invitation: str) -> ResponseReturnValue:
    """Show what somebody is invited to, and how to join."""
    found = invitations.look_up(kit(), invitation)
    if found.waits(kit().clock()):
        return render_template("join/waits.html", opens_at=found.opens_at)
    if wants_json():
        found.require_open()
    # The links of a co-op end as it leaves: whose link it is reads that, and not that it was used.
    has_left = found.coop_status == "left" and found.used_by is None
    if not found.is_open and not has_left:
        return said(render_template("join/spent.html"), refuse("invitation_spent"))
    if found.is_barred:
        return said(render_template("join/barred.html", invitation=found), refuse("account_not_open"))
    who = viewer()
    already = acceptance.is_already(kit(), who.person_id, found) if who else None
    return render_template("join/show.html", invitation=found, token=invitation, already=already)


@bp.post("/<invitation>/accept")
@needs("signed_in")
def accept(invitation: str) -> ResponseReturnValue:
    """Take an invitation up with the wallet one is signed in to."""
    read()
    found = invitations.look_up(kit(), invitation)
    acceptance.accept(kit(), signed_in().handle, digest_of(invitation))
    if wants_json():
        return "", 204
    if found.roles or found.kind == "facilitator":
        return redirect("/you", 303)
    return redirect(url_for("home.show", joined=found.coop), 303)


@bp.post("/<invitation>/challenge")
@public
def ask(invitation: str) -> ResponseReturnValue:
    """Ask the browser to make the passkey of who joins."""
    called, _at_counters = names(invitation, read(**NAMES))
    token, bearer = session.ceremony()
    options = passkeys.begin_join(kit(), digest_of(invitation), bearer, called)
    return session.keep_ceremony(jsonify(options), token)


@bp.post("/<invitation>")
@public
def join(invitation: str) -> ResponseReturnValue:
    """Join with the passkey just made; the answer shows the recovery codes, this once."""
    form = read(**NAMES, credential=credential())
    called, at_counters = names(invitation, form)
    token, door = session.doorway()
    joined = passkeys.join(
        kit(),
        digest_of(invitation),
        door,
        form.credential,
        name=called,
        counter_name=at_counters,
        device=device_named(request.user_agent.string),
    )
    if wants_json():
        answer = make_response(jsonify(handle=joined.handle, codes=joined.codes), 201)
    else:
        answer = make_response(render_template("join/codes.html", codes=joined.codes, new=True), 201)
    return session.begin(answer, token)


def names(invitation: str, form: Any) -> tuple[str, str]:
    """Give how who joins is called, here and at counters; who is here already keeps their names.

    Raises: unknown_invitation; bad_form, without a name.
    """
    found = invitations.look_up(kit(), invitation)
    if found.person_id is not None:
        return found.name, found.name
    called = read_name(form.name)
    return called, form.counter_name or called
