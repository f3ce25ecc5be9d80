"""From member to member: sending and receiving."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.screens.pay import PAY
from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage
from wallet.services import gifts
from wallet.services.gifts import Gift


def sending(step: str, amount: str = "12.50") -> Callable[[Stage, Cast], Page]:
    """Be about to send RES to somebody to whom one sent before: choosing, asked how much, asked whether."""

    def opened(stage: Stage, cast: Cast) -> Page:
        gifts.give(stage.world.kit, cast.payer, Gift(cast.newcomer, False, 100, "for soup", str(uuid4())), confirm=True)
        page = at("/send" if step == "choose" else f"/send/{cast.newcomer}")(stage, cast)
        if step == "sure":
            page.locator("#amount").fill(amount)
            page.locator("#note").fill("soup and bread")
            page.locator(".dock .button").click()
            expect(page.locator("main.sheet")).to_be_visible()
        return page

    return opened


def receiving(stage: Stage, cast: Cast) -> Page:
    """Show the code by which others find one."""
    page = at("/receive")(stage, cast)
    page.locator(".dock .button").click()
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


SCREENS = (
    Screen("send", sending("choose"), "Send RES", "form .button", "ul.rows li"),
    Screen("send-how-much", sending("ask"), "Send RES", ".dock .button", ".payee"),
    Screen("send-sure", sending("sure"), "Mia Lang", PAY, "dl.facts div"),
    Screen("send-short", sending("sure", "9000"), "Mia Lang", 'button:text("Change the sum")', ".notice"),
    Screen("receive", receiving, "Receive RES", ".dock .button", ".code-card svg"),
)
