"""Where a person stands: balance, eligible RES, basis and qualified minutes."""

import sqlalchemy as sa

from wallet.domain.basis import Standing
from wallet.store.tables import accounts, people

_STANDING = (
    sa.select(
        accounts.c.balance_minor,
        accounts.c.eligible_minor,
        accounts.c.eligible_minutes,
        accounts.c.basis_minor,
        accounts.c.qualified_minutes,
    )
    .select_from(people.outerjoin(accounts, accounts.c.id == people.c.account_id))
    .where(people.c.handle == sa.bindparam("person"))
)
_BALANCE = (
    sa.select(accounts.c.balance_minor)
    .join(people, people.c.account_id == accounts.c.id)
    .where(people.c.handle == sa.bindparam("person"))
)


def of(connection: sa.Connection, handle: str) -> Standing | None:
    """Read the running figures of the person `handle`; all 0 without a wallet."""
    row = connection.execute(_STANDING, {"person": handle}).one_or_none()
    return None if row is None else Standing(**{name: figure or 0 for name, figure in row._mapping.items()})


def balance_minor(connection: sa.Connection, handle: str) -> int | None:
    """Read what the person `handle` has; None without a wallet."""
    return connection.execute(_BALANCE, {"person": handle}).scalar_one_or_none()
