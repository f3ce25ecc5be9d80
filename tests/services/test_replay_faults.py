"""A line that is wrong in two ways is refused for what is looked at first: any two faults of each kind of line."""

from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

import pytest

from tests.model_events import HEADER
from wallet.cli.replay import BOOK
from wallet.kit import Kit
from wallet.services.replay import replay

COLUMNS = tuple(HEADER.split(","))
# The loom has left, and the mill with gil in it; dee has left the bakery, and ana holds 39.00 RES.
TOWN = (
    "2026-01-01T00:00:00Z,charter,,,,,,,",
    "2026-01-02T00:00:00Z,coop,bakery,,,1000.00,,,",
    "2026-01-02T00:00:00Z,coop,farm,,,1000.00,,,",
    "2026-01-02T00:00:00Z,coop,mill,,,1000.00,,,",
    "2026-01-02T00:00:00Z,coop,loom,,,0.00,,,",
    "2026-01-02T00:00:00Z,coop,press,,,0.00,,,",
    "2026-01-02T00:00:00Z,member,bakery,ana,,,,,",
    "2026-01-02T00:00:00Z,member,bakery,dee,,,,,",
    "2026-01-02T00:00:00Z,member,mill,gil,,,,,",
    "2026-01-02T00:00:00Z,customer,,cy,,,,,",
    "2026-01-02T00:00:00Z,pay,bakery,ana,,500.00,,3000,pay",
    "2026-01-02T00:00:00Z,sale,farm,ana,,10.00,1.00,,sale",
    "2026-01-02T00:00:00Z,gift,,ana,cy,1.00,,,gift",
    "2026-01-02T00:00:00Z,supply,bakery,,farm,3.00,,,supply",
    "2026-01-02T00:00:00Z,fund,bakery,,,20.00,,,fund",
    "2026-02-02T00:00:00Z,dividend,,,2026-02-01,1.00,,,dividend",
    "2026-02-02T00:00:00Z,coop_leaves,mill,,,,,,",
    "2026-02-02T00:00:00Z,coop_leaves,loom,,,,,,",
    "2026-02-02T00:00:00Z,member_leaves,bakery,dee,,,,,",
)
# A line of each kind that would be taken.
GOOD = {
    "coop": {"coop": "new", "amount": "1.00"},
    "coop_leaves": {"coop": "press"},
    "member": {"coop": "farm", "member": "ana"},
    "member_leaves": {"coop": "bakery", "member": "ana"},
    "customer": {"member": "new"},
    "pay": {"coop": "bakery", "member": "ana", "amount": "10.00", "minutes": "60", "ref": "new"},
    "sale": {"coop": "farm", "member": "ana", "amount": "1.00", "cash": "1.00", "ref": "new"},
    "refund": {"amount": "1.00", "cash": "0.50", "ref": "sale"},
    "gift": {"member": "ana", "other": "cy", "amount": "2.00", "ref": "new"},
    "supply": {"coop": "bakery", "other": "farm", "amount": "1.00", "ref": "new"},
    "fund": {"coop": "bakery", "amount": "1.00", "ref": "new"},
    "dividend": {"other": "2026-03-01", "amount": "1.00", "ref": "new"},
}


class Fault(NamedTuple):
    """Hold when a fault is looked at, the code that the line then has, and what is written where.

    `cells` stands for how many columns the line has.
    """

    turn: int
    code: str
    wrong: dict[str, str]


