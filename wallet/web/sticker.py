"""The sticker at a counter: what it leads to, and the sheet to print."""

from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import Refusal, refuse
from wallet.services import stickers as acts
from wallet.store import stickers
from wallet.store.engine import reading, snapshot
from wallet.store.views import quilt, quote, shifts
from wallet.web import charters
from wallet.web.addresses import bill_link
from wallet.web.answers import once, said
from wallet.web.current import kit, public, signed_in, viewer, wants_json
from wallet.web.fields import amount, key
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("sticker", __name__)

# What the sticker's own page says best.
ON_THE_PAGE = frozenset({"bad_amount", "account_not_open", "cash_part_required"})


@bp.get("/c/<counter>")
@public
def show(counter: str) -> ResponseReturnValue:
    """Lead to the till's only bill of the last minute; without one the member types the sum, with several the code."""
    return ask(counter)


@bp.post("/c/<counter>")
@needs("signed_in")
def make(counter: str) -> ResponseReturnValue:
    """Make a bill of the till for the sum that the member typed; safe to send twice with one key."""
    try:
        form = read(amount=amount(), key=key())
        bill = acts.make_bill(kit(), counter, signed_in().handle, amount_minor=form.amount, key=form.key)
    except Refusal as refusal:
        if wants_json() or refusal.code not in ON_THE_PAGE:
            raise
        return said(ask(counter, refusal), refusal)
    if not wants_json():
        return once(redirect(url_for("bills.show", code=bill.code), 303), bill.replayed)
    made = {
        "code": bill.code,
        "url": bill_link(bill.code),
        "state": "claimed",
        "amount": format_amount(bill.amount_minor),
        "cash": format_amount(bill.cash_minor),
        "expires_at": format_instant(bill.expires_at),
    }
    return once((jsonify(made), 201), bill.replayed)


@bp.get("/tills/<till>/sticker")
@needs("staff", of="till")
def sheet(till: str) -> ResponseReturnValue:
    """Show the sticker of a counter, A6, for print; a closed one has none."""
    with snapshot(kit().engine) as connection:
        counter = shifts.counter(connection, till, signed_in().handle, kit().clock())
        if counter is None:
            raise refuse("unknown_till")
        if counter.closed_at is not None:
            # Whoever scanned such a sheet could not pay there.
            up = url_for("till.choose") if counter.is_cashier else url_for("office.tills", coop=counter.coop)
            return render_template("till/closed.html", till=counter, back=up)
        place, federation = stickers.counter(connection, till), quilt.name(connection)
    link = f"{kit().settings.origin}{url_for('sticker.show', counter=till)}"
    return render_template("sticker/print.html", sticker=place, link=link, federation=federation)


def ask(counter: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Answer who has read the sticker."""
    who, now = viewer(), kit().clock()
    with reading(kit().engine) as connection:
        place = stickers.counter(connection, counter)
        found = stickers.shown(connection, counter, now) if who else []
        days = charters.this_month(connection).own_set_days
        mine = quote.standing(connection, who.handle, place.coop, now, days) if who else None
    if wants_json():
        shown = {"bills": len(found), "code": found[0] if len(found) == 1 else None} if who else {}
        return jsonify(counter=place.till, coop=place.coop, open=place.is_open, **shown)
    if len(found) == 1 and refusal is None and place.is_open:
        return redirect(url_for("bills.show", code=found[0]), 303)
    return render_template(
        "sticker/ask.html",
        sticker=place,
        shown=len(found),
        mine=mine,
        refusal=refusal,
        typed=request.form.get("amount", "") if refusal else "",
        key=str(uuid4()),
        here=url_for("sticker.show", counter=counter),
    )
