"""A shared tablet in a browser: registered by a steward, unlocked by a cashier, whose screens test_tablet looks at."""

from playwright.sync_api import Page, expect

from tests.browser.counter import screen
from tests.browser.kept import wait_until_key_is_kept
from tests.browser.script import run_by
from tests.browser.stage import TABLET, Stage
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
    """Have a steward register a device at a counter; it is locked."""
    device = fresh(stage)
    stage.world.register(steward, counter.till, code_on(device), "Blue tablet")
    look(device)
    expect(device.get_by_text("This till is locked")).to_be_visible()
    return device


def unlocked(stage: Stage, device: Page, cashier: str) -> Page:
    """Have a cashier sign in at a locked tablet; give it, which shows its till."""
    device.get_by_role("button", name="Unlock").click()
    expect(device.locator(f"{CARD} svg")).to_be_visible()
    stage.world.vouch(cashier, code_on(device))
    look(device)
    expect(screen(device, "register")).to_be_attached()
    run_by(device, "wallet-tablet")
    return device


def look(device: Page) -> None:
    """Have a device look at once what became of its code: it reads itself anew; another reload could meet that."""
    device.wait_for_function("() => { document.querySelector('wallet-pairing')?.look?.(); return true; }")


def code_on(device: Page) -> str:
    """Give the code by which a device is registered or unlocked."""
    return device.locator("wallet-pairing").get_attribute("data-code") or ""


def unlocked_with_key(stage: Stage, device: Page, counter: Counter) -> None:
    """Sign a counter's cashier in at a locked tablet, which then has the key that it checks payments alone with."""
    unlocked(stage, device, counter.cashier)
    # It is kept a moment after it was answered; whoever leaves the page within that moment has none.
    wait_until_key_is_kept(device, counter.till)
