"""A served federation for browser tests: every test takes people and a counter of its own from it."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from uuid import uuid4

import sqlalchemy as sa

from wallet.domain import period
from wallet.domain.bill import BILL_SECONDS
from wallet.domain.payfile import PayfileLine
from wallet.kit import Kit, system_clock
from wallet.services import (
    dividends,
    histories,
    members,
    network,
    paybounds,
    payments,
    payruns,
    places,
    refunds,
    sessions,
    tablets,
)
from wallet.services.refunds import Ask
from wallet.store import people
from wallet.store.bills import BillView
from wallet.store.engine import reading
from wallet.store.places import Described
from wallet.store.tables import bills
from wallet.store.views import dividends as dividend_view
from wallet.store.views import shifts

COOPS = {
    "bakery": ("Kneading Table Bakery", "food"),
    "mill": ("Weir Mill", "food"),
    "clinic": ("Alder Clinic", "health"),
}
# A wage of 2,400.00, of which the first month's share of a tenth comes in RES.
WAGE_MINOR, WAGE_MINUTES = 240_000, 9_600
BILL_LIVES = timedelta(seconds=BILL_SECONDS)


@dataclass(frozen=True, slots=True)
class Counter:
    """Name a till and the cashier who works at it."""

    till: str
    cashier: str

    @property
    def path(self) -> str:
        """Give the address of the till's page."""
        return f"/tills/{self.till}"


