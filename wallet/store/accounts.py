"""Account rows: locked in one order, changed by one guarded update each."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.basis import Standing
from wallet.errors import refuse
from wallet.store import bulk
from wallet.store.tables import accounts, coops, credit_lines, federation, people, tills
from wallet.store.upserts import replace_row

# Lock order: quiet rows before busy ones, then by id.
RANKS = {"wallet": 0, "till": 1, "coop": 2, "pool": 3}

_person = sa.select(people.c.id).where(people.c.account_id == accounts.c.id).scalar_subquery()
_zone = sa.select(federation.c.zone).scalar_subquery()
_locked = (
    sa.select(accounts, _person.label("person_id"), _zone.label("zone"))
    .where(accounts.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(accounts.c.rank, accounts.c.id)
    .with_for_update(of=accounts)
)
_tills = (
    sa.select(accounts.c.id, accounts.c.balance_minor)
    .join(tills, tills.c.account_id == accounts.c.id)
    .where(tills.c.coop_id == sa.bindparam("of_coop"))
    .order_by(accounts.c.id)
    .with_for_update(of=accounts)
)
_amount = sa.bindparam("by_minor", type_=sa.BigInteger)
_here = accounts.c.id == sa.bindparam("of_id")
_moved = sa.update(accounts).values(balance_minor=accounts.c.balance_minor + _amount, seq=accounts.c.seq + 1)
_balance = (accounts.c.seq, accounts.c.balance_minor)
_add = _moved.where(_here).returning(*_balance)
# A debit of 0 always fits, also below a floor that was lowered since.
_fits = sa.or_(
    _amount == 0, accounts.c.floor_minor.is_(None), accounts.c.balance_minor + _amount >= accounts.c.floor_minor
)
_take = _moved.where(_here, _fits).returning(*_balance)
_take_many = _take.values(seq=accounts.c.seq + sa.bindparam("times", type_=sa.BigInteger))
_stand = (
    _moved.where(_here, _fits)
    .values(
        eligible_minor=sa.bindparam("to_eligible"),
        eligible_minutes=sa.bindparam("to_minutes"),
        basis_minor=sa.bindparam("to_basis"),
        qualified_minutes=sa.bindparam("to_qualified"),
    )
    .returning(*_balance)
)
_stopped = (
    sa.select(coops.c.id)
    .where(coops.c.account_id.in_(sa.bindparam("ids", expanding=True)), coops.c.status != "active")
    .limit(1)
)
_insert = sa.insert(accounts).returning(accounts.c.id)
_set_floor = sa.update(accounts).where(_here).values(floor_minor=sa.bindparam("to_floor")).returning(accounts.c.seq)
_line = replace_row(credit_lines)


class AccountStand(NamedTuple):
    """Hold an account's place in its own order, and its balance there."""

    seq: int
    balance_minor: int


class Locked(NamedTuple):
    """Hold an account's row, locked, with whose wallet it is and the federation's time zone."""

    account_id: int
    person_id: int
    zone: str
    standing: Standing


def open_account(connection: sa.Connection, kind: str, floor_minor: int | None) -> int:
    """Open an account of `kind`; no floor means that it may go below zero without one."""
    row = {"kind": kind, "rank": RANKS[kind], "floor_minor": floor_minor}
    made = int(connection.execute(_insert, row).scalar_one())
    if kind == "coop":
        connection.execute(_line, {"account_id": made, "after_seq": 0, "floor_minor": floor_minor})
    return made


def set_floor(connection: sa.Connection, account_id: int, floor_minor: int) -> None:
    """Set how far below zero a co-op may go, from its next posting on.

    Locks: the account until commit.
    """
    seq = connection.execute(_set_floor, {"of_id": account_id, "to_floor": floor_minor}).scalar_one()
    connection.execute(_line, {"account_id": account_id, "after_seq": seq, "floor_minor": floor_minor})


def lock(connection: sa.Connection, ids: Iterable[int]) -> dict[int, Locked]:
    """Lock accounts in the one order, and read them.

    Locks: the rows, until commit.
    """
    rows = connection.execute(_locked, {"ids": list(ids)}).all()
    return {row.id: Locked(row.id, row.person_id, row.zone, _standing(row)) for row in rows}


def _standing(row: Any) -> Standing:
    return Standing(row.balance_minor, row.eligible_minor, row.eligible_minutes, row.basis_minor, row.qualified_minutes)


def lock_tills(connection: sa.Connection, coop_id: int) -> list[tuple[int, int]]:
    """Lock a co-op's tills in the one order; give their account ids and balances."""
    return [(row.id, row.balance_minor) for row in connection.execute(_tills, {"of_coop": coop_id})]


def require_active(connection: sa.Connection, *ids: int) -> None:
    """Stop what would move the money of a co-op that is not active, unless it is a refund or a sweep.

    Whoever suspends a co-op, or lets it leave, holds its accounts: asked with their locks had, this sees what stands.
    Raises: Refusal account_not_open.
    """
    if connection.execute(_stopped, {"ids": ids}).first() is not None:
        raise refuse("account_not_open")


def add(connection: sa.Connection, account_id: int, by_minor: int) -> AccountStand:
    """Add to a balance, or take from it whatever its floor."""
    return AccountStand(**connection.execute(_add, {"of_id": account_id, "by_minor": by_minor}).one()._mapping)


def take(connection: sa.Connection, account_id: int, minor: int) -> AccountStand:
    """Take from a balance as far as its floor.

    Raises: Refusal insufficient_funds.
    """
    return _or_refuse(connection.execute(_take, {"of_id": account_id, "by_minor": -minor}).first())


def take_many(connection: sa.Connection, account_id: int, minor: int, times: int) -> AccountStand:
    """Take from a balance as far as its floor, by so many postings at once.

    Raises: Refusal insufficient_funds.
    """
    values = {"of_id": account_id, "by_minor": -minor, "times": times}
    return _or_refuse(connection.execute(_take_many, values).first())


def stand_all(connection: sa.Connection, rows: bulk.Rows) -> None:
    """Bring locked wallets to their figures after a pay: rows of id, seq, balance, eligible RES and minutes."""
    columns = ("id", "seq", "balance_minor", "eligible_minor", "eligible_minutes")
    bulk.change(connection, accounts, 1, columns, rows)


def stand(connection: sa.Connection, wallet: Locked, after: Standing) -> AccountStand:
    """Bring a locked wallet to its figures `after` an event.

    Raises: Refusal insufficient_funds.
    """
    row = {
        "of_id": wallet.account_id,
        "by_minor": after.balance_minor - wallet.standing.balance_minor,
        "to_eligible": after.eligible_minor,
        "to_minutes": after.eligible_minutes,
        "to_basis": after.basis_minor,
        "to_qualified": after.qualified_minutes,
    }
    return _or_refuse(connection.execute(_stand, row).first())


def _or_refuse(found: sa.Row[int, int] | None) -> AccountStand:
    if found is None:
        raise refuse("insufficient_funds")
    return AccountStand(**found._mapping)
