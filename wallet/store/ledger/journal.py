"""The journal: one row for each transfer, added and never changed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import base32
from wallet.domain.transfer import Order, Posted
from wallet.store import bulk
from wallet.store.accounts import AccountStand
from wallet.store.columns import micros
from wallet.store.engine import is_postgresql
from wallet.store.tables import transfers

_insert = sa.insert(transfers).returning(transfers.c.id)
_insert_xact = (
    sa.insert(transfers)
    .values(xact=sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger))
    .returning(transfers.c.id)
)
_xact = sa.select(sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger))

# What the columns of many transfers are, by their names.
Columns = Mapping[str, sa.ColumnElement[Any]]
# What a column of one may hold.
Value = str | int | bool | None


def new_ref() -> str:
    """Draw the public number of a transfer: random, so that it tells nothing about others."""
    return base32.written(secrets.token_bytes(12))


def add(
    connection: sa.Connection, kind: str, order: Order, debited: AccountStand, credited: AccountStand, **more: Value
) -> Posted:
    """Add a transfer whose two balances have been moved already."""
    row = {
        "kind": kind,
        "ref": order.ref,
        "at": order.at,
        "debit_id": order.payer,
        "credit_id": order.payee,
        "amount_minor": order.amount_minor,
        "cash_minor": order.cash_minor,
        "debit_seq": debited.seq,
        "credit_seq": credited.seq,
        "debit_balance_minor": debited.balance_minor,
        "credit_balance_minor": credited.balance_minor,
    }
    statement = _insert_xact if is_postgresql(connection) else _insert
    made = connection.execute(statement, row | _circumstance(order) | more).scalar_one()
    return Posted(
        id=made,
        ref=order.ref,
        at=order.at,
        amount_minor=order.amount_minor,
        cash_minor=order.cash_minor,
        debit_balance_minor=debited.balance_minor,
        credit_balance_minor=credited.balance_minor,
    )


def add_all(connection: sa.Connection, kind: str, at: datetime, columns: Sequence[str], rows: bulk.Rows) -> None:
    """Add many transfers of one kind and instant, whose balances have been moved already."""
    shared: tuple[str | int, ...] = (kind, micros(at))
    named: tuple[str, ...] = ("kind", "at")
    if is_postgresql(connection):
        shared, named = (*shared, connection.execute(_xact).scalar_one()), (*named, "xact")
    bulk.load(connection, transfers, (*named, *columns), [(*shared, *row) for row in rows])


def add_selected(
    connection: sa.Connection, kind: str, at: datetime, columns: Columns, asked: Mapping[str, object]
) -> None:
    """Add a transfer of one kind and instant for each row of a query; the caller moves their balances."""
    shared: dict[str, sa.ColumnElement[Any]] = {
        "kind": sa.literal(kind, sa.Text),
        "at": sa.literal(at, transfers.c.at.type),
    }
    if is_postgresql(connection):
        shared["xact"] = _xact.scalar_subquery()
    named = shared | dict(columns)
    selected = sa.select(*(value.label(name) for name, value in named.items()))
    connection.execute(sa.insert(transfers).from_select(list(named), selected), asked)


def _circumstance(order: Order) -> dict[str, Value]:
    columns = asdict(order.where)
    columns["till_id"] = columns.pop("till")
    return columns
