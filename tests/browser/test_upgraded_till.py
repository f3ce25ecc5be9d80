"""A till that stays open while the wallet is upgraded goes on with the new scripts, and loses no key by it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, link_of, next_sale, open_bill, pay, press, scanned_by_hand, screen
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]


def upgraded(route: Route) -> None:
    """Let what the till reads anew be pages of the next version."""
    if route.request.resource_type != "fetch":
        route.continue_()
        return
    answer = route.fetch()
    body = re.sub(r'data-version="[^"]*"', 'data-version="/static/next/"', answer.text())
    route.fulfill(response=answer, body=body)


def paid_at(stage: Stage) -> Page:
    """Give a till on which a bill was just paid, on the old scripts, while the pages are the new version's already."""
    till = stage.till(stage.world.counter())
    till.evaluate("window.isOld = true")
    till.route("**/tills/**", upgraded)
    code = charge(till, "320")
    phone = open_bill(stage, stage.world.member(), code)
    pay(phone)
    expect(screen(till, "paid")).to_be_attached()
    assert till.evaluate("window.isOld")
    return till


def test_between_two_sales_it_takes_the_new_scripts_once(stage: Stage) -> None:
    till = paid_at(stage)

    with till.expect_event("load"):
        till.get_by_role("link", name="Next sale").click()

    expect(screen(till, "register")).to_be_attached()
    assert till.evaluate("window.isOld") is None
    press(till, "7")
    expect(till.locator("[data-sum]")).to_have_text("0.07 RES")


def test_what_is_typed_for_the_next_customer_goes_first(stage: Stage) -> None:
    till = paid_at(stage)

    till.keyboard.type("450")

    expect(till.locator("[data-sum]")).to_have_text("4.50 RES")
    assert till.evaluate("window.isOld")


def test_a_scan_that_was_lost_when_the_server_was_upgraded_is_not_sent_again_by_that(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    parked = charge(till, "320")
    next_sale(till)
    till.route("**/scans", lambda route: route.abort())
    press(till, *"450")
    scanned_by_hand(till, link_of(stage, stage.world.member()))
    expect(till.get_by_role("alert").filter(has_text="No answer yet")).to_be_visible()
    till.unroute_all(behavior="wait")
    till.route("**/tills/**", upgraded)
    sent: list[str] = []
    till.on("request", lambda request: sent.append(request.url) if request.url.endswith("/scans") else None)
    till.locator(f'.parked [data-code="{parked}"] a').click()
    expect(screen(till, "waiting")).to_be_attached()

    next_sale(till)
    till.wait_for_timeout(1_500)

    assert sent == []
