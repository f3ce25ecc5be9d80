"""Whatever value stands in the books that is no number, no day or of no size, verify names its row, and goes on."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.tampering import found_in, unguarded
from wallet.kit import Kit
from wallet.store import verify
from wallet.store.columns import Instant
from wallet.store.tables import metadata
from wallet.store.verify.forms import READ, Forms, is_day, is_month

RUN = (
    "INSERT INTO dividend_runs (id, label, ends_on, cutoff_at, pot_minor, history_minor, months, sunset_months,"
    " charter_version, state, drafted_at) VALUES (1, 'x', '{}', 1, 1, 1, 1, 180, 1, 'draft', 1)"
)
PAY_RUN = (
    "INSERT INTO pay_runs (id, key, coop_id, pay_on, state, made_by, made_at, submitted_at, month) VALUES"
    " (1, 'x', 1, '{}', 'posted', 1, 1, {}, {})"
)
# What somebody with the database did on either, and what verify says of it.
WRITTEN = {
    "UPDATE federation SET charter_on = '2026-13-01'": "I9 federation 1: Its charter_on is no day.",
    "UPDATE federation SET charter_on = ''": "I9 federation 1: Its charter_on is no day.",
    "UPDATE federation SET charter_on = '20260101'": "I9 federation 1: Its charter_on is no day.",
    "DELETE FROM federation": "I9 federation 1: There is no time zone, by which the days and months are told.",
    "UPDATE federation SET zone = ''": "I9 federation 1: There is no time zone, by which the days and months are told.",
    RUN.format("2026-1-1"): "I11 dividend_runs 1: Its ends_on is no day.",
    RUN.format(""): "I11 dividend_runs 1: Its ends_on is no day.",
    RUN.format("2026-02-30"): "I11 dividend_runs 1: Its ends_on is no day.",
    RUN.format("2026-02-01"): (
        "I11 federation 1: There is no day of the charter, from which dividends count their months."
    ),
    PAY_RUN.format("x", "1", "'2026-01'"): "I10 pay_runs 1: Its pay_on is no day.",
    **{
        PAY_RUN.format("2026-01-01", at, month): (
            "I10 pay_runs 1: It is signed or posted, and does not say when, or for which month."
        )
        for at, month in (("NULL", "'2026-01'"), ("1", "NULL"), ("1", "'2026-01'"))
    },
    "INSERT INTO circulation_months VALUES ('x', 0, 0)": "I9 circulation_months x: Its month is no month.",
    "INSERT INTO circulation_months VALUES ('9999-12', 0, 0)": "I9 circulation_months 9999-12: It says 0 outstanding",
    "UPDATE work_months SET month = '2026-00' WHERE month = (SELECT MIN(month) FROM work_months) AND person_id = 1": (
        "I9 work_months 1/2026-00: Its month is no month."
    ),
    "UPDATE accounts SET balance_minor = 9223372036854775807 WHERE id = 1": (
        "I2 accounts 1: Its balance_minor is beyond what any books hold."
    ),
    "UPDATE accounts SET balance_minor = 2000000000000000000": "I3 accounts all: All balances sum to",
    "UPDATE transfers SET at = 9000000000000000000 WHERE id = 1": (
        "I1 transfers 1: Its at is an instant that no calendar has."
    ),
}


def said(kit: Kit, *statements: str, since: int | None = None) -> list[str]:
    with unguarded(kit) as connection:
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount > 0, statement
        return [str(breach) for breach in verify.check(connection, kit.charter, since)]


def test_what_is_no_day_or_no_number_of_books_is_named_with_its_row(books: Kit) -> None:
    found = {statement: said(books, statement) for statement in WRITTEN}

    assert [
        (statement, lines)
        for statement, lines in found.items()
        if not any(line.startswith(WRITTEN[statement]) for line in lines)
    ] == []
    assert found_in(books).breaches == [], "a statement was not undone"


# SQLite takes any value in any column.
@pytest.mark.only_on("sqlite")
def test_a_value_of_another_kind_is_named_in_every_column_that_is_read(books: Kit) -> None:
    unnamed, tried = [], 0
    with unguarded(books) as connection:
        for invariant, names in READ.items():
            for column in (column for name in names for column in metadata.tables[name].c):
                undone = connection.begin_nested()
                table, value = column.table.name, "x'00'" if isinstance(column.type, sa.Text) else "'x'"
                change = f"UPDATE {table} SET {column.name} = {value} WHERE rowid = (SELECT MIN(rowid) FROM {table})"
                try:
                    touched = connection.exec_driver_sql(change).rowcount
                except sa.exc.IntegrityError:
                    # A key that SQLite numbers itself is a number.
                    touched = 0
                found = [(one.invariant, one.table, one.sentence) for one in Forms(connection, -1).check()]
                if touched and (invariant, table) not in {one[:2] for one in found if column.name in one[2]}:
                    unnamed.append((table, column.name, found))
                tried += touched
                undone.rollback()

    assert unnamed == []
    assert tried > 150


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    "column", ["amount_minor", "at", "cash_minor", "minutes", "total_minor", "share_bp", "debit_seq"]
)
def test_a_word_in_the_journal_is_named_first_and_nothing_is_reckoned_with_it(books: Kit, column: str) -> None:
    first, *_rest = said(books, f"UPDATE transfers SET {column} = 'x' WHERE id = 2")

    assert first == f"I1 transfers 2: Its {column} is no whole number."


@pytest.mark.only_on("sqlite")
def test_a_word_as_a_number_of_days_takes_no_memory(books: Kit) -> None:
    opened = (
        "INSERT INTO ballots (parameter, from_value, to_value, reason, open_days, state, proposed_by, proposed_at,"
        " opened_at, closes_at) VALUES ('sunset_months', 180, 1, '', 'x', 'open', 1, 1, 1, 2)"
    )

    assert said(books, opened)[0] == "I12 ballots 1: Its open_days is no whole number."


def test_what_is_found_by_its_form_hides_no_money_that_is_wrong(books: Kit) -> None:
    found = said(
        books, "UPDATE federation SET charter_on = ''", RUN.format(""),
        "UPDATE accounts SET balance_minor = balance_minor + 1 WHERE id = 2",
    )  # fmt: skip

    assert {line.split(":")[0] for line in found} >= {"I9 federation 1", "I11 dividend_runs 1", "I2 accounts 2"}


def test_of_older_transfers_a_check_since_one_tells_nothing(books: Kit) -> None:
    written = "UPDATE transfers SET at = 9000000000000000000 WHERE id = 1"
    told = "I1 transfers 1: Its at is an instant that no calendar has."

    assert (told in said(books, written, since=1), told in said(books, written, since=0)) == (False, True)


def test_books_in_which_nothing_is_yet_need_no_federation(kit: Kit) -> None:
    assert found_in(kit).breaches == []


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("0001-01-01", True), ("9999-12-31", True), ("2024-02-29", True), ("2026-02-29", False), ("2026-1-1", False),
        ("0000-01-01", False), ("20260101", False), ("2026-W01-1", False), ("", False), (None, False), (1, False),
        ("2026-01-01 ", False), (b"2026-01-01", False), ("٢٠٢٦-01-01", False),
    ],
)  # fmt: skip
def test_a_day_is_one_of_the_calendar_as_it_is_written(value: object, is_one: bool) -> None:
    assert is_day(value) is is_one
    assert is_month(str(value)[:-3]) is (is_one or value == "2026-02-29")


def test_no_table_that_is_read_is_left_out() -> None:
    folder = Path(verify.__file__).parent
    words = set(re.findall(r"\b(?:FROM|JOIN) (\w+)", "".join(file.read_text() for file in folder.glob("*.py"))))

    assert words & metadata.tables.keys() - {"halts"} <= {name for names in READ.values() for name in names}
    assert any(isinstance(column.type, Instant) for column in metadata.tables["transfers"].c), (
        "what an instant is told by"
    )
