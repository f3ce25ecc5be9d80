"""A month of a federation, made from the public counter trace in tests/data: the same event file every time.

From the trace: who pays at which store, when, and how much. Made up here, by hashes and never by chance, because the
trace does not know it:

- stores with at least 80 checkouts in the month are co-ops; checkouts elsewhere are left out;
- each household is employed by one co-op, half of them by the store they visit most, the rest by any; one in ten is
  paid without being a member, one in twenty-five is a customer without pay;
- at the month's start a household is paid 1.1 times what it will spend in the month, at 12.00 to 30.00 an hour, so
  some lines lie above the highest rate that counts;
- a checkout is a sale: of its sum a quarter, a half or all (the household's habit) in RES as long as there is any,
  the rest is logged cash; of those who have too little for their basket one in fifty offers it all in RES, is refused,
  and pays half a minute later with the RES that is there;
- refunds of 1 % of the sales within 14 days, in full or in part, one in twenty asked for too often; a gift after every
  tenth sale whose payer has RES left (2 % of all sales); a lost answer sent again with 1 in 300; every week each co-op
  buys a twentieth of its RES takings from another; at the end each puts 1 % of them into the pool; 1 member in 150
  leaves; the co-op with the fewest checkouts leaves four days before the end;
- empty checkouts stay in the file as sales of nothing, which must be refused.
"""

import csv
import gzip
import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from tests.model_events import HEADER, History

DATA = Path(__file__).parent / "data" / "counter_trace_2017-03.csv.gz"
START, END = datetime(2017, 3, 1, tzinfo=UTC), datetime(2017, 4, 1, tzinfo=UTC)
COOP_CHECKOUTS = 80
REFERENCE = 1500


@dataclass(frozen=True, slots=True)
class Checkout:
    """One line of the trace; `amount` in minor units."""

    at: datetime
    member: str
    coop: str
    basket: str
    amount: int


def draw(*names: str) -> int:
    """Draw a number below 1,209,600 (the seconds of 14 days) that depends on `names` alone."""
    return int.from_bytes(hashlib.sha256(":".join(names).encode()).digest()[:8], "big") % 1_209_600


def one_in(count: int, *names: str) -> bool:
    return draw(*names) % count == 0


