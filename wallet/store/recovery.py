"""Rows of recovery codes: ten at a time, each used once, kept as digests."""

import hmac
import secrets
from datetime import datetime

import sqlalchemy as sa

from wallet.domain import base32
from wallet.domain.recovery import PREFIX, SECRET, written
from wallet.domain.secret import digest_of
from wallet.store import people
from wallet.store.tables import recovery_codes
from wallet.store.upserts import claim_row

CODES = 10

_insert = claim_row(recovery_codes).returning(recovery_codes.c.prefix)
_live = sa.and_(recovery_codes.c.used_at.is_(None), recovery_codes.c.replaced_at.is_(None))
_replace = (
    sa.update(recovery_codes)
    .where(recovery_codes.c.person_id == sa.bindparam("of_person"), _live)
    .values(replaced_at=sa.bindparam("now", type_=recovery_codes.c.replaced_at.type))
)
_end_since = _replace.where(
    recovery_codes.c.created_at >= sa.bindparam("since", type_=recovery_codes.c.created_at.type)
)
_find = sa.select(recovery_codes.c.digest, recovery_codes.c.person_id).where(
    recovery_codes.c.prefix == sa.bindparam("of_prefix"), _live
)
_use = (
    sa.update(recovery_codes)
    .where(recovery_codes.c.prefix == sa.bindparam("of_prefix"), _live)
    .values(used_at=sa.bindparam("now", type_=recovery_codes.c.used_at.type))
)
_left = (
    sa.select(sa.func.count())
    .select_from(recovery_codes)
    .where(recovery_codes.c.person_id == sa.bindparam("of_person"), _live)
)


def renew(connection: sa.Connection, person_id: int, now: datetime) -> tuple[str, ...]:
    """Draw ten new codes and give them, this once; those that a person still had count no more.

    Locks:  the person, until commit: of two who draw at once the second one's ten count.
    """
    people.lock(connection, person_id)
    connection.execute(_replace, {"of_person": person_id, "now": now})
    drawn: list[str] = []
    while len(drawn) < CODES:
        prefix, secret = (base32.written(secrets.token_bytes(length)) for length in (PREFIX, SECRET))
        row = {"prefix": prefix, "person_id": person_id, "digest": digest_of(secret), "created_at": now}
        if connection.execute(_insert, row).first() is not None:
            drawn.append(written(prefix + secret))
    return tuple(drawn)


def end_since(connection: sa.Connection, person_id: int, since: datetime, now: datetime) -> bool:
    """Let the codes of a person count no more that were drawn since then; tell whether there were any."""
    return connection.execute(_end_since, {"of_person": person_id, "since": since, "now": now}).rowcount > 0


def use(connection: sa.Connection, prefix: str, secret: str, now: datetime) -> int | None:
    """Use a code up and give whose it is; None for one that does not work. Unknown ones take as long as wrong ones.

    Locks:  the person, until commit: whoever shuts out who is in waits, or has been first and the code works no more.
    """
    found = connection.execute(_find, {"of_prefix": prefix}).first()
    kept = found.digest if found else digest_of("")
    if not hmac.compare_digest(kept, digest_of(secret)) or found is None:
        return None
    people.lock(connection, found.person_id)
    used = connection.execute(_use, {"of_prefix": prefix, "now": now}).rowcount == 1
    return int(found.person_id) if used else None


def left(connection: sa.Connection, person_id: int) -> int:
    """Count the codes that a person can still use."""
    return int(connection.execute(_left, {"of_person": person_id}).scalar_one())
