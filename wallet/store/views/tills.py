"""The tills at which somebody may work, and the one that made a bill."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.names import sort_key
from wallet.errors import refuse
from wallet.store import suspensions
from wallet.store.tables import bills, coops, keys, people, roles, tills


@dataclass(frozen=True, slots=True)
class TillFacts:
    """Tell whose counter a till is."""

    id: str
    name: str
    coop: str
    coop_name: str
    coop_mark: str
    account_id: int
    res_part_bp: int
    closed_at: datetime | None = None
    coop_status: str = "active"
    # Since when its co-op takes no payments.
    stopped_at: datetime | None = None


_TILL: sa.Select[Any] = (
    sa.select(
        tills.c.id,
        tills.c.name,
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.mark,
        tills.c.account_id,
        coops.c.res_part_bp,
        tills.c.closed_at,
        coops.c.status,
        suspensions.stopped_at,
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(roles, roles.c.coop_id == coops.c.id)
    .join(people, people.c.id == roles.c.person_id)
    .where(roles.c.role == "cashier", roles.c.revoked_at.is_(None), people.c.handle == sa.bindparam("cashier"))
    .distinct()
)
_ONE_TILL = _TILL.where(tills.c.id == sa.bindparam("till"))
_MY_TILLS = _TILL.where(tills.c.closed_at.is_(None))

_OF_CODE = sa.select(bills.c.till_id).where(bills.c.code == sa.bindparam("code"))

_KEY = sa.select(keys.c.key).where(keys.c.scope == sa.bindparam("scope"), keys.c.key == sa.bindparam("key"))


def find_till(connection: sa.Connection, till: str, cashier: str) -> TillFacts | None:
    """Give `till` if `cashier` may work there, else None."""
    row = connection.execute(_ONE_TILL, {"till": till, "cashier": cashier}).first()
    return None if row is None else TillFacts(*row)


def known_till(connection: sa.Connection, till: str, cashier: str) -> TillFacts:
    """Give `till`, at which `cashier` may work.

    Raises: Refusal unknown_till.
    """
    found = find_till(connection, till, cashier)
    if found is None:
        raise refuse("unknown_till")
    return found


def tills_of(connection: sa.Connection, cashier: str) -> tuple[TillFacts, ...]:
    """List the tills at which `cashier` may work, by their co-ops' names and their own."""
    found = (TillFacts(*row) for row in connection.execute(_MY_TILLS, {"cashier": cashier}))
    return tuple(sorted(found, key=lambda till: (sort_key(till.coop_name), till.coop, sort_key(till.name), till.id)))


def till_of_bill(connection: sa.Connection, code: str, cashier: str) -> TillFacts:
    """Give the till that made the bill `code`, at which `cashier` may work.

    Raises: Refusal unknown_bill.
    """
    till = connection.execute(_OF_CODE, {"code": code}).scalar()
    found = None if till is None else find_till(connection, till, cashier)
    if found is None:
        raise refuse("unknown_bill")
    return found


def knows_key(connection: sa.Connection, till: TillFacts, key: str) -> bool:
    """Tell whether the till has carried out a request with this key."""
    return connection.execute(_KEY, {"scope": f"till:{till.id}", "key": key}).first() is not None
