"""The till: choose a counter, charge a sum, scan a member's code."""

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.patronage import is_left_out
from wallet.domain.period import format_instant
from wallet.domain.words import band_for
from wallet.errors import Refusal, refuse
from wallet.i18n import ngettext
from wallet.services import payments, refunds, scans, tablets
from wallet.store import halts
from wallet.store.bills import BillView
from wallet.store.engine import reading
from wallet.store.payments import Charge
from wallet.store.sales import Paid
from wallet.store.views import refunds as refund_view
from wallet.store.views import shifts, till_bills, till_sales, tills
from wallet.store.views.refunds import Refund, TillRefund
from wallet.store.views.till_bills import PARKED, TillBill
from wallet.store.views.till_sales import TillSale
from wallet.store.views.tills import TillFacts
from wallet.web import billed, charters, metrics, rates, signed_out
from wallet.web.addresses import bill_link
from wallet.web.answers import led_to, once, said
from wallet.web.countdown import seconds_left
from wallet.web.current import asker, kit, proves_itself, signed_in, wants_json, when_shut_out
from wallet.web.fields import amount, flag, held, key, label, note, text, whole
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("till", __name__, url_prefix="/tills")

TOKEN_LENGTH = 600


@bp.get("/", strict_slashes=False)
@when_shut_out(signed_out.choice)
@needs("signed_in")
def choose() -> ResponseReturnValue:
    """Show the tills at which the viewer may work."""
    with reading(kit().engine) as connection:
        mine = tills.tills_of(connection, signed_in().handle)
    if wants_json():
        return jsonify(tills=[{"till": till.id, "name": till.name, "coop": till.coop} for till in mine])
    return render_template("till/choose.html", tills=mine)


@bp.get("/<till>")
@when_shut_out(rates.counted(signed_out.page, rates.BILL_CODES))
@needs("cashier", of="till")
def show(till: str) -> ResponseReturnValue:
    """Show the keypad, or the bill or payment that the query puts in front."""
    bill, paid, wrong = (held(request.args, name) for name in ("bill", "paid", "wrong"))
    return register(till, bill_code=bill, sale_ref=paid, wrong_ref=wrong, refusal=halted())


def halted() -> Refusal | None:
    """Say so on the keypad when payments are stopped everywhere."""
    with reading(kit().engine) as connection:
        return refuse("payments_stopped") if halts.since(connection) else None


@bp.post("/<till>/bills")
@needs("cashier", of="till")
@proves_itself
def charge(till: str) -> ResponseReturnValue:
    """Make a bill for a sum; safe to send twice with one key."""
    typed = not wants_json()
    try:
        # The page's one form also has the fields of a scan.
        extra = {"token": text(TOKEN_LENGTH, optional=True), "confirm": flag()} if typed else {}
        form = read(amount=amount(), cash=amount(optional=True, zero=True), note=note(), key=key(), **extra)
        if typed:
            leave_room(till, form.key)
        bill = payments.open_bill(
            kit(), till, asker(), amount_minor=form.amount, cash_minor=form.cash, note=form.note, key=form.key
        )
    except Refusal as refusal:
        return refused(till, refusal)
    return once(to_bill(till, bill.code, bill_made(bill)), bill.replayed)


@bp.post("/<till>/corrections")
@needs("cashier", of="till")
def correct(till: str) -> ResponseReturnValue:
    """Give back a payment whose sum was wrong and make the bill that is right; safe to send twice with one key."""
    try:
        seen, cash = whole(optional=True), amount(optional=True, zero=True)
        form = read(sale=label(), amount=amount(), cash=cash, note=note(), seen=seen, key=key())
        if not wants_json():
            leave_room(till, form.key)
        charge = Charge(till, asker(), form.amount, form.cash, form.note, form.key)
        outcome = refunds.correct(kit(), form.sale, signed_in().handle, charge, seen_minor=form.seen)
    except Refusal as refusal:
        return refused(till, refusal, None if wants_json() else held(request.form, "sale"))
    return once(corrected(till, outcome), outcome.replayed)


