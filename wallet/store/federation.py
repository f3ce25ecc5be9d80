"""The federation's own row."""

import sqlalchemy as sa

from wallet.store.tables import federation

_ZONE = sa.select(federation.c.zone)


def zone(connection: sa.Connection) -> str | None:
    """Tell the federation's time zone, or None before it is founded."""
    return connection.execute(_ZONE).scalar_one_or_none()
