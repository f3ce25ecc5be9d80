"""A robot at a counter: two browsers, a cashier's and a payer's, from the typed sum until both screens say paid.

It looks through a few lines of its own, which run when the page has changed, and taps on what it sees. Playwright's own
way of looking has each new page read some 300 KB of script first, with which a slow phone is busy for over 100 ms, and
looks again after up to 500 ms.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

from bench.load import Counter
from bench.relay import Line, relayed
from tests.browser.stage import PHONE, TABLET, launch

ROUNDS = 40
WARM_UP = 3
# What a slow network and a cheap phone are taken for: the values of Lighthouse's "slow 4G", and four times less CPU.
SLOW_NETWORK = Line(way_seconds=0.075, up=96_000, down=204_800)
SLOW_CPU = 4
# Where people are needed: the member points the phone at the till, and looks at the sum before pressing.
PEOPLE_SECONDS = (1.0, 1.0)
PATIENCE_MS = 30_000
# Says each screen's name and the middle of what it shows when the first frame with it has been drawn.
EYES = """(() => {
  const screens = {
    register: '[data-screen="register"] [data-sum]',
    waiting: '[data-screen="waiting"] .code-frame',
    bill: 'form[data-act="pay"] button',
    paid: '[data-screen="paid"] h2, body.paid h1',
  };
  let last = "";
  let due = false;
  const look = () => {
    due = false;
    const shown = Object.keys(screens).find((name) => document.querySelector(screens[name])?.checkVisibility());
    if (!shown || shown === last) return;
    last = shown;
    const { x, y, width, height } = document.querySelector(screens[shown]).getBoundingClientRect();
    requestAnimationFrame(() => console.debug("robot", shown, x + width / 2, y + height / 2));
  };
  const soon = () => {
    if (!due) requestAnimationFrame(look);
    due = true;
  };
  new MutationObserver(soon).observe(document, { subtree: true, childList: true, attributes: true });
  soon();
})()"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Say how quick the phone and the people are; the till is a tablet on the shop's own network."""

    network: Line
    cpu: int
    pauses: tuple[float, float]


QUICK = Pace(Line(), 1, (0.0, 0.0))
SLOW = Pace(SLOW_NETWORK, SLOW_CPU, PEOPLE_SECONDS)


class Eyes:
    """See which screen a page shows, and where on it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shown = ""
        self.place = (0.0, 0.0)
        page.add_init_script(EYES)
        page.on("console", self._hear)

    def wait_for(self, screen: str) -> None:
        """Return when the page shows `screen`.

        Raises: TimeoutError when it does not within half a minute.
        """
        if self._shown == screen:
            return
        self._page.wait_for_event("console", lambda _message: self._shown == screen, timeout=PATIENCE_MS)

    def _hear(self, message: ConsoleMessage) -> None:
        match message.text.split():
            case ["robot", shown, x, y]:
                self._shown = shown
                self.place = (float(x), float(y))


def seconds(port: int, counter: Counter, pace: Pace) -> list[float]:
    """Give how long each payment took, people's pauses included."""
    with sync_playwright() as playwright, relayed(port, pace.network) as relay:
        browser = launch(playwright)
        try:
            with (
                at(browser, port, counter.cashier, TABLET) as till,
                at(browser, relay.port, counter.payers[0], PHONE, has_touch=True) as phone,
            ):
                phone.context.new_cdp_session(phone).send("Emulation.setCPUThrottlingRate", {"rate": pace.cpu})
                eyes = Eyes(till), Eyes(phone)
                till.goto(f"/tills/{counter.till}")
                phone.goto("/")
                took = [_once(till, phone, eyes, 101 + number, pace) for number in range(ROUNDS + WARM_UP)]
        finally:
            browser.close()
    return took[WARM_UP:]


def _once(till: Page, phone: Page, eyes: tuple[Eyes, Eyes], minor: int, pace: Pace) -> float:
    at_till, at_phone = eyes
    at_till.wait_for("register")
    begun = time.monotonic()
    # Each sum is another one, so that no payment looks repeated.
    till.keyboard.type(str(minor))
    till.keyboard.press("Enter")
    at_till.wait_for("waiting")
    time.sleep(pace.pauses[0])
    phone.goto(f"/b/{till.url.rpartition('bill=')[2][:8]}", wait_until="commit")
    at_phone.wait_for("bill")
    time.sleep(pace.pauses[1])
    phone.touchscreen.tap(*at_phone.place)
    at_phone.wait_for("paid")
    at_till.wait_for("paid")
    took = time.monotonic() - begun
    till.keyboard.press("Escape")
    return took


@contextmanager
def at(browser: Browser, port: int, cookie: str, viewport: ViewportSize, *, has_touch: bool = False) -> Iterator[Page]:
    """Lend a page of a browser of its own, signed in by `cookie`."""
    address = f"http://localhost:{port}"
    context: BrowserContext = browser.new_context(viewport=viewport, base_url=address, has_touch=has_touch)
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "domain": "localhost", "path": "/"}])
    yield context.new_page()
    context.close()
