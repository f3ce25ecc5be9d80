"""Halts: while the books are broken, the journal takes nothing more; the database itself sees to it."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import halts

_standing = sa.select(halts.c.at).where(halts.c.lifted_at.is_(None)).order_by(halts.c.id).limit(1)
_lift = sa.update(halts).where(halts.c.lifted_at.is_(None)).values(lifted_at=sa.bindparam("now", type_=halts.c.at.type))


def since(connection: sa.Connection) -> datetime | None:
    """Tell since when payments are stopped; None while they go on."""
    return connection.execute(_standing).scalar()


def stop(connection: sa.Connection, reason: str, now: datetime) -> None:
    """Stop all payments, once: of what is posted from the commit on, nothing is."""
    if since(connection) is None:
        connection.execute(sa.insert(halts).values(at=now, reason=reason))


def lift(connection: sa.Connection, now: datetime) -> bool:
    """Let payments go on; False when none were stopped."""
    return connection.execute(_lift, {"now": now}).rowcount > 0
