"""A co-op's accounts for a period, in double entry: what its books call each account, and which two an entry moves.

The co-op's own accounts are assets, also its main account below zero, which is what it owes through its credit line.
What came from others is income, what went to them expenses, by kind. Cash is in no account: it lies in the drawer, and
stands beside the entry that it belongs to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

MAIN = "Assets:RES:Main"
OPENING = "Equity:Opening-Balances"
SALES, REFUNDS, PAY = "Income:Sales", "Income:Refunds", "Expenses:Pay"
SUPPLIES_SOLD, SUPPLIES_BOUGHT, POOL = "Income:Supplies", "Expenses:Supplies", "Expenses:Pool"
# The other side of an entry, by its kind and whether the RES came in.
OTHERS = {
    ("sale", True): SALES,
    ("refund", False): REFUNDS,
    ("pay", False): PAY,
    ("supply", True): SUPPLIES_SOLD,
    ("supply", False): SUPPLIES_BOUGHT,
    ("fund", False): POOL,
}
# A posting takes its time before its turn: when the last of a period are surely in.
SETTLES = timedelta(minutes=10)

_PLAIN = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


class Period(NamedTuple):
    """Hold a period: its first and its last day, both in it, and the instants at which it begins and is over."""

    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def day_before(self) -> date:
        """Give the day on whose evening the period opens."""
        return self.first - timedelta(days=1)

    @property
    def day_after(self) -> date:
        """Give the day on whose morning it is closed."""
        return self.last + timedelta(days=1)

    def is_closed(self, now: datetime) -> bool:
        """Tell whether nothing can be posted in this period any more."""
        return now >= self.until + SETTLES


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one movement of a co-op's books, from the account `debit` to the account `credit`.

    `other` is the handle or slug of the other side, empty for whoever bought; `on` the day in the federation's zone.
    Units: `cash_minor` below zero where it went back.
    """

    ref: str
    at: datetime
    on: date
    kind: str
    debit: str
    credit: str
    amount_minor: int
    cash_minor: int = 0
    other: str = ""
    till: str = ""
    minutes: int | None = None
    note: str = ""
    answers: str = ""

    @property
    def postings(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """Give what the entry adds to each of its two accounts: they sum to 0."""
        return (self.credit, self.amount_minor), (self.debit, -self.amount_minor)


@dataclass(frozen=True, slots=True)
class Book:
    """Hold what an export is of: the co-op's slug, the period, and what the co-op's own accounts had before and after.

    Units: minor units of RES, by the name of the account. `cash` is the currency that lies in the drawer.
    """

    coop: str
    period: Period
    zone: str
    cash: str
    closed: bool
    opening: Mapping[str, int]
    closing: Mapping[str, int]


def till_account(till: str) -> str:
    """Name the account of a till, so that no two tills share a name: a word as it is, anything else in hexadecimal."""
    return f"Assets:RES:Till-{till}" if _PLAIN.fullmatch(till) else f"Assets:RES:Till--{till.encode().hex()}"
