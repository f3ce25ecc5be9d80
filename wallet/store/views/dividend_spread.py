"""How the lines of a dividend spread, and what lay in the pool before them: figures that show nobody's own."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain.crowd import FEW
from wallet.store.tables import accounts, dividend_lines, dividend_runs, transfers

_minor = (dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor).label("minor")
_given = sa.select(_minor).where(dividend_lines.c.run_id == sa.bindparam("of_run"), dividend_lines.c.ref.is_not(None))
_middle = _given.order_by(_minor).offset(sa.bindparam("first")).limit(sa.bindparam("many"))
# A figure of so many people together shows none of them, and so do those who are left.
_least = _given.order_by(_minor).limit(FEW)
_most = _given.order_by(_minor.desc()).limit(FEW)
_before = (
    sa.select(sa.func.max(transfers.c.debit_balance_minor + transfers.c.amount_minor))
    .join(dividend_lines, dividend_lines.c.ref == transfers.c.ref)
    .join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id)
    .where(
        dividend_lines.c.run_id == sa.bindparam("of_run"),
        # All are posted at one instant out of one account, which an index finds in the journal.
        transfers.c.debit_id == sa.select(accounts.c.id).where(accounts.c.kind == "pool").scalar_subquery(),
        transfers.c.at == dividend_runs.c.closed_at,
    )
)


@dataclass(frozen=True, slots=True)
class Spread:
    """Hold the line in the middle, and what the five smallest and the five largest come to on average.

    The latter two are None where they and the whole would tell of fewer than five others.
    """

    middle_minor: int
    least_minor: int | None
    most_minor: int | None


def of_run(connection: sa.Connection, run_id: int, paid: int) -> Spread | None:
    """Give how the `paid` lines of a run that give something spread; None of fewer than five."""
    if paid < FEW:
        return None
    of = {"of_run": run_id}
    middle = _mean(connection.scalars(_middle, of | {"first": (paid - 1) // 2, "many": 2 - paid % 2}))
    if paid < 2 * FEW:
        return Spread(middle, None, None)
    return Spread(middle, *(_mean(connection.scalars(end, of)) for end in (_least, _most)))


def pool_before(connection: sa.Connection, run_id: int) -> int | None:
    """Tell what lay in the pool before a posted run paid its lines; None of one that paid nobody."""
    found = connection.execute(_before, {"of_run": run_id}).scalar()
    return None if found is None else int(found)


def _mean(found: Iterable[int]) -> int:
    sums = [int(minor) for minor in found]
    return (2 * sum(sums) + len(sums)) // (2 * len(sums))
