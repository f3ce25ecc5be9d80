"""A question to the books: a statement that gives the keys of the rows for which a sentence is true."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from wallet.store.verify.breach import Breach

# Who acts looks at the clock before they wait for locks: which of two was first is certain a minute apart.
MARGIN = 60_000_000


@dataclass(frozen=True, slots=True)
class InvariantQuestion:
    """Name the invariant, the table, what is said of a row, and the SQL, which may go by transfers `:after` an id."""

    invariant: str
    table: str
    sentence: str
    sql: str
    statement: sa.TextClause = field(init=False)

    def __post_init__(self) -> None:
        """Read the SQL once: what is asked of the same object again need not be read again."""
        object.__setattr__(self, "statement", sa.text(self.sql))


def questions(*rows: tuple[str, str, str, str]) -> tuple[InvariantQuestion, ...]:
    """Make a question of each row: invariant, table, sentence and SQL."""
    return tuple(InvariantQuestion(*row) for row in rows)


def ask(connection: sa.Connection, asked_for: Iterable[InvariantQuestion], after: int = -1) -> Iterator[Breach]:
    """Ask one after another; what one finds is told before the next is asked."""
    for question in asked_for:
        asked = {"after": after} if ":after" in question.sql else {}
        for (row,) in connection.execute(question.statement, asked):
            yield Breach(question.invariant, question.table, str(row), question.sentence)
