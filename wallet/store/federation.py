"""The federation's own row: founded once, with its pool."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from wallet.store.accounts import open_account
from wallet.store.tables import federation
from wallet.store.upserts import claim_row

_ALL = sa.select(federation)
_ZONE = sa.select(federation.c.zone)
_CASH = sa.select(federation.c.cash)
_CHARTER_ON = sa.select(federation.c.charter_on)
_lock = sa.select(federation.c.id).with_for_update(key_share=True)
_hold = sa.select(federation.c.id).with_for_update(read=True)
_found = claim_row(federation).returning(federation.c.id)
_set_charter_on = (
    sa.update(federation).where(federation.c.charter_on.is_(None)).values(charter_on=sa.bindparam("to_charter_on"))
)


def find(connection: sa.Connection) -> Any:
    """Give the one federation's row, or None before it is founded."""
    return connection.execute(_ALL).first()


def lock(connection: sa.Connection) -> None:
    """Let nobody else admit a co-op or open a ballot meanwhile, and nobody leave.

    Locks: the federation's row, until commit.
    """
    connection.execute(_lock)


def hold(connection: sa.Connection) -> None:
    """Let nobody admit a co-op or open a ballot meanwhile; others may leave at the same time.

    Locks: the federation's row, shared, until commit.
    """
    connection.execute(_hold)


def found(connection: sa.Connection, name: str, zone: str, cash: str) -> bool:
    """Found the federation with its pool; tell whether it was not there before."""
    row = {"id": 1, "name": name, "zone": zone, "cash": cash}
    if connection.execute(_found, row).first() is None:
        return False
    open_account(connection, "pool", 0)
    return True


def set_charter_on(connection: sa.Connection, charter_on: str) -> None:
    """Fix the day of the charter, once."""
    connection.execute(_set_charter_on, {"to_charter_on": charter_on})


def date_charter(connection: sa.Connection, charter_on: str) -> None:
    """Date the charter by a history's first day, also where it had another, by which nothing was worked out yet."""
    connection.execute(sa.update(federation).values(charter_on=charter_on))


def rename(connection: sa.Connection, name: str | None, cash: str | None) -> None:
    """Call the federation `name` and its cash `cash`; what is None stays as it is."""
    given = {what: said for what, said in (("name", name), ("cash", cash)) if said is not None}
    if given:
        connection.execute(sa.update(federation).values(given))


def zone(connection: sa.Connection) -> str:
    """Tell the federation's time zone; before it is founded, UTC."""
    return founded_zone(connection) or "UTC"


def founded_zone(connection: sa.Connection) -> str | None:
    """Tell the federation's time zone, or None before it is founded."""
    return connection.execute(_ZONE).scalar_one_or_none()


def charter_on(connection: sa.Connection) -> date | None:
    """Tell the day of the federation's charter, or None before it has one."""
    found = connection.execute(_CHARTER_ON).scalar_one_or_none()
    return None if found is None else date.fromisoformat(found)


def cash(connection: sa.Connection) -> str:
    """Tell which cash stands beside RES."""
    return str(connection.execute(_CASH).scalar_one())
