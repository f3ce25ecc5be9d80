"""The counter's two acts: a till opens a bill, a member pays it.

On PostgreSQL each is one call of a function (migrations/functions/); on SQLite the same in Python.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain import rate
from wallet.domain.bill import expiry_of
from wallet.domain.charter import Charter
from wallet.domain.deployment import Deployment
from wallet.domain.rate import Rate
from wallet.domain.transfer import Circumstance, Order
from wallet.domain.words import words_for
from wallet.errors import refuse
from wallet.store import bills, keys, ledger, limits, people, proofs, rates, sales, sessions, tills
from wallet.store.bills import BillView
from wallet.store.columns import micros
from wallet.store.engine import is_postgresql
from wallet.store.functions import call, unless_made
from wallet.store.keys import Made
from wallet.store.passkeys import Proof
from wallet.store.sales import Logged, Paid
from wallet.store.sessions import Asker, Bearer


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


def open_bill(connection: sa.Connection, charge: Charge, now: datetime, deployment: Deployment) -> BillView:
    """Make a bill, once for each key of the till.

    Raises: Refusal not_signed_in, unknown_till, key_reused, account_not_open, cash_part_required, too_many.
    """
    if is_postgresql(connection):
        return _open_in_one_call(connection, charge, now, deployment)
    cashier, code = sessions.handle_of(connection, charge.cashier, now), bills.new_code()
    place = tills.at_till(connection, charge.till, cashier)
    made = keys.claim(connection, f"till:{charge.till}", charge.key, charge.digest, Made("bill", code), now)
    if made is not None:
        return bills.made_before(connection, made.ref, now)
    tills.require_open(place)
    tills.require_cash_part(place, charge.amount_minor, charge.cash_minor)
    busy = _busy(rate.MONEY_OF_TILL, charge.cashier, now, deployment)
    if busy and bills.opened_since(connection, charge.till, *busy, now):
        raise refuse("too_many")
    shift = tills.shift_of(connection, place, now)
    bills.add(connection, code, place, shift, charge.amount_minor, charge.cash_minor, charge.note, now)
    return bills.view(bills.row(connection, code), now)


class BillOpened(NamedTuple):
    """Hold what the database's function says of a bill that it made."""

    till_name: str
    coop: str
    coop_name: str
    mark: str


_opened = unless_made(BillOpened)


def _open_in_one_call(connection: sa.Connection, charge: Charge, now: datetime, deployment: Deployment) -> BillView:
    code, expires = bills.new_code(), expiry_of(now)
    answer = call(
        connection,
        "open_bill",
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
            *_in_micros(_busy(rate.MONEY_OF_TILL, charge.cashier, now, deployment)),
        ),
        _opened,
    )
    if isinstance(answer, str):
        return bills.made_before(connection, answer, now)
    return BillView(
        code=code,
        state="open",
        amount_minor=charge.amount_minor,
        cash_minor=charge.cash_minor,
        note=charge.note,
        till=charge.till,
        till_name=answer.till_name,
        coop=answer.coop,
        coop_name=answer.coop_name,
        coop_mark=answer.mark,
        opened_at=now,
        expires_at=expires,
        bound=False,
        rev=1,
    )


@dataclass(frozen=True, slots=True)
class Payment:
    """Hold what a payer asks for: to pay the bill `code`, also if it looks repeated when `confirm`ed.

    `asserted` tells that a passkey has just proved this payment; a payer who is no session is taken at their word.
    """

    code: str
    payer: Asker
    key: str
    confirm: bool
    asserted: bool = False

    @property
    def digest(self) -> str:
        """Give the digest of the content; confirming is not content."""
        return keys.digest_of("pay", self.code)


@dataclass(frozen=True, slots=True)
class Settled:
    """Hold what came of a payment: the till it was at, and whether notices still ask for a yes to its bill."""

    paid: Paid
    till: str
    asked: bool = False


