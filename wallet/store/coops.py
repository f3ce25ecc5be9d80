"""Co-ops, their tills, and the federation they belong to."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import ballots, suspensions, terms
from wallet.store.accounts import open_account, set_floor
from wallet.store.statements import claim_row
from wallet.store.tables import accounts, coops, federation, shifts, tills

_find = sa.select(coops.c.id, coops.c.account_id, coops.c.name, coops.c.status).where(
    coops.c.slug == sa.bindparam("of_slug")
)
_names = sa.select(coops.c.name)
# Beside this lock a row that refers to the co-op can be written: who posts holds its account and may need one.
_lock = _find.with_for_update(key_share=True)
_insert = sa.insert(coops).returning(coops.c.id)
_status = (
    sa.update(coops)
    .where(coops.c.id == sa.bindparam("of_id"))
    .values(status=sa.bindparam("to_status"), left_at=sa.bindparam("to_left"))
)
_till = sa.insert(tills)
_lock_till = (
    sa.select(tills.c.id, tills.c.account_id, tills.c.closed_at)
    .where(tills.c.id == sa.bindparam("of_till"), tills.c.coop_id == sa.bindparam("of_coop"))
    .with_for_update()
)
_open_shift = sa.select(shifts.c.id).where(shifts.c.till_id == sa.bindparam("of_till"), shifts.c.closed_at.is_(None))
_close_till = (
    sa.update(tills)
    .where(tills.c.id == sa.bindparam("of_till"))
    .values(closed_at=sa.bindparam("to_at", type_=tills.c.closed_at.type))
)
_part = sa.update(coops).where(coops.c.id == sa.bindparam("of_id")).values(res_part_bp=sa.bindparam("to_part"))
_limit = (
    sa.update(tills)
    .where(tills.c.id == sa.bindparam("of_till"), tills.c.coop_id == sa.bindparam("of_coop"))
    .values(refund_limit_minor=sa.bindparam("to_limit"))
)
_found = claim_row(federation)
_federation = sa.select(federation)
_charter = (
    sa.update(federation).where(federation.c.charter_on.is_(None)).values(charter_on=sa.bindparam("to_charter_on"))
)
_pool = sa.select(accounts.c.id).where(accounts.c.kind == "pool")
_pool_balance = sa.select(accounts.c.balance_minor).where(accounts.c.kind == "pool")
_of_till = accounts.alias("of_till")
_lying = (
    sa.select(sa.func.coalesce(sa.func.sum(_of_till.c.balance_minor), 0))
    .join(tills, tills.c.account_id == _of_till.c.id)
    .where(tills.c.coop_id == coops.c.id)
    .correlate(coops)
    .scalar_subquery()
)
# In one statement: a sweep between two would be counted twice or not at all.
_reach = (
    sa.select(sa.cast(accounts.c.balance_minor - accounts.c.floor_minor + _lying, sa.BigInteger))
    .join(coops, coops.c.account_id == accounts.c.id)
    .where(coops.c.id == sa.bindparam("of_coop"))
)


class Coop(NamedTuple):
    """Hold a co-op's row: its own account and whether it is active, suspended or left."""

    id: int
    account_id: int
    name: str
    status: str


class ClosingTill(NamedTuple):
    """Hold a till, locked, and whether a shift is open there."""

    id: str
    account_id: int
    closed_at: datetime | None
    has_shift: bool


def find(connection: sa.Connection, slug: str) -> Coop | None:
    """Give the co-op `slug`, if it was ever admitted."""
    found = connection.execute(_find, {"of_slug": slug}).first()
    return None if found is None else Coop(*found)


def known(connection: sa.Connection, slug: str, *, lock: bool = False) -> Coop:
    """Give the co-op `slug`.

    Raises: Refusal unknown_coop.
    Locks:  the row until commit, if asked.
    """
    found = connection.execute(_lock if lock else _find, {"of_slug": slug}).first()
    if found is None:
        raise refuse("unknown_coop")
    return Coop(*found)


def names(connection: sa.Connection) -> list[str]:
    """List the names of all co-ops that were ever admitted."""
    return list(connection.execute(_names).scalars())


def require_open(coop: Coop) -> Coop:
    """Give `coop` back.

    Raises: Refusal account_not_open, unless it is active.
    """
    if coop.status != "active":
        raise suspensions.closed(coop.name, coop.status)
    return coop


def require_active(coop: Coop) -> Coop:
    """Give `coop` back, for what moves no money.

    Raises: Refusal account_not_open, unless it is active.
    """
    if coop.status != "active":
        raise suspensions.rests(coop.name, coop.status)
    return coop


def require_inviting(coop: Coop) -> Coop:
    """Give `coop` back.

    Raises: Refusal account_not_open, unless it is active and may invite.
    """
    if coop.status != "active":
        raise suspensions.takes_nobody_in(coop.name, coop.status)
    return coop


