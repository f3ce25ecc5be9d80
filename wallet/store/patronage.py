"""Running rows: what a person earned, spent and worked, by month."""

import sqlalchemy as sa

from wallet.store.statements import add_to_row
from wallet.store.tables import basis_months, patronage_months, work_months

_patronage = add_to_row(patronage_months, "income_minor", "spend_minor")
_basis = add_to_row(basis_months, "basis_minor", "minutes")
_work = add_to_row(work_months, "minutes")
_worked = sa.select(work_months.c.minutes).where(
    work_months.c.person_id == sa.bindparam("of_person"), work_months.c.month == sa.bindparam("in_month")
)


def add_patronage(
    connection: sa.Connection,
    person_id: int,
    month: str,
    posted_month: str,
    *,
    income_minor: int = 0,
    spend_minor: int = 0,
) -> None:
    """Add income or qualifying spend that counts for `month` and was posted in `posted_month`."""
    row = {"person_id": person_id, "month": month, "posted_month": posted_month}
    connection.execute(_patronage, row | {"income_minor": income_minor, "spend_minor": spend_minor})


def add_basis(connection: sa.Connection, person_id: int, month: str, basis_minor: int, minutes: int) -> None:
    """Add basis and qualified minutes of sales of `month`; a refund adds less than nothing."""
    row = {"person_id": person_id, "month": month, "basis_minor": basis_minor, "minutes": minutes}
    connection.execute(_basis, row)


def counted_before(connection: sa.Connection, person_id: int, month: str) -> int:
    """Give the minutes counted for a person in `month` so far, over all co-ops."""
    return connection.execute(_worked, {"of_person": person_id, "in_month": month}).scalar() or 0


def add_work(connection: sa.Connection, person_id: int, month: str, minutes: int) -> None:
    """Count `minutes` more for a person in `month`."""
    connection.execute(_work, {"person_id": person_id, "month": month, "minutes": minutes})
