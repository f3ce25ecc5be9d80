"""A browser that is told to keep no cookies: every way in says so, as signing in leads back to itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.stage import PATIENCE_MS, PHONE, Stage
from tests.browser.world import World
from tests.chromium import found_chromium

pytestmark = pytest.mark.browser

BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}
SAID = "This browser keeps no cookies for the wallet"
WAYS_IN = ("/demo", "/sign-in/recovery", "/tablet")


@pytest.fixture
def blocking(playwright: Playwright, world: World, tmp_path: Path) -> Iterator[Page]:
    """Give a page of a browser that blocks all cookies, as somebody may have set it."""
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(BLOCKED))
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=found_chromium(), args=["--no-sandbox"], viewport=PHONE, base_url=world.origin
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.pages[0]
    context.close()


def test_a_browser_that_blocks_cookies_says_so_on_every_way_in(blocking: Page) -> None:
    for path in WAYS_IN:
        blocking.goto(path)
        expect(blocking.get_by_role("alert").get_by_role("heading", name=SAID)).to_be_visible()


def test_any_other_browser_does_not_and_keeps_no_cookie_of_the_question(stage: Stage) -> None:
    phone = stage.page()
    for path in WAYS_IN:
        phone.goto(path)
        phone.wait_for_function("() => customElements.get('wallet-cookies')")
        expect(phone.get_by_text(SAID)).to_be_hidden()
        assert "kept" not in [cookie.get("name") for cookie in phone.context.cookies()]
