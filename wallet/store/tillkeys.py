"""Keys of tills, by which a paired tablet checks payments without a network."""

import secrets
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.outage import KEY_BYTES, MINUTE, begin_of
from wallet.store.tables import people, till_keys, tills, transfers
from wallet.store.upserts import claim_row

_secret = sa.select(till_keys.c.secret).where(till_keys.c.till_id == sa.bindparam("of_till"))
_first = claim_row(till_keys)
_renew = (
    sa.update(till_keys)
    .where(till_keys.c.till_id == sa.bindparam("of_till"))
    .values(secret=sa.bindparam("drawn"), made_at=sa.bindparam("now", type_=till_keys.c.made_at.type))
)
_of_coop = (
    sa.select(till_keys.c.till_id)
    .join(tills, tills.c.id == till_keys.c.till_id)
    .where(tills.c.coop_id == sa.bindparam("of_coop"))
    .order_by(till_keys.c.till_id)
)
_paid = (
    sa.select(transfers.c.ref, people.c.counter_name)
    .join(people, people.c.account_id == transfers.c.debit_id)
    .where(
        transfers.c.kind == "sale",
        transfers.c.till_id == sa.bindparam("of_till"),
        transfers.c.credit_id == sa.bindparam("account"),
        transfers.c.at >= sa.bindparam("since", type_=transfers.c.at.type),
        transfers.c.at < sa.bindparam("until", type_=transfers.c.at.type),
        transfers.c.amount_minor + transfers.c.cash_minor == sa.bindparam("total"),
    )
    .order_by(transfers.c.at, transfers.c.id)
    .limit(1)
)


def secret_of(connection: sa.Connection, till: str) -> bytes | None:
    """Give the key of a till, if a tablet was ever paired with it."""
    found: bytes | None = connection.execute(_secret, {"of_till": till}).scalar()
    return found


def ensure(connection: sa.Connection, till: str, now: datetime) -> None:
    """Give a till a key, unless it has one."""
    connection.execute(_first, {"till_id": till, "secret": secrets.token_bytes(KEY_BYTES), "made_at": now})


def renew(connection: sa.Connection, till: str, now: datetime) -> None:
    """Draw a new key, so that a tablet that is gone knows none that counts."""
    connection.execute(_renew, {"of_till": till, "drawn": secrets.token_bytes(KEY_BYTES), "now": now})


def renew_of_coop(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """Draw new keys for the tills of a co-op, so that a cashier who is gone knows none that counts."""
    for till in connection.execute(_of_coop, {"of_coop": coop_id}).scalars().all():
        renew(connection, till, now)


def paid_in(
    connection: sa.Connection, till: str, account_id: int, total_minor: int, minute: int
) -> tuple[str, str] | None:
    """Find the payment of `total_minor` at a till in `minute`; give its receipt and the payer's name at counters."""
    since = begin_of(minute)
    asked = {"of_till": till, "account": account_id, "total": total_minor, "since": since, "until": since + MINUTE}
    row = connection.execute(_paid, asked).first()
    return None if row is None else (row.ref, row.counter_name)
