"""What a reader of screens tells by itself: an alert that comes into sight, what changes in a status that is in sight.

A status that comes into sight with its words is not told. So it was seen with Orca and Firefox.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.counter import charge, expect_paid, pay, words_of
from tests.browser.stage import Stage
from tests.browser.test_member_shows import enrol

pytestmark = pytest.mark.browser

LISTENING = """
    globalThis.heard = [];
    const seen = new WeakSet();
    const hear = (live) => heard.push(live.innerText.replace(/\\s+/g, " ").trim());
    const look = () => {
        for (const each of document.querySelectorAll('[role="status"]')) {
            if (each.checkVisibility()) seen.add(each); else seen.delete(each);
        }
    };
    new MutationObserver((changes) => {
        const told = new Set();
        for (const { type, target, attributeName } of changes) {
            const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
            const live = element?.closest('[role="status"], [role="alert"]');
            if (!live?.isConnected || !live.checkVisibility()) continue;
            const isAlert = live.getAttribute("role") === "alert";
            if (isAlert ? attributeName === "hidden" || type !== "attributes" : seen.has(live)) told.add(live);
        }
        told.forEach(hear);
        setTimeout(look, 100);
    }).observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"] });
"""


def listened(page: Page) -> Page:
    """Have what is told on `page` written down from its next address on."""
    page.add_init_script(LISTENING)
    return page


def expect_heard(page: Page, words: str) -> None:
    """Wait until a sentence with `words` was told."""
    page.wait_for_function("words => globalThis.heard?.some(each => each.includes(words))", arg=words)


def test_who_pays_hears_the_two_words_that_the_cashier_hears(stage: Stage) -> None:
    till, ana = listened(stage.till(stage.world.counter())), stage.world.member()
    till.reload()
    code = charge(till)
    phone = listened(stage.page(ana))
    phone.goto(f"/b/{code}")
    pay(phone)
    expect_paid(phone)

    expect_heard(phone, f"Paid 12.50 RES to Kneading Table Bakery. The words are {words_of(phone)}.")
    expect_heard(till, f"paid 12.50 RES. The words are {words_of(phone)}.")


def test_who_opens_the_camera_hears_where_to_point_it(stage: Stage) -> None:
    ana = stage.world.member()
    phone = listened(stage.page(ana, sees=stage.page(ana).screenshot()))
    phone.goto("/pay")

    expect_heard(phone, "Point at the till’s code")


def test_who_has_no_camera_hears_that_none_was_found_and_what_to_do(stage: Stage) -> None:
    phone = listened(stage.page(stage.world.member()))
    phone.goto("/pay")
    phone.get_by_role("button", name="Use the camera").click()

    expect_heard(phone, "No camera was found No money moved.")


def test_whose_code_comes_for_the_first_time_hears_to_hold_it_out(stage: Stage) -> None:
    phone = listened(stage.page(stage.world.member()))
    enrol(phone)

    expect_heard(phone, "Hold it to the till’s scanner.")
