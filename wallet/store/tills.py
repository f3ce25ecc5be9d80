"""Tills: opened and closed for good, who works at one, whether it may charge, and its open shift."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.bill import most_res, too_much_res
from wallet.domain.handle import LABEL_MAX
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import suspensions
from wallet.store.accounts import open_account
from wallet.store.tables import coops, people, roles, shifts, tills
from wallet.store.upserts import claim_row

_till = (
    sa.select(
        tills.c.id,
        tills.c.account_id,
        coops.c.id.label("coop_id"),
        coops.c.slug.label("coop"),
        coops.c.name.label("coop_name"),
        coops.c.status,
        people.c.id.label("cashier_id"),
        tills.c.closed_at,
        coops.c.res_part_bp,
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(roles, sa.and_(roles.c.coop_id == coops.c.id, roles.c.role == "cashier", roles.c.revoked_at.is_(None)))
    .join(people, people.c.id == roles.c.person_id)
    .where(tills.c.id == sa.bindparam("of_till"), people.c.handle == sa.bindparam("by_cashier"))
)
_shift = claim_row(shifts).returning(shifts.c.id)
_closed_at = sa.select(tills.c.closed_at).where(tills.c.id == sa.bindparam("of_till"))
_closed_at_held = _closed_at.with_for_update(read=True)
_open_shift = (
    sa.select(shifts.c.id)
    .where(shifts.c.till_id == sa.bindparam("of_till"), shifts.c.closed_at.is_(None))
    .with_for_update(read=True, key_share=True)
)
_add = sa.insert(tills)
_taken = sa.select(sa.exists().where(tills.c.id == sa.bindparam("of_till")))
_lock = (
    sa.select(tills.c.id, tills.c.account_id, tills.c.closed_at)
    .where(tills.c.id == sa.bindparam("of_till"), tills.c.coop_id == sa.bindparam("of_coop"))
    .with_for_update()
)
_res_part = (
    sa.select(coops.c.res_part_bp)
    .join(tills, tills.c.coop_id == coops.c.id)
    .where(tills.c.id == sa.bindparam("of_till"))
)
_has_shift = sa.select(shifts.c.id).where(shifts.c.till_id == sa.bindparam("of_till"), shifts.c.closed_at.is_(None))
_close = (
    sa.update(tills)
    .where(tills.c.id == sa.bindparam("of_till"))
    .values(closed_at=sa.bindparam("to_at", type_=tills.c.closed_at.type))
)
_limit = (
    sa.update(tills)
    .where(tills.c.id == sa.bindparam("of_till"), tills.c.coop_id == sa.bindparam("of_coop"))
    .values(refund_limit_minor=sa.bindparam("to_limit"))
)


@dataclass(frozen=True, slots=True)
class Till:
    """Hold a till at which a cashier works."""

    id: str
    account_id: int
    coop_id: int
    coop: str
    coop_name: str
    status: str
    cashier_id: int
    closed_at: datetime | None
    res_part_bp: int


class ClosingTill(NamedTuple):
    """Hold a till, locked, and whether a shift is open there."""

    id: str
    account_id: int
    closed_at: datetime | None
    has_shift: bool


def at_till(connection: sa.Connection, till: str, cashier: str) -> Till:
    """Give `till`, at which `cashier` may work.

    Raises: Refusal unknown_till.
    """
    found = connection.execute(_till, {"of_till": till, "by_cashier": cashier}).first()
    if found is None:
        raise refuse("unknown_till")
    return Till(**found._mapping)


def require_open(till: Till) -> None:
    """Let only a till that is not closed, of an active co-op, go on.

    Raises: Refusal account_not_open.
    """
    if till.status != "active":
        raise suspensions.closed(till.coop_name, till.status)
    if till.closed_at is not None:
        raise refuse("account_not_open")


def require_cash_part(till: Till, amount_minor: int, cash_minor: int) -> None:
    """Stop where more than the co-op's highest part is asked for in RES.

    Raises: Refusal cash_part_required.
    """
    if amount_minor - cash_minor > most_res(amount_minor, till.res_part_bp):
        raise too_much_res(amount_minor, till.res_part_bp)


def more_in_cash(connection: sa.Connection, till: str, amount_minor: int) -> Refusal:
    """Say how much of `amount_minor` is to be taken in cash at `till`."""
    return too_much_res(amount_minor, connection.execute(_res_part, {"of_till": till}).scalar_one())


def shift_of(connection: sa.Connection, till: Till, now: datetime) -> int:
    """Give the till's open shift, opened with its first bill or scan.

    Raises: Refusal account_not_open, busy; see `open_shift`.
    Locks:  the shift against being closed, until commit.
    """
    return open_shift(connection, till.id, till.cashier_id, now)


def is_closed(connection: sa.Connection, till: str) -> bool:
    """Tell whether a till is closed for good.

    Locks:  the till against being closed or opened again, until commit.
    """
    return connection.execute(_closed_at_held, {"of_till": till}).scalar() is not None


def open_shift(connection: sa.Connection, till: str, person_id: int, now: datetime) -> int:
    """Give the open shift of `till`, opened by this person if there is none.

    Raises: Refusal account_not_open, at a till that is closed for good; busy, if it is being closed at this moment.
    Locks:  the shift against being closed, until commit.
    """
    asked = {"of_till": till}
    found = connection.execute(_open_shift, asked).scalar()
    if found is None and connection.execute(_closed_at, asked).scalar() is not None:
        raise refuse("account_not_open")
    if found is None:
        row = {"till_id": till, "opened_at": now, "opened_by": person_id}
        found = connection.execute(_shift, row).scalar() or connection.execute(_open_shift, asked).scalar()
    if found is None:
        raise refuse("busy")
    return int(found)


def free_id(connection: sa.Connection, slug: str) -> str:
    """Give a counter of a co-op the id of its next free number; of a long slug it holds what there is room for."""
    ends = (f"-{number}" for number in count(1))
    ids = (slug[: LABEL_MAX - len(end)] + end for end in ends)
    return next(till for till in ids if not connection.execute(_taken, {"of_till": till}).scalar_one())


def add(connection: sa.Connection, coop_id: int, till: str, name: str) -> None:
    """Open a counter of a co-op: an account that may go below zero by what it refunds."""
    account = open_account(connection, "till", None)
    connection.execute(_add, {"id": till, "coop_id": coop_id, "name": name, "account_id": account})


def for_closing(connection: sa.Connection, coop_id: int, till: str) -> ClosingTill:
    """Give a till of a co-op with whether a shift is open there.

    Raises: Refusal unknown_till.
    Locks:  the till until commit; on PostgreSQL a shift that is about to open there waits.
    """
    found = connection.execute(_lock, {"of_till": till, "of_coop": coop_id}).first()
    if found is None:
        raise no_such_till()
    shift = connection.execute(_has_shift, {"of_till": till}).scalar()
    return ClosingTill(found.id, found.account_id, found.closed_at, shift is not None)


def no_such_till() -> Refusal:
    """Say to a steward that the co-op has no such till."""
    return refuse(
        "unknown_till", _("There is no such till at this co-op. Nothing was changed. Look at the list again.")
    )


def close(connection: sa.Connection, till: str, now: datetime) -> None:
    """Close a till for good."""
    connection.execute(_close, {"of_till": till, "to_at": now})


def open_again(connection: sa.Connection, till: str) -> None:
    """Open a till again that was closed for good."""
    connection.execute(_close, {"of_till": till, "to_at": None})


def set_refund_limit(connection: sa.Connection, coop_id: int, till: str, limit_minor: int) -> bool:
    """Keep what a cashier of a till gives back of one sale alone; tell whether the co-op has that till."""
    row = {"of_coop": coop_id, "of_till": till, "to_limit": limit_minor}
    return connection.execute(_limit, row).rowcount == 1
