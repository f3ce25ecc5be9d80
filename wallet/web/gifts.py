"""Gifts: find a member by handle or code, see whom one sends how much, send it; and be found to receive."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import gifts as acts
from wallet.services import passkeys
from wallet.services.gifts import Gift
from wallet.store import receiving
from wallet.store.engine import reading
from wallet.store.views import gifts, standing
from wallet.store.views.gifts import SentGift
from wallet.web.addresses import LINK_LENGTH, pasted, read_code
from wallet.web.answers import once, said
from wallet.web.countdown import seconds_left
from wallet.web.current import asker, explained, kit, signed_in, wants_json
from wallet.web.fields import KEY, amount, credential, flag, key, label, note, text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("gifts", __name__)

# Refusals of a gift that its own sheet explains best.
ON_THE_SHEET = frozenset({"insufficient_funds", "looks_repeated", "step_up_required", "passkey_doubted"})


@bp.get("/send")
@needs("signed_in")
def choose() -> ResponseReturnValue:
    """Show the people one has sent to before, and the ways to find another."""
    return chooser()


@bp.post("/send")
@needs("signed_in")
def find() -> ResponseReturnValue:
    """Lead from a handle or a typed code to whom it finds."""
    typed = ""
    try:
        typed = read(who=text(LINK_LENGTH)).who.strip()
        return redirect(found_at(typed), 303)
    except Refusal as refusal:
        if wants_json():
            raise
        return said(chooser(typed, refusal), refusal)


@bp.get("/send/<handle>")
@needs("signed_in")
def sheet(handle: str) -> ResponseReturnValue:
    """Ask how much to send to the member `handle`."""
    return begins(handle, by_code=False)


@bp.post("/send/<handle>")
@needs("signed_in")
def sure(handle: str) -> ResponseReturnValue:
    """Show once more to whom how much goes; nothing moves yet."""
    return confirms(handle, by_code=False)


@bp.get("/to/<code>")
@needs("signed_in")
def by_code(code: str) -> ResponseReturnValue:
    """Ask how much to send to whom a receive code finds."""
    return begins(read_code(code, "unknown_member"), by_code=True)


@bp.post("/to/<code>")
@needs("signed_in")
def sure_by_code(code: str) -> ResponseReturnValue:
    """Show once more to whom how much goes; nothing moves yet."""
    return confirms(read_code(code, "unknown_member"), by_code=True)


@bp.post("/gifts/challenge")
@needs("signed_in")
def begin() -> ResponseReturnValue:
    """Ask the viewer's passkey for a proof that counts for this gift alone."""
    gift = named(read(**FIELDS))
    return jsonify(acts.begin(kit(), signed_in().person_id, asker().digest, gift))


@bp.post("/gifts")
@needs("signed_in")
def give() -> ResponseReturnValue:
    """Send RES from the viewer's wallet; safe to send twice with one key."""
    form = read(**FIELDS, confirm=flag(), assertion=credential(optional=True))
    gift = named(form)
    try:
        proof = passkeys.proof(kit(), form.assertion, asker().digest) if form.assertion is not None else None
        sent = acts.give(kit(), asker(), gift, confirm=form.confirm, proof=proof)
    except Refusal as refused:
        refusal = explained(refused)
        if wants_json() or refusal.code not in ON_THE_SHEET:
            raise plainly(refusal) from None
        return said(confirm_sheet(gift, refusal), refusal)
    return once(make_response(jsonify(as_json(sent)), 201) if wants_json() else to_receipt(sent.ref), sent.replayed)


@bp.get("/receive")
@needs("signed_in")
def receive() -> ResponseReturnValue:
    """Show the viewer's code to receive, if one lives."""
    with reading(kit().engine) as connection:
        mine = receiving.of_person(connection, signed_in().person_id, kit().clock())
    if wants_json():
        return jsonify(code=mine.code, url=link_of(mine.code)) if mine else jsonify(code=None, url=None)
    left = seconds_left(mine.expires_at if mine else None, kit().clock())
    return render_template("gifts/receive.html", mine=mine, link=link_of(mine.code) if mine else "", left=left)


@bp.post("/receive")
@needs("signed_in")
def show_code() -> ResponseReturnValue:
    """Draw a new code to receive; the former finds nobody any more, unless it is to be kept while it lives."""
    acts.show_code(kit(), signed_in().person_id, keep=read(keep=flag()).keep)
    return redirect(url_for("gifts.receive"), 303)


FIELDS = {"to": label(optional=True), "code": text(20, optional=True), "amount": amount(), "note": note(), "key": key()}


def named(form: Any) -> Gift:
    """Read whom a gift is for: a handle or a receive code, never both.

    Raises: bad_form, unknown_member.
    """
    if bool(form.to) == bool(form.code):
        raise refuse("bad_form")
    to = read_code(form.code, "unknown_member") if form.code else form.to
    return Gift(to, bool(form.code), form.amount, form.note, form.key)