def corrected(till: str, outcome: Refund | BillView) -> ResponseReturnValue:
    """Answer what came of a correction: the new bill, or a refund that waits for a steward."""
    if isinstance(outcome, BillView):
        return to_bill(till, outcome.code, bill_made(outcome))
    page = url_for("refunds.show", refund=outcome.ref)
    return (jsonify(refund=outcome.ref, state="waiting"), 202) if wants_json() else redirect(page, 303)


@bp.post("/<till>/scans")
@needs("cashier", of="till")
def scan(till: str) -> ResponseReturnValue:
    """Charge the member whose code was scanned, or ask on the member's phone."""
    try:
        form = read(
            token=text(TOKEN_LENGTH),
            amount=amount(),
            cash=amount(optional=True, zero=True),
            note=note(),
            confirm=flag(),
            key=key(),
        )
        outcome = scans.scan_code(
            kit(),
            till,
            signed_in().handle,
            token=form.token,
            amount_minor=form.amount,
            cash_minor=form.cash,
            note=form.note,
            confirm=form.confirm,
            key=form.key,
        )
    except Refusal as refusal:
        return refused(till, refusal)
    return once(scanned(till, outcome), outcome.replayed)


def scanned(till: str, outcome: Paid | BillView) -> ResponseReturnValue:
    """Answer what came of a scan: paid, or the member is asked."""
    if isinstance(outcome, Paid):
        if not outcome.replayed:
            metrics.paid()
        return led_to(
            lambda: url_for("till.show", till=till, paid=outcome.ref),
            lambda: register(till, sale_ref=outcome.ref),
            billed.receipted(outcome) | {"payer": outcome.payer_name},
        )
    return to_bill(till, outcome.code, {"code": outcome.code, "state": "claimed"}, 202)


def to_bill(till: str, code: str, facts: dict[str, str], status: int = 201) -> Response:
    """Answer what made a bill, which is in front from now on."""
    return led_to(
        lambda: url_for("till.show", till=till, bill=code), lambda: register(till, bill_code=code), facts, status
    )


