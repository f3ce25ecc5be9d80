"""The months of circulation, summed once more while the accounts are walked through."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from wallet.store.verify.breach import Breach
from wallet.store.verify.forms import is_month
from wallet.store.verify.running import Facts

_MONTHS = sa.text("SELECT month, outstanding_minor, sold_minor FROM circulation_months ORDER BY month")
_FIGURES = ("outstanding", "sold")


class CirculationCheck:
    """Take every posting of every account, one account after another; then hold the sums against what is kept."""

    def __init__(self, connection: sa.Connection, facts: Facts) -> None:
        """Read what is kept."""
        self.facts = facts
        self.kept = [row for row in connection.execute(_MONTHS) if is_month(row.month)]
        self.begins = [facts.begins(_first(row.month)) for row in self.kept]
        self.ends = [facts.begins(_first(row.month, 1)) for row in self.kept]
        self.outstanding, self.sold = [0] * len(self.kept), [0] * len(self.kept)
        # A co-op is counted together with its tills.
        self.coops: dict[int, list[int]] = defaultdict(lambda: [0] * len(self.kept))
        self.moved = [0] * len(self.kept)

    def take(self, posting: Any) -> None:
        """Count a posting of the account that is walked through."""
        place = bisect_right(self.ends, posting.at)
        if place == len(self.ends):
            return
        self.moved[place] += posting.side * posting.amount_minor
        if posting.kind == "sale" and posting.side < 0 and posting.at >= self.begins[place]:
            self.sold[place] += posting.amount_minor

    def end(self, account: Any) -> None:
        """Count what the account stood at, at each month's end."""
        stood, coop = list(accumulate(self.moved)), self.facts.places.get(account.id)
        self.moved = [0] * len(self.kept)
        if coop is None:
            self._add(stood)
        else:
            self.coops[coop] = [before + more for before, more in zip(self.coops[coop], stood, strict=True)]

    def check(self) -> Iterator[Breach]:
        """Tell each month that is kept otherwise."""
        for stood in self.coops.values():
            self._add(stood)
        for row, *came in zip(self.kept, self.outstanding, self.sold, strict=True):
            for figure, was, comes_to in zip(_FIGURES, row[1:], came, strict=True):
                if was != comes_to:
                    sentence = f"It says {was} {figure}; the journal comes to {comes_to}."
                    yield Breach("I9", "circulation_months", row.month, sentence)

    def _add(self, stood: list[int]) -> None:
        self.outstanding = [sum_ + max(0, minor) for sum_, minor in zip(self.outstanding, stood, strict=True)]


def _first(month: str, later: int = 0) -> date:
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 + later
    # After the calendar's last month there is none.
    if number // 12 > date.max.year:
        return date.max
    return date(number // 12, number % 12 + 1, 1)
