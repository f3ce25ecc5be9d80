"""The federation's own row."""

from datetime import date

import sqlalchemy as sa

from wallet.store.tables import federation

_ZONE = sa.select(federation.c.zone)
_CASH = sa.select(federation.c.cash)
_CHARTER_ON = sa.select(federation.c.charter_on)


def zone(connection: sa.Connection) -> str | None:
    """Tell the federation's time zone, or None before it is founded."""
    return connection.execute(_ZONE).scalar_one_or_none()


def charter_on(connection: sa.Connection) -> date | None:
    """Tell the day of the federation's charter, or None before it has one."""
    found = connection.execute(_CHARTER_ON).scalar_one_or_none()
    return None if found is None else date.fromisoformat(found)


def cash(connection: sa.Connection) -> str:
    """Tell which cash stands beside RES."""
    return str(connection.execute(_CASH).scalar_one())
