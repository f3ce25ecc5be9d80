"""What a till gives back: at once, or when a steward has approved it."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.screens.screen import BAKERY, Cast, Screen
from tests.browser.stage import Stage
from wallet.services import members, refunds


def refunded(stage: Stage, cast: Cast) -> Page:
    """Have given a part back: the cashier reads the sale's story."""
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, cast.payer, 1_250)
    stage.world.refund(counter, receipt, 300)
    page = stage.page(counter.cashier)
    page.goto(f"/receipts/{receipt}")
    return page


def asked_to_approve(who: str, *, ends: str = "waiting") -> Callable[[Stage, Cast], Page]:
    """Have a refund above the till's limit in hand, as its cashier or as the steward."""

    def opened(stage: Stage, cast: Cast) -> Page:
        counter = stage.world.counter()
        members.grant(stage.world.kit, cast.colleague, "steward", "bakery")
        code = stage.world.bill(counter, 12_400, cash_minor=12_000).code
        refund = stage.world.refund(counter, stage.world.pay(code, stage.world.member("Cy Okafor")), 400, 12_000)
        if ends == "posted":
            refunds.approve(stage.world.kit, refund, cast.colleague)
        elif ends == "declined":
            refunds.decline(stage.world.kit, refund, cast.colleague, "Ask Cy for the bread first")
        page = stage.page(counter.cashier if who == "cashier" else cast.colleague)
        page.goto("/" if ends == "home" else f"/refunds/{refund}")
        return page

    return opened


def refund_beside(stage: Stage, cast: Cast) -> Page:
    """Have one refund that waits for a steward and one that was declined beside the keypad."""
    counter = stage.world.counter()
    members.grant(stage.world.kit, cast.colleague, "steward", "bakery")
    code = stage.world.bill(counter, 16_400, cash_minor=16_000).code
    receipt = stage.world.pay(code, stage.world.member("Cy Okafor"))
    declined = stage.world.refund(counter, receipt, 400, 12_000)
    refunds.decline(stage.world.kit, declined, cast.colleague, "Ask Cy for the bread first")
    stage.world.refund(counter, receipt, 0, 11_050)
    return stage.till(counter)


SCREENS = (
    Screen("receipt-refunded", refunded, "Receipt", 'button[form="refund"]', "ul.rows li"),
    Screen("refund-waiting", asked_to_approve("cashier"), "Refund", ".dock .button", ".countdown"),
    Screen("refund-approve", asked_to_approve("steward"), "Refund", ".dock .button", ".countdown"),
    Screen("refund-declined", asked_to_approve("cashier", ends="declined"), "Refund", ".dock .button", ".notice"),
    Screen("till-refunds", refund_beside, BAKERY, "[data-charge-button]", ".parked li", till=True),
    Screen("refund-posted", asked_to_approve("cashier", ends="posted"), "Refund", ".dock .button", ".notice"),
    Screen("home-steward", asked_to_approve("steward", ends="home"), "Home", ".dock .button", ".notice"),
)
