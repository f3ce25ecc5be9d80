"""Pairings: the codes that tablets show, and who vouches for a tablet by its code."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import base32
from wallet.domain.pairing import PAIRING
from wallet.domain.words import words_for
from wallet.store.tables import pairings

_at = pairings.c.opened_at.type
_now = sa.bindparam("now", type_=_at)
_waiting = sa.and_(pairings.c.used_at.is_(None), pairings.c.expires_at > _now)

_newest = (
    sa.select(pairings)
    .where(pairings.c.token_hash == sa.bindparam("token"), _waiting)
    .order_by(pairings.c.opened_at.desc(), pairings.c.code)
    .limit(1)
)
_by_code = sa.select(pairings).where(pairings.c.code == sa.bindparam("of_code"), _waiting)
_approve = (
    sa.update(pairings)
    .where(pairings.c.code == sa.bindparam("of_code"), pairings.c.approved_at.is_(None), _waiting)
    .values(approved_by=sa.bindparam("by_person"), approved_at=_now)
)
_vouched = sa.select(pairings.c.tablet_id).where(
    pairings.c.code == sa.bindparam("of_code"),
    pairings.c.approved_by == sa.bindparam("by_person"),
    pairings.c.expires_at > _now,
)
_use = (
    sa.update(pairings)
    .where(pairings.c.token_hash == sa.bindparam("token"), pairings.c.approved_at.is_not(None), _waiting)
    .values(used_at=_now)
    .returning(pairings.c.approved_by, pairings.c.tablet_id)
)
_unvouch_everyones = sa.delete(pairings).where(pairings.c.approved_by.is_not(None), pairings.c.used_at.is_(None))
_unvouch = _unvouch_everyones.where(pairings.c.approved_by == sa.bindparam("of_person"))
_withdraw = sa.delete(pairings).where(pairings.c.tablet_id == sa.bindparam("of_tablet"), pairings.c.used_at.is_(None))
_drop = sa.delete(pairings).where(pairings.c.token_hash == sa.bindparam("token"), pairings.c.approved_at.is_(None))
_clear = sa.delete(pairings).where(pairings.c.expires_at < sa.bindparam("before", type_=_at))


@dataclass(frozen=True, slots=True)
class Pairing:
    """Tell one code that a tablet shows; `words` stand on both screens, so that nobody vouches for another tablet."""

    code: str
    tablet_id: int | None
    token_hash: str
    expires_at: datetime
    is_approved: bool

    @property
    def words(self) -> str:
        """Give the two words that both screens show."""
        return words_for(self.code)


def drop_code(connection: sa.Connection, token_hash: str) -> None:
    """Let a browser show the code no longer that nobody has approved."""
    connection.execute(_drop, {"token": token_hash})


def show_code(connection: sa.Connection, token_hash: str, tablet_id: int | None, now: datetime) -> str:
    """Draw the code that a browser shows from now on; one that nobody has approved is dropped."""
    drop_code(connection, token_hash)
    connection.execute(_clear, {"before": now - PAIRING})
    code = base32.written(secrets.token_bytes(8))
    row = {"code": code, "token_hash": token_hash, "tablet_id": tablet_id}
    connection.execute(sa.insert(pairings), row | {"opened_at": now, "expires_at": now + PAIRING})
    return code


def shown(connection: sa.Connection, token_hash: str, now: datetime) -> Pairing | None:
    """Give the code that a browser shows, if one is good."""
    return _pairing(connection.execute(_newest, {"token": token_hash, "now": now}).first())


def by_code(connection: sa.Connection, code: str, now: datetime) -> Pairing | None:
    """Give the pairing of a code that is good."""
    return _pairing(connection.execute(_by_code, {"of_code": code, "now": now}).first())


def approve(connection: sa.Connection, code: str, by_person: int, now: datetime) -> bool:
    """Note who vouches for a tablet; tell whether they are the first."""
    asked = {"of_code": code, "by_person": by_person, "now": now}
    return connection.execute(_approve, asked).rowcount == 1


def vouched_for(connection: sa.Connection, code: str, by_person: int, now: datetime) -> int | None:
    """Give the tablet for which a person has vouched by a code that is good, or was used up since."""
    return connection.execute(_vouched, {"of_code": code, "by_person": by_person, "now": now}).scalar()


def use(connection: sa.Connection, token_hash: str, now: datetime) -> tuple[int, int | None] | None:
    """Use up the approved code that a browser shows; give who approved it, and the tablet it was for."""
    row = connection.execute(_use, {"token": token_hash, "now": now}).first()
    return None if row is None else (row.approved_by, row.tablet_id)


def unvouch(connection: sa.Connection, person_id: int) -> None:
    """Let no tablet begin for which a person has vouched, and which has not begun yet."""
    connection.execute(_unvouch, {"of_person": person_id})


def unvouch_everyones(connection: sa.Connection) -> None:
    """Let no tablet begin for which anybody has vouched, and which has not begun yet."""
    connection.execute(_unvouch_everyones)


def withdraw(connection: sa.Connection, tablet_id: int) -> None:
    """Let a tablet neither show the codes it was given nor begin by them."""
    connection.execute(_withdraw, {"of_tablet": tablet_id})


def _pairing(row: Any) -> Pairing | None:
    if row is None:
        return None
    return Pairing(row.code, row.tablet_id, row.token_hash, row.expires_at, row.approved_at is not None)
