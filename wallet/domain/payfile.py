"""A pay file: what people are due for their work, as a CSV file with the columns `handle,name,hours,total,deductions`.

The handle decides who is paid; the name is there for the reader, and one that differs only warns. `total` is what is
due after the deductions that law takes in cash; these are kept for the slip. A line that says `sum` or `total` and no
name states what the lines above it come to, and has to agree. A line with neither hours nor amounts pays nobody. Every
fault is told with its line; a file with a fault is not taken at all.

Hours are written `152`, `152.5` or `152:30`, amounts `1.50` or `1,50`. In a file parted by commas an amount with a
comma stands in quotes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from wallet.domain import sheet
from wallet.domain.handle import is_label
from wallet.domain.money import format_amount, parse_typed
from wallet.domain.names import folded, visible
from wallet.domain.sheet import FORMULA, Fault, safe_cell
from wallet.errors import Refusal
from wallet.i18n import N_

HEADER = ("handle", "name", "hours", "total", "deductions")
TOTALS = frozenset({"sum", "total"})

FAULTS: dict[str, str] = {
    "not_text": N_("This is not UTF-8 text. Save the list as CSV in UTF-8."),
    "header": N_("The first line has to be: handle,name,hours,total,deductions"),
    "columns": N_("This line needs five columns: handle, name, hours, total, deductions."),
    "comma": N_(
        "This line has more than five columns. Where commas part them, an amount with a comma stands in quotes, or is "
        "written with a point: 1.50."
    ),
    "handle": N_("There is no handle in the first column."),
    "formula": N_("A cell of this line begins like a formula. Only handles, names, hours and amounts stand here."),
    "hours_missing": N_("The hours are missing. Write 152, 152.5 or 152:30."),
    "hours": N_("The hours are not readable. Write 152, 152.5 or 152:30."),
    "total_missing": N_("The total is missing. Write it like 1500.00."),
    "total": N_("The total is not readable. Write it like 1500.00, with no other marks."),
    "deductions": N_(
        "The deductions are not readable. Write them like 250.00, with no other marks, or leave them out."
    ),
    "negative": N_("A number of this line is below zero. There is no negative pay."),
    "zero": N_("The total is zero. Leave out who is paid nothing."),
    "twice": N_("This handle stands in line %(about)s already. Everybody has one line."),
    "unknown": N_("Nobody here has the handle %(about)s."),
    "sum": N_("The lines come to %(about)s, which is not what this line says."),
    "empty": N_("There is nobody in this list."),
}
WARNINGS: dict[str, str] = {
    "name_differs": N_("The name is another one than the wallet knows. The handle decides."),
    "name_hidden": N_("The name holds characters that cannot be seen. The handle decides."),
    "elsewhere": N_("No member here. Whoever works without being one is paid too: check the handle."),
    "comma": N_("Total and deductions look like one amount with a comma. Check both."),
    "deducted": N_("More is deducted than is left to pay. Check hours, total and deductions."),
    "no_hours": N_("No hours: this pay never counts for the dividend."),
}

_HOURS = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2})|:([0-5][0-9]))?")
_NEGATIVE = re.compile(r"[-−][0-9][0-9.,:]*")
_CENTS = re.compile(r"[0-9]{2}")


@dataclass(frozen=True, slots=True)
class PayfileLine:
    """Hold what one line says somebody is due; `warnings` are keys of WARNINGS, and none stops a run.

    Units: `total_minor` after `deductions_minor`.
    """

    line: int
    handle: str
    name: str
    minutes: int
    total_minor: int
    deductions_minor: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Hold a person as the wallet knows them, and whether they are a member of the co-op that pays."""

    name: str
    is_member: bool


@dataclass(frozen=True, slots=True)
class Payfile:
    """Hold the lines of a file and its faults, which are keys of FAULTS."""

    dues: tuple[PayfileLine, ...]
    faults: tuple[Fault, ...]

    @property
    def digest(self) -> str:
        """Give what two files with the same lines share, whatever they are called and however they were saved."""
        found = sha256()
        for due in self.dues:
            found.update(f"{due.handle}\n{due.minutes} {due.total_minor} {due.deductions_minor}\n".encode())
        return found.hexdigest()


def read_payfile(content: bytes) -> Payfile:
    """Read a file to its end; whose its handles are, each as its cell holds it, is for `matched`.

    Raises: Refusal too_large, before it is looked at.
    """
    found = _Reading()
    for number, cells in sheet.lines(content, HEADER):
        found.took(number, cells)
    if not found.dues and not found.faults:
        found.faults.append(Fault(1, "empty"))
    return Payfile(tuple(found.dues), tuple(found.faults))


def read_rows(rows: Iterable[Sequence[str]]) -> Payfile:
    """Read rows of a typed table with the columns of a file, numbered as under its header; there may be none."""
    found = _Reading()
    for number, cells in enumerate(rows, start=2):
        found.took(number, cells)
    return Payfile(tuple(found.dues), tuple(found.faults))


def matched(file: Payfile, people: Mapping[str, Known]) -> Payfile:
    """Hold the lines of a file against the people whom the wallet knows, by handle: each line becomes theirs."""
    dues, faults = [], list(file.faults)
    handle_of = _finder(people)
    seen: dict[str, int] = {}
    for due in file.dues:
        handle = handle_of(due.handle)
        before = seen.setdefault(due.handle.strip() if handle is None else handle, due.line)
        if before != due.line:
            faults.append(Fault(due.line, "twice", str(before)))
        elif handle is None:
            faults.append(_nobody(due.line, due.handle.strip()))
        else:
            warnings = (*due.warnings, *_about(due.name, people[handle]))
            dues.append(replace(due, handle=handle, warnings=warnings))
    return Payfile(tuple(dues), tuple(sorted(faults, key=lambda fault: fault.line)))


