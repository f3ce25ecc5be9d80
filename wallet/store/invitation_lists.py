"""Rows of lists of people who are to be invited: checked, and not yet sent off."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import invitation_lists

_insert = sa.insert(invitation_lists).returning(invitation_lists.c.id)
_mine = sa.and_(invitation_lists.c.id == sa.bindparam("of_id"), invitation_lists.c.coop_id == sa.bindparam("at_coop"))
_find = sa.select(invitation_lists.c.people, invitation_lists.c.key_digest).where(_mine)
_use = (
    sa.update(invitation_lists)
    .where(_mine, invitation_lists.c.used_at.is_(None))
    .values(used_at=sa.bindparam("now", type_=invitation_lists.c.used_at.type), key_digest=sa.bindparam("with_key"))
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold the pairs of name and kind of a list, and whether its invitations were made before, with the same key."""

    people: list[list[str]]
    again: bool


def keep(connection: sa.Connection, coop_id: int, person_id: int, people: list[list[str]], now: datetime) -> int:
    """Keep a list of pairs of name and kind."""
    row = {"coop_id": coop_id, "made_by": person_id, "made_at": now, "people": json.dumps(people)}
    return int(connection.execute(_insert, row).scalar_one())


def use(connection: sa.Connection, list_id: int, coop_id: int, key_digest: str, now: datetime) -> Kept | None:
    """Give the people of a list and use it up; of any number of keys one gets them, as often as it asks.

    Locks: the list's row, until commit.
    """
    asked = {"of_id": list_id, "at_coop": coop_id}
    first = connection.execute(_use, asked | {"now": now, "with_key": key_digest}).rowcount == 1
    found = connection.execute(_find, asked).first()
    if found is None or found.key_digest != key_digest:
        return None
    return Kept(json.loads(found.people), not first)
