"""The event file: a federation's history as CSV, read line by line into typed events.

Checks of a line run in a fixed order, the first that fails names the code: columns, time, kind, required columns,
amounts, date and minutes, zero. What the books themselves refuse comes after these.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from wallet.domain.handle import is_label
from wallet.domain.money import parse_amount
from wallet.domain.period import parse_day, parse_instant
from wallet.errors import Refusal, refuse

HEADER = ("at", "kind", "coop", "member", "other", "amount", "cash", "minutes", "ref")

# The columns that a kind uses; all others are ignored.
USED: dict[str, tuple[str, ...]] = {
    "charter": (),
    "coop": ("coop", "amount"),
    "coop_leaves": ("coop",),
    "member": ("coop", "member"),
    "member_leaves": ("coop", "member"),
    "customer": ("member",),
    "pay": ("coop", "member", "amount", "minutes", "ref"),
    "sale": ("coop", "member", "amount", "cash", "ref"),
    "refund": ("amount", "cash", "ref"),
    "gift": ("member", "other", "amount", "ref"),
    "supply": ("coop", "other", "amount", "ref"),
    "fund": ("coop", "amount", "ref"),
    "dividend": ("amount", "other", "ref"),
}
MONEY_KINDS = frozenset({"pay", "sale", "refund", "gift", "supply", "fund", "dividend"})
# A sale or refund may be all RES or all cash.
TENDERED_KINDS = frozenset({"sale", "refund"})

# What is not used is ignored however long it is; what is used has narrower bounds of its own.
csv.field_size_limit(2**31 - 1)

_LABELS = frozenset({"coop", "member", "other", "ref"})
# What else than a label a kind writes into such a column: the day on which a dividend's period ends.
_DAYS = frozenset({("dividend", "other")})
_MINUTES = re.compile(r"0|[1-9][0-9]{0,6}")


@dataclass(frozen=True, slots=True)
class Event:
    """Hold what one line says happened; columns that its kind does not use are empty, 0 or None."""

    kind: str
    at: datetime
    coop: str = ""
    member: str = ""
    other: str = ""
    amount_minor: int = 0
    cash_minor: int = 0
    minutes: int = 0
    ref: str = ""
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Hold a physical line: its number, the instant to which it moves the clock, and its event or its refusal."""

    number: int
    at: datetime | None
    event: Event | None = None
    code: str | None = None


class WrongHeader(ValueError):
    """Say that a file does not begin with the header of an event file."""


def read(lines: Iterable[str]) -> Iterator[HistoryLine]:
    """Read the physical lines of an event file, blank ones skipped; line 1 is the header.

    Raises: WrongHeader, at once.
    """
    numbered = enumerate(lines, start=1)
    _, header = next(numbered, (1, ""))
    if _cells(header.removeprefix("\ufeff")) != list(HEADER):
        raise WrongHeader
    return _read(numbered)


def _read(numbered: Iterable[tuple[int, str]]) -> Iterator[HistoryLine]:
    now: datetime | None = None
    for number, text in numbered:
        if text.strip(" \t\r\n") == "":
            continue
        line = _line(number, text, now)
        now = line.at or now
        yield line


def _line(number: int, text: str, now: datetime | None) -> HistoryLine:
    cells = _cells(text)
    if cells is None or len(cells) != len(HEADER):
        return HistoryLine(number, None, code="bad_form")
    row = dict(zip(HEADER, cells, strict=True))
    try:
        at = parse_instant(row["at"])
    except Refusal as refusal:
        return HistoryLine(number, None, code=refusal.code)
    if now is not None and at < now:
        return HistoryLine(number, None, code="bad_form")
    try:
        return HistoryLine(number, at, event=_event(at, row))
    except Refusal as refusal:
        return HistoryLine(number, at, code=refusal.code)


def _cells(text: str) -> list[str] | None:
    """Split a physical line by the rules of CSV; None when its quotes are not in order."""
    text = text.rstrip("\r\n")
    if '"' not in text and "\r" not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), None)
    except csv.Error:
        return None


def _event(at: datetime, row: dict[str, str]) -> Event:
    kind = row["kind"]
    if kind not in USED:
        raise refuse("bad_form")
    used = USED[kind]
    used_row = {column: row[column] for column in used}
    _require(kind, used_row)
    amount_minor, cash_minor = _amount(used_row, "amount"), _amount(used_row, "cash")
    minutes, ends_on = _minutes(used_row), _day(kind, used_row)
    if kind in MONEY_KINDS and amount_minor + cash_minor == 0:
        raise refuse("bad_amount")
    return Event(
        kind,
        at,
        coop=used_row.get("coop", ""),
        member=used_row.get("member", ""),
        other=used_row.get("other", ""),
        amount_minor=amount_minor,
        cash_minor=cash_minor,
        minutes=minutes,
        ref=used_row.get("ref", ""),
        ends_on=ends_on,
    )


def _require(kind: str, used_row: dict[str, str]) -> None:
    for column, text in used_row.items():
        if text == "":
            if kind in TENDERED_KINDS and column in ("amount", "cash"):
                continue
            raise refuse("bad_form")
        if column in _LABELS and (kind, column) not in _DAYS and not is_label(text):
            raise refuse("bad_form")


def _amount(used_row: dict[str, str], column: str) -> int:
    text = used_row.get(column, "")
    return parse_amount(text) if text else 0


def _minutes(used_row: dict[str, str]) -> int:
    text = used_row.get("minutes", "0")
    if _MINUTES.fullmatch(text) is None:
        raise refuse("bad_form")
    return int(text)


def _day(kind: str, used_row: dict[str, str]) -> date | None:
    found = [text for column, text in used_row.items() if (kind, column) in _DAYS]
    return parse_day(found[0]) if found else None
