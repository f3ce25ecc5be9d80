"""Histories made by chance replay as the independent oracle says, line for line and figure for figure."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.model_events import HEADER, History, rows
from wallet.cli.replay import BOOK
from wallet.kit import Kit
from wallet.services.replay import replay

LINES = 400
COOPS = ("bakery", "farm", "mill", "dairy")
PEOPLE = ("ana", "ben", "cy", "dee", "eli", "fay", "gus")
AMOUNTS = ("0.00", "0.01", "0.99", "3.33", "7.00", "12.50", "40.00", "120.05")
WAGES = ("99.99", "100.00", "240.00")
WRONG = ("", "1.0", "x", "-1.00", "10000000000.00")
KINDS = {
    "coop": 2, "coop_leaves": 1, "member": 4, "member_leaves": 2, "customer": 2, "charter": 0.3, "nonsense": 0.3,
    "pay": 20, "sale": 30, "refund": 14, "gift": 10, "supply": 6, "fund": 6, "dividend": 4,
}  # fmt: skip


class Chance:
    """Draw an event file that a seed decides; some of it is wrong on purpose."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.at = datetime(2026, 1, 1, 20, tzinfo=UTC)
        self.rows: list[list[str]] = []

    def amount(self, *, most: int = len(AMOUNTS)) -> str:
        return self.draw.choice(WRONG) if self.draw.random() < 0.02 else self.draw.choice(AMOUNTS[:most])

    def row(self) -> list[str]:
        """Draw one line, or one of the earlier lines again."""
        self.at += timedelta(seconds=self.draw.choice((0, 1, 60, 3600, 40_000, 200_000, 900_000)))
        if self.rows and self.draw.random() < 0.05:
            return [f"{self.at:%Y-%m-%dT%H:%M:%SZ}", *self.draw.choice(self.rows)[1:]]
        coop, other_coop = self.draw.choices(COOPS, k=2)
        member, other = self.draw.choices(PEOPLE, k=2)
        kind = self.draw.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "supply":
            other = other_coop
        if kind == "dividend":
            other = self.period_end()
        back = timedelta(seconds=1 if self.draw.random() < 0.01 else 0)
        ref = f"r{self.draw.randrange(LINES * 3)}" if kind != "refund" or self.draw.random() < 0.05 else self.sold()
        cash = self.amount(most=4) if self.draw.random() < 0.4 else ""
        amount = self.draw.choice(("0.00", "50.00", "900.00")) if kind == "coop" else self.amount()
        if kind == "pay" and self.draw.random() < 0.3:
            amount = self.draw.choice(WAGES)
        minutes = str(self.draw.choice((0, 1, 59, 480, 9_000)))
        return [f"{self.at - back:%Y-%m-%dT%H:%M:%SZ}", kind, coop, member, other, amount, cash, minutes, ref]

    def period_end(self) -> str:
        """Draw a day about now, mostly one that is over; some first of a month, some wrong."""
        if self.draw.random() < 0.06:
            return self.draw.choice(("2026-02-30", "26-01-01", "0001-01-01", "9999-12-31", "2026-13-01"))
        day = self.at.date() - timedelta(days=self.draw.choice((-1, 0, 0, 0, 1, 2, 5, 20)))
        return str(day.replace(day=1) if self.draw.random() < 0.3 else day)

    def sold(self) -> str:
        """Draw the ref of an earlier sale."""
        refs = [row[8] for row in self.rows if row[1] == "sale"]
        return self.draw.choice(refs[-12:]) if refs else "none"

    def text(self) -> str:
        """Draw the whole file."""
        start = f"{self.at:%Y-%m-%dT%H:%M:%SZ}"
        self.rows = [[start, "coop", coop, "", "", "900.00", "", "", ""] for coop in COOPS]
        for _ in range(LINES):
            self.rows.append(self.row())
        return "\n".join([HEADER, *(",".join(row) for row in self.rows), ""])


@pytest.mark.parametrize(("seed", "zone"), [(23, "UTC"), (8, "America/New_York"), (59, "Asia/Kathmandu")])
def test_a_history_made_by_chance_ends_as_the_oracle_says(kit: Kit, seed: int, zone: str) -> None:
    text = Chance(seed).text()

    report = replay(kit, text.splitlines(), BOOK, zone=zone)

    assert report == History(zone).run(rows(text))
    codes = {entry["code"] for entry in report["refused"]}
    assert {"bad_amount", "bad_form", "insufficient_funds", "refund_exceeds_sale", "account_not_open"} <= codes
    assert report["transfers"] > LINES / 4
    assert any(run["by_basis"] and run["by_hours"] for run in report["dividends"].values())
    assert len({share for member in report["members"].values() for share in member["share"].values()}) > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_histories_made_by_chance_end_as_the_oracle_says(kit: Kit, seed: int) -> None:
    text = Chance(seed).text()

    assert replay(kit, text.splitlines(), BOOK) == History().run(rows(text))
