"""The code that a member shows, also when its phone has no network."""

from dataclasses import replace

from playwright.sync_api import Page, expect

from tests.browser.kept import FROZEN, NEVER_ANSWERED, wait_until_kept
from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage


def coded(stage: Stage, cast: Cast) -> Page:
    """Enrol the phone and show its code."""
    page = at("/code")(stage, cast)
    page.locator('[data-act="enrol"]').click()
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


def frozen(stage: Stage, cast: Cast) -> Page:
    """Freeze one's codes."""
    page = coded(stage, replace(cast, payer=stage.world.member("Lin Otis")))
    page.locator("summary").click()
    page.locator('form[action="/code/freeze"] .button').click()
    return page


def silent(stage: Stage, cast: Cast) -> Page:
    """Have a browser that does not answer for what it keeps."""
    page = stage.page(cast.payer)
    page.add_init_script(NEVER_ANSWERED)
    page.goto("/code")
    expect(page.get_by_role("heading", name="Your code does not come")).to_be_visible()
    return page


def unloaded(stage: Stage, cast: Cast) -> Page:
    """Open My code of which a script does not come."""
    # Past a worker the script might come all the same.
    page = stage.page(cast.payer, service_workers="block")
    page.route("**/js/lib/paycode.js", lambda route: route.abort())
    page.goto("/code")
    expect(page.get_by_role("heading", name="Part of this page did not come")).to_be_visible()
    return page


def cut_off(stage: Stage, cast: Cast) -> Page:
    """Have a code and a balance, and no network."""
    page = coded(stage, cast)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto("/")
    wait_until_kept(page, "balance")
    page.context.set_offline(True)
    page.goto("/code")
    expect(page.locator(".code-card svg")).to_be_visible()
    return page


def cut_off_frozen(stage: Stage, cast: Cast) -> Page:
    """Have one's codes frozen, and no network."""
    page = frozen(stage, cast)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.evaluate(FROZEN)
    page.context.set_offline(True)
    page.goto("/code")
    expect(page.get_by_text("Your codes are frozen.")).to_be_visible()
    return page


def unanswered(stage: Stage, cast: Cast) -> Page:
    """Refuse a bill just as the network goes."""
    page = stage.page(cast.payer)
    page.goto("/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"/b/{stage.world.bill(stage.world.counter()).code}")
    page.context.set_offline(True)
    page.get_by_role("button", name="Do not pay").click()
    expect(page.get_by_role("heading", name="No answer came")).to_be_visible()
    return page


SCREENS = (
    Screen("code-enrol", at("/code"), "My code", '[data-act="enrol"]', "li"),
    Screen("code", coded, "My code", ".dock .button", ".code-card svg"),
    Screen("code-frozen", frozen, "My code", '[data-when="frozen"] .button'),
    Screen("code-silent", silent, "My code", ".dock .button"),
    Screen("code-unloaded", unloaded, "My code", ".dock .button"),
    Screen("code-of-a-member", at("/m/" + "A" * 31, None), "This is a member’s code", ".dock .button"),
    Screen("offline", cut_off, "No connection", ".dock .button", ".code-card svg"),
    Screen("offline-frozen", cut_off_frozen, "No connection", ".dock .button"),
    Screen("unanswered", unanswered, "No answer came", ".dock .button"),
)
