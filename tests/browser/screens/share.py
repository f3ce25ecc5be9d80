"""The pay share and the choice to take less of it."""

from dataclasses import replace

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage


def taking_less(stage: Stage, cast: Cast) -> Page:
    """Have agreed to be paid in RES, and chosen to take less of it."""
    member = replace(cast, payer=stage.world.member("Tomasz Wolak"))
    page = at("/agreement")(stage, member)
    page.locator('.dock [form="yes"]').click()
    expect(page.get_by_text("You have agreed")).to_be_visible()
    page.goto("/share/less")
    page.locator("#most").fill("5")
    page.locator("#less .button").click()
    expect(page.get_by_text("you take at most")).to_be_visible()
    page.goto("/share/less")
    return page


SCREENS = (
    Screen("share", at("/share"), "Your pay share", ".topbar .icon-button", "li.reason"),
    Screen("share-next", at("/share?of=next"), "Your pay share", ".topbar .icon-button", "li.reason"),
    Screen("share-new", at("/share", "newcomer"), "Your pay share", ".topbar .icon-button"),
    Screen("share-rule", at("/share/rule"), "The rule of the pay share", ".topbar .icon-button", "dl.facts div"),
    Screen("agreement", at("/agreement", "newcomer"), "Being paid in RES", ".dock .button", "section p"),
    Screen("share-less", taking_less, "Take less", "#less .button", "section p"),
)
