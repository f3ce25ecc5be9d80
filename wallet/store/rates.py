"""Token buckets in the database: every worker takes from the same ones."""

import secrets
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.rate import Rate
from wallet.store.columns import MICROSECOND, Instant
from wallet.store.tables import rate_buckets
from wallet.store.upserts import insert_or_change, new_row

# A bucket that is full is as good as none: now and then they are cleared away.
CLEAR_ONE_IN = 500

_now, _each = sa.bindparam("now", type_=Instant), sa.bindparam("each", type_=sa.BigInteger)
_fresh = new_row(rate_buckets).values(name=sa.bindparam("of_name"), full_at=sa.bindparam("first", type_=Instant))
_known = sa.type_coerce(rate_buckets.c.full_at, sa.BigInteger)
_stands = sa.case(
    (rate_buckets.c.full_at < _now, sa.type_coerce(_now, sa.BigInteger)),
    (rate_buckets.c.full_at > sa.bindparam("absurd", type_=Instant), sa.type_coerce(_now, sa.BigInteger)),
    else_=_known,
)
_take = insert_or_change(
    _fresh,
    {"full_at": _stands + _each},
    where=sa.or_(
        rate_buckets.c.full_at <= sa.bindparam("last", type_=Instant),
        rate_buckets.c.full_at > sa.bindparam("absurd", type_=Instant),
    ),
).returning(rate_buckets.c.name)
_empty = sa.select(rate_buckets.c.name).where(
    rate_buckets.c.name == sa.bindparam("of_name"),
    rate_buckets.c.full_at > sa.bindparam("last", type_=Instant),
    rate_buckets.c.full_at <= sa.bindparam("absurd", type_=Instant),
)
_clear = sa.delete(rate_buckets).where(rate_buckets.c.full_at < sa.bindparam("now", type_=Instant))


def take(connection: sa.Connection, rate: Rate, whose: str, now: datetime) -> bool:
    """Take a token from the bucket of `whose`; False when it holds none.

    Locks: the bucket's row, until commit.
    """
    if secrets.randbelow(CLEAR_ONE_IN) == 0:
        connection.execute(_clear, {"now": now})
    values = {**_asked(rate, whose, now), "now": now, "each": rate.each // MICROSECOND, "first": now + rate.each}
    return connection.execute(_take, values).first() is not None


def is_empty(connection: sa.Connection, rate: Rate, whose: str, now: datetime) -> bool:
    """Tell whether the bucket of `whose` holds no token."""
    return connection.execute(_empty, _asked(rate, whose, now)).first() is not None


def bucket(rate: Rate, whose: str) -> str:
    """Name the bucket of `whose`."""
    return f"{rate.name} {whose}"


def _asked(rate: Rate, whose: str, now: datetime) -> dict[str, object]:
    return {"of_name": bucket(rate, whose), "last": rate.empty_from(now), "absurd": rate.absurd_from(now)}
