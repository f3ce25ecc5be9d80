"""Rows of sessions: who is signed in, by the digest of a token that only the browser holds."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.lately import AHEAD
from wallet.domain.pairing import is_awake
from wallet.errors import refuse
from wallet.store import codes, pairings
from wallet.store import people as persons
from wallet.store.tables import coops, notices, people, roles, sessions

# A time that is further ahead, from before the clock was set back, says of no browser what it has shown since.
_shown_at = sa.func.coalesce(sessions.c.looked_at, sessions.c.created_at)
# What happened to the ways in after this browser was signed in, or after it last showed what happened. What was seen
# before it happened, as the clock was ahead, counts from then.
_unseen = (
    sa.select(sa.func.count())
    .select_from(notices)
    .where(
        notices.c.person_id == sessions.c.person_id,
        notices.c.topic == "access",
        sa.case((notices.c.seen_at < notices.c.at, notices.c.seen_at), else_=notices.c.at)
        > sa.case((_shown_at <= sa.bindparam("ahead", type_=notices.c.at.type), _shown_at), else_=0),
    )
    .correlate(sessions)
    .scalar_subquery()
)
# What moved or still asks for an answer, and was shown on no browser yet.
_news = (
    sa.select(sa.literal(1))
    .where(
        notices.c.person_id == sessions.c.person_id,
        # Written out, so that a prepared statement finds the index of just these.
        notices.c.topic == sa.literal_column("'money'"),
        notices.c.seen_at.is_(None),
        sa.or_(notices.c.until_at.is_(None), notices.c.until_at > sa.bindparam("now", type_=notices.c.until_at.type)),
    )
    .correlate(sessions)
    .exists()
)
_LOOK_UP = (
    sa.select(
        sessions.c.person_id,
        people.c.handle,
        people.c.name,
        people.c.counter_name,
        roles.c.role,
        coops.c.slug,
        roles.c.granted_at,
        people.c.confined_until,
        sessions.c.id.label("session_id"),
        sessions.c.means,
        sessions.c.asserted_at,
        sessions.c.tablet_id,
        sessions.c.expires_at,
        _unseen.label("unseen"),
        _news.label("news"),
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

_OPEN = (
    sessions.insert()
    .from_select(
        ["token_hash", "person_id", "created_at", "expires_at", "device", "means", "asserted_at"],
        sa.select(
            sa.bindparam("digest", type_=sa.Text),
            people.c.id,
            sa.bindparam("now", type_=sessions.c.created_at.type),
            sa.bindparam("until", type_=sessions.c.expires_at.type),
            sa.bindparam("by_device", type_=sa.Text),
            sa.bindparam("by_means", type_=sa.Text),
            sa.bindparam("proved_at", type_=sessions.c.asserted_at.type),
        ).where(people.c.handle == sa.bindparam("person")),
    )
    .returning(sessions.c.id)
)

_CLOSE = (
    sessions.update()
    .where(sessions.c.token_hash == sa.bindparam("digest"), sessions.c.revoked_at.is_(None))
    .values(revoked_at=sa.bindparam("now", type_=sessions.c.revoked_at.type))
    .returning(sessions.c.id)
)

_live = sa.and_(
    sessions.c.revoked_at.is_(None), sessions.c.expires_at > sa.bindparam("now", type_=sessions.c.expires_at.type)
)
_of_person = sa.and_(sessions.c.person_id == sa.bindparam("of_person"), sessions.c.revoked_at.is_(None))
_held = (
    sa.select(sessions.c.id)
    .where(_of_person, sessions.c.token_hash == sa.bindparam("digest"), _live)
    .with_for_update(read=True)
)
_all = (
    sa.select(sessions.c.id, sessions.c.device, sessions.c.means, sessions.c.created_at, sessions.c.token_hash)
    .where(sessions.c.person_id == sa.bindparam("of_person"), _live)
    .order_by(sessions.c.created_at.desc(), sessions.c.id.desc())
)
_revoked = {"revoked_at": sa.bindparam("now", type_=sessions.c.revoked_at.type)}
_close_of = sessions.update().where(_of_person).values(**_revoked)
_close_everyones = sessions.update().where(sessions.c.revoked_at.is_(None)).values(**_revoked)
_close_one = sessions.update().where(_of_person, sessions.c.id == sa.bindparam("of_id")).values(**_revoked)
_look = (
    sessions.update()
    .where(sessions.c.token_hash == sa.bindparam("digest"))
    .values(looked_at=sa.bindparam("now", type_=sessions.c.looked_at.type))
)
_own_act = (
    sessions.update()
    .where(sessions.c.id == sa.bindparam("of_id"), _unseen == 0)
    .values(looked_at=sa.bindparam("now", type_=sessions.c.looked_at.type))
)
_assert = (
    sessions.update()
    .where(sessions.c.token_hash == sa.bindparam("digest"), _live)
    .values(asserted_at=sa.bindparam("now", type_=sessions.c.asserted_at.type))
)
_means = sa.select(sessions.c.means).where(sessions.c.token_hash == sa.bindparam("digest"))


@dataclass(frozen=True, slots=True)
class Bearer:
    """Hold the digest of a session's token: who asks is found, and judged, in the act itself."""

    digest: str


@dataclass(frozen=True, slots=True)
class Doorway:
    """Hold what a sign-in needs of the browser: digests of its ceremony, its former and its new session; its name.

    `until` is when the new session runs out.
    """

    bearer: str
    new: str
    until: datetime
    former: str | None = None
    device: str = ""


Asker = str | Bearer


