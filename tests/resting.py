"""Roles that rest: as for three days those of who came back by a way agreed in person."""

from datetime import timedelta

from wallet.kit import Kit
from wallet.store import people, roles
from wallet.store.engine import write

DAYS = 3


def rest(kit: Kit, handle: str) -> None:
    """Let somebody's roles rest from now on."""
    now = kit.clock()
    until = now + timedelta(days=DAYS)
    write(kit.engine, lambda connection: roles.rest(connection, people.holder(connection, handle).id, now, until))
