"""Rows of lists of people who are to be invited: checked, and not yet sent off."""

import json
from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import invitation_lists

_insert = sa.insert(invitation_lists).returning(invitation_lists.c.id)
_mine = sa.and_(
    invitation_lists.c.id == sa.bindparam("of_id"),
    invitation_lists.c.coop_id == sa.bindparam("at_coop"),
    invitation_lists.c.used_at.is_(None),
)
_find = sa.select(invitation_lists.c.people).where(_mine)
# Once the invitations are made the names need not be kept a second time.
_use = (
    sa.update(invitation_lists)
    .where(_mine)
    .values(used_at=sa.bindparam("now", type_=invitation_lists.c.used_at.type), people="[]")
)


def keep(connection: sa.Connection, coop_id: int, person_id: int, people: list[list[str]], now: datetime) -> int:
    """Keep a list of pairs of name and kind."""
    row = {"coop_id": coop_id, "made_by": person_id, "made_at": now, "people": json.dumps(people)}
    return int(connection.execute(_insert, row).scalar_one())


def use(connection: sa.Connection, list_id: int, coop_id: int, now: datetime) -> list[list[str]] | None:
    """Give the people of a list that is not used yet, and use it up; of any number at once one gets them."""
    asked = {"of_id": list_id, "at_coop": coop_id}
    found = connection.execute(_find, asked).scalar_one_or_none()
    if found is None or connection.execute(_use, asked | {"now": now}).rowcount != 1:
        return None
    people: list[list[str]] = json.loads(found)
    return people
