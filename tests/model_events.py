"""Event files for the oracle of `tests/model.py`, read by a reader of its own."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from tests import model_dividend
from tests.model import Model, No

HEADER = "at,kind,coop,member,other,amount,cash,minutes,ref"
LABELS, AMOUNTS = ("coop", "member", "other", "ref"), ("amount", "cash")
USED = {
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
KEYED = ("pay", "sale", "gift", "supply", "fund", "dividend")
MONEY = (*KEYED, "refund")


class History:
    """Feed event lines to a model, with one namespace of refs and a clock that never goes back."""

    def __init__(self, zone: str = "UTC") -> None:
        self.model = Model(zone)
        self.keys: dict[str, tuple[Any, ...]] = {}
        self.transfers = self.replayed = 0
        self.clock: datetime | None = None

    def line(self, row: list[str]) -> str | None:
        """Apply one row of an event file; give the code it is refused with, if any."""
        try:
            self._apply(row)
        except No as no:
            return no.code
        return None

    def _apply(self, row: list[str]) -> None:
        if len(row) != 9:
            raise No("bad_form")
        cells = dict(zip(HEADER.split(","), row, strict=True))
        at = instant(cells["at"])
        if self.clock is not None and at < self.clock:
            raise No("bad_form")
        first, self.clock = self.clock is None, at
        if first:
            self.model.charter_on = at.astimezone(self.model.zone).date()
        kind = cells["kind"]
        fields = read(kind, cells)
        if kind == "charter":
            if not first:
                raise No("not_allowed")
            return
        content = (kind, *(fields[name] for name in USED[kind]))
        ref = str(fields.get("ref", ""))
        if kind in KEYED and ref in self.keys:
            if self.keys[ref] != content:
                raise No("key_reused")
            self.replayed += 1
            return
        if kind == "dividend":
            self.transfers += model_dividend.pay(self.model, at, ref, fields["amount"], fields["other"]) - 1
        else:
            if kind in KEYED and kind != "sale":
                del fields["ref"]
            getattr(self.model, kind)(at, **fields)
        if kind in KEYED:
            self.keys[ref] = content
        self.transfers += kind in MONEY

    def run(self, numbered: Iterable[tuple[int, list[str]]]) -> dict[str, Any]:
        """Replay numbered rows and give the report."""
        refused = []
        for number, row in numbered:
            code = self.line(row)
            if code is not None:
                refused.append({"line": number, "code": code})
        counts = {"transfers": self.transfers, "replayed": self.replayed, "refused": refused}
        return self.model.report(self.clock) | counts


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the numbered rows of an event file: physical lines from 2 on, blank ones skipped."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines[0] != HEADER:
        raise ValueError("not an event file")
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            yield number, next(csv.reader([line]))


def instant(text: str) -> datetime:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text):
        raise No("bad_form")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise No("bad_form") from None


def day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise No("bad_form")
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        raise No("bad_form") from None


def read(kind: str, cells: dict[str, str]) -> dict[str, Any]:
    """Read the columns that `kind` uses: names, then amounts, then minutes, then that the sum is not zero."""
    if kind not in USED:
        raise No("bad_form")
    used, optional = USED[kind], AMOUNTS if kind in ("sale", "refund") else ()
    fields: dict[str, Any] = {}
    for name in used:
        if not cells[name] and name not in optional:
            raise No("bad_form")
        if (
            name in LABELS
            and (kind, name) != ("dividend", "other")
            and (len(cells[name]) > 64 or any(unicodedata.category(c) == "Cc" for c in cells[name]))
        ):
            raise No("bad_form")
        fields[name] = cells[name]
    for name in (name for name in used if name in AMOUNTS):
        text = cells[name] or "0.00"
        if not re.fullmatch(r"(0|[1-9][0-9]{0,9})\.[0-9]{2}", text):
            raise No("bad_amount")
        fields[name] = int(text.replace(".", ""))
    if "minutes" in used:
        if not re.fullmatch(r"0|[1-9][0-9]{0,6}", cells["minutes"]):
            raise No("bad_form")
        fields["minutes"] = int(cells["minutes"])
    if kind == "dividend":
        fields["other"] = day(cells["other"])
    if kind in MONEY and fields["amount"] + fields.get("cash", 0) == 0:
        raise No("bad_amount")
    return fields
