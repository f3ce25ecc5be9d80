"""Roles that rest: as for three days those of who came back by a way agreed in person."""

import sqlalchemy as sa

from wallet.kit import Kit
from wallet.store import confinements, people, roles
from wallet.store.engine import write

DAYS = 3


def rest(kit: Kit, handle: str) -> None:
    """Let somebody's roles rest from now on."""
    now = kit.clock()

    def work(connection: sa.Connection) -> None:
        person = people.holder(connection, handle).id
        roles.rest(connection, person, now, confinements.confine(connection, person, now))

    write(kit.engine, work)
