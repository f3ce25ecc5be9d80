"""An independent oracle of the books: plain Python, no database, nothing imported from the wallet.

It is written from the rules alone so that two different readings of them meet in the tests. It answers single
movements for the state machine and the races, and `tests/model_events.py` feeds it whole event files.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OWN_SET = timedelta(seconds=90 * 86_400)
MONTH_MINUTES = 300 * 60
RATE_MAX = 2250
FLOOR_BP, CAP_BP, HEADROOM_BP, RISE_BP, FALL_BP = 1000, 10_000, 1000, 1000, 500
WINDOW_MONTHS, FROZEN_BELOW = 3, 100_00


class No(Exception):
    """Refuse with a code."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@dataclass
class Person:
    balance: int = 0
    eligible: int = 0
    eligible_minutes: int = 0
    basis: int = 0
    qualified_minutes: int = 0
    works_at: set[str] = field(default_factory=set)
    last_pay: dict[str, datetime] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    first_pay: int | None = None
    res_pay: int = 0
    # What was earned and spent: the month it counts for, the month it was posted in, income, spend.
    patronage: list[tuple[int, int, int, int]] = field(default_factory=list)
    # Shares of past months can no longer change.
    share: dict[int, int] = field(default_factory=dict)


@dataclass
class Coop:
    line: int
    active: bool = True
    balance: int = 0


@dataclass
class Sale:
    coop: str
    member: str
    res: int
    cash: int
    month: int
    qualifies: bool
    basis: int
    minutes: int
    at: datetime
    refunded: int = 0
    cash_refunded: int = 0
    basis_back: int = 0
    minutes_back: int = 0
    # When what was given back of basis and minutes.
    backs: list[tuple[datetime, int, int]] = field(default_factory=list)

    @property
    def is_back(self) -> bool:
        """Tell whether it was given back whole."""
        return (self.refunded, self.cash_refunded) == (self.res, self.cash)


