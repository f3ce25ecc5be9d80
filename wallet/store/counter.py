"""The counter's two acts: a till opens a bill, a member pays it.

On PostgreSQL each is one call of a function (migrations/functions/); on SQLite the same in Python.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.bill import expiry_of
from wallet.domain.charter import Charter
from wallet.domain.transfer import Circumstance, Order
from wallet.domain.words import words_for
from wallet.errors import refuse
from wallet.store import bills, keys, ledger, people, sales, sessions
from wallet.store.bills import BillView
from wallet.store.columns import micros
from wallet.store.engine import call, is_postgresql
from wallet.store.keys import Made
from wallet.store.sales import Paid
from wallet.store.sessions import Asker, Bearer

ENDED = {
    "paid": "bill_already_paid",
    "expired": "bill_expired",
    "cancelled": "bill_cancelled",
    "declined": "bill_declined",
}
_OPEN = "SELECT * FROM open_bill(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_PAY = "SELECT * FROM pay_bill(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Charge:
    """Hold what a cashier asks for; `amount_minor` is the whole sum, `cash_minor` the part taken in cash."""

    till: str
    cashier: Asker
    amount_minor: int
    cash_minor: int
    note: str | None
    key: str

    @property
    def digest(self) -> str:
        """Give the digest of the content."""
        return keys.digest_of("bill", self.amount_minor, self.cash_minor, self.note)


def open_bill(connection: sa.Connection, charge: Charge, now: datetime) -> BillView:
    """Make a bill, once for each key of the till.

    Raises: Refusal not_signed_in, unknown_till, key_reused, account_not_open.
    """
    if is_postgresql(connection):
        return _open_in_one_call(connection, charge, now)
    cashier, code = sessions.handle_of(connection, charge.cashier, now), bills.new_code()
    place = bills.at_till(connection, charge.till, cashier)
    made = keys.claim(connection, f"till:{charge.till}", charge.key, charge.digest, Made("bill", code), now)
    if made is not None:
        return bills.made_before(connection, made.ref, now)
    bills.require_open(place)
    shift = bills.shift_of(connection, place, now)
    bills.add(connection, code, place, shift, charge.amount_minor, charge.cash_minor, charge.note, now)
    return bills.view(bills.row(connection, code), now)


def _open_in_one_call(connection: sa.Connection, charge: Charge, now: datetime) -> BillView:
    code, expires = bills.new_code(), expiry_of(now)
    row = call(
        connection,
        _OPEN,
        (
            charge.till,
            *_named(charge.cashier),
            code,
            charge.amount_minor,
            charge.cash_minor,
            charge.note,
            charge.key,
            charge.digest,
            micros(now),
            micros(expires),
        ),
    )
    if row.made is not None:
        return bills.made_before(connection, row.made, now)
    return BillView(
        code,
        "open",
        charge.amount_minor,
        charge.cash_minor,
        charge.note,
        charge.till,
        row.till_name,
        row.coop,
        row.coop_name,
        row.mark,
        now,
        expires,
        bound=False,
        rev=1,
    )


@dataclass(frozen=True, slots=True)
class Payment:
    """Hold what a payer asks for: to pay the bill `code`, also if it looks repeated when `confirm`ed."""

    code: str
    payer: Asker
    key: str
    confirm: bool

    @property
    def digest(self) -> str:
        """Give the digest of the content; confirming is not content."""
        return keys.digest_of("pay", self.code)


def pay_bill(connection: sa.Connection, payment: Payment, now: datetime, charter: Charter) -> tuple[Paid, str]:
    """Pay a bill, once for each key of the payer; give the till too.

    Raises: Refusal not_signed_in, unknown_member, key_reused, unknown_bill, looks_repeated, account_not_open,
            insufficient_funds, or how the bill ended.
    Locks:  the key, the bill, the wallet, then the till, until commit.
    """
    if is_postgresql(connection):
        return _pay_in_one_call(connection, payment, now, charter)
    member = people.holder(connection, sessions.handle_of(connection, payment.payer, now))
    ref = ledger.new_ref()
    made = keys.claim(connection, f"person:{member.id}", payment.key, payment.digest, Made("sale", ref), now)
    if made is not None:
        return sales.paid(connection, made.ref, replayed=True), ""
    found = bills.row(connection, payment.code, lock=True)
    if found.bound_to not in (None, member.id):
        raise refuse("unknown_bill")
    ended = ENDED.get(bills.state(found, now))
    if ended is not None:
        raise refuse(ended)
    if found.coop_status != "active":
        raise refuse("account_not_open")
    if not payment.confirm and found.bound_to is None:
        sales.refuse_repeated(connection, member.account_id, found.till_id, found.amount_minor, now, charter)
    where = Circumstance(found.till_id, found.shift_id, found.cashier_id, payment.code, found.note, "phone")
    payer, till = member.account_id, found.till_account
    res_minor = found.amount_minor - found.cash_minor
    order = Order(ref, now, payer, till, res_minor, found.cash_minor, found.coop_id, where)
    posted = ledger.post_sale(connection, order, charter)
    bills.pay(connection, payment.code, posted.id)
    return sales.paid(connection, ref), found.till_id


def _pay_in_one_call(connection: sa.Connection, payment: Payment, now: datetime, charter: Charter) -> tuple[Paid, str]:
    ref = ledger.new_ref()
    words = words_for(ref)
    row = call(
        connection,
        _PAY,
        (
            payment.code,
            *_named(payment.payer),
            payment.key,
            payment.digest,
            ref,
            words,
            payment.confirm,
            micros(now),
            micros(now - timedelta(days=charter.own_set_days)),
            micros(now - timedelta(seconds=charter.repeat_seconds)),
        ),
    )
    if row.made is not None:
        return sales.paid(connection, row.made, replayed=True), ""
    paid = Paid(
        ref, row.amount, row.cash, row.balance, words, row.qualifies, now, row.coop, row.payer_name, row.payer_handle
    )
    return paid, row.till


def _named(asker: Asker) -> tuple[str | None, str | None]:
    """Give the handle or the session's digest by which a function knows who asks."""
    return (None, asker.digest) if isinstance(asker, Bearer) else (asker, None)
