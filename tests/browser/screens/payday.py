"""Pay: a member’s slips, and a co-op’s run."""

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage


def slip(stage: Stage, cast: Cast) -> Page:
    """Open the newest pay slip."""
    page = at("/slips")(stage, cast)
    page.locator("ul.rows a").first.click()
    expect(page.locator("#why")).to_be_visible()
    return page


def pay_run(stage: Stage, _cast: Cast) -> Page:
    """Look at a draft of a co-op's pay."""
    steward, path = stage.world.pay_run()
    page = stage.page(steward)
    page.goto(path)
    return page


def home_to_sign(stage: Stage, _cast: Cast) -> Page:
    """Come home as a steward whose second signature a pay run waits for."""
    steward, _path = stage.world.pay_run(submitted=True)
    page = stage.page(steward)
    page.goto("/")
    return page


SCREENS = (
    Screen("slips", at("/slips"), "Pay slips", "main .button", "ul.rows li"),
    Screen("slip", slip, "Pay slip", ".topbar .icon-button", "dl.facts div"),
    Screen("pay-run", pay_run, "Pay for", 'form[action$="/submit"] .button', "tbody tr"),
    Screen("home-approvals", home_to_sign, "Home", ".dock .button", '[aria-labelledby="approvals"] li'),
)
