"""People: their handles and wallets."""

import json
from datetime import datetime
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from wallet.errors import refuse
from wallet.store.accounts import open_account
from wallet.store.engine import is_postgresql
from wallet.store.tables import accounts, people
from wallet.store.upserts import claim_row

_handle = people.c.handle == sa.bindparam("of_handle")
_find = sa.select(people.c.id, people.c.account_id, people.c.name, people.c.counter_name).where(_handle)
_payer = _find.join(accounts, accounts.c.id == people.c.account_id).with_for_update(of=accounts)
# Beside this lock a row that refers to the person can be written: who pays them holds their account and may need one.
_lock = sa.select(people.c.id).where(people.c.id == sa.bindparam("of_id")).with_for_update(key_share=True)
_handle_by_id = sa.select(people.c.handle).where(people.c.id == sa.bindparam("of_id"))
_insert = claim_row(people).returning(people.c.id)
_open = sa.update(people).where(people.c.id == sa.bindparam("of_id")).values(account_id=sa.bindparam("to_account"))


class Person(NamedTuple):
    """Hold who a handle names; `account_id` is None before there is a wallet."""

    id: int
    account_id: int | None
    name: str
    counter_name: str


class Holder(NamedTuple):
    """Hold a person who has a wallet."""

    id: int
    account_id: int
    name: str
    counter_name: str


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


def lock(connection: sa.Connection, person_id: int) -> None:
    """Let nobody else change meanwhile how a person gets in, what they serve as, or their limits.

    What is read of them next stands until commit. It is taken before their sessions, passkeys, phones, roles and
    ways back.
    Locks:  the person's row, until commit.
    """
    connection.execute(_lock, {"of_id": person_id})


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
