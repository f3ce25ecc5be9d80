"""How the lines of a dividend spread is told without telling anybody's own."""

import pytest
import sqlalchemy as sa

from tests.clock import MONDAY_NOON
from wallet.store.tables import dividend_lines, dividend_runs, people
from wallet.store.views import dividend_spread
from wallet.store.views.dividend_spread import Spread

RUN = {"label": "2026", "ends_on": "2026-01-01", "cutoff_at": MONDAY_NOON, "pot_minor": 10_000, "history_minor": 0}
MADE = {"months": 1, "sunset_months": 180, "charter_version": 1, "state": "draft", "drafted_at": MONDAY_NOON}


def spread_of(engine: sa.Engine, *sums: int) -> Spread | None:
    """Give how lines of these sums spread, beside one that gives nothing."""
    with engine.begin() as connection:
        run = connection.execute(sa.insert(dividend_runs).values(RUN | MADE).returning(dividend_runs.c.id)).scalar_one()
        for number, minor in enumerate((0, *sums)):
            row = {"handle": f"member-{number}", "name": "M", "counter_name": "M", "joined_at": MONDAY_NOON}
            person = connection.execute(sa.insert(people).values(row).returning(people.c.id)).scalar_one()
            parts = {"by_basis_minor": minor // 2, "by_hours_minor": minor - minor // 2}
            line = parts | {"basis_minor": 1, "minutes": 1, "new_minutes": 1, "ref": f"D{number}" if minor else None}
            connection.execute(sa.insert(dividend_lines).values(line | {"run_id": run, "person_id": person}))
        return dividend_spread.of_run(connection, run, len(sums))


@pytest.mark.parametrize(
    ("sums", "spread"),
    [
        ((100, 200, 300, 400), None),
        ((500, 100, 400, 200, 300), Spread(300, None, None)),
        ((100, 200, 300, 401, 500, 600), Spread(351, None, None)),
        (tuple(range(100, 1_000, 100)), Spread(500, None, None)),
        (tuple(range(100, 1_100, 100)), Spread(550, 300, 800)),
        ((1, 1, 1, 1, 1, 10, 20, 20, 20, 20, 1_000), Spread(10, 1, 216)),
    ],
)
def test_the_middle_is_told_from_five_on_and_the_ends_of_five_together_where_five_are_left(
    engine: sa.Engine, sums: tuple[int, ...], spread: Spread | None
) -> None:
    assert spread_of(engine, *sums) == spread