CELLS, TIME, KIND, REQUIRED, AMOUNT, DAY, ZERO, REF, UNKNOWN, SHUT, PLACE, CLOSED, FUNDS = range(13)
EVERYWHERE = (
    *(Fault(CELLS, "bad_form", {"cells": cells}) for cells in ("8", "10")),
    *(Fault(TIME, "bad_form", {"at": at}) for at in ("", "2026-02-30T00:00:00Z", "2026-01-05T00:00:00Z")),
    Fault(KIND, "bad_form", {"kind": "lottery"}),
)
# What the books themselves refuse; a ref that is taken is a fault of every kind that brings its own.
OF_THE_BOOKS: dict[str, tuple[Fault, ...]] = {
    "coop": (Fault(PLACE, "not_allowed", {"coop": "bakery"}),),
    "coop_leaves": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(CLOSED, "account_not_open", {"coop": "mill"}),
    ),
    "member": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(SHUT, "account_not_open", {"coop": "mill"}),
        Fault(SHUT, "account_not_open", {"coop": "mill", "member": "gil"}),
        Fault(PLACE, "not_allowed", {"coop": "bakery"}),
    ),
    "member_leaves": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(UNKNOWN, "unknown_member", {"member": "none"}),
        Fault(PLACE, "not_allowed", {"member": "dee"}),
        Fault(PLACE, "not_allowed", {"coop": "mill"}),
    ),
    "customer": tuple(Fault(PLACE, "not_allowed", {"member": member}) for member in ("ana", "cy", "dee")),
    "pay": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(CLOSED, "account_not_open", {"coop": "mill"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "90000.00"}),
    ),
    "sale": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(UNKNOWN, "unknown_member", {"member": "none"}),
        Fault(CLOSED, "account_not_open", {"coop": "mill"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "50.00"}),
    ),
    "refund": (
        *(Fault(UNKNOWN, "unknown_sale", {"ref": ref}) for ref in ("none", "pay", "gift", "supply", "dividend")),
        Fault(FUNDS, "refund_exceeds_sale", {"amount": "10.01"}),
        Fault(FUNDS, "refund_exceeds_sale", {"cash": "1.01"}),
    ),
    "gift": (
        Fault(UNKNOWN, "unknown_member", {"member": "none"}),
        Fault(UNKNOWN, "unknown_member", {"other": "none"}),
        Fault(PLACE, "not_allowed", {"other": "ana"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "50.00"}),
    ),
    "supply": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(UNKNOWN, "unknown_coop", {"other": "none"}),
        Fault(PLACE, "not_allowed", {"coop": "mill", "other": "mill"}),
        Fault(CLOSED, "account_not_open", {"coop": "mill"}),
        Fault(CLOSED, "account_not_open", {"other": "loom"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "9000.00"}),
    ),
    "fund": (
        Fault(UNKNOWN, "unknown_coop", {"coop": "none"}),
        Fault(CLOSED, "account_not_open", {"coop": "mill"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "9000.00"}),
    ),
    "dividend": (
        Fault(PLACE, "not_allowed", {"other": "2026-02-01"}),
        Fault(PLACE, "not_allowed", {"other": "2026-03-02"}),
        Fault(FUNDS, "insufficient_funds", {"amount": "9000.00"}),
    ),
}


def faults(kind: str) -> Iterator[Fault]:
    """List what can be wrong with a line of `kind`."""
    good = GOOD[kind]
    yield from EVERYWHERE
    money = [column for column in ("amount", "cash") if column in good]
    for column in good:
        if column not in money or kind not in ("sale", "refund"):
            yield Fault(REQUIRED, "bad_form", {column: ""})
        if column in ("coop", "member", "ref") or (column == "other" and kind != "dividend"):
            yield from (Fault(REQUIRED, "bad_form", {column: label}) for label in ("x" * 65, "x\x7f"))
        if column in money:
            yield from (Fault(AMOUNT, "bad_amount", {column: text}) for text in ("1.5", "01.00", "10000000000.00"))
    if "minutes" in good:
        yield from (Fault(DAY, "bad_form", {"minutes": text}) for text in ("01", "10000000"))
    if kind == "dividend":
        yield from (Fault(DAY, "bad_form", {"other": text}) for text in ("2026-02-30", "20260301"))
    if money and kind != "coop":
        yield Fault(ZERO, "bad_amount", dict.fromkeys(money, "0.00"))
    if good.get("ref") == "new":
        yield from (Fault(REF, "key_reused", {"ref": ref}) for ref in ("pay", "sale", "gift", "supply", "fund"))
    yield from OF_THE_BOOKS[kind]


def ways(kind: str) -> Iterator[tuple[Fault, ...]]:
    """List each fault of `kind` alone, and each two that a line can have at once."""
    for found in chain(combinations(faults(kind), 1), combinations(faults(kind), 2)):
        columns = [column for fault in found for column in fault.wrong]
        if len(columns) == len(set(columns)):
            yield found


def line(kind: str, found: tuple[Fault, ...]) -> str:
    """Write a line of `kind` with these faults."""
    row = {"at": "2026-03-01T10:00:00Z", "kind": kind, "cells": "9", **GOOD[kind]}
    for fault in found:
        row |= fault.wrong
    return ",".join([*(row.get(column, "") for column in COLUMNS), ""][: int(row["cells"])])


@pytest.mark.parametrize("kind", GOOD)
def test_of_two_faults_the_one_that_is_looked_at_first_names_the_code(kit: Kit, kind: str) -> None:
    wrong = list(ways(kind))
    report = replay(kit, [HEADER, *TOWN, *(line(kind, found) for found in wrong)], BOOK)

    first = len(TOWN) + 2
    codes = {entry["line"] - first: entry["code"] for entry in report["refused"]}
    assert codes == {place: min(found, key=lambda fault: fault.turn).code for place, found in enumerate(wrong)}