def written(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


class Trace:
    """The checkouts that happen at co-ops, and what they say about households and co-ops."""

    @cached_property
    def checkouts(self) -> list[Checkout]:
        with gzip.open(DATA, "rt", encoding="utf-8", newline="") as text:
            found = [
                Checkout(
                    datetime.fromisoformat(row["at"]),
                    f"home-{row['household']}",
                    f"store-{row['store']}",
                    row["basket"],
                    int(row["amount_minor"]),
                )
                for row in csv.DictReader(text)
            ]
        counts = Counter(checkout.coop for checkout in found)
        return [checkout for checkout in found if counts[checkout.coop] >= COOP_CHECKOUTS]

    @cached_property
    def coops(self) -> list[str]:
        return sorted({checkout.coop for checkout in self.checkouts})

    @cached_property
    def members(self) -> list[str]:
        return sorted({checkout.member for checkout in self.checkouts})

    @cached_property
    def smallest(self) -> str:
        counts = Counter(checkout.coop for checkout in self.checkouts)
        return min(self.coops, key=lambda coop: (counts[coop], coop))

    @cached_property
    def spent(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for checkout in self.checkouts:
            sums[checkout.member] += checkout.amount
        return sums

    @cached_property
    def employer(self) -> dict[str, str]:
        visits: dict[str, Counter[str]] = defaultdict(Counter)
        for checkout in self.checkouts:
            visits[checkout.member][checkout.coop] += 1
        found = {}
        for member in self.members:
            if one_in(2, "at top store", member):
                found[member] = min(visits[member], key=lambda coop: (-visits[member][coop], coop))
            else:
                found[member] = self.coops[draw("employer", member) % len(self.coops)]
        return found

    def pay(self, member: str) -> int:
        """Tell what a household is paid for the month: 1.1 times what it spends, and never nothing."""
        return max(100, self.spent[member] * 11 // 10)

    def is_customer(self, member: str) -> bool:
        return one_in(25, "customer", member)


class Month:
    """Write the event lines; the oracle reads each line at once and so knows what everybody can afford."""

    def __init__(self) -> None:
        self.orders = 0
        self.trace, self.history, self.lines = Trace(), History(), [HEADER]
        self.later: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.taken: Counter[str] = Counter()

    def say(self, at: datetime, kind: str, *cells: str) -> bool:
        """Write one line, padded to nine columns; tell whether the oracle takes it."""
        row = [f"{at:%Y-%m-%dT%H:%M:%SZ}", kind, *cells]
        row += [""] * (9 - len(row))
        self.lines.append(",".join(row))
        return self.history.line(row) is None

    def defer(self, at: datetime, act: Callable[[datetime], None]) -> None:
        self.orders += 1
        heapq.heappush(self.later, (at, self.orders, act))

    def write(self) -> list[str]:
        """Write the whole month."""
        self.open()
        self.pay_everyone()
        self.plan()
        for checkout in self.trace.checkouts:
            self.catch_up(checkout.at)
            self.check_out(checkout)
        self.catch_up(END - timedelta(seconds=1))
        return self.lines

    def catch_up(self, until: datetime) -> None:
        """Do what was put off and is due by now."""
        while self.later and self.later[0][0] <= until:
            at, _order, act = heapq.heappop(self.later)
            act(at)

    def open(self) -> None:
        payroll: Counter[str] = Counter()
        for member, coop in self.trace.employer.items():
            payroll[coop] += self.trace.pay(member)
        self.say(START, "charter")
        for coop in self.trace.coops:
            self.say(START, "coop", coop, "", "", written(payroll[coop] // 10 + 500_00))
        for member in self.trace.members:
            if self.trace.is_customer(member):
                self.say(START, "customer", "", member)
            elif not one_in(10, "temp", member):
                self.say(START, "member", self.trace.employer[member], member)

    def pay_everyone(self) -> None:
        for member in self.trace.members:
            if not self.trace.is_customer(member):
                total, coop = self.trace.pay(member), self.trace.employer[member]
                rate = 1200 + draw("rate", member) % 1801 if one_in(3, "unusual rate", member) else REFERENCE
                self.say(START, "pay", coop, member, "", written(total), "", str(total * 60 // rate), f"p-{member}")

    def plan(self) -> None:
        """Put off what is known from the start: supply, the pool, and who leaves."""
        for coop in self.trace.coops:
            for week in range(1, 5):
                self.defer(START + timedelta(days=7 * week, hours=3), partial(self.supply, coop, week))
            self.defer(END - timedelta(hours=1), partial(self.fund, coop))
        self.defer(END - timedelta(days=4), partial(self.leave, kind="coop_leaves", coop=self.trace.smallest))
        for member, person in self.history.model.people.items():
            if person.works_at and one_in(150, "leaves", member):
                day = START + timedelta(days=5 + draw("leaving day", member) % 20)
                coop = self.trace.employer[member]
                self.defer(day, partial(self.leave, kind="member_leaves", coop=coop, member=member))

    def again(self, kind: str, cells: tuple[str, ...], at: datetime) -> None:
        self.say(at, kind, *cells)

    def leave(self, at: datetime, kind: str, coop: str, member: str = "") -> None:
        self.say(at, kind, coop, member)

    def supply(self, coop: str, week: int, at: datetime) -> None:
        others = [other for other in self.trace.coops if other != coop]
        other = others[draw("supplier", coop, str(week)) % len(others)]
        amount = max(1, self.taken[coop] // 20)
        self.say(at, "supply", coop, "", other, written(amount), "", "", f"u-{coop}-{week}")

    def fund(self, coop: str, at: datetime) -> None:
        self.say(at, "fund", coop, "", "", written(max(1, self.taken[coop] // 100)), "", "", f"f-{coop}")

    def check_out(self, checkout: Checkout) -> None:
        """Sell one basket: RES as the household is used to, as long as there is any."""
        balance = self.history.model.people[checkout.member].balance
        if 0 < balance < checkout.amount and one_in(50, "too much", checkout.basket):
            self.sell(checkout, checkout.amount, checkout.at)
            self.defer(checkout.at + timedelta(seconds=30), partial(self.sell, checkout, balance))
            return
        habit = (4, 2, 1)[draw("habit", checkout.member) % 3]
        self.sell(checkout, min(balance, -(-checkout.amount // habit)), checkout.at)

    def sell(self, checkout: Checkout, res: int, at: datetime) -> None:
        cash = checkout.amount - res
        cells = (checkout.coop, checkout.member, "", written(res), written(cash), "", checkout.basket)
        if not self.say(at, "sale", *cells):
            return
        self.taken[checkout.coop] += res
        if one_in(300, "answer lost", checkout.basket):
            self.defer(at + timedelta(seconds=5), partial(self.again, "sale", cells))
        if one_in(100, "refund", checkout.basket):
            self.plan_refund(checkout, res, cash, at)
        if one_in(10, "gift", checkout.basket):
            self.defer(at + timedelta(hours=1), partial(self.give, checkout))

    def plan_refund(self, checkout: Checkout, res: int, cash: int, at: datetime) -> None:
        """Put off a refund, of a third or of all; one in twenty is asked for once too often."""
        if one_in(2, "in part", checkout.basket) and res + cash > 5:
            res, cash = -(-res // 3), cash // 3
        when = at + timedelta(seconds=3600 + draw("refunded after", checkout.basket))
        cells = ("", "", "", written(res), written(cash), "", checkout.basket)
        for count in range(4 if one_in(20, "too often", checkout.basket) else 1):
            self.defer(when + timedelta(minutes=count), partial(self.again, "refund", cells))

    def give(self, checkout: Checkout, at: datetime) -> None:
        """Give a quarter of what is left to somebody else."""
        amount = self.history.model.people[checkout.member].balance // 4
        others = self.trace.members
        other = others[draw("friend", checkout.basket) % len(others)]
        if amount and other != checkout.member:
            self.say(at, "gift", "", checkout.member, other, written(amount), "", "", f"g-{checkout.basket}")


def month() -> str:
    """Give the whole event file."""
    return "\n".join([*Month().write(), ""])
