"""Whatever somebody with the database writes, verify comes to its end: it names what is wrong, and never falls."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.tampering import found_in, unguarded
from wallet.kit import Kit
from wallet.store import tables, verify

NUMBERS = ("NULL", "-1", "1000000000000", "9223372036854775807", "'x'", "''", "1.5")
TEXTS = ("NULL", "'x'", "''", "'2026-1-1'", "x'00'")
# Without the zone nothing can be said about days: the command says so, in a test of its own.
NOT_HERE = {("federation", "zone")}


def changes() -> Iterator[str]:
    """Give each column of a table's first row other values, and each table fewer rows and none."""
    for table in tables.metadata.sorted_tables:
        first = f" WHERE rowid = (SELECT MIN(rowid) FROM {table.name})"
        yield f"DELETE FROM {table.name}"
        yield f"DELETE FROM {table.name}{first}"
        for column in table.c:
            if (table.name, column.name) not in NOT_HERE:
                for value in TEXTS if isinstance(column.type, sa.Text) else NUMBERS:
                    for where in ("", first):
                        yield f"UPDATE {table.name} SET {column.name} = {value}{where}"


# SQLite takes any value in any column, and is quick.
@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_verify_names_what_is_wrong_whatever_was_written(books: Kit) -> None:
    tried = 0
    with unguarded(books) as connection:
        for change in changes():
            undone = connection.begin_nested()
            with suppress(sa.exc.IntegrityError):
                tried += connection.exec_driver_sql(change).rowcount > 0
                checked = verify.examine(connection, books.charter)
                # Some sums cannot hold the largest number, which has been named by then.
                assert checked.cut_off_by is None or str(2**63 - 1) in change, change
            undone.rollback()

    assert tried > 500
    assert found_in(books).breaches == [], "a change was not undone"


@pytest.mark.breaks_books
def test_books_of_an_unknown_zone_are_not_called_sound(books: Kit, app: Flask) -> None:
    with books.engine.begin() as connection:
        connection.execute(sa.text("UPDATE federation SET zone = 'Nowhere/Land'"))

    answer = app.test_cli_runner().invoke(args=["verify"])

    assert answer.exit_code == 2
    assert "The federation's time zone is not known here. No time zone found with key Nowhere/Land." in answer.output
    assert "sound" not in answer.output
