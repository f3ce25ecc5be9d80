"""Visits under measurement: what the server sends a phone that has never been here, and one that comes again."""

from playwright.sync_api import Page, expect, sync_playwright

from bench.relay import Relay, relayed
from bench.robot import at
from tests.browser.stage import PHONE, launch


def weighed(port: int, cookie: str, path: str) -> tuple[int, int]:
    """Give what a first and a repeated visit of `path` make the server send, headers included.

    Units: bytes.
    """
    with relayed(port) as relay, sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            with at(browser, relay.port, cookie, PHONE) as page:
                first = _visited(page, path, relay)
                return first, _visited(page, path, relay) - first
        finally:
            browser.close()


def _visited(page: Page, path: str, relay: Relay) -> int:
    page.goto(path)
    expect(page.locator("h1").first).to_be_attached()
    # The worker that keeps the static files is there before anybody comes again.
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_load_state("networkidle")
    page.goto("about:blank")
    return relay.sent