def parse_hours(text: str) -> int:
    """Read hours as a person types them, into minutes: `152`, `152.5`, `152,5` or `152:30`.

    A part of an hour in hundredths goes to the nearest minute.
    Raises: ValueError.
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hundredths = int((found[2] or "0").ljust(2, "0"))
    return int(found[1]) * 60 + int(found[3] or 0) + (hundredths * 60 + 50) // 100


class _Bad(Exception):
    """Say which fault a cell has."""


class _Reading:
    def __init__(self) -> None:
        self.dues: list[PayfileLine] = []
        self.faults: list[Fault] = []

    def took(self, line: int, cells: Sequence[str] | str) -> None:
        """Take one line, or the fault that it has as a line of a sheet."""
        self.faults += [Fault(line, cells)] if isinstance(cells, str) else self._read(line, cells)

    def _read(self, line: int, cells: Sequence[str]) -> list[Fault]:
        if len(cells) != len(HEADER):
            return [Fault(line, "comma" if len(cells) > len(HEADER) else "columns")]
        handle = cells[0]
        name, *figures = (cell.strip() for cell in cells[1:])
        try:
            if handle.strip().casefold() in TOTALS and not name:
                return self._sum(line, figures)
            if not handle.strip():
                return [Fault(line, "handle")]
            # The list to fill in names everybody, and not everybody is paid each time.
            return self._due(line, handle, name, figures) if any(figures) else []
        except _Bad as bad:
            return [Fault(line, str(bad))]

    def _due(self, line: int, handle: str, name: str, figures: list[str]) -> list[Fault]:
        read, faults = dict[str, int](), list[Fault]()
        for column, typed in zip(HEADER[2:], figures, strict=True):
            try:
                read[column] = _minutes(typed) if column == "hours" else _amount(column, typed)
                if column == "total" and read[column] == 0:
                    raise _Bad("zero")
            except _Bad as bad:
                faults.append(Fault(line, str(bad), column=column))
        if faults:
            return faults
        minutes, total, deductions = read.values()
        parted = figures[1].isdigit() and _CENTS.fullmatch(figures[2])
        looks = {"comma": parted, "deducted": deductions > total, "no_hours": minutes == 0}
        warnings = tuple(code for code, holds in looks.items() if holds)
        self.dues.append(PayfileLine(line, handle, name, minutes, total, deductions, warnings))
        return []

    def _sum(self, line: int, figures: list[str]) -> list[Fault]:
        """Hold what a line states against the lines above it; where one of these has a fault they come to nothing."""
        hours, total, deductions = figures
        stated = [
            (_minutes(hours) if hours else None, sum(due.minutes for due in self.dues), format_hours),
            (_amount("total", total), sum(due.total_minor for due in self.dues), format_amount),
            (
                _amount("deductions", deductions) if deductions else None,
                sum(due.deductions_minor for due in self.dues),
                format_amount,
            ),
        ]
        for said, found, shown in stated:
            if said not in (None, found) and not self.faults:
                return [Fault(line, "sum", shown(found))]
        return []


def _minutes(typed: str) -> int:
    if not typed:
        raise _Bad("hours_missing")
    if _NEGATIVE.fullmatch(typed):
        raise _Bad("negative")
    try:
        return parse_hours(typed)
    except ValueError:
        raise _Bad("formula" if typed.startswith(FORMULA) else "hours") from None


def format_hours(minutes: int) -> str:
    """Write minutes as hours that `parse_hours` reads back: `152`, `152:30`."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02d}" if rest else str(hours)


def _amount(column: str, typed: str) -> int:
    if _NEGATIVE.fullmatch(typed):
        raise _Bad("negative")
    if not typed:
        if column == "total":
            raise _Bad("total_missing")
        return 0
    try:
        return parse_typed(typed)
    except Refusal:
        raise _Bad("formula" if typed.startswith(FORMULA) else column) from None


def _finder(people: Mapping[str, Known]) -> Callable[[str], str | None]:
    """Give what finds whose a cell is: as it is written, without the mark that keeps a formula from running, trimmed.

    A handle that begins or ends with a space is found without it too, and one with such a mark within as a sheet of
    ours writes it, where it alone reads so.
    """
    trimmed: dict[str, str | None] = {}
    for handle in people:
        for read in {handle.strip(), safe_cell(handle).strip()} - {handle}:
            trimmed[read] = None if read in trimmed else handle

    def find(cell: str) -> str | None:
        bare = cell.strip()
        for written in (cell, cell.removeprefix("'"), bare, bare.removeprefix("'")):
            if written in people:
                return written
        return trimmed.get(bare) or trimmed.get(bare.removeprefix("'").strip())

    return find


def _nobody(line: int, handle: str) -> Fault:
    formula = handle.startswith(FORMULA) or not is_label(handle)
    return Fault(line, "formula") if formula else Fault(line, "unknown", visible(handle))


def _about(typed: str, person: Known) -> Iterator[str]:
    if typed != visible(typed):
        yield "name_hidden"
    elif typed and _alike(typed) not in (_alike(person.name), _alike(safe_cell(person.name))):
        yield "name_differs"
    if not person.is_member:
        yield "elsewhere"


def _alike(name: str) -> str:
    return folded(" ".join(name.split()))
