"""A robot at a counter: two browsers, a cashier's and a payer's, from the typed sum until both screens say paid."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.load import Counter
from tests.browser.stage import PHONE, TABLET, launch

ROUNDS = 40
WARM_UP = 3
# What a slow network and a cheap phone are taken for: the values of Lighthouse's "slow 4G", and four times less CPU.
SLOW_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 204_800, "uploadThroughput": 96_000}
SLOW_CPU = 4
# Where people are needed: the member points the phone at the till, and looks at the sum before pressing.
PEOPLE_SECONDS = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """Say how quick the phone and the people are; the till is a tablet on the shop's own network."""

    is_slow: bool = False
    pauses: tuple[float, float] = (0.0, 0.0)


QUICK = Pace()
SLOW = Pace(True, PEOPLE_SECONDS)


def seconds(port: int, counter: Counter, pace: Pace) -> list[float]:
    """Give how long each payment took, people's pauses included."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            with (
                at(browser, port, counter.cashier, TABLET) as till,
                at(browser, port, counter.payers[0], PHONE, pace) as phone,
            ):
                till.goto(f"/tills/{counter.till}")
                phone.goto("/")
                took = [_once(till, phone, 101 + number, pace) for number in range(ROUNDS + WARM_UP)]
        finally:
            browser.close()
    return took[WARM_UP:]


def _once(till: Page, phone: Page, minor: int, pace: Pace) -> float:
    expect(till.locator('wallet-till[data-screen="register"]')).to_be_attached()
    begun = time.monotonic()
    # Each sum is another one, so that no payment looks repeated.
    till.keyboard.type(str(minor))
    till.keyboard.press("Enter")
    expect(till.locator('wallet-till[data-screen="waiting"]')).to_be_attached()
    time.sleep(pace.pauses[0])
    phone.goto(f"/b/{till.url.rpartition('bill=')[2][:8]}", wait_until="commit")
    button = phone.locator('form[data-act="pay"] button')
    expect(button).to_be_visible()
    time.sleep(pace.pauses[1])
    button.click()
    expect(phone.locator("body.paid h1")).to_be_visible()
    expect(till.locator('wallet-till[data-screen="paid"]')).to_be_attached()
    took = time.monotonic() - begun
    till.keyboard.press("Escape")
    return took


@contextmanager
def at(browser: Browser, port: int, cookie: str, viewport: dict[str, int], pace: Pace = QUICK) -> Iterator[Page]:
    """Lend a page of a browser of its own, signed in by `cookie`."""
    context: BrowserContext = browser.new_context(viewport=viewport, base_url=f"http://localhost:{port}")
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "domain": "localhost", "path": "/"}])
    page = context.new_page()
    if pace.is_slow:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    yield page
    context.close()
