"""Halts: while the books are broken, the journal takes nothing more; the database itself sees to it."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store.tables import halts

_standing = sa.select(halts.c.at).where(halts.c.lifted_at.is_(None)).order_by(halts.c.id).limit(1)
_last = sa.select(sa.func.coalesce(sa.func.max(halts.c.id), 0))
_lift = (
    sa.update(halts)
    .where(halts.c.lifted_at.is_(None), halts.c.id <= sa.bindparam("up_to"))
    .values(lifted_at=sa.bindparam("now", type_=halts.c.at.type))
)


def since(connection: sa.Connection) -> datetime | None:
    """Tell since when payments are stopped; None while they go on."""
    return connection.execute(_standing).scalar()


def last(connection: sa.Connection) -> int:
    """Give the number of the newest stop, lifted or not; 0 before the first."""
    return int(connection.execute(_last).scalar_one())


def stop(connection: sa.Connection, reason: str, now: datetime) -> None:
    """Stop all payments: of what is posted from the commit on, nothing is.

    Each stop is one of its own, also where one stands already: who lifts that one may not have seen why this came.
    """
    connection.execute(sa.insert(halts).values(at=now, reason=reason))


def lift(connection: sa.Connection, up_to: int, now: datetime) -> bool:
    """Lift every stop up to that number, without which payments go on unless a newer one stands; False for none."""
    return connection.execute(_lift, {"up_to": up_to, "now": now}).rowcount > 0
