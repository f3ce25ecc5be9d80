"""Payments at a counter: a till opens a bill, a member pays it."""

from typing import Any

import sqlalchemy as sa

from wallet.domain.transfer import Circumstance
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import bills, keys, ledger, people, sales
from wallet.store.bills import BillView
from wallet.store.engine import reading, write
from wallet.store.keys import Made
from wallet.store.sales import Paid

ENDED = {
    "paid": "bill_already_paid",
    "expired": "bill_expired",
    "cancelled": "bill_cancelled",
    "declined": "bill_declined",
}


def open_bill(
    kit: Kit, till: str, cashier: str, *, amount_minor: int, cash_minor: int = 0, note: str | None = None, key: str
) -> BillView:
    """Make a bill of `amount_minor`, of which the till takes `cash_minor` in cash.

    Raises: Refusal unknown_till, account_not_open, bad_amount, key_reused.
    """
    if not 0 <= cash_minor <= amount_minor or amount_minor == 0:
        raise refuse("bad_amount")
    content = keys.digest_of("bill", amount_minor, cash_minor, note)

    def work(connection: sa.Connection) -> BillView:
        now, code = kit.clock(), bills.new_code()
        place = bills.at_till(connection, till, cashier)
        made = keys.claim(connection, f"till:{till}", key, content, Made("bill", code), now)
        if made is not None:
            return bills.made_before(connection, made.ref, now)
        shift = bills.shift_of(connection, place, now)
        bills.add(connection, code, place, shift, amount_minor, cash_minor, note, now)
        return bills.view(bills.row(connection, code), now)

    bill = write(kit.engine, work)
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
        if bill.payer == viewer or people.holds(connection, viewer, "cashier", found.coop_id):
            return bill
        if bill.bound:
            raise refuse("unknown_bill")
        return bill.without_payer()


def claim_bill(kit: Kit, code: str, payer: str) -> BillView:
    """Tell the till that `payer` is confirming; a notice, never a lock.

    Raises: Refusal unknown_bill, unknown_member, or how the bill ended.
    """

    def work(connection: sa.Connection) -> BillView:
        member, found = _payable(kit, connection, code, payer)
        if found.bound_to is None:
            bills.claim(connection, code, member.id, kit.clock())
        return bills.view(bills.row(connection, code), kit.clock())

    return _changed(kit, write(kit.engine, work))


def decline_bill(kit: Kit, code: str, payer: str) -> BillView:
    """Take a claim back; a bill that a scan made ends with it.

    Raises: Refusal unknown_bill, unknown_member, or how the bill ended.
    """

    def work(connection: sa.Connection) -> BillView:
        member, found = _payable(kit, connection, code, payer)
        if found.bound_to is None:
            bills.unclaim(connection, code, member.id)
        else:
            bills.end(connection, code, "declined")
        bill = bills.view(bills.row(connection, code), kit.clock())
        return bill if bill.payer == payer else bill.without_payer()

    return _changed(kit, write(kit.engine, work))


def cancel_bill(kit: Kit, code: str, cashier: str) -> BillView:
    """Cancel a bill that nobody has paid; twice is once.

    Raises: Refusal unknown_bill, bill_already_paid, bill_expired, bill_declined.
    """

    def work(connection: sa.Connection) -> BillView:
        found = bills.row(connection, code, lock=True)
        if not people.holds(connection, cashier, "cashier", found.coop_id):
            raise refuse("unknown_bill")
        stands = bills.state(found, kit.clock())
        if stands in ("open", "claimed"):
            bills.end(connection, code, "cancelled")
        elif stands != "cancelled":
            raise refuse(ENDED[stands])
        return bills.view(bills.row(connection, code), kit.clock())

    return _changed(kit, write(kit.engine, work))


def pay_bill(kit: Kit, code: str, payer: str, *, key: str, confirm: bool = False) -> Paid:
    """Pay the bill `code` from the wallet of `payer`; safe to send twice.

    Raises: Refusal key_reused, unknown_bill, unknown_member, looks_repeated, account_not_open, insufficient_funds,
            or how the bill ended.
    Locks:  the key, the bill, the wallet, then the till, until commit.
    """
    content = keys.digest_of("pay", code)

    def work(connection: sa.Connection) -> tuple[Paid, str]:
        now, ref = kit.clock(), ledger.new_ref()
        member = people.holder(connection, payer)
        made = keys.claim(connection, f"person:{member.id}", key, content, Made("sale", ref), now)
        if made is not None:
            return sales.paid(connection, made.ref, replayed=True), ""
        found = _open_to(bills.row(connection, code, lock=True), member.id, kit)
        if found.coop_status != "active":
            raise refuse("account_not_open")
        where = Circumstance(found.till_id, found.shift_id, found.cashier_id, code, found.note, "phone")
        posted = ledger.post_sale(
            connection,
            ref,
            now,
            member.account_id,
            found.coop_id,
            found.till_account,
            found.amount_minor - found.cash_minor,
            found.cash_minor,
            kit.charter,
            where,
        )
        if not confirm and found.bound_to is None:
            asked = found.amount_minor
            sales.refuse_repeated(connection, member.account_id, found.till_id, asked, now, kit.charter, posted.id)
        bills.pay(connection, code, posted.id)
        return sales.paid(connection, ref), found.till_id

    paid, till = write(kit.engine, work)
    if till:
        kit.hint(f"till:{till}", f"bill:{code}")
    return paid


def _payable(kit: Kit, connection: sa.Connection, code: str, payer: str) -> tuple[people.Holder, Any]:
    member = people.holder(connection, payer)
    return member, _open_to(bills.row(connection, code, lock=True), member.id, kit)


def _open_to(found: Any, person_id: int, kit: Kit) -> Any:
    if found.bound_to not in (None, person_id):
        raise refuse("unknown_bill")
    ended = ENDED.get(bills.state(found, kit.clock()))
    if ended is not None:
        raise refuse(ended)
    return found


def _changed(kit: Kit, bill: BillView) -> BillView:
    kit.hint(f"till:{bill.till}", f"bill:{bill.code}")
    return bill