def found_at(typed: str) -> str:
    """Give the sheet of whom a typed handle or code finds, or a pasted link to receive.

    Raises: unknown_member, not_allowed for oneself.
    """
    me = signed_in().person_id
    try:
        acts.find(kit(), me, typed, by_code=False)
    except Refusal as refusal:
        if refusal.code != "unknown_member":
            raise
        code = read_code(pasted(typed, "to"), "unknown_member")
        acts.find(kit(), me, code, by_code=True)
        return url_for("gifts.by_code", code=code)
    return url_for("gifts.sheet", handle=typed)


def chooser(typed: str = "", refusal: Refusal | None = None) -> str:
    """Render the ways to find somebody."""
    with reading(kit().engine) as connection:
        known = gifts.friends(connection, signed_in().person_id)
    return render_template("gifts/choose.html", friends=known, typed=typed, refusal=refusal)


def begins(to: str, *, by_code: bool) -> ResponseReturnValue:
    """Ask how much, at an address that holds the key of this one gift; once it is sent, that leads to its receipt.

    A reload and the way back bring the same key, so that whoever does not know whether RES moved cannot send it twice.
    """
    held = held_key(request.args)
    if not held:
        return redirect(way_in(to, by_code=by_code, key=str(uuid4())), 303)
    ref = acts.sent_with(kit(), signed_in().person_id, held)
    return to_receipt(ref) if ref else asks(to, by_code=by_code, key=held)


def asks(to: str, *, by_code: bool, key: str, refusal: Refusal | None = None) -> str:
    """Render the sheet that asks how much, with what was typed if it is the answer to a form."""
    name = acts.find(kit(), signed_in().person_id, to, by_code=by_code)
    typed = request.form
    here = way_in(to, by_code=by_code, key=key)
    facts = {"to": to, "by_code": by_code, "name": name, "balance_minor": balance_minor(), "key": key, "here": here}
    return render_template("gifts/ask.html", **facts, refusal=refusal, typed=typed)


def confirms(to: str, *, by_code: bool) -> ResponseReturnValue:
    """Render the sheet that says to whom how much, or ask again for what was no sum or is to be changed.

    What was sent has its receipt.
    """
    try:
        form = read(amount=amount(), note=note(), key=text(optional=True), change=flag())
        gift = Gift(to, by_code, form.amount, form.note, held_key(request.form) or str(uuid4()))
        ref = acts.sent_with(kit(), signed_in().person_id, gift.key, gift)
    except Refusal as refusal:
        if wants_json():
            raise
        # The key of another gift is used up: what is asked for now is one more.
        held = "" if refusal.code == "key_reused" else held_key(request.form)
        return said(asks(to, by_code=by_code, key=held or str(uuid4()), refusal=plainly(refusal)), refusal)
    if ref:
        return to_receipt(ref)
    return asks(to, by_code=by_code, key=gift.key) if form.change else confirm_sheet(gift)


def to_receipt(ref: str) -> ResponseReturnValue:
    """Lead who has sent RES to its receipt, which says so."""
    return redirect(url_for("receipts.show", ref=ref, sent=1), 303)


def plainly(refusal: Refusal) -> Refusal:
    """Give `refusal` in words about gifts."""
    if refusal.code != "key_reused":
        return refusal
    sentence = _(
        "Another gift was sent from here before; it is in Activity. This one was not sent. To send it too, start again."
    )
    return refuse("key_reused", sentence)


def held_key(fields: Mapping[str, str]) -> str:
    """Give the key that an address or a form holds; what is none is nothing."""
    held = fields.get("key", "")
    return held.lower() if KEY.fullmatch(held) else ""


def way_in(to: str, *, by_code: bool, key: str) -> str:
    """Give the address that asks how much to send with `key`."""
    return url_for("gifts.by_code", code=to, key=key) if by_code else url_for("gifts.sheet", handle=to, key=key)


def confirm_sheet(gift: Gift, refusal: Refusal | None = None) -> str:
    """Render who gets how much, and the button."""
    name = acts.find(kit(), signed_in().person_id, gift.to, by_code=gift.by_code)
    left = balance_minor()
    after = None if left is None else left - gift.amount_minor
    asked_at = way_in(gift.to, by_code=gift.by_code, key=gift.key)
    return render_template(
        "gifts/sure.html", gift=gift, name=name, after_minor=after, refusal=refusal, asked_at=asked_at
    )


def balance_minor() -> int | None:
    """Give what the viewer has; None without a wallet."""
    with reading(kit().engine) as connection:
        return standing.balance_minor(connection, signed_in().handle)


def link_of(code: str) -> str:
    """Give the link that a receive code's picture holds."""
    return f"{kit().settings.origin}/to/{code}"


def as_json(sent: SentGift) -> dict[str, str]:
    """Write the answer to a gift."""
    return {
        "receipt": sent.ref,
        "amount": format_amount(sent.amount_minor),
        "balance": format_amount(sent.balance_minor),
        "to": sent.taker,
    }
