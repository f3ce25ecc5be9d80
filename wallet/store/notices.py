"""Notices: what changed about a person's ways in, shown to them until they have seen it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import notices

SHOWN = 10

_insert = sa.insert(notices)
_last = (
    sa.select(notices.c.kind, notices.c.about, notices.c.at, notices.c.seen_at)
    .where(notices.c.person_id == sa.bindparam("of_person"))
    .order_by(notices.c.at.desc(), notices.c.id.desc())
    .limit(SHOWN)
)
_unseen = sa.and_(notices.c.person_id == sa.bindparam("of_person"), notices.c.seen_at.is_(None))
_count = sa.select(sa.func.count()).select_from(notices).where(_unseen)
_see = (
    sa.update(notices)
    .where(_unseen, notices.c.at <= sa.bindparam("now", type_=notices.c.at.type))
    .values(seen_at=sa.bindparam("now", type_=notices.c.seen_at.type))
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one thing that happened; `about` fills the sentence of its kind."""

    kind: str
    about: str
    at: datetime
    seen_at: datetime | None


def tell(connection: sa.Connection, person_id: int, kind: str, now: datetime, about: str = "") -> None:
    """Leave a notice for a person, who sees it on every device."""
    connection.execute(_insert, {"person_id": person_id, "kind": kind, "about": about, "at": now})


def last(connection: sa.Connection, person_id: int) -> tuple[Notice, ...]:
    """List the last things that happened, newest first."""
    return tuple(Notice(*row) for row in connection.execute(_last, {"of_person": person_id}))


def unseen(connection: sa.Connection, person_id: int) -> int:
    """Count what a person has not seen yet."""
    return int(connection.execute(_count, {"of_person": person_id}).scalar_one())


def see(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Note that a person has seen what happened up to now."""
    connection.execute(_see, {"of_person": person_id, "now": now})
