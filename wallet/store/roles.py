"""Roles: who serves a co-op or the federation, and since when."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.roles import RESTS
from wallet.errors import refuse
from wallet.store import asking, confinements
from wallet.store import people as persons
from wallet.store.tables import people, roles

# A role that has ended, rests or has not begun serves nobody; `now` is the moment of the look.
IN_OFFICE = sa.and_(
    roles.c.revoked_at.is_(None), roles.c.granted_at <= sa.bindparam("now", type_=roles.c.granted_at.type)
)
_hold = (
    sa.select(people.c.id)
    .where(people.c.handle.in_(sa.bindparam("of_handles", expanding=True)))
    .order_by(people.c.id)
    .with_for_update(key_share=True)
)
_grant = sa.insert(roles)
_rests = sa.and_(
    roles.c.person_id == sa.bindparam("of_person"), roles.c.role.in_(sorted(RESTS)), roles.c.revoked_at.is_(None)
)
_end_resting = (
    sa.update(roles)
    .where(_rests)
    .values(revoked_at=sa.bindparam("now", type_=roles.c.revoked_at.type))
    .returning(roles.c.role, roles.c.coop_id, roles.c.granted_at)
)
_holds = sa.select(roles.c.id).where(
    roles.c.person_id == sa.bindparam("of_person"),
    roles.c.role == sa.bindparam("in_role"),
    sa.or_(roles.c.coop_id.is_(None), roles.c.coop_id == sa.bindparam("at_coop")),
    roles.c.revoked_at.is_(None),
)
_serves = _holds.where(roles.c.granted_at <= sa.bindparam("now", type_=roles.c.granted_at.type))
_serving = (
    sa.select(people.c.id, people.c.handle, people.c.name)
    .join(roles, roles.c.person_id == people.c.id)
    .where(roles.c.coop_id == sa.bindparam("at_coop"), roles.c.role == sa.bindparam("in_role"), IN_OFFICE)
    .order_by(people.c.name)
)
_deciding = (
    sa.select(people.c.handle, people.c.name, roles.c.coop_id)
    .join(roles, roles.c.person_id == people.c.id)
    .where(roles.c.role.in_(("steward", "facilitator")), IN_OFFICE)
)
_revoke_all = (
    sa.update(roles)
    .where(
        roles.c.person_id == sa.bindparam("of_person"),
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.revoked_at.is_(None),
    )
    .values(revoked_at=sa.bindparam("now", type_=roles.c.revoked_at.type))
)
_stop_facilitating = (
    sa.update(roles)
    .where(roles.c.person_id == sa.bindparam("of_person"), roles.c.role == "facilitator", roles.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("now", type_=roles.c.revoked_at.type))
)
_revoke = _revoke_all.where(roles.c.role == sa.bindparam("in_role"))
_holder_of = (
    sa.select(roles.c.id)
    .join(people, people.c.id == roles.c.person_id)
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        roles.c.role == sa.bindparam("in_role"),
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.revoked_at.is_(None),
    )
)


class Serving(NamedTuple):
    """Hold somebody who serves a co-op."""

    id: int
    handle: str
    name: str


def hold(connection: sa.Connection, *handles: str) -> None:
    """Let no role of these people begin, end or rest meanwhile: what they serve as is read after this.

    So who begins something by a role, or agrees to it, has done so before the role ends, and it ends with it as the
    rest does, or comes after, and is refused.
    Locks: the people, in one order whoever asks, until commit.
    """
    connection.execute(_hold, {"of_handles": list(handles)})


def grant(connection: sa.Connection, person_id: int, role: str, coop_id: int | None, now: datetime) -> None:
    """Give a person a role, at a co-op or in the federation; twice is once.

    One that rests while they are confined does not begin before that is over.
    Locks: the person, until commit.
    """
    persons.lock(connection, person_id)
    asked = {"of_person": person_id, "in_role": role, "at_coop": coop_id}
    if connection.execute(_holds, asked).first() is not None:
        return
    held = confinements.find(connection, person_id, now) if role in RESTS else None
    begins = max(now, held.until) if held else now
    connection.execute(_grant, {"person_id": person_id, "role": role, "coop_id": coop_id, "granted_at": begins})


def rest(connection: sa.Connection, person_id: int, now: datetime, until: datetime) -> None:
    """Let the roles of a confined person rest that move more than their own money.

    They end and begin anew when the confinement does, so every look at who serves finds them out of office without
    asking anything else.
    Locks: the person, until commit: a role that is given or ends at this moment rests or has ended.
    """
    persons.lock(connection, person_id)
    anew = [
        {"person_id": person_id, "role": row.role, "coop_id": row.coop_id, "granted_at": max(row.granted_at, until)}
        for row in connection.execute(_end_resting, {"of_person": person_id, "now": now})
    ]
    if anew:
        connection.execute(_grant, anew)


def revoke(connection: sa.Connection, person_id: int, role: str, coop_id: int, now: datetime) -> bool:
    """Take a role at a co-op from a person; tell whether they had it.

    Locks: the person, until commit.
    """
    persons.lock(connection, person_id)
    asked = {"of_person": person_id, "in_role": role, "at_coop": coop_id, "now": now}
    if not connection.execute(_revoke, asked).rowcount:
        return False
    if role == "steward":
        _ask_no_more(connection, person_id, coop_id, now)
    return True


def revoke_all(connection: sa.Connection, person_id: int, coop_id: int, now: datetime) -> None:
    """Take every role at a co-op from a person, one that has not begun too.

    Locks: the person, until commit.
    """
    persons.lock(connection, person_id)
    if connection.execute(_revoke_all, {"of_person": person_id, "at_coop": coop_id, "now": now}).rowcount:
        _ask_no_more(connection, person_id, coop_id, now)


def end_facilitating(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Take the federation's role from a person, and ask them for no yes any more but as their co-ops' steward."""
    connection.execute(_stop_facilitating, {"of_person": person_id, "now": now})
    asking.end_for_federation(connection, person_id, now)


