"""A roster: people who are to be invited, as a CSV file with the columns `name` and `as` (worker or customer).

Every line is looked at and every fault told with its line; a roster with a fault invites nobody.
"""

import csv
from dataclasses import dataclass
from typing import Any

from wallet.domain.names import folded, read_name
from wallet.errors import Refusal, refuse
from wallet.i18n import N_

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 100_000
HEADER = ["name", "as"]
KINDS = frozenset({"worker", "customer"})

FAULTS: dict[str, str] = {
    "not_text": N_("This is not UTF-8 text. Save the list as CSV in UTF-8."),
    "header": N_("The first line has to be: name,as"),
    "columns": N_("This line needs two columns: a name, then worker or customer."),
    "name": N_("This is no name: one begins with a letter and holds only letters that can be seen."),
    "kind": N_("The second column says worker or customer."),
    "twin": N_("This name stands in the list already."),
    "empty": N_("There is nobody in this list."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one person who is to be invited, and as what."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold what is wrong with a line; `code` is a key of FAULTS."""

    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Hold the people of a file, and its faults."""

    people: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def read_roster(content: bytes) -> Roster:
    """Read a file to its end.

    Raises: Refusal too_large, before it is looked at.
    """
    if len(content) > MOST_BYTES:
        raise refuse("too_large")
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) > MOST_LINES + 1:
        raise refuse("too_large")
    found = _Reading()
    for number, line in enumerate(lines, start=1):
        fault = found.took(number, line)
        if fault is not None:
            found.faults.append(Fault(number, fault))
            if number == 1:
                # Without its header nothing of a file means anything.
                break
    if not found.people and not found.faults:
        found.faults.append(Fault(1, "empty"))
    return Roster(tuple(found.people), tuple(found.faults))


class _Reading:
    def __init__(self) -> None:
        self.people: list[Entry] = []
        self.faults: list[Fault] = []
        self.seen: set[str] = set()

    def took(self, number: int, line: bytes) -> str | None:
        """Take one line; give the code of what is wrong with it."""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return "not_text"
        if "\x00" in text:
            return "not_text"
        if number > 1 and not text.strip():
            return None
        cells = _cells(text)
        if number == 1:
            return None if [each.strip().lower() for each in cells or []] == HEADER else "header"
        return "columns" if cells is None or len(cells) != len(HEADER) else self.person(*cells)

    def person(self, typed: str, kind: str) -> str | None:
        try:
            name = read_name(typed)
        except Refusal:
            return "name"
        kind = kind.strip().lower()
        if kind not in KINDS:
            return "kind"
        if folded(name) in self.seen:
            return "twin"
        self.seen.add(folded(name))
        self.people.append(Entry(name, kind))
        return None


def _cells(text: str) -> list[str] | None:
    try:
        rows: list[Any] = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def safe_cell(text: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
