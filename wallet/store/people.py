"""People: their handles, wallets and roles."""

import json
from datetime import datetime
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from wallet.domain.recovery import CONFINED
from wallet.domain.roles import RESTS
from wallet.errors import refuse
from wallet.store.accounts import open_account
from wallet.store.engine import is_postgresql
from wallet.store.statements import claim_row
from wallet.store.tables import accounts, people, roles

_handle = people.c.handle == sa.bindparam("of_handle")
_find = sa.select(people.c.id, people.c.account_id, people.c.name, people.c.counter_name).where(_handle)
_payer = _find.join(accounts, accounts.c.id == people.c.account_id).with_for_update(of=accounts)
_handle_by_id = sa.select(people.c.handle).where(people.c.id == sa.bindparam("of_id"))
_confined = sa.select(people.c.confined_until).where(people.c.id == sa.bindparam("of_id"))
_confine = (
    sa.update(people)
    .where(people.c.id == sa.bindparam("of_id"))
    .values(confined_until=sa.bindparam("to_at", type_=people.c.confined_until.type))
)
_insert = claim_row(people).returning(people.c.id)
_open = sa.update(people).where(people.c.id == sa.bindparam("of_id")).values(account_id=sa.bindparam("to_account"))
_grant = sa.insert(roles)
_rests = sa.and_(
    roles.c.person_id == sa.bindparam("of_person"), roles.c.role.in_(sorted(RESTS)), roles.c.revoked_at.is_(None)
)
_resting = sa.select(roles.c.role, roles.c.coop_id, roles.c.granted_at).where(_rests)
_end_resting = sa.update(roles).where(_rests).values(revoked_at=sa.bindparam("now", type_=roles.c.revoked_at.type))
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
    .where(
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.role == sa.bindparam("in_role"),
        roles.c.revoked_at.is_(None),
        roles.c.granted_at <= sa.bindparam("now", type_=roles.c.granted_at.type),
    )
    .order_by(people.c.name)
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
_revoke = _revoke_all.where(roles.c.role == sa.bindparam("in_role"))
_holder_of = (
    sa.select(roles.c.id)
    .join(people, people.c.id == roles.c.person_id)
    .where(
        _handle,
        roles.c.role == sa.bindparam("in_role"),
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.revoked_at.is_(None),
    )
)


class Person(NamedTuple):
    """Hold who a handle names; `account_id` is None before there is a wallet."""

    id: int
    account_id: int | None
    name: str
    counter_name: str


class Confinement(NamedTuple):
    """Hold when somebody came back by a way agreed in person, and until when they are held to small sums."""

    since: datetime
    until: datetime


class Holder(NamedTuple):
    """Hold a person who has a wallet."""

    id: int
    account_id: int
    name: str
    counter_name: str


class Serving(NamedTuple):
    """Hold somebody who serves a co-op."""

    id: int
    handle: str
    name: str


def find(connection: sa.Connection, handle: str) -> Person | None:
    """Give the person called `handle`, if there is one."""
    found = connection.execute(_find, {"of_handle": handle}).first()
    return None if found is None else Person(*found)


def holder(connection: sa.Connection, handle: str) -> Holder:
    """Give the person called `handle`, who has a wallet.

    Raises: Refusal unknown_member.
    """
    found = find(connection, handle)
    if found is None or found.account_id is None:
        raise refuse("unknown_member")
    return Holder(found.id, found.account_id, found.name, found.counter_name)


def payer(connection: sa.Connection, handle: str) -> Holder:
    """Give the person called `handle`, who is about to pay: what is read of them next is what stands until they have.

    Raises: Refusal unknown_member.
    Locks:  the wallet, until commit.
    """
    found = connection.execute(_payer, {"of_handle": handle}).first()
    if found is None:
        raise refuse("unknown_member")
    return Holder(*found)


def with_wallet(
    connection: sa.Connection, handle: str, now: datetime, name: str | None = None, counter_name: str | None = None
) -> tuple[Holder, bool]:
    """Give the person called `handle`, made and given a wallet if need be; tell whether the wallet is new."""
    found = find(connection, handle)
    if found is None:
        full = name or handle
        row = {"handle": handle, "name": full, "counter_name": counter_name or full, "joined_at": now}
        connection.execute(_insert, row)
        found = find(connection, handle)
        assert found is not None
    if found.account_id is not None:
        return Holder(found.id, found.account_id, found.name, found.counter_name), False
    account = open_account(connection, "wallet", 0)
    connection.execute(_open, {"of_id": found.id, "to_account": account})
    return Holder(found.id, account, found.name, found.counter_name), True


