"""A bill on the payer's phone: who asks for how much, pay it or not."""

from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.bill import NOT_PAID
from wallet.domain.money import format_amount
from wallet.domain.patronage import spend_of
from wallet.errors import Refusal
from wallet.services import passkeys, payments
from wallet.store import coops, pairings
from wallet.store.bills import BillView
from wallet.store.engine import reading
from wallet.store.views import quote
from wallet.web import billed, charters, metrics
from wallet.web.addresses import read_code
from wallet.web.answers import led_to, once, said
from wallet.web.countdown import seconds_left
from wallet.web.courtesy import courtesy
from wallet.web.current import asker, explained, kit, proves_itself, public, signed_in, viewer, wants_json
from wallet.web.fields import credential, flag, key
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("bills", __name__, url_prefix="/b")

# Refusals of a payment that the bill's own page explains best.
ON_THE_SHEET = frozenset(
    {
        "insufficient_funds",
        "looks_repeated",
        "step_up_required",
        "passkey_doubted",
        "account_not_open",
        "steward_required",
        "bill_already_paid",
        "bill_expired",
        "bill_cancelled",
        "bill_declined",
    }
)


@bp.get("/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    """Show the bill as far as the viewer may see it; a member who typed a tablet's code is led on to the tablet."""
    try:
        bill = look_up(code)
    except Refusal:
        if viewer() is None or wants_json() or not is_tablets(code):
            raise
        return redirect(url_for("tablet.look", pairing=code), 303)
    if wants_json():
        return jsonify(billed.described(bill))
    return sheet(bill)


@bp.post("/<code>/claim")
@needs("signed_in")
def claim(code: str) -> ResponseReturnValue:
    """Tell the till that the viewer has the bill in front of them."""
    read()
    bill = payments.claim_bill(kit(), read_code(code), signed_in().handle)
    return settled(bill, url_for("bills.show", code=bill.code))


@bp.post("/<code>/decline")
@needs("signed_in")
def decline(code: str) -> ResponseReturnValue:
    """Take the claim back; a bill made by a scan ends."""
    read()
    try:
        bill = payments.decline_bill(kit(), read_code(code), signed_in().handle)
    except Refusal as refusal:
        # Whoever does not want to pay a bill that has ended has what they asked for.
        if wants_json() or refusal.code not in ON_THE_SHEET:
            raise
        bill = look_up(code)
    # Home says of a bill that was not paid what becomes of it; how it ended before, its own page says.
    left = url_for("home.show", unpaid=bill.code) if bill.state in NOT_PAID else url_for("bills.show", code=bill.code)
    return settled(bill, left)


@bp.post("/<code>/challenge")
@needs("signed_in")
def challenge(code: str) -> ResponseReturnValue:
    """Ask the viewer's passkey for a proof that counts for this payment alone."""
    form = read(key=key())
    return jsonify(passkeys.begin_payment(kit(), read_code(code), signed_in().person_id, asker().digest, form.key))


@bp.post("/<code>/pay")
@needs("signed_in")
@proves_itself
def pay(code: str) -> ResponseReturnValue:
    """Pay the bill from the viewer's wallet; safe to send twice with one key."""
    code = read_code(code)
    try:
        form = read(key=key(), confirm=flag(), assertion=credential(optional=True))
        proof = passkeys.proof(kit(), form.assertion, asker().digest) if form.assertion is not None else None
        paid = payments.pay_bill(kit(), code, asker(), key=form.key, confirm=form.confirm, proof=proof)
    except Refusal as refused:
        refusal = explained(refused)
        if wants_json() or refusal.code not in ON_THE_SHEET:
            raise refusal from None
        return said(sheet(look_up(code), refusal), refusal)
    if not paid.replayed:
        metrics.paid()
    facts = billed.receipted(paid) | {"balance": format_amount(paid.balance_minor)}
    answer = led_to(lambda: url_for("bills.show", code=code), lambda: sheet(look_up(code)), facts)
    return once(answer, paid.replayed)


def look_up(code: str) -> BillView:
    """Read the bill with what the viewer may see of it."""
    who = viewer()
    return payments.show_bill(kit(), read_code(code), who.handle if who else None)


def is_tablets(code: str) -> bool:
    """Tell whether a tablet shows what is no bill's code: both are typed into one field."""
    with reading(kit().engine) as connection:
        return pairings.by_code(connection, read_code(code), kit().clock()) is not None


def settled(bill: BillView, address: str) -> ResponseReturnValue:
    """Answer a claim or a decline: the bill for scripts, a page for people."""
    if wants_json():
        return jsonify(billed.described(bill))
    return redirect(address, 303)


def sheet(bill: BillView, refusal: Refusal | None = None) -> str:
    """Render the bill's page for the state it is in."""
    who, now = viewer(), kit().clock()
    with reading(kit().engine) as connection:
        payee = quote.payee(connection, bill.code)
        sale = quote.sale(connection, bill.receipt, who.handle) if who and bill.receipt else None
        charter = charters.this_month(connection)
        mine = quote.standing(connection, who.handle, bill.coop, now, charter.own_set_days) if who else None
        runs = [coop for role, coop in who.roles if role == "steward" and coop and coop != bill.coop] if who else []
        buyers = [(coop, coops.known(connection, coop).name) for coop in runs if not bill.cash_minor and not bill.bound]
    if sale is not None:
        # A second press, a second tab or a step back ends here as well: the one payment, as it is in the books.
        return courtesy(sale, url_for("bills.show", code=bill.code), again=refusal is not None)
    if bill.state not in ("open", "claimed"):
        return render_template("pay/ended.html", bill=bill, payee=payee)
    balance_minor = mine.balance_minor if mine else None
    return render_template(
        "pay/confirm.html",
        bill=bill,
        payee=payee,
        mine=mine,
        charter=charter,
        res_minor=bill.res_minor,
        counted_minor=spend_of(bill.res_minor, bill.cash_minor, charter),
        refusal=refusal,
        buyers=buyers,
        key=str(uuid4()),
        after_minor=None if balance_minor is None else balance_minor - bill.res_minor,
        left=seconds_left(bill.expires_at, now),
    )