def admit(connection: sa.Connection, row: dict[str, Any], credit_line_minor: int) -> None:
    """Admit a new co-op with the account it owes through."""
    account = open_account(connection, "coop", -credit_line_minor)
    made = connection.execute(_insert, row | {"account_id": account, "status": "active"}).scalar_one()
    terms.coop_enters(connection, made, row["admitted_at"])


def readmit(connection: sa.Connection, coop: Coop, credit_line_minor: int, now: datetime) -> None:
    """Admit a co-op that had left, with a credit line for now on."""
    ballots.close_due(connection, now)
    connection.execute(_status, {"of_id": coop.id, "to_status": "active", "to_left": None})
    terms.coop_enters(connection, coop.id, now)
    set_floor(connection, coop.account_id, -credit_line_minor)


def leave(connection: sa.Connection, coop: Coop, now: datetime) -> None:
    """Let a co-op leave; its balance stays.

    Locks: the accounts of its tills and its own, until commit.
    """
    # What was over before counts it.
    ballots.close_due(connection, now)
    suspensions.halt(connection, coop.id, coop.account_id, now)
    connection.execute(_status, {"of_id": coop.id, "to_status": "left", "to_left": now})
    terms.coop_leaves(connection, coop.id, now)


def reach(connection: sa.Connection, coop_id: int) -> int:
    """Give what a co-op can still pay in RES: its balance and that of its tills above its floor."""
    return int(connection.execute(_reach, {"of_coop": coop_id}).scalar_one())


def require_reach(connection: sa.Connection, coop: Coop, amount_minor: int) -> None:
    """Stop what `coop` could not pay as its accounts stand; paying it looks again, under their locks.

    Raises: Refusal insufficient_funds.
    """
    if amount_minor > reach(connection, coop.id):
        raise too_little(coop.name)


def too_little(name: str) -> Refusal:
    """Give the refusal of what the co-op `name` has too little for."""
    sentence = _(
        "The account of %(coop)s does not reach that far, even with its credit line. No money moved. Take a smaller "
        "sum, or ask a facilitator for a higher line.",
        coop=name,
    )
    return refuse("insufficient_funds", sentence)


def open_till(connection: sa.Connection, coop: Coop, till: str, name: str) -> None:
    """Open a counter of a co-op: an account that may go below zero by what it refunds."""
    account = open_account(connection, "till", None)
    connection.execute(_till, {"id": till, "coop_id": coop.id, "name": name, "account_id": account})


def set_res_part(connection: sa.Connection, coop_id: int, part_bp: int) -> None:
    """Keep the highest part of a sale that the co-op's tills take in RES."""
    connection.execute(_part, {"of_id": coop_id, "to_part": part_bp})


def set_refund_limit(connection: sa.Connection, coop_id: int, till: str, limit_minor: int) -> bool:
    """Keep what a cashier of a till gives back of one sale alone; tell whether the co-op has that till."""
    row = {"of_coop": coop_id, "of_till": till, "to_limit": limit_minor}
    return connection.execute(_limit, row).rowcount == 1


def till_for_closing(connection: sa.Connection, coop: Coop, till: str) -> ClosingTill:
    """Give a till of `coop` with whether a shift is open there.

    Raises: Refusal unknown_till.
    Locks:  the till until commit; on PostgreSQL a shift that is about to open there waits.
    """
    found = connection.execute(_lock_till, {"of_till": till, "of_coop": coop.id}).first()
    if found is None:
        raise no_such_till()
    shift = connection.execute(_open_shift, {"of_till": till}).scalar()
    return ClosingTill(found.id, found.account_id, found.closed_at, shift is not None)


def no_such_till() -> Refusal:
    """Say to a steward that the co-op has no such till."""
    return refuse(
        "unknown_till", _("There is no such till at this co-op. Nothing was changed. Look at the list again.")
    )


def close_till(connection: sa.Connection, till: str, closed_at: datetime | None) -> None:
    """Close a till for good, or with None open it again."""
    connection.execute(_close_till, {"of_till": till, "to_at": closed_at})


def the_federation(connection: sa.Connection) -> Any:
    """Give the one federation's row, or None before it is founded."""
    return connection.execute(_federation).first()


def found(connection: sa.Connection, name: str, zone: str, cash: str = "USD") -> bool:
    """Found the federation with its pool; tell whether it was not there before."""
    row = {"id": 1, "name": name, "zone": zone, "cash": cash}
    if connection.execute(_found.returning(federation.c.id), row).first() is None:
        return False
    open_account(connection, "pool", 0)
    return True


def set_charter_date(connection: sa.Connection, charter_on: str) -> None:
    """Fix the charter date, once."""
    connection.execute(_charter, {"to_charter_on": charter_on})


def pool_account(connection: sa.Connection) -> int:
    """Give the account of the federation's pool."""
    return int(connection.execute(_pool).scalar_one())


def pool_balance(connection: sa.Connection) -> int:
    """Give what lies in the federation's pool."""
    return int(connection.execute(_pool_balance).scalar_one())
