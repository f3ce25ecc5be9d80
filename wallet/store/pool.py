"""The federation's pool: what lies in it, and what a co-op puts in, once for its key."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain.transfer import Order, Posted
from wallet.store import coops, keys, ledger
from wallet.store.keys import Made
from wallet.store.tables import accounts

_account = sa.select(accounts.c.id).where(accounts.c.kind == "pool")
_balance = sa.select(accounts.c.balance_minor).where(accounts.c.kind == "pool")


def account(connection: sa.Connection) -> int:
    """Give the pool's account."""
    return int(connection.execute(_account).scalar_one())


def balance(connection: sa.Connection) -> int:
    """Give what lies in the pool, in minor units."""
    return int(connection.execute(_balance).scalar_one())


def put_in(connection: sa.Connection, coop: str, amount_minor: int, key: str, now: datetime) -> Posted | None:
    """Move `amount_minor` from a co-op into the pool; None says that this key did before.

    Raises: Refusal key_reused, unknown_coop, account_not_open, insufficient_funds.
    Locks:  the key, the co-op's tills and both accounts until commit.
    """
    ref, content = ledger.new_ref(), keys.digest_of("fund", coop, amount_minor)
    if keys.claim(connection, "ref", key, content, Made("fund", ref), now) is not None:
        return None
    place = coops.require_open(coops.known(connection, coop))
    order = Order(ref, now, place.account_id, account(connection), amount_minor, coop_id=place.id)
    return ledger.post_from_coop(connection, "fund", order)
