"""Tablets: browsers that a steward has made a till's, and the sessions on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.names import sort_key
from wallet.store.tables import bills, coops, people, refunds, roles, sessions, tablets, tills, transfers
from wallet.store.upserts import claim_row

# So many of those that were revoked last are told of.
REVOKED = 5

_at = tablets.c.registered_at.type
_now = sa.bindparam("now", type_=_at)
_live = tablets.c.revoked_at.is_(None)

_TABLET = (
    sa.select(
        tablets.c.id,
        tablets.c.name,
        tablets.c.till_id,
        tills.c.name.label("till_name"),
        coops.c.id.label("coop_id"),
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.mark,
    )
    .join(tills, tills.c.id == tablets.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
)
_BY_TOKEN = _TABLET.where(tablets.c.token_hash == sa.bindparam("token"), _live)
_FORMER = (
    _TABLET.where(tablets.c.token_hash == sa.bindparam("token"), sa.not_(_live))
    .order_by(tablets.c.revoked_at.desc())
    .limit(1)
)
_BY_ID = _TABLET.where(tablets.c.id == sa.bindparam("of_id"), _live)
_add = claim_row(tablets)
_coop_of_till = (
    sa.select(coops.c.slug).join(tills, tills.c.coop_id == coops.c.id).where(tills.c.id == sa.bindparam("of_till"))
)
_OF_SESSION = _TABLET.join(sessions, sessions.c.tablet_id == tablets.c.id).where(
    sessions.c.id == sa.bindparam("of_session")
)
_named = sa.bindparam("named", type_=sa.Text)
_here = (
    sa.select(tills.c.coop_id, coops.c.account_id)
    .select_from(tablets)
    .join(sessions, sessions.c.tablet_id == tablets.c.id)
    .join(tills, tills.c.id == tablets.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .where(sessions.c.token_hash == sa.bindparam("digest"))
    .subquery("here")
)
_counter = tills.alias("counter")
_counters = _counter.c.coop_id == _here.c.coop_id
_parties = (transfers.c.debit_id, transfers.c.credit_id)
# What an address of a counter may name, and when a tablet's session is for it: a till or a thing of its co-op.
_FOR = {
    "till": sa.select(_counter.c.id).join(_here, _counters).where(_counter.c.id == _named),
    "code": sa.select(bills.c.code)
    .join(_counter, _counter.c.id == bills.c.till_id)
    .join(_here, _counters)
    .where(bills.c.code == _named),
    "refund": sa.select(refunds.c.ref).join(_here, _here.c.coop_id == refunds.c.coop_id).where(refunds.c.ref == _named),
    "ref": sa.select(transfers.c.ref)
    .join(
        _here,
        sa.or_(
            _here.c.account_id.in_(_parties),
            sa.exists(sa.select(_counter.c.id).where(_counters, _counter.c.account_id.in_(_parties))),
        ),
    )
    .where(transfers.c.ref == _named),
}
_open = sa.and_(sessions.c.revoked_at.is_(None), sessions.c.tablet_id == sa.bindparam("of_tablet"))
_working = (
    sa.select(people.c.counter_name)
    .join(sessions, sessions.c.person_id == people.c.id)
    .where(sessions.c.tablet_id == tablets.c.id, sessions.c.revoked_at.is_(None), sessions.c.expires_at > _now)
    .correlate(tablets)
    .limit(1)
    .scalar_subquery()
)
_of_coop = (
    sa.select(
        tablets.c.id,
        tablets.c.name,
        tills.c.name.label("till_name"),
        tablets.c.registered_at,
        people.c.name.label("registered_by"),
        _working.label("cashier"),
    )
    .join(tills, tills.c.id == tablets.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(people, people.c.id == tablets.c.registered_by)
    .where(coops.c.slug == sa.bindparam("of_coop"), _live)
)
_revoked_of_coop = (
    sa.select(tablets.c.name, tills.c.name.label("till_name"), tablets.c.revoked_at, people.c.name.label("revoked_by"))
    .join(tills, tills.c.id == tablets.c.till_id)
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(people, people.c.id == tablets.c.revoked_by)
    .where(coops.c.slug == sa.bindparam("of_coop"))
    .order_by(tablets.c.revoked_at.desc(), tablets.c.id.desc())
    .limit(REVOKED)
)
_revoke = (
    sa.update(tablets)
    .where(
        tablets.c.id == sa.bindparam("of_id"),
        _live,
        tablets.c.till_id.in_(
            sa.select(tills.c.id)
            .join(coops, coops.c.id == tills.c.coop_id)
            .where(coops.c.slug == sa.bindparam("of_coop"))
        ),
    )
    .values(revoked_at=_now, revoked_by=sa.bindparam("by_person"))
)
_close = sa.update(sessions).where(_open).values(revoked_at=_now)
_may_work = (
    sa.select(people.c.handle)
    .join(roles, roles.c.person_id == people.c.id)
    .where(
        people.c.id == sa.bindparam("of_person"),
        roles.c.role == "cashier",
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.revoked_at.is_(None),
    )
)
_stay = (
    sa.update(sessions)
    .where(
        sessions.c.token_hash == sa.bindparam("digest"),
        sessions.c.tablet_id.is_not(None),
        sessions.c.revoked_at.is_(None),
        sessions.c.expires_at > _now,
        sessions.c.expires_at < sa.bindparam("until", type_=_at),
    )
    .values(expires_at=sa.bindparam("until", type_=_at))
)
_began = sa.select(sessions.c.created_at).where(
    sessions.c.token_hash == sa.bindparam("digest"), sessions.c.tablet_id.is_not(None)
)
_bind = (
    sa.update(sessions)
    .where(sessions.c.token_hash == sa.bindparam("digest"))
    .values(tablet_id=sa.bindparam("of_tablet"))
)


@dataclass(frozen=True, slots=True)
class Tablet:
    """Tell whose counter a tablet stands on."""

    id: int
    name: str
    till: str
    till_name: str
    coop_id: int
    coop: str
    coop_name: str
    coop_mark: str


class Revoked(NamedTuple):
    """Tell of a tablet that was revoked, when and by whom."""

    name: str
    till_name: str
    revoked_at: datetime
    revoked_by: str


def of_browser(connection: sa.Connection, token_hash: str) -> Tablet | None:
    """Give the tablet that a browser is, if it is one."""
    row = connection.execute(_BY_TOKEN, {"token": token_hash}).first()
    return None if row is None else Tablet(*row)


def last_of_browser(connection: sa.Connection, token_hash: str) -> Tablet | None:
    """Give the tablet that a browser was last, before it was revoked."""
    row = connection.execute(_FORMER, {"token": token_hash}).first()
    return None if row is None else Tablet(*row)


def find(connection: sa.Connection, tablet_id: int) -> Tablet | None:
    """Give a tablet that is not revoked."""
    row = connection.execute(_BY_ID, {"of_id": tablet_id}).first()
    return None if row is None else Tablet(*row)


def of_coop(connection: sa.Connection, coop: str, now: datetime) -> list[Any]:
    """List a co-op's tablets, with who works at each."""
    found = connection.execute(_of_coop, {"of_coop": coop, "now": now})
    return sorted(found, key=lambda tablet: (sort_key(tablet.till_name), tablet.id))


