"""Where a person stands: balance, eligible RES, basis and qualified minutes."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.store.tables import accounts, people

_STANDING = (
    sa.select(
        people.c.handle,
        accounts.c.balance_minor,
        accounts.c.eligible_minor,
        accounts.c.basis_minor,
        accounts.c.qualified_minutes,
    )
    .select_from(people.outerjoin(accounts, accounts.c.id == people.c.account_id))
    .where(people.c.handle == sa.bindparam("person"))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold a person's running figures; all 0 without a wallet."""

    handle: str
    balance_minor: int
    eligible_minor: int
    basis_minor: int
    qualified_minutes: int


def of(connection: sa.Connection, handle: str) -> Standing | None:
    """Read the running figures of the person `handle`."""
    row = connection.execute(_STANDING, {"person": handle}).one_or_none()
    if row is None:
        return None
    return Standing(
        handle, row.balance_minor or 0, row.eligible_minor or 0, row.basis_minor or 0, row.qualified_minutes or 0
    )