@dataclass(frozen=True, slots=True)
class World:
    """Hold the served federation: where it is, and the use cases on its database."""

    origin: str
    kit: Kit
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def counter(self, coop: str = "bakery") -> Counter:
        """Open a new till at `coop` and employ a cashier for it."""
        number = next(self.numbers)
        counter = Counter(f"{coop}-{number}", f"ben{number}")
        network.open_till(self.kit, coop, counter.till, f"Counter {number}")
        members.join(self.kit, coop, counter.cashier, name="Ben Kessler", counter_name="Ben")
        members.grant(self.kit, counter.cashier, "cashier", coop)
        return counter

    def member(self, name: str = "Ana Moreau", *, coop: str = "mill", paid: bool = True) -> str:
        """Let somebody join `coop`, with 240.00 RES from a first pay; give the handle."""
        called = name.partition(" ")[0]
        handle = f"{called.lower()}{next(self.numbers)}"
        members.join(self.kit, coop, handle, name=name, counter_name=called)
        if paid:
            histories.pay(self.kit, coop, handle, WAGE_MINOR, WAGE_MINUTES, key=f"first pay of {handle}")
        return handle

    def cashier(self, name: str, coop: str = "bakery") -> str:
        """Employ one more cashier at `coop`; give the handle."""
        handle = self.member(name, coop=coop, paid=False)
        members.grant(self.kit, handle, "cashier", coop)
        return handle

    def steward(self, coop: str = "bakery") -> str:
        """Let somebody join `coop` who runs its desk; give the handle."""
        handle = f"sam{next(self.numbers)}"
        members.join(self.kit, coop, handle, name="Sam Vaz", counter_name="Sam")
        members.grant(self.kit, handle, "steward", coop)
        return handle

    def facilitator(self) -> str:
        """Let somebody join the mill who facilitates; give the handle."""
        handle = f"fay{next(self.numbers)}"
        members.join(self.kit, "mill", handle, name="Fay Cruz", counter_name="Fay")
        members.grant(self.kit, handle, "facilitator")
        return handle

    def bill(
        self,
        counter: Counter,
        amount_minor: int = 1_250,
        *,
        cash_minor: int = 0,
        left: int = 180,
        note: str | None = None,
    ) -> BillView:
        """Make a bill that stays open for `left` seconds."""
        made_at = system_clock() - BILL_LIVES + timedelta(seconds=left)
        kit = Kit(self.kit.engine, lambda: made_at, self.kit.settings)
        return payments.open_bill(
            kit,
            counter.till,
            counter.cashier,
            amount_minor=amount_minor,
            cash_minor=cash_minor,
            note=note,
            key=f"bill {next(self.numbers)}",
        )

    def pay_run(self, coop: str = "clinic", *, submitted: bool = False) -> tuple[str, str]:
        """Let two stewards and two colleagues of `coop` have a draft of their pay; give a steward and its address.

        With `submitted` one of them has signed it, and the other is given.
        """
        names = ("Eve Sato", "Ruth Adler", "Omar Farouk", "Lena Novak")
        stewards = [self.member(name, coop=coop) for name in names]
        for handle in stewards[:2]:
            members.grant(self.kit, handle, "steward", coop)
        paybounds.answer_floor(self.kit, stewards[0], coop, None, "Eve Sato")
        run = payruns.draft(self.kit, stewards[0], coop, system_clock().date().isoformat())
        dues = [PayfileLine(0, handle, "", WAGE_MINUTES, WAGE_MINOR, 0) for handle in stewards[1:]]
        payruns.fill(self.kit, stewards[0], coop, run, 1, dues)
        if submitted:
            payruns.submit(self.kit, stewards[0], coop, run, 2)
        return stewards[1 if submitted else 0], f"/office/{coop}/payday/{run}"

    def register(self, steward: str, till: str, code: str, name: str) -> None:
        """Let a steward make the device that shows `code` the tablet of a till of the bakery."""
        with reading(self.kit.engine) as connection:
            steward_id = people.holder(connection, steward).id
        tablets.register(self.kit, steward_id, "bakery", code, till, name)

    def vouch(self, cashier: str, code: str) -> None:
        """Let a cashier vouch for the tablet that shows `code`."""
        _pairing, tablet = tablets.look_up(self.kit, code)
        assert tablet is not None
        _token, door = sessions.doorway(self.kit)
        sessions.sign_in_as(self.kit, cashier, door)
        tablets.sign_in(self.kit, cashier, door.new, tablet.till, code)

    def claim(self, code: str, payer: str) -> None:
        """Let `payer` look at a bill."""
        payments.claim_bill(self.kit, code, payer)

    def open_shift(self, counter: Counter) -> int:
        """Give the number of the counter's open shift."""
        with reading(self.kit.engine) as connection:
            place = shifts.counter(connection, counter.till, counter.cashier, self.kit.clock())
            assert place is not None
            running = shifts.running(connection, counter.till, place.account_id)
            assert running is not None
            return running.id

    def sale(self, counter: Counter, payer: str, amount_minor: int, cash_minor: int = 0) -> str:
        """Let `payer` pay a bill; give the receipt."""
        return self.pay(self.bill(counter, amount_minor, cash_minor=cash_minor).code, payer)

    def dividend(self, handle: str) -> int:
        """Share out what `handle` has a part of, as if a period ended on some day to come; give the run."""
        day = period.day_start((system_clock() + timedelta(days=next(self.numbers))).date(), "UTC")
        kit = Kit(self.kit.engine, lambda: day, self.kit.settings)
        histories.fund(kit, "bakery", 100_000, key=f"pool {day}")
        dividends.pay(kit, f"{day:%Y-%m-%d}", day.date(), 100_000)
        with reading(self.kit.engine) as connection:
            return dividend_view.statements(connection, handle)[0].run_id

    def refund(self, counter: Counter, receipt: str, amount_minor: int, cash_minor: int = 0) -> str:
        """Let the cashier ask for a refund; give its number."""
        ask = Ask(receipt, counter.cashier, amount_minor, cash_minor, "returned", None, str(uuid4()))
        return refunds.give_back(self.kit, ask).ref

    def pay(self, code: str, payer: str) -> str:
        """Let `payer` pay the bill `code`; give the receipt."""
        return payments.pay_bill(self.kit, code, payer, key=f"sale {code}", confirm=True).ref


def bills_of(world: World, counter: Counter) -> list[str]:
    """List what is kept of how each bill of a counter stands, the oldest first."""
    asked = sa.select(bills.c.state).where(bills.c.till_id == counter.till).order_by(bills.c.opened_at)
    with world.kit.engine.connect() as connection:
        return list(connection.scalars(asked))


def run_out(world: World, code: str) -> None:
    """Let the time of a bill be over now."""
    over = sa.update(bills).where(bills.c.code == code).values(expires_at=system_clock())
    with world.kit.engine.begin() as connection:
        connection.execute(over)


def build(kit: Kit) -> None:
    """Found the federation with its co-ops."""
    network.found_federation(kit, "Weir Valley", zone="UTC", charter_on="2021-08-01")
    for slug, (name, need) in COOPS.items():
        network.admit_coop(kit, slug, 10_000_000, name=name, need=need)
    places.describe(kit, "bakery", Described("Bread, pastry, coffee", "Weir Street 3", "Tue to Sat 6 to 14", "food"))
