"""The form of each value that the other checks read, before any of them reckons with it.

What a table says of its columns holds: numbers are whole and of a size, instants lie in the calendar, days and months
are ones, and nothing is missing. SQLite keeps any value in any column, and no database knows what a day is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from wallet.store.columns import Day, Instant, Month
from wallet.store.tables import metadata
from wallet.store.verify.breach import Breach
from wallet.store.verify.running import CALENDAR

# The tables that the checks read, by the invariant that each is read for.
READ = {
    "I1": ("transfers",),
    "I2": ("accounts",),
    "I4": ("credit_lines",),
    "I5": ("keys",),
    "I6": ("proposals",),
    "I7": ("bills", "code_attempts", "code_keys"),
    "I8": ("refunds", "sale_refunds", "disputes"),
    "I9": (
        "federation", "people", "coops", "own_set", "patronage_months", "basis_months", "work_months", "code_days",
        "circulation_months",
    ),
    "I10": (
        "shares", "pay_runs", "pay_lines", "agreements", "elections", "pay_ceilings", "cash_floors", "overpayments",
        "roles",
    ),
    "I11": ("dividend_runs", "dividend_lines", "member_terms", "coop_terms", "suspensions"),
    "I12": ("ballots", "ballot_coops", "ballot_places", "ballot_papers"),
    "I13": ("shifts", "closings", "tills"),
}  # fmt: skip
# No sum of books is as large: two such numbers add up without an overflow on either database.
MOST = 2**61
# Most tables of a young federation are empty, and each would be asked about twice.
_FILLED = sa.text(
    " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608
        for names in READ.values()
        for name in names
    )
)
_UNFOUNDED = sa.text(
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM federation WHERE zone <> '')"
    " AND (EXISTS (SELECT 1 FROM transfers) OR EXISTS (SELECT 1 FROM dividend_runs))"
)


@dataclass(frozen=True, slots=True)
class _Fault:
    """Hold a condition in SQL, what is then said of the row, and whether its value is of another kind altogether."""

    condition: str
    sentence: str
    is_foreign: bool = False


def is_day(value: Any) -> bool:
    """Tell whether a value is a day of the calendar, `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(value).isoformat() == str(value)
    except (TypeError, ValueError):
        return False


def is_month(value: Any) -> bool:
    """Tell whether a value is a month of the calendar, `YYYY-MM`."""
    return is_day(f"{value}-01")


class Forms:
    """Look at every value; afterwards `can_reckon` tells whether each is of its column's kind."""

    def __init__(self, connection: sa.Connection, after: int) -> None:
        self.connection, self.after = connection, after
        self.can_reckon = True

    def check(self) -> Iterator[Breach]:
        """Tell each row by the first of its columns that is not as its table says; of transfers, those after an id."""
        filled = set(self.connection.execute(_FILLED).scalars())
        for invariant, names in READ.items():
            for name in (name for name in names if name in filled):
                table = metadata.tables[name]
                for row, sentence in [*self._values(table), *self._days(table)]:
                    yield Breach(invariant, name, "/".join(map(str, row)), sentence)
        if self.connection.execute(_UNFOUNDED).first() is not None:
            yield Breach("I9", "federation", "1", "There is no time zone, by which the days and months are told.")

    def _values(self, table: sa.Table) -> Iterator[tuple[Any, str]]:
        faults, statement = _wrong_values(table, on_sqlite=self.connection.dialect.name == "sqlite")
        asked = {"after": self.after} if table.name == "transfers" else {}
        for *row, number in sorted(self.connection.execute(statement, asked), key=_place):
            self.can_reckon = self.can_reckon and not faults[number].is_foreign
            yield row, faults[number].sentence

    def _days(self, table: sa.Table) -> Iterator[tuple[Any, str]]:
        for column in _of_the_calendar(table):
            name, (word, fits) = column.name, ("day", is_day) if isinstance(column.type, Day) else ("month", is_month)
            kept = self.connection.execute(_different(column)).scalars()
            strange = {value for value in kept if isinstance(value, str) and not fits(value)}
            if strange:
                rows = self.connection.execute(sa.text(f"SELECT {_key(table)}, {name} FROM {table.name}"))  # noqa: S608
                for *row, _value in sorted((row for row in rows if row[-1] in strange), key=_place):
                    yield row, f"Its {name} is no {word}."


@cache
def _wrong_values(table: sa.Table, *, on_sqlite: bool) -> tuple[tuple[_Fault, ...], sa.TextClause]:
    """Give a table's possible faults, and what asks for the keys of rows with the number of their first one."""
    faults = tuple(fault for column in table.c for fault in _faults(column, on_sqlite=on_sqlite))
    whens = " ".join(f"WHEN {fault.condition} THEN {number}" for number, fault in enumerate(faults))
    key, where = _key(table), "WHERE wrong IS NOT NULL"
    if table.name == "transfers":
        where = f"{where} AND id > :after"
    inner = f"SELECT {key}, CASE {whens} END AS wrong FROM {table.name}"  # noqa: S608
    return faults, sa.text(f"SELECT {key}, wrong FROM ({inner}) t {where}")  # noqa: S608


@cache
def _of_the_calendar(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    return tuple(column for column in table.c if isinstance(column.type, Day | Month))


@cache
def _different(column: sa.Column[Any]) -> sa.TextClause:
    return sa.text(f"SELECT DISTINCT {column.name} FROM {column.table.name}")  # noqa: S608


def _faults(column: sa.Column[Any], *, on_sqlite: bool) -> Iterator[_Fault]:
    name, kind = column.name, column.type
    if not column.nullable:
        yield _Fault(f"{name} IS NULL", f"Its {name} is missing.")
    storage, word = "integer", "whole number"
    if isinstance(kind, sa.Text):
        storage, word = "text", "text"
    elif isinstance(kind, sa.LargeBinary):
        storage, word = "blob", "bytes"
    if on_sqlite:
        yield _Fault(f"typeof({name}) NOT IN ('{storage}', 'null')", f"Its {name} is no {word}.", is_foreign=True)
    if isinstance(kind, Instant):
        first, last = CALENDAR
        yield _Fault(f"{name} NOT BETWEEN {first} AND {last}", f"Its {name} is an instant that no calendar has.")
    elif isinstance(kind, sa.Integer):
        yield _Fault(f"{name} NOT BETWEEN {-MOST} AND {MOST}", f"Its {name} is beyond what any books hold.")


def _key(table: sa.Table) -> str:
    return ", ".join(column.name for column in table.primary_key)


def _place(row: Any) -> tuple[tuple[str, Any], ...]:
    """Order rows by their key, also where values of several kinds stand in one column."""
    return tuple((type(value).__name__, value) for value in row)
