"""Rows of sessions: who is signed in, by the digest of a token that only the browser holds."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store.tables import coops, people, roles, sessions

_LOOK_UP = (
    sa.select(
        sessions.c.person_id,
        people.c.handle,
        people.c.name,
        people.c.counter_name,
        roles.c.role,
        coops.c.slug,
    )
    .select_from(
        sessions.join(people, people.c.id == sessions.c.person_id)
        .outerjoin(roles, sa.and_(roles.c.person_id == people.c.id, roles.c.revoked_at.is_(None)))
        .outerjoin(coops, coops.c.id == roles.c.coop_id)
    )
    .where(
        sessions.c.token_hash == sa.bindparam("digest"),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > sa.bindparam("now", type_=sessions.c.expires_at.type),
    )
    .order_by(roles.c.role, coops.c.slug)
)

_OPEN = sessions.insert().from_select(
    ["token_hash", "person_id", "created_at", "expires_at"],
    sa.select(
        sa.bindparam("digest", type_=sa.Text),
        people.c.id,
        sa.bindparam("now", type_=sessions.c.created_at.type),
        sa.bindparam("until", type_=sessions.c.expires_at.type),
    ).where(people.c.handle == sa.bindparam("person")),
).returning(sessions.c.id)

_CLOSE = (
    sessions.update()
    .where(sessions.c.token_hash == sa.bindparam("digest"), sessions.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("now", type_=sessions.c.revoked_at.type))
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Hold the digest of a session's token: who asks is found, and judged, in the act itself."""

    digest: str


Asker = str | Bearer


@dataclass(frozen=True, slots=True)
class SessionView:
    """Hold the person of a live session, with roles as pairs of name and co-op (None for the federation's)."""

    person_id: int
    handle: str
    name: str
    counter_name: str
    roles: tuple[tuple[str, str | None], ...]


def find(connection: sa.Connection, digest: str, now: datetime) -> SessionView | None:
    """Find the live session with this token digest."""
    rows = connection.execute(_LOOK_UP, {"digest": digest, "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    held = tuple((row.role, row.slug) for row in rows if row.role is not None)
    return SessionView(first.person_id, first.handle, first.name, first.counter_name, held)


def open_for(connection: sa.Connection, handle: str, digest: str, now: datetime, until: datetime) -> bool:
    """Open a session for the person `handle`; tell whether there is such a person."""
    values = {"person": handle, "digest": digest, "now": now, "until": until}
    return connection.execute(_OPEN, values).first() is not None


def close(connection: sa.Connection, digest: str, now: datetime) -> bool:
    """Revoke the session with this token digest; tell whether it was live."""
    return connection.execute(_CLOSE, {"digest": digest, "now": now}).rowcount == 1


def handle_of(connection: sa.Connection, asker: Asker, now: datetime) -> str:
    """Give the handle of who asks.

    Raises: Refusal not_signed_in, for a session that is not live.
    """
    if isinstance(asker, str):
        return asker
    found = find(connection, asker.digest, now)
    if found is None:
        raise refuse("not_signed_in")
    return found.handle
