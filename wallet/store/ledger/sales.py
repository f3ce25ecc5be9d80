"""Sales and their refunds: they move a wallet's basis together with its balance."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.basis import SoldBasis
from wallet.domain.charter import Charter, Dated
from wallet.domain.patronage import month_reduced, spend_of
from wallet.domain.period import month_of
from wallet.domain.transfer import Order, Posted
from wallet.domain.words import words_for
from wallet.errors import refuse
from wallet.store import accounts, ownset, patronage
from wallet.store.columns import micros
from wallet.store.engine import is_postgresql
from wallet.store.functions import call
from wallet.store.ledger import journal
from wallet.store.tables import sale_refunds, transfers
from wallet.store.upserts import claim_row

DAY_MICROS = 86_400_000_000

_first_refund = claim_row(sale_refunds)
_f, _c = sa.bindparam("f_minor", type_=sa.BigInteger), sa.bindparam("c_minor", type_=sa.BigInteger)
_part = (
    sa.update(sale_refunds)
    .values(
        refunded_minor=sale_refunds.c.refunded_minor + _f, cash_refunded_minor=sale_refunds.c.cash_refunded_minor + _c
    )
    .where(
        sale_refunds.c.sale_id == sa.bindparam("of_sale"),
        sale_refunds.c.refunded_minor + _f <= sa.bindparam("most_minor"),
        sale_refunds.c.cash_refunded_minor + _c <= sa.bindparam("most_cash"),
    )
    .returning(sale_refunds.c.refunded_minor)
)
_stands = (
    sa.select(sale_refunds.c.refunded_minor, sale_refunds.c.cash_refunded_minor)
    .where(sale_refunds.c.sale_id == sa.bindparam("of_sale"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Sold:
    """Hold a sale as it stands in the books: what giving back a part of it asks for, by the names of its columns."""

    id: int
    at: datetime
    debit_id: int
    credit_id: int
    amount_minor: int
    cash_minor: int
    qualifies: bool
    basis_minor: int
    basis_minutes: int


SOLD = tuple(transfers.c[one.name] for one in fields(Sold))
_sold = sa.select(*SOLD).where(transfers.c.ref == sa.bindparam("of_ref"), transfers.c.kind == "sale")


class SalePosted(NamedTuple):
    """Hold what the database's function says of a sale that it posted."""

    id: int
    debit_balance: int
    credit_balance: int
    qualifies: bool
    basis: int
    minutes: int


def find_sale(connection: sa.Connection, ref: str) -> Sold:
    """Give the sale `ref`, which exists."""
    return Sold(**connection.execute(_sold, {"of_ref": ref}).one()._mapping)


def post_sale(connection: sa.Connection, order: Order, charter: Charter) -> Posted:
    """Move a sale's RES part from a wallet to a till or a co-op, judge it and count it.

    Raises: Refusal insufficient_funds; account_not_open on PostgreSQL, of a co-op that was suspended since it was
            looked at. SQLite has one writer: what was looked at still stands.
    Locks:  the wallet, then the payee, until commit.
    Source: docs/ledger.md
    """
    if is_postgresql(connection):
        return _post_sale_in_one_call(connection, order, charter)
    wallet = accounts.lock(connection, [order.payer])[order.payer]
    person = wallet.person_id
    if order.amount_minor > wallet.standing.balance_minor:
        raise refuse("insufficient_funds")
    qualifies = ownset.why_own(connection, person, order.coop_id, order.at, charter) is None
    moved = basis.spent(wallet.standing, order.amount_minor, qualifies=qualifies)
    debited = accounts.stand(connection, wallet, moved.after)
    if qualifies:
        month, spend = month_of(order.at, wallet.zone), spend_of(order.amount_minor, order.cash_minor, charter)
        patronage.add_patronage(connection, person, month, month, spend_minor=spend)
        patronage.add_basis(connection, person, month, moved.basis_minor, moved.minutes)
    credited = accounts.add(connection, order.payee, order.amount_minor)
    figures = {"qualifies": qualifies, "basis_minor": moved.basis_minor, "basis_minutes": moved.minutes}
    posted = journal.add(connection, "sale", order, debited, credited, words=words_for(order.ref), **figures)
    return replace(posted, qualifies=qualifies, basis_minor=moved.basis_minor, basis_minutes=moved.minutes)


