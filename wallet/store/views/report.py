"""The report of a replay: what every wallet, co-op and the pool came to."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Dated
from wallet.domain.period import month_of
from wallet.store import shares
from wallet.store.tables import accounts, coops, people, tills, transfers

_any = sa.select(sa.literal(1)).select_from(transfers).limit(1)
_members = sa.select(
    people.c.id,
    people.c.handle,
    accounts.c.balance_minor,
    accounts.c.eligible_minor,
    accounts.c.eligible_minutes,
    accounts.c.basis_minor,
    accounts.c.qualified_minutes,
).select_from(people.join(accounts, accounts.c.id == people.c.account_id))
_lying = (
    sa.select(tills.c.coop_id, sa.func.sum(accounts.c.balance_minor).label("minor"))
    .join(accounts, accounts.c.id == tills.c.account_id)
    .group_by(tills.c.coop_id)
    .subquery()
)
_coops = (
    sa.select(coops.c.slug, accounts.c.balance_minor, sa.func.coalesce(_lying.c.minor, 0).label("lying_minor"))
    .join(accounts, accounts.c.id == coops.c.account_id)
    .outerjoin(_lying, _lying.c.coop_id == coops.c.id)
)
_pool = sa.select(accounts.c.balance_minor).where(accounts.c.kind == "pool")


def has_transfers(connection: sa.Connection) -> bool:
    """Tell whether any transfer was ever posted."""
    return connection.execute(_any).first() is not None


def standing(connection: sa.Connection, zone: str, last_at: datetime | None, dated: Dated) -> dict[str, Any]:
    """Give how all stand after a history whose last event was at `last_at`.

    Units: minor units and minutes; a share in basis points for each month from the first pay on.
    """
    paid = {} if last_at is None else shares.of_all(connection, month_of(last_at, zone), dated)
    members = {row.handle: _member(row, paid.get(row.id, {})) for row in connection.execute(_members)}
    places = {row.slug: int(row.balance_minor + row.lying_minor) for row in connection.execute(_coops)}
    pool = int(connection.execute(_pool).scalar() or 0)
    balances = [member["balance"] for member in members.values()] + [*places.values(), pool]
    return {
        "members": members,
        "coops": {slug: {"balance": balance} for slug, balance in places.items()},
        "pool": pool,
        "outstanding": sum(balance for balance in balances if balance > 0),
        "sum": sum(balances),
    }


def _member(row: Any, share: dict[str, int]) -> dict[str, Any]:
    return {
        "balance": row.balance_minor,
        "eligible": row.eligible_minor,
        "eligible_minutes": row.eligible_minutes,
        "basis": row.basis_minor,
        "qualified_minutes": row.qualified_minutes,
        "share": share,
    }
