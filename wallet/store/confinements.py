"""Confinements: who came back by a way agreed in person is held to small sums for three days."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.recovery import CONFINED
from wallet.store.tables import people

_confined = sa.select(people.c.confined_until).where(people.c.id == sa.bindparam("of_id"))
_confine = (
    sa.update(people)
    .where(people.c.id == sa.bindparam("of_id"))
    .values(confined_until=sa.bindparam("to_at", type_=people.c.confined_until.type))
)


class Confinement(NamedTuple):
    """Hold when somebody came back by a way agreed in person, and until when they are held to small sums."""

    since: datetime
    until: datetime


def confine(connection: sa.Connection, person_id: int, now: datetime) -> datetime:
    """Hold who came back `now` to small sums, whatever passkey proves a payment; tell until when."""
    until = now + CONFINED
    connection.execute(_confine, {"of_id": person_id, "to_at": until})
    return until


def find(connection: sa.Connection, person_id: int, now: datetime) -> Confinement | None:
    """Tell since when and until when a person is held to small sums, if they are."""
    until = connection.execute(_confined, {"of_id": person_id}).scalar_one()
    return Confinement(until - CONFINED, until) if until is not None and now < until else None


def is_confined(connection: sa.Connection, person_id: int, now: datetime) -> bool:
    """Tell whether a person is held to the limits of a session."""
    return find(connection, person_id, now) is not None
