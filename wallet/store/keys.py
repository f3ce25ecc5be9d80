"""Keys: each names at most one act, and is claimed before the act."""

import hashlib
import json
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store import bulk
from wallet.store.columns import micros
from wallet.store.tables import keys
from wallet.store.upserts import claim_row

_claim = claim_row(keys).returning(keys.c.key)
_find = sa.select(keys.c.digest, keys.c.act, keys.c.made).where(
    keys.c.scope == sa.bindparam("in_scope"), keys.c.key == sa.bindparam("of_key")
)


class Made(NamedTuple):
    """Name what a key made: `sale` and a transfer's ref, `bill` and a code, and so on."""

    act: str
    ref: str


def digest_of(*content: object) -> str:
    """Give the digest that tells two requests with one key apart."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, default=str).encode()).hexdigest()


def claim(connection: sa.Connection, scope: str, key: str, digest: str, made: Made, now: datetime) -> Made | None:
    """Claim `key` for what this transaction is about to make; give what it made before, if it did.

    Raises: Refusal key_reused, when the key stands for other content.
    Locks:  the key, until commit: another request with it waits.
    """
    row = {"scope": scope, "key": key, "digest": digest, "act": made.act, "made": made.ref, "at": now}
    if connection.execute(_claim, row).first():
        return None
    return find(connection, scope, key, digest)


def claim_all(connection: sa.Connection, scope: str, digest: str, act: str, now: datetime, made: bulk.Rows) -> None:
    """Claim many keys, none of which can be claimed already, for what this transaction makes: rows of key and ref."""
    rows = [(scope, key, digest, act, ref, micros(now)) for key, ref in made]
    bulk.load(connection, keys, ("scope", "key", "digest", "act", "made", "at"), rows)


def find(connection: sa.Connection, scope: str, key: str, digest: str) -> Made | None:
    """Give what `key` made, if it was ever used.

    Raises: Refusal key_reused, when the key stands for other content.
    """
    found = connection.execute(_find, {"in_scope": scope, "of_key": key}).first()
    if found is None:
        return None
    if found.digest != digest:
        raise refuse("key_reused")
    return Made(found.act, found.made)


def made_by(connection: sa.Connection, scope: str, key: str) -> Made | None:
    """Give what `key` made, whatever it was asked for."""
    found = connection.execute(_find, {"in_scope": scope, "of_key": key}).first()
    return None if found is None else Made(found.act, found.made)
