"""How much SQLite does for a question, whatever else the machine has to do meanwhile."""

from collections.abc import Callable

import sqlalchemy as sa


def steps(engine: sa.Engine, ask: Callable[[sa.Connection], object]) -> int:
    """Count the steps of SQLite's own machine until `ask` is answered."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(count, 1)
        ask(connection)
        raw.set_progress_handler(None, 1)
    return taken
