"""Own sets: the co-ops at which a person's purchases do not count."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store import federation, notices, people, proposals, role_ends, roles, terms, tillkeys
from wallet.store.tables import coops, own_set, pay_lines
from wallet.store.upserts import replace_row

_paid = replace_row(own_set, "last_paid_at")
_paid_by_run = _paid.from_select(
    ["person_id", "coop_id", "is_member", "last_paid_at"],
    sa.select(
        pay_lines.c.person_id,
        sa.bindparam("at_coop", type_=sa.BigInteger),
        sa.false(),
        sa.bindparam("now", type_=own_set.c.last_paid_at.type),
    ).where(pay_lines.c.run_id == sa.bindparam("of_run")),
)
_joined = replace_row(own_set, "is_member", "member_since")
_here = sa.and_(own_set.c.person_id == sa.bindparam("of_person"), own_set.c.coop_id == sa.bindparam("of_coop"))
_why = sa.select(own_set.c.is_member, own_set.c.last_paid_at).where(_here)
_left = sa.update(own_set).where(_here, own_set.c.is_member).values(is_member=False, member_since=None)


def in_work(person_id: sa.ColumnElement[int]) -> sa.Exists:
    """Find whether a person works at a co-op that is in."""
    return sa.exists(
        sa.select(sa.literal(1))
        .select_from(own_set.join(coops, coops.c.id == own_set.c.coop_id))
        .where(own_set.c.person_id == person_id, own_set.c.is_member, coops.c.status == "active")
    )


_works = sa.select(in_work(sa.bindparam("of_person", type_=sa.BigInteger)))


def why_own(connection: sa.Connection, person_id: int, coop_id: int, at: datetime, charter: Charter) -> str | None:
    """Tell why a co-op is in a person's own set at `at`: `member`, `paid`, or None if it is not."""
    found = connection.execute(_why, {"of_person": person_id, "of_coop": coop_id}).first()
    return None if found is None else reason(*found, at, charter.own_set_days)


def reason(is_member: bool | None, last_paid_at: datetime | None, at: datetime, own_set_days: int) -> str | None:
    """Tell by a row of an own set why its co-op is in it at `at`: `member`, `paid`, or None if it is not."""
    if is_member:
        return "member"
    if last_paid_at is None or at - last_paid_at > timedelta(days=own_set_days):
        return None
    return "paid"


def works_at(connection: sa.Connection, person_id: int, coop_id: int) -> bool:
    """Tell whether a worker membership stands."""
    found = connection.execute(_why, {"of_person": person_id, "of_coop": coop_id}).first()
    return found is not None and bool(found.is_member)


def works(connection: sa.Connection, person_id: int) -> bool:
    """Tell whether a person works at a co-op that is in."""
    return bool(connection.execute(_works, {"of_person": person_id}).scalar_one())


def paid(connection: sa.Connection, person_id: int, coop_id: int, at: datetime) -> None:
    """Note that a co-op paid a person at `at`."""
    row = {"person_id": person_id, "coop_id": coop_id, "is_member": False, "last_paid_at": at}
    connection.execute(_paid, row)


def paid_by_run(connection: sa.Connection, run_id: int, coop_id: int, at: datetime) -> None:
    """Note that a co-op paid everybody of a run at `at`."""
    connection.execute(_paid_by_run, {"of_run": run_id, "at_coop": coop_id, "now": at})


def joined(connection: sa.Connection, person_id: int, coop_id: int, at: datetime) -> bool:
    """Note that a worker membership begins; tell whether it did, or stood already."""
    found = connection.execute(_why, {"of_person": person_id, "of_coop": coop_id}).first()
    if found is not None and found.is_member:
        return False
    connection.execute(
        _joined,
        {"person_id": person_id, "coop_id": coop_id, "is_member": True, "member_since": at, "last_paid_at": None},
    )
    terms.member_enters(connection, person_id, coop_id, at)
    if found is not None:
        # Who was never there has no place on a roll.
        notices.ask_vote(connection, person_id, at)
    return True


def left(connection: sa.Connection, person_id: int, coop_id: int, at: datetime) -> bool:
    """Note that a worker membership ends, with its roles, what waits about them and what began by them.

    Tell whether there was one.
    Locks: the person, what waits, then the federation against a ballot that opens, until commit: a role that they take
           up at this moment ends too, and what they begin by one.
    """
    people.lock(connection, person_id)
    handle = people.handle_of(connection, person_id)
    proposals.withdraw_about(connection, handle, coop_id, at)
    if roles.holds(connection, handle, "steward", coop_id):
        role_ends.end(connection, person_id, coop_id, at)
    federation.hold(connection)
    terms.member_leaves(connection, person_id, coop_id, at)
    if roles.serves(connection, person_id, "cashier", coop_id, at):
        tillkeys.renew_of_coop(connection, coop_id, at)
    roles.revoke_all(connection, person_id, coop_id, at)
    if connection.execute(_left, {"of_person": person_id, "of_coop": coop_id}).rowcount != 1:
        return False
    notices.ask_no_vote(connection, person_id, at)
    return True
