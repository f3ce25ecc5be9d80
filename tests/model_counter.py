"""The oracle of the counter: bills and shown member codes, on top of the oracle of the books."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.model import Model, No

CODE_PAYMENT, CODE_DAY = 50_00, 150_00
SECOND = timedelta(seconds=1)


@dataclass
class Bill:
    """A till's demand; `total` includes the `cash` part."""

    coop: str
    total: int
    cash: int
    expires: datetime
    state: str = "open"
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    bound_to: str | None = None
    # How many came and went before it was made.
    since: int = 0

    def stands(self, at: datetime) -> str:
        if self.state != "open":
            return self.state
        if at >= self.expires:
            return "expired"
        if self.bound_to or (self.claimed_at and at < self.claimed_at + 30 * SECOND):
            return "claimed"
        return "open"


class Counters:
    """Keep the bills of all counters, one at each co-op; every method raises `No` and then has changed nothing."""

    def __init__(self, books: Model) -> None:
        self.books = books
        self.paid: list[tuple[str, str, int, datetime, str]] = []
        self.by_code: dict[tuple[str, str], int] = {}
        self.last_step: dict[str, int] = {}

    def at_till(self, coop: str) -> None:
        if coop not in self.books.coops:
            raise No("unknown_till")
        if not self.books.coops[coop].active:
            raise No("account_not_open")

    def stands(self, at: datetime, bill: Bill) -> str:
        """Tell how a bill stands: what waited when its co-op left is over for good."""
        stands = bill.stands(at)
        if bill.state == "open" and any(
            (kind, coop) == ("coop_leaves", bill.coop) and left < bill.expires
            for left, kind, coop, _member in self.books.comings[bill.since :]
        ):
            return "cancelled"
        return stands

    def charge(self, at: datetime, coop: str, total: int, cash: int) -> Bill:
        self.at_till(coop)
        return Bill(coop, total, cash, at + 180 * SECOND, since=len(self.books.comings))

    def _open_to(self, at: datetime, bill: Bill, member: str) -> None:
        if member not in self.books.people:
            raise No("unknown_member")
        if bill.bound_to not in (None, member):
            raise No("unknown_bill")
        if self.stands(at, bill) != "paid" and not self.books.coops[bill.coop].active:
            raise No("account_not_open")
        self._still(at, bill)

    def _still(self, at: datetime, bill: Bill) -> None:
        stands = self.stands(at, bill)
        if stands not in ("open", "claimed"):
            raise No("bill_already_paid" if stands == "paid" else f"bill_{stands}")

    def claim(self, at: datetime, bill: Bill, member: str) -> None:
        self._open_to(at, bill, member)
        if bill.bound_to is None:
            bill.claimed_by, bill.claimed_at = member, at

    def decline(self, at: datetime, bill: Bill, member: str) -> None:
        self._open_to(at, bill, member)
        if bill.bound_to:
            bill.state = "declined"
        elif bill.claimed_by == member:
            bill.claimed_by = bill.claimed_at = None

    def cancel(self, at: datetime, bill: Bill) -> None:
        if self.stands(at, bill) != "cancelled":
            self._still(at, bill)
            bill.state = "cancelled"

    def pay(self, at: datetime, bill: Bill, member: str, confirm: bool, ref: str) -> None:
        self._open_to(at, bill, member)
        if not confirm and bill.bound_to is None:
            self._not_again(at, bill.coop, member, bill.total)
        self._sell(at, bill.coop, member, bill.total, bill.cash, ref)
        bill.state = "paid"

    def _sell(self, at: datetime, coop: str, member: str, total: int, cash: int, ref: str) -> None:
        self.books.sale(at, coop, member, total - cash, cash, ref)
        self.paid.append((coop, member, total, at, ref))

    def _not_again(self, at: datetime, coop: str, member: str, total: int) -> None:
        lately = [ref for *same, then, ref in self.paid if same == [coop, member, total] and then > at - 30 * SECOND]
        if not all(self.books.sales[ref].is_back for ref in lately):
            raise No("looks_repeated")

    def scan(
        self, at: datetime, coop: str, member: str, shown: datetime, total: int, cash: int, confirm: bool, ref: str
    ) -> Bill | None:
        """Take a code shown at `shown`; None says that the scan paid, a bill that the phone must be asked."""
        self.at_till(coop)
        step = int(shown.timestamp()) // 30
        age = at.timestamp() - 30 * step
        if not -5 <= age < 60 or step <= self.last_step.get(member, 0):
            raise No("code_spent")
        self.last_step[member] = step
        res, day = total - cash, f"{at:%Y-%m-%d}"
        spent = self.by_code.get((member, day), 0)
        if res > CODE_PAYMENT or spent + res > CODE_DAY:
            if not confirm:
                self._not_again(at, coop, member, total)
            return Bill(coop, total, cash, at + 60 * SECOND, bound_to=member, since=len(self.books.comings))
        if res <= self.books.people[member].balance and not confirm:
            self._not_again(at, coop, member, total)
        self._sell(at, coop, member, total, cash, ref)
        self.by_code[member, day] = spent + res
        return None
