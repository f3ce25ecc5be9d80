"""Running rows: what a person earned, spent and worked, by month."""

import sqlalchemy as sa

from wallet.store.tables import basis_months, patronage_months, pay_lines, transfers, work_months
from wallet.store.upserts import add_to_row

_patronage = add_to_row(patronage_months, "income_minor", "spend_minor")
_basis = add_to_row(basis_months, "basis_minor", "minutes")
_work = add_to_row(work_months, "minutes")
_run = pay_lines.c.run_id == sa.bindparam("of_run")
_month = sa.bindparam("in_month", type_=sa.Text)
_income_of_run = _patronage.from_select(
    ["person_id", "month", "posted_month", "income_minor", "spend_minor"],
    sa.select(
        pay_lines.c.person_id, _month, _month, pay_lines.c.due_minor - pay_lines.c.kept_back_minor, sa.literal(0)
    ).where(_run),
)
_work_of_run = _work.from_select(
    ["person_id", "month", "minutes"],
    sa.select(pay_lines.c.person_id, _month, transfers.c.counted_minutes)
    .join(transfers, transfers.c.ref == pay_lines.c.ref)
    .where(_run),
)
_worked = sa.select(work_months.c.minutes).where(
    work_months.c.person_id == sa.bindparam("of_person"), work_months.c.month == sa.bindparam("in_month")
)


def first_pay(person_id: sa.ColumnElement[int]) -> sa.ScalarSelect[str]:
    """Find the month of a person's first pay: what they buy counts from it on, and not at all while there is none."""
    theirs = patronage_months.c.person_id == person_id
    return (
        sa.select(sa.func.min(patronage_months.c.month))
        .where(theirs, patronage_months.c.income_minor != 0)
        .scalar_subquery()
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


def add_run(connection: sa.Connection, run_id: int, month: str) -> None:
    """Add the income of a run's lines and the work that their transfers counted, in one go."""
    values = {"of_run": run_id, "in_month": month}
    connection.execute(_income_of_run, values)
    connection.execute(_work_of_run, values)
