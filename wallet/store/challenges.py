"""Challenges: what a passkey is asked to sign, kept as digests and each used up by one guarded update."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from wallet.domain.passkey import CHALLENGE_SECONDS
from wallet.errors import refuse
from wallet.store.tables import challenges

RANDOM_BYTES = 32
# How long a row is kept after it ran out.
KEPT = timedelta(hours=1)
SWEPT = 100

_insert = sa.insert(challenges)
_this = sa.and_(
    challenges.c.digest == sa.bindparam("of_digest"),
    challenges.c.ceremony == sa.bindparam("in_ceremony"),
    challenges.c.bearer == sa.bindparam("by_bearer"),
    challenges.c.used_at.is_(None),
    challenges.c.expires_at >= sa.bindparam("now", type_=challenges.c.expires_at.type),
)
_use = (
    sa.update(challenges)
    .where(_this)
    .values(used_at=sa.bindparam("now", type_=challenges.c.used_at.type))
    .returning(challenges.c.person_id, challenges.c.invitation_id, challenges.c.user_handle, challenges.c.bound)
)
_stale = (
    sa.select(challenges.c.digest)
    .where(challenges.c.expires_at < sa.bindparam("before", type_=challenges.c.expires_at.type))
    .limit(SWEPT)
)
_sweep = sa.delete(challenges).where(challenges.c.digest.in_(_stale))


@dataclass(frozen=True, slots=True)
class Challenge:
    """Hold what a challenge was made for, as it was used up."""

    person_id: int | None
    invitation_id: int | None
    user_handle: str | None
    bound: str | None


def make(
    connection: sa.Connection,
    ceremony: str,
    bearer: str,
    now: datetime,
    *,
    person_id: int | None = None,
    invitation_id: int | None = None,
    user_handle: str | None = None,
    bound: str | None = None,
    seconds: int = CHALLENGE_SECONDS,
) -> bytes:
    """Draw a challenge that only `bearer` can answer, in this ceremony; a payment's carries what it is bound to.

    Units: `bearer` and `bound` are digests in hex.
    """
    drawn = secrets.token_bytes(RANDOM_BYTES) + bytes.fromhex(bound or "")
    connection.execute(_sweep, {"before": now - KEPT})
    row = {
        "digest": sha256(drawn).hexdigest(),
        "ceremony": ceremony,
        "bearer": bearer,
        "person_id": person_id,
        "invitation_id": invitation_id,
        "user_handle": user_handle,
        "bound": bound,
        "expires_at": now + timedelta(seconds=seconds),
    }
    connection.execute(_insert, row)
    return drawn


def use(connection: sa.Connection, challenge: bytes, ceremony: str, bearer: str, now: datetime) -> Challenge:
    """Use a challenge up and give what it was made for; of any number at once one gets it.

    Raises: Refusal challenge_spent, also for one of another browser or ceremony: what is not yours is not there.
    """
    asked = {"of_digest": sha256(challenge).hexdigest(), "in_ceremony": ceremony, "by_bearer": bearer, "now": now}
    found = connection.execute(_use, asked).first()
    if found is None:
        raise refuse("challenge_spent")
    return Challenge(*found)
