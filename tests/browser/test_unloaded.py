"""A page that is nothing without its script says so when that did not come, and comes whole when it is loaded again."""

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]


@pytest.mark.parametrize(
    ("path", "lost", "whole"),
    [
        ("/code", "**/js/elements/wallet-code.js", "Use this phone for codes"),
        ("/code", "**/js/lib/paycode.js", "Use this phone for codes"),
        ("/code", "**/vendor/qr/index.js", "Use this phone for codes"),
        ("/sign-in?next=/share", "**/js/lib/passkey.js", "Sign in with passkey"),
    ],
)
def test_a_page_whose_script_did_not_come_says_so_and_is_loaded_again(
    stage: Stage, path: str, lost: str, whole: str
) -> None:
    page = stage.page(stage.world.member() if path == "/code" else None)
    page.route(lost, lambda route: route.abort())
    page.goto(path)

    expect(page.get_by_role("heading", name="Part of this page did not come")).to_be_visible()
    expect(page.get_by_text("This browser cannot")).to_be_hidden()
    page.unroute(lost)
    page.get_by_role("link", name="Load it again").click()

    expect(page.get_by_role("button", name=whole)).to_be_enabled()
    expect(page.get_by_role("heading", name="Part of this page did not come")).to_be_hidden()
    expect(page).to_have_url(f"{stage.world.origin}{path}")


def test_a_page_of_which_something_else_did_not_come_is_whole(stage: Stage) -> None:
    page = stage.page(stage.world.member())
    with page.expect_event("requestfailed"):
        page.route("**/js/elements/wallet-pwa.js", lambda route: route.abort())
        page.goto("/code")

    expect(page.get_by_role("button", name="Use this phone for codes")).to_be_visible()
    expect(page.get_by_role("heading", name="Part of this page did not come")).to_be_hidden()