def register(
    till: str,
    *,
    bill_code: str | None = None,
    sale_ref: str | None = None,
    wrong_ref: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """Render the till's page: what is in front, the parked bills and the last five payments."""
    now = kit().clock()
    with reading(kit().engine) as connection:
        facts = tills.known_till(connection, till, signed_in().handle)
        if facts.closed_at is not None:
            return render_template("till/closed.html", till=facts, back=url_for("till.choose"))
        front, sale, wrong = in_front(connection, facts, bill_code, sale_ref, wrong_ref, now)
        recent = till_bills.recent(connection, facts, now)
        last = till_sales.last(connection, facts)
        backs = refund_view.at_till(connection, facts.account_id, now)
        shift = shifts.running(connection, facts.id, facts.account_id)
        left_note = None if shift else shifts.last_note(connection, facts.id)
    parked = tuple(bill for bill in recent if front is None or bill.code != front.code)
    shown = (*parked, *([front] if front else []))
    keep_awake(shown)
    return render_template(
        f"till/{screen(facts, front, sale)}.html",
        till=facts,
        here=url_for("till.show", till=facts.id),
        bill=front,
        wrong=wrong,
        parked=parked,
        last=last,
        backs=backs,
        shift=shift,
        left_note=left_note,
        key=str(uuid4()),
        refusal=refusal,
        waiting=sum(bill.waits and not bill.at_sticker for bill in parked),
        most=PARKED,
        full=full(),
        typed=request.form if refusal else {},
        left=left_of(shown, backs, now),
        link=bill_link(front.code) if front else None,
        **beside(sale),
    )


def in_front(
    connection: sa.Connection,
    till: TillFacts,
    bill_code: str | None,
    sale_ref: str | None,
    wrong_ref: str | None,
    now: datetime,
) -> tuple[TillBill | None, TillSale | None, TillSale | None]:
    """Give what the query puts in front: a bill, a payment, and one whose sum is put right.

    Raises: unknown_bill, unknown_sale.
    """
    front = till_bills.find(connection, till, bill_code, now) if bill_code else None
    sale, wrong = (till_sales.find(connection, till, ref) if ref else None for ref in (sale_ref, wrong_ref))
    if (bill_code and front is None) or (sale_ref and sale is None) or (wrong_ref and wrong is None):
        raise refuse("unknown_bill" if bill_code else "unknown_sale")
    if wrong is not None and not wrong.left_minor:
        # Nothing is left to put right.
        sale, wrong = wrong, None
    return front, front.sale if front and front.sale else sale, wrong


def beside(sale: TillSale | None) -> dict[str, object]:
    """Give the payment that is in front with the minute's pattern, and whether nothing of it counts."""
    if sale is None:
        return {"sale": None, "band": None, "left_out": False}
    with reading(kit().engine) as connection:
        charter = charters.voted(connection).in_month_of(sale.at)
    return {"sale": sale, "band": band_for(sale.at), "left_out": is_left_out(sale.res_minor, charter)}


def screen(till: TillFacts, bill: TillBill | None, sale: TillSale | None) -> str:
    """Name the screen for what is in front."""
    if sale is not None:
        return "paid"
    if till.coop_status != "active":
        return "stopped"
    if bill is None:
        return "register"
    return "waiting" if bill.waits else "ended"


def refused(till: str, refusal: Refusal, wrong: str | None = None) -> ResponseReturnValue:
    """Answer a refusal: on the till's own page for people who may see it, else as it is."""
    if wants_json() or refusal.code in ("unknown_till", "not_signed_in", "not_allowed"):
        raise refusal
    return said(register(till, wrong_ref=wrong, refusal=refusal), refusal)


def leave_room(till: str, sent_with: str) -> None:
    """Refuse a further bill while as many wait as the screen can park; one that was made before may be asked for again.

    Raises: too_many, unknown_till.
    """
    now = kit().clock()
    with reading(kit().engine) as connection:
        facts = tills.known_till(connection, till, signed_in().handle)
        if tills.knows_key(connection, facts, sent_with):
            return
        recent = till_bills.recent(connection, facts, now)
        # What members ask for at the sticker does not keep the cashier from charging.
        if sum(bill.waits and not bill.at_sticker for bill in recent) >= PARKED:
            raise refuse("too_many", full())


def full() -> str:
    """Say that no further bill may wait."""
    return ngettext(
        "%(num)s bill is waiting. Cancel it, or wait until it is paid.",
        "%(num)s bills are waiting. Cancel one, or wait until one is paid.",
        PARKED,
    )


def keep_awake(shown: tuple[TillBill, ...]) -> None:
    """Let a shared tablet stay unlocked while a bill on it can still be paid."""
    if signed_in().means == tablets.MEANS:
        waiting = [bill.expires_at for bill in shown if bill.waits]
        tablets.keep_awake(kit(), asker(), max(waiting, default=None))


def left_of(shown: tuple[TillBill, ...], backs: tuple[TillRefund, ...], now: datetime) -> dict[str, int]:
    """Give the seconds left of bills by their codes, and of refunds by their numbers."""
    ends = {bill.code: bill.expires_at for bill in shown} | {back.ref: back.lapses_at for back in backs}
    return {name: seconds_left(until, now) for name, until in ends.items()}


def bill_made(bill: BillView) -> dict[str, str]:
    """Give the answer to a bill's making; a replay gives the same, whatever became of the bill."""
    return {
        "code": bill.code,
        "url": bill_link(bill.code),
        "state": "open",
        "amount": format_amount(bill.amount_minor),
        "cash": format_amount(bill.cash_minor),
        "expires_at": format_instant(bill.expires_at),
    }