@dataclass(frozen=True, slots=True)
class SessionView:
    """Hold the person of a live session, with roles as pairs of name and co-op (None for the federation's)."""

    person_id: int
    handle: str
    name: str
    counter_name: str
    roles: tuple[tuple[str, str | None], ...]
    session_id: int = 0
    means: str = ""
    asserted_at: datetime | None = None
    unseen: int = 0
    has_news: bool = False
    # While the person is held to small sums after a way back: until when, and the roles that rest so long.
    confined_until: datetime | None = None
    resting: tuple[tuple[str, str | None], ...] = ()
    # Roles that have been given and begin later, with when.
    coming: tuple[tuple[tuple[str, str | None], datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Hold a live session as its owner sees it."""

    id: int
    device: str
    means: str
    created_at: datetime
    digest: str


def find(connection: sa.Connection, digest: str, now: datetime) -> SessionView | None:
    """Find the live session with this token digest."""
    rows = connection.execute(_LOOK_UP, {"digest": digest, "now": now, "ahead": now + AHEAD}).all()
    first = rows[0] if rows else None
    if first is None or (first.tablet_id is not None and not is_awake(first.expires_at, now)):
        return None
    given = [row for row in rows if row.role is not None]
    # A new steward waits before the role begins, as does who came back.
    held = tuple((row.role, row.slug) for row in given if row.granted_at <= now)
    coming = tuple(((row.role, row.slug), row.granted_at) for row in given if row.granted_at > now)
    until = first.confined_until if first.confined_until is not None and now < first.confined_until else None
    return SessionView(
        first.person_id,
        first.handle,
        first.name,
        first.counter_name,
        held,
        first.session_id,
        first.means,
        first.asserted_at,
        first.unseen,
        bool(first.news),
        until,
        tuple(role for role, _at in coming) if until is not None else (),
        coming,
    )


def open_for(
    connection: sa.Connection,
    handle: str,
    digest: str,
    now: datetime,
    until: datetime,
    *,
    means: str,
    device: str = "",
    asserted_at: datetime | None = None,
) -> int | None:
    """Open a session for the person `handle` and give its number; None when there is no such person.

    `means` says how they were signed in: passkey, recovery or demo.
    """
    values = {
        "person": handle,
        "digest": digest,
        "now": now,
        "until": until,
        "by_means": means,
        "by_device": device,
        "proved_at": asserted_at,
    }
    return connection.execute(_OPEN, values).scalar()


def enter(
    connection: sa.Connection, handle: str, door: Doorway, now: datetime, *, means: str, asserted_at: datetime | None
) -> None:
    """Sign `handle` in at `door`; the browser's former session ends, and a phone makes codes for nobody else.

    Raises: Refusal unknown_member.
    """
    ended = close(connection, door.former, now) if door.former else None
    opened = open_for(
        connection, handle, door.new, now, door.until, means=means, device=door.device, asserted_at=asserted_at
    )
    if opened is None:
        raise refuse("unknown_member")
    if ended is not None:
        codes.pass_on(connection, ended, opened, now)


def is_demo(connection: sa.Connection, digest: str) -> bool:
    """Tell whether the session with this token digest is a persona's, opened by one tap."""
    return connection.execute(_means, {"digest": digest}).scalar() == "demo"


def close(connection: sa.Connection, digest: str, now: datetime) -> int | None:
    """Revoke the session with this token digest; give its number if it was not before."""
    return connection.execute(_CLOSE, {"digest": digest, "now": now}).scalar()


def close_everyones(connection: sa.Connection, now: datetime) -> None:
    """Revoke every session of everybody."""
    connection.execute(_close_everyones, {"now": now})


def of_person(connection: sa.Connection, person_id: int, now: datetime) -> tuple[OpenSession, ...]:
    """List the live sessions of a person, newest first."""
    return tuple(OpenSession(*row) for row in connection.execute(_all, {"of_person": person_id, "now": now}))


def hold(connection: sa.Connection, person_id: int, digest: str, now: datetime) -> int:
    """Let a person change their ways in only in a session that is still live; give its number.

    Whoever shuts them out at this moment comes after, and finds what is done, or was first, and this is refused.
    Raises: Refusal not_signed_in.
    Locks:  the person, then the session, until commit.
    """
    persons.lock(connection, person_id)
    held = connection.execute(_held, {"of_person": person_id, "digest": digest, "now": now}).scalar()
    if held is None:
        raise refuse("not_signed_in")
    return int(held)


def shut_out(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """End every session of a person, on tablets too; phones that make codes for them make none that a till takes.

    Who gets in at this moment is in before, and shut out, or comes after, and is refused.
    Locks:  the person, then the codes of tablets for which they vouch, until commit.
    """
    persons.lock(connection, person_id)
    # Before the sessions: a tablet that begins holds its code and no person, and what it opened is seen after it.
    pairings.unvouch(connection, person_id)
    connection.execute(_close_of, {"of_person": person_id, "now": now})
    codes.revoke(connection, person_id, now)


def close_one(connection: sa.Connection, person_id: int, session_id: int, now: datetime) -> bool:
    """Revoke one session of a person; tell whether it was there and live."""
    return connection.execute(_close_one, {"of_person": person_id, "of_id": session_id, "now": now}).rowcount == 1


def note_own_act(connection: sa.Connection, session_id: int, now: datetime) -> None:
    """Let what is done at this instant by this session count as shown on its browser, unless something else is not."""
    connection.execute(_own_act, {"of_id": session_id, "now": now, "ahead": now + AHEAD})


def note_look(connection: sa.Connection, digest: str, now: datetime) -> None:
    """Note that this session's browser has shown what happened up to now."""
    connection.execute(_look, {"digest": digest, "now": now})


def note_assertion(connection: sa.Connection, digest: str, now: datetime) -> None:
    """Note that a passkey has just proved that the person of this session is there."""
    connection.execute(_assert, {"digest": digest, "now": now})


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
