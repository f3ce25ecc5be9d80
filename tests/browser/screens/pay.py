"""Paying a bill on a phone: the scanner, the sheet on which it is confirmed, and what is seen then."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.counter import expect_paid, open_bill, pay
from tests.browser.screens.screen import BAKERY, Cast, Screen, at
from tests.browser.stage import Stage

DECLINE = 'form[action$="/decline"] .button'
PAY = 'form[data-act="pay"] .button'


def billed(
    who: str | None = "payer", *, sum_minor: int = 1_250, cash_minor: int = 0, left: int = 180
) -> Callable[[Stage, Cast], Page]:
    """Open a new bill on a phone."""

    def opened(stage: Stage, cast: Cast) -> Page:
        bill = stage.world.bill(stage.world.counter(), sum_minor, cash_minor=cash_minor, left=left)
        return open_bill(stage, getattr(cast, who) if who else None, bill.code)

    return opened


def paid(stage: Stage, cast: Cast) -> Page:
    """Pay a bill and see the courtesy screen."""
    page = billed()(stage, cast)
    pay(page)
    expect_paid(page)
    return page


def mistyped(stage: Stage, cast: Cast) -> Page:
    """Type a code that is none."""
    page = at("/pay")(stage, cast)
    page.locator("#code").fill("12")
    page.locator("form .button").click()
    expect(page.get_by_text("That is not a till’s code")).to_be_visible()
    return page


SCREENS = (
    Screen("scan", at("/pay"), "Pay", '[data-act="start"]'),
    Screen("scan-mistyped", mistyped, "Pay", "form .button", "form .notice"),
    Screen("confirm", billed(), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-cash", billed(cash_minor=400), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-own", billed("colleague"), BAKERY, PAY, "dl.facts div"),
    Screen("confirm-short", billed("newcomer"), BAKERY, DECLINE, ".notice"),
    Screen("confirm-stranger", billed(None), BAKERY, 'a.button[data-size="pay"]', ".sum"),
    Screen("confirm-expired", billed(left=0), "Bill of Kneading Table Bakery", ".dock .button", ".notice"),
    Screen("paid", paid, "You paid", ".dock .button", ".phrase"),
    Screen("unknown-bill", at("/b/7K3MQ2XA"), "", ".dock .button"),
)