def newcomer(connection: sa.Connection, wanted: str, now: datetime, name: str, counter_name: str) -> Holder:
    """Make a person who is not here yet and open their wallet; a handle that is taken gets a number behind it."""
    account = open_account(connection, "wallet", 0)
    for number in count(1):
        handle = wanted if number == 1 else f"{wanted}-{number}"
        row = {"handle": handle, "name": name, "counter_name": counter_name, "joined_at": now}
        made = connection.execute(_insert, row).scalar_one_or_none()
        if made is not None:
            connection.execute(_open, {"of_id": made, "to_account": account})
            return Holder(made, account, name, counter_name)
    raise AssertionError("numbers do not end")


def confine(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Hold who came back `now` to small sums, whatever passkey proves a payment; what moves more than theirs rests.

    Their roles as steward and facilitator end and begin anew when the three days are over, so every look at who serves
    finds them out of office without asking anything else.
    """
    until = now + CONFINED
    connection.execute(_confine, {"of_id": person_id, "to_at": until})
    held = connection.execute(_resting, {"of_person": person_id}).all()
    if not held:
        return
    connection.execute(_end_resting, {"of_person": person_id, "now": now})
    anew = [
        {"person_id": person_id, "role": row.role, "coop_id": row.coop_id, "granted_at": max(row.granted_at, until)}
        for row in held
    ]
    connection.execute(_grant, anew)


def confinement(connection: sa.Connection, person_id: int, now: datetime) -> Confinement | None:
    """Tell since when and until when a person is held to small sums, if they are."""
    until = connection.execute(_confined, {"of_id": person_id}).scalar_one()
    return Confinement(until - CONFINED, until) if until is not None and now < until else None


def is_confined(connection: sa.Connection, person_id: int, now: datetime) -> bool:
    """Tell whether a person is held to the limits of a session."""
    return confinement(connection, person_id, now) is not None


def handle_of(connection: sa.Connection, person_id: int) -> str:
    """Give the handle of the person with this key."""
    return str(connection.execute(_handle_by_id, {"of_id": person_id}).scalar_one())


def handles_of(connection: sa.Connection, ids: list[int]) -> dict[int, str]:
    """Give the handles of the people with these keys, however many they are."""
    if is_postgresql(connection):
        wanted = people.c.id == sa.any_(sa.literal(ids, ARRAY(sa.BigInteger)))
    else:
        wanted = people.c.id.in_(sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value))
    found = connection.execute(sa.select(people.c.id, people.c.handle).where(wanted))
    return {row.id: row.handle for row in found}


def grant(connection: sa.Connection, person_id: int, role: str, coop_id: int | None, now: datetime) -> None:
    """Give a person a role, at a co-op or in the federation; twice is once.

    One that rests while they are confined does not begin before that is over.
    """
    asked = {"of_person": person_id, "in_role": role, "at_coop": coop_id}
    if connection.execute(_holds, asked).first() is not None:
        return
    held = confinement(connection, person_id, now) if role in RESTS else None
    begins = max(now, held.until) if held else now
    connection.execute(_grant, {"person_id": person_id, "role": role, "coop_id": coop_id, "granted_at": begins})


def revoke(connection: sa.Connection, person_id: int, role: str, coop_id: int, now: datetime) -> bool:
    """Take a role at a co-op from a person; tell whether they had it."""
    asked = {"of_person": person_id, "in_role": role, "at_coop": coop_id, "now": now}
    return connection.execute(_revoke, asked).rowcount > 0


def revoke_all(connection: sa.Connection, person_id: int, coop_id: int, now: datetime) -> None:
    """Take every role at a co-op from a person, one that has not begun too."""
    connection.execute(_revoke_all, {"of_person": person_id, "at_coop": coop_id, "now": now})


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


def facilitates(connection: sa.Connection, person_id: int) -> bool:
    """Tell whether a person serves the federation."""
    asked = {"of_person": person_id, "in_role": "facilitator", "at_coop": None}
    return connection.execute(_holds, asked).first() is not None
