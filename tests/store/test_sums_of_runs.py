"""What the lines of a run come to is summed over these alone: a federation has more lines with each payday."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from wallet.errors import Refusal
from wallet.store.engine import is_postgresql
from wallet.store.views import dividends, payruns


@pytest.mark.parametrize(
    ("lines", "ask"),
    [
        ("pay_lines", lambda connection: payruns.listed(connection, "bakery")),
        ("dividend_lines", lambda connection: dividends.known(connection, 1)),
    ],
)
def test_the_lines_of_no_other_run_are_looked_through(
    engine: sa.Engine, lines: str, ask: Callable[[sa.Connection], object]
) -> None:
    if is_postgresql(engine):
        pytest.skip("it plans by how many rows there are, and here are none")

    plan = planned(engine, ask)

    assert any(f"SEARCH {lines}" in step for step in plan), plan
    assert not any(f"SCAN {lines}" in step for step in plan)


def planned(engine: sa.Engine, ask: Callable[[sa.Connection], object]) -> list[str]:
    """Tell the steps by which the database answers what is asked."""
    asked = list[tuple[str, Any]]()
    with engine.connect() as connection:

        @sa.event.listens_for(connection, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
            asked.append((statement, parameters))

        with suppress(Refusal):
            ask(connection)
        return [
            row.detail
            for statement, parameters in tuple(asked)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