def revoked_of_coop(connection: sa.Connection, coop: str) -> list[Revoked]:
    """List the tablets of a co-op that were revoked, the last first."""
    return [Revoked(**row._mapping) for row in connection.execute(_revoked_of_coop, {"of_coop": coop})]


def coop_of_till(connection: sa.Connection, till: str) -> str | None:
    """Give the slug of the co-op whose till it is, if there is such a till."""
    return connection.execute(_coop_of_till, {"of_till": till}).scalar()


def of_session(connection: sa.Connection, session_id: int) -> Tablet:
    """Give the tablet that a session is on."""
    return Tablet(*connection.execute(_OF_SESSION, {"of_session": session_id}).one())


def is_for(connection: sa.Connection, digest: str, kind: str | None, name: str) -> bool:
    """Tell whether a tablet's session is for what an address names as its `kind`: a till or a thing of its co-op."""
    asked = _FOR.get(kind or "")
    return asked is not None and connection.execute(asked, {"digest": digest, "named": name}).first() is not None


def add(connection: sa.Connection, token_hash: str, till: str, name: str, registered_by: int, now: datetime) -> None:
    """Make a browser the tablet of `till`, unless somebody has just made it one."""
    row = {"token_hash": token_hash, "till_id": till, "name": name, "registered_by": registered_by}
    connection.execute(_add, row | {"registered_at": now})


def revoke(connection: sa.Connection, coop: str, tablet_id: int, by_person: int, now: datetime) -> bool:
    """Take a co-op's tablet out of service and end its sessions; tell whether it was in service."""
    asked = {"of_id": tablet_id, "of_coop": coop, "by_person": by_person, "now": now}
    done = connection.execute(_revoke, asked).rowcount == 1
    close_sessions(connection, tablet_id, now)
    return done


def close_sessions(connection: sa.Connection, tablet_id: int, now: datetime) -> None:
    """Sign whoever works at a tablet out of it."""
    connection.execute(_close, {"of_tablet": tablet_id, "now": now})


def cashier(connection: sa.Connection, person_id: int, coop_id: int) -> str | None:
    """Give the handle of a person who is still a cashier of the co-op."""
    return connection.execute(_may_work, {"of_person": person_id, "at_coop": coop_id}).scalar()


def began_at(connection: sa.Connection, digest: str) -> datetime | None:
    """Give when the session of a tablet began; None for any other session."""
    return connection.execute(_began, {"digest": digest}).scalar()


def stay(connection: sa.Connection, digest: str, until: datetime, now: datetime) -> None:
    """Keep a tablet's live session until then, if it would end before."""
    connection.execute(_stay, {"digest": digest, "until": until, "now": now})


def bind(connection: sa.Connection, digest: str, tablet_id: int) -> None:
    """Note that a session belongs to a tablet."""
    connection.execute(_bind, {"digest": digest, "of_tablet": tablet_id})
