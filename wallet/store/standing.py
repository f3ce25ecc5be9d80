"""Where a person stands: balance, eligible RES, basis, qualified minutes, and the pay that months brought."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.store.tables import accounts, patronage_months, people

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
_INCOME = (
    sa.select(patronage_months.c.month, sa.func.sum(patronage_months.c.income_minor).label("income_minor"))
    .join(people, people.c.id == patronage_months.c.person_id)
    .where(
        people.c.handle == sa.bindparam("person"),
        patronage_months.c.month.in_(sa.bindparam("months", expanding=True)),
    )
    .group_by(patronage_months.c.month)
)
_EVER_PAID = (
    sa.select(sa.literal(1))
    .select_from(patronage_months.join(people, people.c.id == patronage_months.c.person_id))
    .where(people.c.handle == sa.bindparam("person"), patronage_months.c.income_minor > 0)
    .limit(1)
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


def income_of(connection: sa.Connection, handle: str, *months: str) -> dict[str, int]:
    """Read the pay (RES and cash) that counts for each of `months`; months without pay are left out."""
    rows = connection.execute(_INCOME, {"person": handle, "months": months})
    return {row.month: int(row.income_minor) for row in rows if row.income_minor}


def was_paid(connection: sa.Connection, handle: str) -> bool:
    """Tell whether the person ever had pay, and therefore has a share."""
    return connection.execute(_EVER_PAID, {"person": handle}).first() is not None
