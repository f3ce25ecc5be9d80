"""Co-ops: admitted, open or not, how far they can pay, and how much of a sale they take in RES."""

from datetime import datetime
from itertools import chain, count
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.names import slug_from
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import ballots, federation, invitations, notices, paylines, payruns, proposals, suspensions, terms
from wallet.store.accounts import open_account, set_floor
from wallet.store.tables import accounts, coops, tills

_find = sa.select(coops.c.id, coops.c.account_id, coops.c.name, coops.c.status).where(
    coops.c.slug == sa.bindparam("of_slug")
)
_names = sa.select(coops.c.name)
_slugs = sa.select(coops.c.slug)
# Beside this lock a row that refers to the co-op can be written: who posts holds its account and may need one.
_lock = _find.with_for_update(key_share=True)
_insert = sa.insert(coops).returning(coops.c.id)
_status = (
    sa.update(coops)
    .where(coops.c.id == sa.bindparam("of_id"))
    .values(status=sa.bindparam("to_status"), left_at=sa.bindparam("to_left"))
)
_part = sa.update(coops).where(coops.c.id == sa.bindparam("of_id")).values(res_part_bp=sa.bindparam("to_part"))
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


def find(connection: sa.Connection, slug: str, *, lock: bool = False) -> Coop | None:
    """Give the co-op `slug`, if it was ever admitted.

    Locks:  the row until commit, if asked.
    """
    found = connection.execute(_lock if lock else _find, {"of_slug": slug}).first()
    return None if found is None else Coop(*found)


def known(connection: sa.Connection, slug: str, *, lock: bool = False) -> Coop:
    """Give the co-op `slug`.

    Raises: Refusal unknown_coop.
    Locks:  the row until commit, if asked.
    """
    found = find(connection, slug, lock=lock)
    if found is None:
        raise refuse("unknown_coop")
    return found


def names(connection: sa.Connection) -> list[str]:
    """List the names of all co-ops that were ever admitted."""
    return list(connection.execute(_names).scalars())


def free_slug(connection: sa.Connection, name: str, now: datetime) -> str:
    """Give a new co-op of this name a slug that no other has or waits to be admitted under."""
    waiting = {each.content["slug"] for each in proposals.waiting(connection, now) if each.kind == "admit"}
    taken, wanted = waiting.union(connection.execute(_slugs).scalars()), slug_from(name)
    return next(slug for slug in chain([wanted], (f"{wanted}-{number}" for number in count(2))) if slug not in taken)


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
    """Admit a co-op that had left, with a credit line for now on; no bill from before comes back to life."""
    ballots.close_due(connection, now)
    suspensions.end_bills(connection, coop.id, now)
    connection.execute(_status, {"of_id": coop.id, "to_status": "active", "to_left": None})
    terms.coop_enters(connection, coop.id, now)
    set_floor(connection, coop.account_id, -credit_line_minor)
    notices.ask_vote_at(connection, coop.id, now)


def leave(connection: sa.Connection, coop: Coop, now: datetime) -> None:
    """Let a co-op leave, with what waits there or about it, and its links; its balance stays.

    Locks: the federation against a ballot that opens, its pay runs that wait, the accounts of its tills and its own,
           then what it proposed and its links, until commit.
    """
    federation.hold(connection)
    # What was over before counts it.
    ballots.close_due(connection, now)
    for run in payruns.submitted_at(connection, coop.id):
        if payruns.give_back(connection, run, "left"):
            paylines.forget(connection, run.id)
            notices.done(connection, payruns.page_of(run.coop, run.id), now)
    suspensions.halt(connection, coop.id, coop.account_id, now)
    connection.execute(_status, {"of_id": coop.id, "to_status": "left", "to_left": now})
    terms.coop_leaves(connection, coop.id, now)
    proposals.withdraw_at(connection, coop.id, now)
    invitations.withdraw_at(connection, coop.id, now)
    notices.ask_no_vote_at(connection, coop.id, now)


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


def set_res_part(connection: sa.Connection, coop_id: int, part_bp: int) -> None:
    """Keep the highest part of a sale that the co-op's tills take in RES."""
    connection.execute(_part, {"of_id": coop_id, "to_part": part_bp})