def holds(connection: sa.Connection, handle: str, role: str, coop_id: int) -> bool:
    """Tell whether a person holds a role at a co-op."""
    asked = {"of_handle": handle, "in_role": role, "at_coop": coop_id}
    return connection.execute(_holder_of, asked).first() is not None


def serves(connection: sa.Connection, person_id: int, role: str, coop_id: int, now: datetime) -> bool:
    """Tell whether a person holds a role at a co-op that has begun."""
    asked = {"of_person": person_id, "in_role": role, "at_coop": coop_id, "now": now}
    return connection.execute(_serves, asked).first() is not None


def serving(connection: sa.Connection, coop_id: int, role: str, now: datetime) -> dict[str, Serving]:
    """Give all whose role at a co-op has begun, by handle."""
    rows = connection.execute(_serving, {"at_coop": coop_id, "in_role": role, "now": now})
    return {row.handle: Serving(row.id, row.handle, row.name) for row in rows}


def deciding(connection: sa.Connection, now: datetime) -> dict[int | None, dict[str, str]]:
    """Name, by handle, the stewards of each co-op by its key, and under None the facilitators, whose role has begun."""
    found = defaultdict[int | None, dict[str, str]](dict)
    for row in connection.execute(_deciding, {"now": now}):
        found[row.coop_id][row.handle] = row.name
    return found


def require_steward(connection: sa.Connection, coop_id: int, handle: str, now: datetime) -> Serving:
    """Give the steward `handle` of a co-op, whose role has begun and does not end meanwhile.

    Raises: Refusal not_allowed for anybody else.
    Locks:  the person, as `hold` does.
    """
    hold(connection, handle)
    found = serving(connection, coop_id, "steward", now).get(handle)
    if found is None:
        raise refuse("not_allowed")
    return found


def facilitates(connection: sa.Connection, person_id: int) -> bool:
    """Tell whether a person serves the federation."""
    asked = {"of_person": person_id, "in_role": "facilitator", "at_coop": None}
    return connection.execute(_holds, asked).first() is not None


def _ask_no_more(connection: sa.Connection, person_id: int, coop_id: int, now: datetime) -> None:
    helps = serves(connection, person_id, "facilitator", coop_id, now)
    asking.end(connection, person_id, coop_id, now, facilitates=helps)