def _post_sale_in_one_call(connection: sa.Connection, order: Order, charter: Charter) -> Posted:
    at, where = micros(order.at), order.where
    values = (
        order.ref,
        words_for(order.ref),
        at,
        order.payer,
        order.coop_id,
        order.payee,
        order.amount_minor,
        order.cash_minor,
        at - charter.own_set_days * DAY_MICROS,
        where.till,
        where.shift_id,
        where.cashier_id,
        where.bill,
        where.note,
        where.means,
        bool(charter.count_logged_cash),
    )
    answer = call(connection, "post_sale", values, SalePosted)
    return Posted(
        id=answer.id,
        ref=order.ref,
        at=order.at,
        amount_minor=order.amount_minor,
        cash_minor=order.cash_minor,
        debit_balance_minor=answer.debit_balance,
        credit_balance_minor=answer.credit_balance,
        qualifies=answer.qualifies,
        basis_minor=answer.basis,
        basis_minutes=answer.minutes,
    )


def post_refund(connection: sa.Connection, order: Order, sale: Sold, dated: Dated) -> Posted:
    """Give back a part of `sale` in the same tender, and what it did to the payer's basis and to their spending.

    Raises: Refusal refund_exceeds_sale.
    Locks:  the sale's refund row, the wallet, then the payee, until commit.
    """
    assert (order.payer, order.payee) == (sale.credit_id, sale.debit_id), "a refund goes back the way its sale came"
    refunded = _refunded_in_all(connection, order, sale)
    wallet = accounts.lock(connection, [order.payee])[order.payee]
    sold = SoldBasis(sale.amount_minor, sale.basis_minor, sale.basis_minutes)
    back, minutes = basis.given_back(sold, refunded - order.amount_minor, refunded)
    credited = accounts.stand(connection, wallet, basis.refunded(wallet.standing, order.amount_minor, back, minutes))
    if sale.qualifies:
        month, sold_in = month_of(order.at, wallet.zone), month_of(sale.at, wallet.zone)
        spend = -spend_of(order.amount_minor, order.cash_minor, dated.of_month(sold_in))
        patronage.add_patronage(connection, wallet.person_id, month_reduced(sold_in, month), month, spend_minor=spend)
        patronage.add_basis(connection, wallet.person_id, sold_in, -back, -minutes)
    debited = accounts.add(connection, order.payer, -order.amount_minor)
    figures = {"basis_minor": back, "basis_minutes": minutes, "answers_id": sale.id}
    posted = journal.add(connection, "refund", order, debited, credited, **figures)
    return replace(posted, basis_minor=back, basis_minutes=minutes)


def lock_refunded(connection: sa.Connection, sale_id: int) -> tuple[int, int]:
    """Give how much RES and cash of a sale is back already, and let nobody give back more meanwhile.

    Locks: the sale's refund row, until commit.
    """
    _begin_refunds(connection, sale_id)
    refunded, cash = connection.execute(_stands, {"of_sale": sale_id}).one()
    return int(refunded), int(cash)


def _begin_refunds(connection: sa.Connection, sale_id: int) -> None:
    connection.execute(_first_refund, {"sale_id": sale_id, "refunded_minor": 0, "cash_refunded_minor": 0})


def _refunded_in_all(connection: sa.Connection, order: Order, sale: Sold) -> int:
    _begin_refunds(connection, sale.id)
    part = {"of_sale": sale.id, "f_minor": order.amount_minor, "c_minor": order.cash_minor}
    most = {"most_minor": sale.amount_minor, "most_cash": sale.cash_minor}
    refunded = connection.execute(_part, part | most).scalar()
    if refunded is None:
        raise refuse("refund_exceeds_sale")
    return int(refunded)
