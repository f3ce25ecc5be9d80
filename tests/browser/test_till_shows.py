"""The till shows a bill, the member pays: scanned in the app, opened by the phone's own camera, or typed."""

import pytest
from playwright.sync_api import expect

from tests.browser.counter import charge, expect_paid, screen, shown_code, words_of
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_a_member_scans_the_till_and_both_screens_say_paid_with_the_same_words(either_stage: Stage) -> None:
    counter, ana = either_stage.world.counter(), either_stage.world.member()
    till = either_stage.till(counter)
    charge(till)

    phone = either_stage.page(ana, sees=shown_code(till))
    phone.goto("/")
    phone.get_by_role("link", name="Pay", exact=True).click()
    expect(phone.get_by_role("heading", level=1, name="Kneading Table Bakery")).to_be_visible()
    expect(phone.locator("dl.facts")).to_contain_text("227.50 RES")
    expect(phone.locator("dl.facts")).to_contain_text("counts, 12.50")
    expect(till.locator(".claim")).to_contain_text("Ana")
    expect(till.locator(".claim")).to_contain_text("is confirming")

    phone.get_by_role("button", name="Pay 12.50 RES").click()
    expect_paid(phone)
    expect(screen(till, "paid")).to_be_attached()
    expect(till.locator("main.result")).to_contain_text("12.50 RES")
    expect(till.locator("main.result .lede")).to_contain_text("Ana")
    assert words_of(till) == words_of(phone)
    expect(phone.get_by_text("It counts.")).to_be_visible()
