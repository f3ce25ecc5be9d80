"""A shared tablet in a browser: registered by a steward, signed in by a cashier from their phone."""

from playwright.sync_api import Page, expect

from tests.browser.counter import link_on, screen
from tests.browser.script import run_by
from tests.browser.stage import PATIENCE_MS, TABLET, Stage
from tests.browser.world import Counter

CARD = ".code-card"


def fresh(stage: Stage) -> Page:
    """Open a device that is no tablet yet, and have it show its code."""
    device = stage.page(viewport=TABLET)
    device.goto("/tablet")
    device.get_by_role("button", name="Show the code").click()
    expect(device.locator(f"{CARD} svg")).to_be_visible()
    return device


def registered(stage: Stage, counter: Counter, steward: str) -> Page:
    """Register a device at a counter, as a steward does who scans its code; it is locked."""
    device = fresh(stage)
    phone = stage.page(steward)
    phone.goto(link_on(device, CARD))
    phone.get_by_role("link", name="Register it for").click()
    phone.get_by_label("Till").select_option(counter.till)
    phone.get_by_label("Name of the device").fill("Blue tablet")
    phone.get_by_role("button", name="Register it").click()
    expect(phone.locator("li.row").filter(has_text="Blue tablet").first).to_be_visible()
    expect(device.get_by_text("This till is locked")).to_be_visible()
    return device


def unlocked(stage: Stage, device: Page, cashier: str) -> Page:
    """Sign a cashier in at a locked tablet from their own phone; give the tablet, which shows its till."""
    device.get_by_role("button", name="Unlock").click()
    expect(device.locator(f"{CARD} svg")).to_be_visible()
    phone = stage.page(cashier)
    phone.goto(link_on(device, CARD))
    assert phone.locator(".phrase").inner_text() == device.locator(".phrase").inner_text()
    phone.get_by_role("button", name="Sign in at").click()
    expect(phone.get_by_role("heading", name="Signed in at the till")).to_be_visible()
    expect(screen(device, "register")).to_be_attached()
    run_by(device, "wallet-tablet")
    return device


def unlocked_with_key(stage: Stage, device: Page, counter: Counter) -> None:
    """Sign a counter's cashier in at a locked tablet, which then has the key that it checks payments alone with."""
    # Three screens of two devices stand between its beginning and its end.
    with device.expect_response(lambda answer: answer.url.endswith(f"{counter.path}/key"), timeout=3 * PATIENCE_MS):
        unlocked(stage, device, counter.cashier)
