"""Codes by which a member is found who wants to receive RES: short-lived, and good for nothing else."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain import base32
from wallet.store.tables import people, receive_codes
from wallet.store.upserts import replace_row

LIVES = timedelta(minutes=10)

_draw = replace_row(receive_codes)
_live = receive_codes.c.expires_at > sa.bindparam("now", type_=receive_codes.c.expires_at.type)
_of_person = sa.select(receive_codes.c.code, receive_codes.c.expires_at).where(
    receive_codes.c.person_id == sa.bindparam("of_person"), _live
)
_whose = (
    sa.select(people.c.handle, people.c.counter_name)
    .join(receive_codes, receive_codes.c.person_id == people.c.id)
    .where(receive_codes.c.code == sa.bindparam("of_code"), _live)
)


class ReceiveCode(NamedTuple):
    """Hold a live code and the instant from which it finds nobody."""

    code: str
    expires_at: datetime


class Found(NamedTuple):
    """Hold whom a code finds: the name is the one they chose for counters."""

    handle: str
    name: str


def draw(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Draw a new code for a person; the former finds nobody any more."""
    row = {"person_id": person_id, "code": base32.written(secrets.token_bytes(8)), "expires_at": now + LIVES}
    connection.execute(_draw, row)


def of_person(connection: sa.Connection, person_id: int, now: datetime) -> ReceiveCode | None:
    """Give a person's live code, if there is one."""
    found = connection.execute(_of_person, {"of_person": person_id, "now": now}).first()
    return None if found is None else ReceiveCode(*found)


def whose(connection: sa.Connection, code: str, now: datetime) -> Found | None:
    """Give whom a code finds while it lives."""
    found = connection.execute(_whose, {"of_code": code, "now": now}).first()
    return None if found is None else Found(*found)
