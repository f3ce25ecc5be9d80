"""A co-op of its own that is suspended while people stand at its counter."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.counter import open_bill
from tests.browser.stage import Stage
from tests.browser.world import Counter, World
from wallet.services import network, proposals
from wallet.store import proposals as rows
from wallet.store.engine import reading

DAIRY = "Green Meadow Dairy"
WHY = "Its books have not been shown since August; a meeting is called for the 12th."


def dairy(world: World) -> Counter:
    """Open a counter of a dairy that nobody else's test knows."""
    number = next(world.numbers)
    network.admit_coop(world.kit, f"dairy{number}", 10_000_000, name=f"{DAIRY} {number}")
    return world.counter(f"dairy{number}")


def name_of(counter: Counter) -> str:
    """Give the name of the dairy whose counter it is."""
    return f"{DAIRY} {slug_of(counter).removeprefix('dairy')}"


def slug_of(counter: Counter) -> str:
    """Give whose counter it is."""
    return counter.till.partition("-")[0]


def suspend(world: World, counter: Counter) -> str:
    """Let two facilitators suspend the co-op of a counter; give one of them."""
    fay, gus = world.facilitator(), world.facilitator()
    proposals.suspend(world.kit, fay, slug_of(counter), WHY)
    agree(world, gus, "suspend")
    return gus


def lift(world: World, counter: Counter) -> None:
    """Let two facilitators lift it again."""
    fay, gus = world.facilitator(), world.facilitator()
    proposals.lift(world.kit, fay, slug_of(counter))
    agree(world, gus, "lift")


def agree(world: World, facilitator: str, kind: str) -> None:
    """Let a facilitator agree to the newest proposal of a kind."""
    with reading(world.kit.engine) as connection:
        newest = max(each.id for each in rows.waiting(connection, world.kit.clock()) if each.kind == kind)
    proposals.agree(world.kit, facilitator, newest)


def at(who: str, path: str = "", *, waits: bool = False) -> Callable[[Stage, object], Page]:
    """Be somebody who meets a suspended co-op, at `path`, which may name {coop} and {till}."""

    def opened(stage: Stage, _cast: object) -> Page:
        counter, payer = dairy(stage.world), stage.world.member()
        bill = stage.world.bill(counter).code if waits else ""
        stage.world.sale(counter, payer, 430)
        handles = {"payer": payer, "cashier": counter.cashier, "steward": stage.world.steward(slug_of(counter))}
        handles["facilitator"] = suspend(stage.world, counter)
        if who == "payer" and waits:
            return open_bill(stage, payer, bill)
        page = stage.page(handles[who])
        page.goto(path.format(coop=slug_of(counter), till=counter.till) + (f"?bill={bill}" if bill else ""))
        return page

    return opened