class Model:
    """Keep the books of one federation; every method raises `No` and then has changed nothing.

    `month_minutes=None` switches the effort bound off.
    """

    def __init__(self, zone: str = "UTC", month_minutes: int | None = MONTH_MINUTES) -> None:
        self.zone, self.month_minutes = ZoneInfo(zone), month_minutes
        self.people: dict[str, Person] = {}
        self.coops: dict[str, Coop] = {}
        self.sales: dict[str, Sale] = {}
        self.pool = 0
        # Who came and went: what `tests/model_dividend.py` judges a period by, once it is over.
        self.comings: list[tuple[datetime, str, str, str]] = []
        # Dividends are worked out there, too.
        self.charter_on = date.min
        self.last_end: date | None = None
        self.dividends: dict[str, dict[str, dict[str, int]]] = {}
        self.counted: dict[str, int] = {}

    def month(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m")

    def months(self, at: datetime) -> int:
        """Count the months from year 0 to that of `at`."""
        local = at.astimezone(self.zone)
        return local.year * 12 + local.month - 1

    # -- who is there ------------------------------------------------------------------------------------------

    def _coop(self, slug: str) -> Coop:
        if slug not in self.coops:
            raise No("unknown_coop")
        return self.coops[slug]

    def _person(self, handle: str) -> Person:
        if handle not in self.people:
            raise No("unknown_member")
        return self.people[handle]

    def coop(self, at: datetime, coop: str, amount: int) -> None:
        known = self.coops.setdefault(coop, Coop(amount, active=False))
        if known.active:
            raise No("not_allowed")
        known.line, known.active = amount, True
        self.comings.append((at, "coop", coop, ""))

    def coop_leaves(self, at: datetime, coop: str) -> None:
        if not self._coop(coop).active:
            raise No("account_not_open")
        self.coops[coop].active = False
        self.comings.append((at, "coop_leaves", coop, ""))

    def member(self, at: datetime, coop: str, member: str) -> None:
        if not self._coop(coop).active:
            raise No("account_not_open")
        if member in self.people and coop in self.people[member].works_at:
            raise No("not_allowed")
        self.people.setdefault(member, Person()).works_at.add(coop)
        self.comings.append((at, "member", coop, member))

    def member_leaves(self, at: datetime, coop: str, member: str) -> None:
        self._coop(coop)
        if coop not in self._person(member).works_at:
            raise No("not_allowed")
        self.people[member].works_at.discard(coop)
        self.comings.append((at, "member_leaves", coop, member))

    def customer(self, at: datetime, member: str) -> None:
        if member in self.people:
            raise No("not_allowed")
        self.people[member] = Person()

    # -- money ---------------------------------------------------------------------------------------------------

    def _take_from_coop(self, coop: Coop, amount: int) -> None:
        if amount and coop.balance - amount < -coop.line:
            raise No("insufficient_funds")
        coop.balance -= amount

    def own_set(self, at: datetime, person: Person) -> set[str]:
        return person.works_at | {coop for coop, paid in person.last_pay.items() if paid >= at - OWN_SET}

    def pay(self, at: datetime, coop: str, member: str, amount: int, minutes: int) -> int:
        payer = self._coop(coop)
        if not payer.active:
            raise No("account_not_open")
        share = self.share_in(self.people.get(member, Person()), self.months(at))
        res = (amount * (share or FLOOR_BP) + 5000) // 10_000
        self._take_from_coop(payer, res)
        person, month = self.people.setdefault(member, Person()), self.month(at)
        counted, covered = minutes, amount
        if self.month_minutes is not None:
            counted = max(0, min(minutes, self.month_minutes - person.counted.get(month, 0)))
            covered = min(amount, RATE_MAX * counted // 60)
        person.counted[month] = person.counted.get(month, 0) + counted
        person.balance += res
        person.res_pay += res
        person.eligible += res * covered // amount
        person.eligible_minutes += counted * res // amount
        person.last_pay[coop] = at
        if person.first_pay is None:
            person.first_pay = self.months(at)
        person.patronage.append((self.months(at), self.months(at), amount, 0))
        return res

    def _spend(self, person: Person, amount: int) -> None:
        person.balance -= amount
        if person.eligible > person.balance:
            person.eligible_minutes = person.eligible_minutes * person.balance // person.eligible
            person.eligible = person.balance

    def sale(self, at: datetime, coop: str, member: str, amount: int, cash: int, ref: str) -> Sale:
        seller, person = self._coop(coop), self._person(member)
        if not seller.active:
            raise No("account_not_open")
        if amount > person.balance:
            raise No("insufficient_funds")
        x = y = 0
        qualifies = coop not in self.own_set(at, person)
        if qualifies:
            x = min(amount, person.eligible)
            y = person.eligible_minutes * x // person.eligible if person.eligible else 0
            person.balance -= amount
            person.eligible -= x
            person.eligible_minutes -= y
            person.basis += x
            person.qualified_minutes += y
            person.patronage.append((self.months(at), self.months(at), 0, amount + cash))
        else:
            self._spend(person, amount)
        seller.balance += amount
        self.sales[ref] = Sale(coop, member, amount, cash, self.months(at), qualifies, x, y, at)
        return self.sales[ref]

    def refund(self, at: datetime, ref: str, amount: int, cash: int) -> None:
        sale = self.sales.get(ref)
        if sale is None:
            raise No("unknown_sale")
        if sale.refunded + amount > sale.res or sale.cash_refunded + cash > sale.cash:
            raise No("refund_exceeds_sale")
        sale.refunded += amount
        sale.cash_refunded += cash
        person = self.people[sale.member]
        self.coops[sale.coop].balance -= amount
        person.balance += amount
        if sale.qualifies:
            now = self.months(at)
            person.patronage.append((sale.month if now - sale.month <= 2 else now, now, 0, -amount - cash))
        if sale.res:
            back = sale.refunded * sale.basis // sale.res - sale.basis_back
            minutes = sale.refunded * sale.minutes // sale.res - sale.minutes_back
            sale.basis_back += back
            sale.minutes_back += minutes
            sale.backs.append((at, back, minutes))
            person.basis -= back
            person.eligible += back
            person.qualified_minutes -= minutes
            person.eligible_minutes += minutes

    def gift(self, at: datetime, member: str, other: str, amount: int) -> None:
        giver, taker = self._person(member), self._person(other)
        if member == other:
            raise No("not_allowed")
        if amount > giver.balance:
            raise No("insufficient_funds")
        self._spend(giver, amount)
        taker.balance += amount

    def supply(self, at: datetime, coop: str, other: str, amount: int) -> None:
        buyer, seller = self._coop(coop), self._coop(other)
        if coop == other:
            raise No("not_allowed")
        if not (buyer.active and seller.active):
            raise No("account_not_open")
        self._take_from_coop(buyer, amount)
        seller.balance += amount

    def fund(self, at: datetime, coop: str, amount: int) -> None:
        if not self._coop(coop).active:
            raise No("account_not_open")
        self._take_from_coop(self.coops[coop], amount)
        self.pool += amount

    # -- what stands ---------------------------------------------------------------------------------------------

    def share_in(self, person: Person, month: int) -> int | None:
        """Work out the share of a month from the one before it; None before the first pay."""
        if person.first_pay is None or month < person.first_pay:
            return None
        for each in range(max(person.share, default=person.first_pay), month + 1):
            person.share[each] = self._step(person, each, person.share.get(each - 1, FLOOR_BP))
        return person.share[month]

    def _step(self, person: Person, month: int, before: int) -> int:
        assert person.first_pay is not None
        if month == person.first_pay:
            return FLOOR_BP
        window = range(max(month - WINDOW_MONTHS, person.first_pay), month)
        seen = [(income, spend) for of, posted, income, spend in person.patronage if of in window and posted < month]
        income, spend = sum(one for one, _ in seen), max(0, sum(one for _, one in seen))
        if income < FROZEN_BELOW:
            return before
        target = min(CAP_BP, min(10_000, spend * 10_000 // income) + HEADROOM_BP)
        return max(FLOOR_BP, min(CAP_BP, max(before - FALL_BP, min(before + RISE_BP, target))))

    def shares(self, person: Person, at: datetime | None) -> dict[str, int]:
        """Give the share of each month from the first pay to the month of `at`."""
        if person.first_pay is None or at is None:
            return {}
        last = self.months(at)
        self.share_in(person, last)
        return {
            f"{month // 12:04}-{month % 12 + 1:02}": person.share[month] for month in range(person.first_pay, last + 1)
        }

    def total(self) -> int:
        """Sum all balances: 0, or the model itself is wrong."""
        people = sum(person.balance for person in self.people.values())
        return people + sum(coop.balance for coop in self.coops.values()) + self.pool

    def report(self, at: datetime | None) -> dict[str, Any]:
        """Tell everything that stands at `at`."""
        figures = ("balance", "eligible", "eligible_minutes", "basis", "qualified_minutes")
        balances = [h.balance for h in self.people.values()] + [coop.balance for coop in self.coops.values()]
        return {
            "members": {
                handle: {name: getattr(person, name) for name in figures} | {"share": self.shares(person, at)}
                for handle, person in self.people.items()
            },
            "coops": {slug: {"balance": coop.balance} for slug, coop in self.coops.items()},
            "pool": self.pool,
            "outstanding": sum(max(0, balance) for balance in balances) + self.pool,
            "sum": self.total(),
            "dividends": self.dividends,
        }
