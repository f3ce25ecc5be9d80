"""A week at the bakery's five tills: everything that is paid and given back at a counter, and every shift closed."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID, uuid5

from tests.clock import Clock
from tests.handset import Handset
from wallet.domain.dispute import Return
from wallet.domain.outage import minute_of
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import (
    dispute_returns,
    disputes,
    histories,
    payments,
    proposals,
    refunds,
    scans,
    shifts,
    stickers,
    supplies,
)
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import proposals as proposal_rows
from wallet.store import tillkeys
from wallet.store.bills import BillView
from wallet.store.engine import reading
from wallet.store.payments import Charge
from wallet.store.views import shifts as shift_view
from wallet.store.views import tills

TILLS = tuple(f"bakery-{number}" for number in range(1, 6))
# Where the bakery itself buys.
OTHER = "mill-1"
KINDS = (
    "sell",
    "cash",
    "sticker",
    "code",
    "outage",
    "refund",
    "correct",
    "dispute",
    "supply",
    "buy",
    "fund",
    "close",
    "lapse",
)
NAMES = UUID("9f0c2c0e-6a43-4b57-9f6a-3d8a5a0d7c11")
EXPECTED = {
    "account_not_open",
    "already_waiting",
    "bad_amount",
    "bill_expired",
    "bill_open",
    "dispute_over",
    "insufficient_funds",
    "refund_exceeds_sale",
    "steward_required",
    "unknown_receipt",
    "unknown_sale",
}


class Week:
    """Do what a shop does in a week, and close every shift in the end.

    Ana buys, with `part` in a hundred as the chance's further choice: whether a second person agrees, which sale is
    given back, how much of it is cash. Ben works at all tills of the bakery, Eve is its steward; Dee and Ana run the
    mill's office.
    """

    def __init__(self, kit: Kit, clock: Clock) -> None:
        self.kit, self.clock, self.keys = kit, clock, 0
        self.sold: dict[str, str] = {}
        self.confirmed: set[str] = set()
        self.closed: list[tuple[str, int]] = []
        self.done: Counter[str] = Counter()
        self.phone = Handset(kit, "ana")
        self.acts: dict[str, Callable[[str, int, int], object]] = {
            "sell": lambda till, total, part: self.sell(till, total, total * part // 200),
            "cash": lambda till, total, part: self.sell(till, total, total, note="=1+1"),
            "sticker": self.at_the_sticker,
            "code": self.by_code,
            "outage": self.cut_off,
            "refund": self.give_back,
            "correct": self.correct,
            "dispute": self.dispute,
            "supply": self.supply,
            "buy": self.buy,
            "fund": lambda _till, _total, _part: histories.fund(kit, "bakery", 1, key=self.key()),
            "close": lambda till, _total, part: self.close(till, part),
            "lapse": lambda till, total, _part: self.bill(till, total),
        }

    def key(self) -> str:
        self.keys += 1
        return str(uuid5(NAMES, str(self.keys)))

    def act(self, kind: str, till: str, total: int, part: int, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        try:
            self.acts[kind](till, total, part)
            self.done[kind] += 1
        except Refusal as refusal:
            if refusal.code not in EXPECTED:
                raise

    def cashier(self, till: str) -> str:
        return "dee" if till == OTHER else "ben"

    def bill(self, till: str, total: int, cash: int = 0, note: str | None = None) -> str:
        who, parts = self.cashier(till), {"amount_minor": total, "cash_minor": cash}
        return payments.open_bill(self.kit, till, who, **parts, note=note, key=self.key()).code

    def sell(self, till: str, total: int, cash: int = 0, note: str | None = None) -> str:
        return self.pay(till, self.bill(till, total, cash, note))

    def pay(self, till: str, code: str) -> str:
        ref = payments.pay_bill(self.kit, code, "ana", key=self.key(), confirm=True).ref
        self.sold[ref] = till
        return ref

    def at_the_sticker(self, till: str, total: int, _part: int) -> None:
        self.pay(till, stickers.make_bill(self.kit, till, "ana", amount_minor=total, key=self.key()).code)

    def by_code(self, till: str, total: int, part: int) -> None:
        """Charge a shown code; what is above its limit is agreed to on the phone, or not in time."""
        token = self.phone.shows(self.clock())
        scan = {"token": token, "amount_minor": total, "confirm": True, "key": self.key()}
        made = scans.scan_code(self.kit, till, "ben", **scan)  # type: ignore[arg-type]
        if not isinstance(made, BillView):
            self.sold[made.ref] = till
        elif part % 2 == 0:
            self.pay(till, made.code)

    def cut_off(self, till: str, total: int, _part: int) -> None:
        """Sell while the till's tablet has no network; it finds the receipt afterwards by sum and minute."""
        ref = self.sell(till, total)
        minute = minute_of(self.clock())
        self.clock.advance(hours=1)
        with reading(self.kit.engine) as connection:
            facts = tills.find_till(connection, till, "ben")
            assert facts is not None
            found = tillkeys.paid_in(connection, till, facts.account_id, total, minute)
        assert found is not None
        assert found[0] == ref
        self.confirmed.add(ref)

    def one_sold(self, part: int) -> str | None:
        return [*self.sold][part % len(self.sold)] if self.sold else None

    def give_back(self, _till: str, total: int, part: int) -> None:
        """Give a part back; above the till's limit the steward agrees, or too late."""
        sale = self.one_sold(part // 2) or ""
        refund = refunds.give_back(self.kit, Ask(sale, "ben", total, 0, "returned", None, self.key()))
        if refund.state == "waiting":
            self.clock.advance(minutes=9 if part % 2 == 0 else 10)
            self.second(lambda: refunds.approve(self.kit, refund.ref, "eve"), "approved", "refund_lapsed")

    def correct(self, _till: str, total: int, part: int) -> None:
        sale = self.one_sold(part)
        if sale is not None:
            charge = Charge(self.sold[sale], "ben", total, 0, None, self.key())
            bill = refunds.correct(self.kit, sale, "ben", charge)
            if isinstance(bill, BillView):
                self.pay(charge.till, bill.code)

    def dispute(self, _till: str, total: int, part: int) -> None:
        """Dispute a purchase, of which the steward gives something back."""
        sale = self.one_sold(part) or ""
        made = disputes.begin(self.kit, "ana", sale, "It was hard")
        # What was charged by code has come back at once, and is left with her.
        back = Return(0 if made.carried else min(total, 2_00), 0, "", self.key())
        dispute_returns.give_back(self.kit, "eve", made.ref, back)

    def supply(self, till: str, total: int, part: int) -> None:
        """Let the mill pay a bill of the bakery, with a second steward who agrees or is too late."""
        code = self.bill(till, total)
        if supplies.pay(self.kit, "dee", "mill", code, key=self.key()).receipt is not None:
            return
        with reading(self.kit.engine) as connection:
            asked = proposal_rows.waiting(connection, self.clock())[-1]
        self.clock.advance(minutes=9 if part % 2 == 0 else 10)
        self.second(lambda: proposals.agree(self.kit, "ana", asked.id), "agreed", "bill_expired")

    def second(self, act: Callable[[], object], said: str, late: str) -> None:
        """Let a second person agree; who is too late is told so."""
        try:
            act()
            self.done[said] += 1
        except Refusal as refusal:
            if refusal.code != late:
                raise
            self.done[f"not {said}"] += 1

    def buy(self, _till: str, total: int, _part: int) -> None:
        """Let the bakery pay a small bill of the mill, which sweeps the bakery's tills first."""
        supplies.pay(self.kit, "eve", "bakery", self.bill(OTHER, min(total, 500_00)), key=self.key())

    def close(self, till: str, off: int = 0) -> None:
        who = self.cashier(till)
        with reading(self.kit.engine) as connection:
            place = shift_view.counter(connection, till, who, self.kit.clock())
            assert place is not None
            running = shift_view.running(connection, till, place.account_id)
        if running is not None:
            register = Register(running.totals.res_minor - off, running.totals.cash_minor)
            shifts.close_shift(self.kit, till, who, running.id, Closing(register, "by chance"), key=self.key())
            self.closed.append((till, running.id))

    def end(self) -> None:
        self.clock.advance(minutes=10)
        for till in (*TILLS, OTHER):
            self.close(till)
