"""Shifts: what one holds, and its closing."""

from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.bill import state_of
from wallet.domain.shift import Register, Totals
from wallet.errors import refuse
from wallet.store.roles import IN_OFFICE
from wallet.store.tables import accounts, bills, closings, coops, people, roles, shifts, tills, transfers

_till = (
    sa.select(
        tills.c.id,
        tills.c.account_id,
        coops.c.id.label("coop_id"),
        coops.c.account_id.label("coop_account"),
        people.c.id.label("person_id"),
        tills.c.closed_at,
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(roles, sa.and_(roles.c.coop_id == coops.c.id, IN_OFFICE))
    .join(people, people.c.id == roles.c.person_id)
    .where(
        tills.c.id == sa.bindparam("of_till"),
        people.c.handle == sa.bindparam("of_handle"),
        roles.c.role.in_(("cashier", "steward")),
    )
    .limit(1)
)
_lock = (
    sa.select(shifts.c.closed_at)
    .where(shifts.c.till_id == sa.bindparam("of_till"), shifts.c.id == sa.bindparam("of_shift"))
    .with_for_update()
)
_asked = (
    sa.select(bills.c.code, bills.c.state, bills.c.expires_at, bills.c.claimed_at, bills.c.bound_to)
    .where(
        bills.c.till_id == sa.bindparam("of_till"),
        bills.c.shift_id == sa.bindparam("of_shift"),
        bills.c.state == "open",
    )
    .order_by(bills.c.code)
    .with_for_update()
)
_ran_out = (
    sa.update(bills)
    .where(bills.c.code.in_(sa.bindparam("codes", expanding=True)), bills.c.state == "open")
    .values(state="expired", rev=bills.c.rev + 1)
)


def _of_kind(kind: str, column: sa.Column[int], name: str) -> tuple[sa.ColumnElement[int], ...]:
    # What another co-op pays at the till is a sale on its register, too.
    counts = sa.and_(transfers.c.kind.in_((kind, "supply") if kind == "sale" else (kind,)), column > 0)
    return (
        sa.func.count(sa.case((counts, 1))).label(name),
        sa.cast(sa.func.coalesce(sa.func.sum(sa.case((counts, column))), 0), sa.BigInteger).label(f"{name}_minor"),
    )


IN_SHIFT = sa.and_(
    transfers.c.shift_id == sa.bindparam("of_shift"),
    transfers.c.kind.in_(("sale", "refund", "supply")),
    sa.or_(
        transfers.c.credit_id == sa.bindparam("of_account"),
        transfers.c.debit_id == sa.bindparam("of_account"),
        # A co-op that pays a bill pays the other co-op's own account.
        transfers.c.credit_id
        == sa.select(coops.c.account_id)
        .join(tills, tills.c.coop_id == coops.c.id)
        .where(tills.c.account_id == sa.bindparam("of_account"))
        .scalar_subquery(),
    ),
)
_totals = sa.select(
    *_of_kind("sale", transfers.c.amount_minor, "sales"),
    *_of_kind("refund", transfers.c.amount_minor, "refunds"),
    *_of_kind("sale", transfers.c.cash_minor, "cash_sales"),
    *_of_kind("refund", transfers.c.cash_minor, "cash_refunds"),
).where(IN_SHIFT)
_seq = sa.select(accounts.c.seq).where(accounts.c.id == sa.bindparam("of_account"))
_sign = sa.insert(closings)
_shut = (
    sa.update(shifts)
    .where(shifts.c.id == sa.bindparam("of_shift"), shifts.c.closed_at.is_(None))
    .values(closed_at=sa.bindparam("now", type_=shifts.c.closed_at.type))
)


class StaffedTill(NamedTuple):
    """Hold a till with the one of its staff who acts there."""

    id: str
    account_id: int
    coop_id: int
    coop_account: int
    person_id: int
    closed_at: datetime | None


class Signed(NamedTuple):
    """Hold what is signed when a shift is closed; `till_seq` is where the till then stood in its own order."""

    shift_id: int
    closed_by: int
    closed_at: datetime
    totals: Totals
    register: Register
    reason: str | None
    note: str | None
    sweep_id: int | None
    till_seq: int


def at_till(connection: sa.Connection, till: str, handle: str, now: datetime) -> StaffedTill:
    """Give `till`, of whose co-op `handle` is a cashier or a steward in office.

    Raises: Refusal unknown_till.
    """
    found = connection.execute(_till, {"of_till": till, "of_handle": handle, "now": now}).first()
    if found is None:
        raise refuse("unknown_till")
    return StaffedTill(**found._mapping)


def lock_open(connection: sa.Connection, till: str, shift_id: int) -> None:
    """Let nobody else close the open shift `shift_id` of `till` meanwhile.

    Raises: Refusal unknown_shift, shift_closed.
    Locks:  the shift until commit; on PostgreSQL a new bill, scan or refund of it waits.
    """
    found = connection.execute(_lock, {"of_till": till, "of_shift": shift_id}).first()
    if found is None:
        raise refuse("unknown_shift")
    if found.closed_at is not None:
        raise refuse("shift_closed")


def end_bills(connection: sa.Connection, till: str, shift_id: int, now: datetime) -> None:
    """Write down of the shift's bills that nobody paid that they ran out, so that none is paid after its closing.

    Raises: Refusal bill_open, while one can still be paid.
    Locks:  these bills until commit: a payment under way is waited for and then counts.
    """
    found = connection.execute(_asked, {"of_till": till, "of_shift": shift_id}).all()
    if any(
        state_of(row.state, row.expires_at, row.claimed_at, row.bound_to is not None, now) != "expired" for row in found
    ):
        raise refuse("bill_open")
    if found:
        connection.execute(_ran_out, {"codes": [row.code for row in found]})


def totals(connection: sa.Connection, account_id: int, shift_id: int) -> Totals:
    """Sum up the sales and refunds that are stamped with a shift."""
    asked = {"of_account": account_id, "of_shift": shift_id}
    return Totals(**connection.execute(_totals, asked).one()._mapping)


def till_seq(connection: sa.Connection, account_id: int) -> int:
    """Give the place of a till's account in its own order."""
    return int(connection.execute(_seq, {"of_account": account_id}).scalar_one())


def close(connection: sa.Connection, signed: Signed) -> None:
    """Sign a shift off, for good."""
    row = signed._asdict()
    register = row.pop("register")
    figures = {"register_minor": register.res_minor, "register_cash_minor": register.cash_minor}
    connection.execute(_sign, row | asdict(row.pop("totals")) | figures)
    connection.execute(_shut, {"of_shift": signed.shift_id, "now": signed.closed_at})
