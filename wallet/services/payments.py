"""Payments at a counter: a till opens a bill, a member pays it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import sqlalchemy as sa

from wallet.domain import rate
from wallet.domain.bill import WAITING, require_parts
from wallet.domain.rate import Rate
from wallet.errors import Refusal, refuse
from wallet.kit import Kit
from wallet.store import bill_pages, bills, charters, payments, people, roles, suspensions, tills
from wallet.store.bills import ENDED, BillView
from wallet.store.engine import act, reading, write
from wallet.store.passkeys import Proof
from wallet.store.payments import Charge, Payment, Settled
from wallet.store.sales import Paid
from wallet.store.sessions import Asker

T = TypeVar("T")
# By a refusal's code, what to say instead of the bare one.
Refusals = dict[str, Callable[[sa.Connection], Refusal]]


def open_bill(
    kit: Kit, till: str, cashier: Asker, *, amount_minor: int, cash_minor: int = 0, note: str | None = None, key: str
) -> BillView:
    """Make a bill of `amount_minor`, of which the till takes `cash_minor` in cash.

    Raises: Refusal not_signed_in, unknown_till, account_not_open, bad_amount, cash_part_required, key_reused, too_many.
    """
    require_parts(amount_minor, cash_minor)
    charge = Charge(till, cashier, amount_minor, cash_minor, note, key)

    def work(connection: sa.Connection) -> BillView:
        return payments.open_bill(connection, charge, kit.clock(), kit.deployment)

    said: Refusals = {
        "account_not_open": lambda found: suspensions.closed_at(found, till),
        "cash_part_required": lambda found: tills.more_in_cash(found, till, amount_minor),
    }
    bill = _in_words(lambda: act(kit.engine, work), rate.MONEY_OF_TILL, said, kit)
    kit.hint(f"till:{till}")
    return bill


def show_bill(kit: Kit, code: str, viewer: str | None) -> BillView:
    """Give the bill `code`; payer, receipt and words only to its till and its payer.

    Raises: Refusal unknown_bill.
    """
    with reading(kit.engine) as connection:
        found = bills.row(connection, code)
        bill = bills.view(found, kit.clock())
        if viewer is None:
            return bill.without_payer()
        if bill.payer == viewer or roles.holds(connection, viewer, "cashier", found.coop_id):
            return bill
        # A scan's bill stays visible to its member when it has ended: what ended it is theirs to know.
        if bill.bound and found.claimer != viewer:
            raise refuse("unknown_bill")
        return bill.without_payer()


def claim_bill(kit: Kit, code: str, payer: str) -> BillView:
    """Tell the till that `payer` is confirming; a notice, never a lock.

    Raises: Refusal unknown_bill, unknown_member, account_not_open, or how the bill ended.
    """

    def work(connection: sa.Connection) -> BillView:
        member, found = _payable(kit, connection, code, payer)
        if found.bound_to is None:
            bills.claim(connection, code, member.id, kit.clock())
        return bills.view(bills.row(connection, code), kit.clock())

    return _changed(kit, write(kit.engine, work))


def decline_bill(kit: Kit, code: str, payer: str) -> BillView:
    """Take a claim back; a bill that a scan made, or this member at the sticker, ends with it.

    Raises: Refusal unknown_bill, unknown_member, account_not_open, or how the bill ended.
    """

    def work(connection: sa.Connection) -> BillView:
        member, found = _payable(kit, connection, code, payer)
        if found.bound_to is None and found.made_by != member.id:
            bills.unclaim(connection, code, member.id)
        else:
            bills.end(connection, found, "declined", kit.clock())
        return bills.view(bills.row(connection, code), kit.clock()).without_payer()

    return _changed(kit, write(kit.engine, work))


def cancel_bill(kit: Kit, code: str, cashier: str) -> BillView:
    """Cancel a bill that nobody has paid; twice is once.

    Raises: Refusal unknown_bill, bill_already_paid, bill_expired, bill_declined.
    """

    def work(connection: sa.Connection) -> BillView:
        found = bills.row(connection, code, lock=True)
        if not roles.holds(connection, cashier, "cashier", found.coop_id):
            raise refuse("unknown_bill")
        stands = bills.state(found, kit.clock())
        if stands not in (*WAITING, "cancelled"):
            raise refuse(ENDED[stands])
        bills.end(connection, found, "cancelled", kit.clock())
        return bills.view(bills.row(connection, code), kit.clock())

    return _changed(kit, write(kit.engine, work))


def pay_bill(kit: Kit, code: str, payer: Asker, *, key: str, confirm: bool = False, proof: Proof | None = None) -> Paid:
    """Pay the bill `code` from the wallet of `payer`; safe to send twice.

    `proof` is a passkey's answer to the challenge of this very payment; without one a session pays only so much.
    Raises: Refusal not_signed_in, key_reused, unknown_bill, unknown_member, looks_repeated, account_not_open,
            insufficient_funds, steward_required, step_up_required, passkey_doubted, too_many, or how the bill ended.
    """
    asked = Payment(code, payer, key, confirm)

    def work(connection: sa.Connection) -> Settled:
        now = kit.clock()
        # In the payment's own transaction: a payment that is refused leaves the answer to be used again.
        payment = payments.require_proof(connection, asked, proof, now) if proof else asked
        charter = charters.in_month_of(connection, kit.charter, now)
        return payments.pay_bill(connection, payment, now, charter, kit.deployment)

    way = act if proof is None else write
    said: Refusals = {"account_not_open": lambda found: suspensions.closed_at(found, bills.row(found, code).till_id)}
    settled = _in_words(lambda: way(kit.engine, work), rate.BILL_CODE_OF_PERSON, said, kit)
    kit.hint(f"till:{settled.till}", f"bill:{code}")
    if settled.asked:
        # The payment stands: a notice that stays new for some minutes is no reason to call it a failure.
        with suppress(Refusal, sa.exc.DBAPIError):
            write(kit.engine, lambda connection: _answered(kit, connection, code))
    return settled.paid


def _in_words(once: Callable[[], T], held: Rate, said: Refusals, kit: Kit) -> T:
    """Do it `once`, and add what the database does not say: how long who is too quick waits, and what `said` has."""
    try:
        return once()
    except Refusal as refusal:
        if refusal.code == "too_many":
            raise refuse("too_many", retry_after=held.here(kit.deployment).wait_seconds) from refusal
        if refusal.code in said:
            with reading(kit.engine) as connection:
                raise said[refusal.code](connection) from refusal
        raise


def _answered(kit: Kit, connection: sa.Connection, code: str) -> None:
    found = bills.row(connection, code)
    bill_pages.answered(connection, kit.clock(), code, bound_to=found.bound_to, buyer=found.buyer)


def _payable(kit: Kit, connection: sa.Connection, code: str, payer: str) -> tuple[people.Holder, bills.Row]:
    member = people.holder(connection, payer)
    return member, _open_to(bills.row(connection, code, lock=True), member.id, kit)


def _open_to(found: bills.Row, person_id: int, kit: Kit) -> bills.Row:
    if found.bound_to not in (None, person_id):
        raise refuse("unknown_bill")
    bills.require_payable(found, kit.clock())
    return found


def _changed(kit: Kit, bill: BillView) -> BillView:
    kit.hint(f"till:{bill.till}", f"bill:{bill.code}")
    return bill
