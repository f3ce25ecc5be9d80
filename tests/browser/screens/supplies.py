"""A co-op pays a bill of another."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import BAKERY, Cast, Screen
from tests.browser.stage import Stage


def supplying(sum_minor: int, *, sees: str = "") -> Callable[[Stage, Cast], Page]:
    """Be about to pay another co-op's bill as a steward; or see, as "first", "second" or "till", how it waits."""

    def opened(stage: Stage, _cast: Cast) -> Page:
        counter, steward, second = stage.world.counter(), stage.world.steward("mill"), stage.world.steward("mill")
        code = stage.world.bill(counter, sum_minor).code
        page = stage.page(steward)
        page.goto(f"/office/mill/bills/{code}")
        if sees:
            page.locator("form .button").click()
            expect(page.get_by_role("status")).to_contain_text("It waits for a second steward")
        if sees == "second":
            page = stage.page(second)
            page.goto(f"/office/mill/bills/{code}")
        if sees == "till":
            page = stage.till(counter)
            page.goto(f"{counter.path}?bill={code}")
        return page

    return opened


def bought(stage: Stage, cast: Cast) -> Page:
    """Have paid another co-op's bill as a steward."""
    page = supplying(12_000)(stage, cast)
    page.locator("form .button").click()
    expect(page.locator(".counterfoil")).to_contain_text("Paid, ")
    return page


def buying_again(stage: Stage, _cast: Cast) -> Page:
    """Be about to pay a bill of a sum that another steward has just paid at the same till."""
    counter, first, second = stage.world.counter(), stage.world.steward("mill"), stage.world.steward("mill")
    for steward in (first, second):
        page = stage.page(steward)
        page.goto(f"/office/mill/bills/{stage.world.bill(counter, 12_000).code}")
        if steward == first:
            page.locator("form .button").click()
            expect(page.locator(".counterfoil")).to_contain_text("Paid, ")
    return page


SCREENS = (
    Screen("supply", supplying(12_000), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-again", buying_again, BAKERY, "form .button", "dl.facts div"),
    Screen("supply-large", supplying(62_000), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-waiting", supplying(62_000, sees="first"), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-agree", supplying(62_000, sees="second"), BAKERY, "form .button", "dl.facts div"),
    Screen("supply-paid", bought, "Receipt", ".icon-button", ".counterfoil"),
    Screen("till-supply", supplying(62_000, sees="till"), BAKERY, ".actions .button", ".claim", till=True),
)