def pay_bill(
    connection: sa.Connection, payment: Payment, now: datetime, charter: Charter, deployment: Deployment
) -> Settled:
    """Pay a bill, once for each key of the payer.

    Raises: Refusal not_signed_in, unknown_member, key_reused, too_many, unknown_bill, looks_repeated,
            account_not_open, insufficient_funds, steward_required, step_up_required, or how the bill ended.
    Locks:  the key, the bill, the wallet, the till, then the payer's row for the day, until commit.
    """
    if is_postgresql(connection):
        return _pay_in_one_call(connection, payment, now, charter, deployment)
    member = people.holder(connection, sessions.handle_of(connection, payment.payer, now))
    ref = ledger.new_ref()
    made = keys.claim(connection, f"person:{member.id}", payment.key, payment.digest, Made("sale", ref), now)
    if made is not None:
        return _before(connection, payment, made.ref)
    _refuse_busy(connection, payment, member, now, deployment)
    found = bills.row(connection, payment.code, lock=True)
    if found.bound_to not in (None, member.id):
        raise refuse("unknown_bill")
    bills.require_payable(found, now)
    if not payment.confirm and found.bound_to is None:
        sales.refuse_repeated(connection, member.account_id, found.till_id, found.amount_minor, now, charter)
    where = Circumstance(found.till_id, found.shift_id, found.cashier_id, payment.code, found.note, "phone")
    payer, till = member.account_id, found.till_account
    res_minor = found.amount_minor - found.cash_minor
    order = Order(ref, now, payer, till, res_minor, found.cash_minor, found.coop_id, where)
    posted = ledger.post_sale(connection, order, charter)
    logged = Logged(payer, found.cash_minor, found.cashier_id, found.coop_id)
    sales.require_steward(connection, logged, now, charter)
    alone = proofs.is_alone(connection, payment.payer, deployment, asserted=payment.asserted)
    if alone and posted.amount_minor > 0:
        limits.require(connection, "phone", member.id, posted.amount_minor, now)
    bills.pay(connection, payment.code, posted.id)
    asked = found.bound_to is not None or found.buyer is not None
    return Settled(sales.paid(connection, ref), found.till_id, asked)


def require_proof(connection: sa.Connection, payment: Payment, proof: Proof, now: datetime) -> Payment:
    """Let a payment go on only with its payer's fresh answer to the challenge of just this payment; give it as proven.

    Raises: Refusal not_signed_in, unknown_member, unknown_bill, passkey_doubted, step_up_required for any other answer.
    Locks:  the challenge and the passkey until commit.
    """
    member = people.holder(connection, sessions.handle_of(connection, payment.payer, now))
    bound = bills.digest_for_payment(bills.row(connection, payment.code), payment.key)
    asserted = proofs.lifts_limits(connection, member.id, proof, bound, payment.key, now)
    return replace(payment, asserted=asserted)


class BillPaid(NamedTuple):
    """Hold what the database's function says of a bill that it paid."""

    amount: int
    cash: int
    balance: int
    qualifies: bool
    coop: str
    payer_handle: str
    payer_name: str
    till: str
    asked: bool


_paid = unless_made(BillPaid)


def _pay_in_one_call(
    connection: sa.Connection, payment: Payment, now: datetime, charter: Charter, deployment: Deployment
) -> Settled:
    ref, codes = ledger.new_ref(), rate.BILL_CODE_OF_PERSON.here(deployment)
    words = words_for(ref)
    answer = call(
        connection,
        "pay_bill",
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
            payment.asserted,
            deployment.personas,
            micros(codes.empty_from(now)),
            micros(codes.absurd_from(now)),
            *_in_micros(_busy(rate.MONEY_OF_PERSON, payment.payer, now, deployment)),
            charter.logged_cash_day_minor,
            bool(charter.count_logged_cash),
        ),
        _paid,
    )
    if isinstance(answer, str):
        return _before(connection, payment, answer)
    paid = Paid(
        ref=ref,
        amount_minor=answer.amount,
        cash_minor=answer.cash,
        balance_minor=answer.balance,
        words=words,
        qualifies=answer.qualifies,
        at=now,
        coop=answer.coop,
        payer_name=answer.payer_name,
        payer=answer.payer_handle,
    )
    return Settled(paid, answer.till, answer.asked)


def _before(connection: sa.Connection, payment: Payment, ref: str) -> Settled:
    return Settled(sales.paid(connection, ref, replayed=True), bills.row(connection, payment.code).till_id)


def _named(asker: Asker) -> tuple[str | None, str | None]:
    """Give the handle or the session's digest by which a function knows who asks."""
    return (None, asker.digest) if isinstance(asker, Bearer) else (asker, None)


def _busy(held: Rate, asker: Asker, now: datetime, deployment: Deployment) -> tuple[datetime, int] | None:
    """Give since when how many acts of a session are too many; None for who is no session.

    What was paid and charged is in the books already, so it is looked up there and counted nowhere else.
    """
    return (now - held.span, held.here(deployment).times) if isinstance(asker, Bearer) else None


def _in_micros(busy: tuple[datetime, int] | None) -> tuple[int | None, int | None]:
    return (None, None) if busy is None else (micros(busy[0]), busy[1])


def _refuse_busy(
    connection: sa.Connection, payment: Payment, member: people.Holder, now: datetime, deployment: Deployment
) -> None:
    codes = rate.BILL_CODE_OF_PERSON.here(deployment)
    busy = _busy(rate.MONEY_OF_PERSON, payment.payer, now, deployment)
    if rates.is_empty(connection, codes, f"person {member.id}", now) or (
        busy and sales.paid_since(connection, member.account_id, *busy, now)
    ):
        raise refuse("too_many")
