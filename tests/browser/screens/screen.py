"""A screen: how one gets there and what must be on it; and those whom the screens show."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.stage import Stage
from tests.browser.world import Counter, World

BAKERY = "Kneading Table Bakery"


@dataclass(frozen=True, slots=True)
class Cast:
    """Name those whom the screens show: who pays, who works at the co-op that is paid, who has just come."""

    payer: str
    colleague: str
    newcomer: str
    counter: Counter
    receipt: str

    @property
    def cashier(self) -> str:
        """Name who works at the counter."""
        return self.counter.cashier


def cast_for(world: World, payer: str | None = None) -> Cast:
    """Gather the cast; the payer has bought at the counter before."""
    counter, payer = world.counter(), payer or world.member("Ana Moreau")
    receipts = [world.sale(counter, payer, amount) for amount in (430, 1_895, 275, 760, 3_120)]
    return Cast(
        payer, world.member("Eve Sato", coop="bakery"), world.member("Mia Lang", paid=False), counter, receipts[-1]
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """Describe a screen: its heading, its primary action and a row of data as selectors; whether tills show it."""

    name: str
    opens: Callable[[Stage, Cast], Page]
    heading: str
    action: str
    row: str | None = None
    till: bool = False


def at(path: str, who: str | None = "payer", **options: object) -> Callable[[Stage, Cast], Page]:
    """Go straight to `path` (which may name {receipt} or {till}) as one of the cast."""

    def opened(stage: Stage, cast: Cast) -> Page:
        page = stage.page(getattr(cast, who) if who else None, **options)
        page.goto(path.format(receipt=cast.receipt, till=cast.counter.till))
        return page

    return opened
