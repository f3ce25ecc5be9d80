"""Terms: who was a member of which co-op, and which co-op was in, at an instant that is over."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import coop_terms, member_terms
from wallet.store.upserts import claim_row

_coop_enters = claim_row(coop_terms)
_member_enters = claim_row(member_terms)
_to_at = sa.bindparam("to_at", type_=coop_terms.c.until_at.type)
_coop_leaves = (
    sa.update(coop_terms)
    .where(coop_terms.c.coop_id == sa.bindparam("of_coop"), coop_terms.c.until_at.is_(None))
    .values(until_at=_to_at)
)
_member_leaves = (
    sa.update(member_terms)
    .where(
        member_terms.c.person_id == sa.bindparam("of_person"),
        member_terms.c.coop_id == sa.bindparam("of_coop"),
        member_terms.c.until_at.is_(None),
    )
    .values(until_at=_to_at)
)
_instant = sa.bindparam("stood_at", type_=coop_terms.c.from_at.type)


def _stood(terms: sa.Table) -> sa.ColumnElement[bool]:
    """Tell that a term had begun before an instant, and was not over before it."""
    return sa.and_(terms.c.from_at < _instant, sa.or_(terms.c.until_at.is_(None), terms.c.until_at >= _instant))


def stood_at(
    person_id: sa.ColumnElement[int], coop_id: sa.ColumnElement[int], at: sa.ColumnElement[datetime]
) -> sa.ColumnElement[bool]:
    """Find the term in which a person was a member of a co-op at the instant of a row; there is one at the most."""
    return sa.and_(
        member_terms.c.person_id == person_id,
        member_terms.c.coop_id == coop_id,
        member_terms.c.from_at <= at,
        sa.or_(member_terms.c.until_at.is_(None), member_terms.c.until_at > at),
    )


# The term of a co-op that was in, as of everything that happened before the instant `stood_at`.
coop_stood = _stood(coop_terms)
# People who were members of a co-op that was in, as of everything that happened before the instant `stood_at`.
active_people = (
    sa.select(member_terms.c.person_id)
    .join(coop_terms, coop_terms.c.coop_id == member_terms.c.coop_id)
    .where(_stood(member_terms), coop_stood)
)


def coop_enters(connection: sa.Connection, coop_id: int, at: datetime) -> None:
    """Begin a co-op's term."""
    connection.execute(_coop_enters, {"coop_id": coop_id, "from_at": at})


def coop_leaves(connection: sa.Connection, coop_id: int, at: datetime) -> None:
    """End a co-op's term."""
    connection.execute(_coop_leaves, {"of_coop": coop_id, "to_at": at})


def member_enters(connection: sa.Connection, person_id: int, coop_id: int, at: datetime) -> None:
    """Begin a membership's term."""
    connection.execute(_member_enters, {"person_id": person_id, "coop_id": coop_id, "from_at": at})


def member_leaves(connection: sa.Connection, person_id: int, coop_id: int, at: datetime) -> None:
    """End a membership's term."""
    connection.execute(_member_leaves, {"of_person": person_id, "of_coop": coop_id, "to_at": at})
