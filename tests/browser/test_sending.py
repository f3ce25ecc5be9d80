"""Sending RES on two phones: one shows a code to receive, the other reads it, sends, and both know."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.camera import code_of
from tests.browser.gifts import fill_in, look_once_more
from tests.browser.script import run_by
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_a_code_shown_on_one_phone_is_scanned_by_another_and_sent_to(stage: Stage) -> None:
    taker, giver = stage.world.member("Cal Dias", paid=False), stage.world.member("Ana Moreau")
    theirs = stage.page(taker)
    theirs.goto("/")
    theirs.get_by_role("button", name="Receive").click()
    code = theirs.locator(".spelled").inner_text()
    mine = stage.page(giver, sees=code_of(f"{stage.world.origin}/to/{code.replace('-', '')}"))
    mine.goto("/send")
    mine.get_by_role("button", name="Use the camera").click()
    expect(mine.get_by_role("heading", name="Cal", exact=True)).to_be_visible()
    mine.locator("#amount").fill("12.50")
    mine.locator("#note").fill("soup")
    look_once_more(mine)
    mine.get_by_role("button", name="Send 12.50 RES").click()

    expect(mine.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(mine.get_by_role("status")).to_contain_text("Sent: 12.50 RES to Cal Dias")
    expect(mine.locator(".dock .button:not([data-kind]):visible")).to_have_text("Done")
    expect(mine.locator("main")).to_contain_text("soup")
    theirs.goto("/")
    theirs.get_by_role("link", name="Notices, some are new").click()
    theirs.get_by_role("link", name="Ana Moreau sent you RES").click()
    expect(theirs.locator("main")).to_contain_text("12.50")


def test_a_second_gift_of_the_same_sum_is_asked_about_on_the_sheet(stage: Stage) -> None:
    taker, giver = stage.world.member("Cal Dias", paid=False), stage.world.member("Ana Moreau")
    page = stage.page(giver)
    for _ in range(2):
        fill_in(page, taker, "3")
        page.get_by_role("button", name="Send 3.00 RES").click()
        expect(page.get_by_text("Receipt").or_(page.get_by_text("a moment ago")).first).to_be_visible()
    page.get_by_role("button", name="Send 3.00 RES once more").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    page.goto("/activity")
    expect(page.get_by_text("your gift")).to_have_count(2)


def test_who_goes_back_from_the_sheet_of_a_gift_finds_sum_and_note_again(stage: Stage) -> None:
    page = stage.page(stage.world.member("Ana Moreau"))
    page.goto(f"/send/{stage.world.member('Cal Dias', paid=False)}")
    page.locator("#note").fill("bread")
    page.locator("#amount").fill("1.50")
    look_once_more(page)

    page.go_back()

    expect(page.locator("#amount")).to_have_value("1.50")
    expect(page.locator("#note")).to_have_value("bread")


def in_doubt(stage: Stage, taker: str) -> Page:
    """Send 3.00 RES that arrive, while the phone hears nothing of it, however often it asks."""
    page = stage.page(stage.world.member("Ana Moreau"))

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    # Before the first page: Chromium may miss a document that is on its way while its requests begin to be held.
    page.route("**/gifts", lose)
    fill_in(page, taker, "3")
    page.get_by_role("button", name="Send 3.00 RES").click()
    expect(page.get_by_text("We do not know yet whether the money moved")).to_be_visible()
    return page


@pytest.mark.without_worker
@pytest.mark.parametrize("way", ["reload", "go_back"])
def test_a_gift_in_doubt_ends_on_its_receipt_after_a_reload_and_after_the_way_back(stage: Stage, way: str) -> None:
    taker = stage.world.member("Cal Dias", paid=False)
    page = in_doubt(stage, taker)
    getattr(page, way)()

    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    page.goto("/activity")
    expect(page.get_by_text("your gift")).to_have_count(1)


def test_a_code_to_receive_goes_from_the_screen_when_its_time_is_over(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.clock.install()
    phone.goto("/receive")
    phone.get_by_role("button", name="Show a new code").click()
    expect(phone.locator(".code-card svg")).to_be_visible()
    run_by(phone, "wallet-countdown")

    with phone.expect_navigation():
        phone.clock.run_for(601_000)
