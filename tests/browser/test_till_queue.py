"""A till with a queue: bills wait side by side, a lost reply makes no second bill, the screen ends on the truth."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, ViewportSize, expect

from tests.browser import clock
from tests.browser.counter import charge, expect_paid, next_sale, open_bill, pay, press, screen
from tests.browser.script import run_by
from tests.browser.stage import PHONE, Stage
from tests.browser.world import bills_of
from wallet.services import refunds

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]


def lose_replies(times: int) -> Callable[[Route], None]:
    """Carry requests out and lose the replies to the first of them."""
    left = times

    def lose(route: Route) -> None:
        nonlocal left
        if left == 0:
            route.continue_()
            return
        left -= 1
        route.fetch()
        route.abort()

    return lose


def test_a_slow_phone_does_not_hold_the_queue_and_its_bill_turns_green_in_its_place(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    slow, quick = stage.world.member(), stage.world.member()
    first = charge(till, "320")
    next_sale(till)
    second = charge(till, "450")
    expect(till.locator(f'.parked [data-code="{first}"] a')).to_have_attribute("data-state", "open")

    phone = open_bill(stage, quick, second)
    pay(phone)
    # The till goes on by itself, a phone stays as it is.
    expect(screen(till, "paid")).to_be_attached()
    expect_paid(phone)
    press(till, "9")
    expect(till.locator("[data-sum]")).to_have_text("0.09 RES")

    phone = open_bill(stage, slow, first)
    expect(till.locator(f'.parked [data-code="{first}"] a')).to_have_attribute("data-state", "claimed")
    pay(phone)
    expect(till.locator(f'.parked [data-code="{first}"] a')).to_have_attribute("data-state", "paid")
    # What is typed for the next customer stays.
    expect(till.locator("[data-sum]")).to_have_text("0.09 RES")


def test_the_focus_stays_on_the_bill_when_somebody_opens_it(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till, "320")
    expect(till.get_by_role("heading", name="Please pay")).to_be_focused()

    open_bill(stage, stage.world.member(), code)

    expect(till.get_by_text("has the bill and is confirming")).to_be_visible()
    expect(till.get_by_role("heading", name="Please pay")).to_be_focused()


def test_no_heading_stands_over_payments_that_gave_way_to_waiting_bills(stage: Stage) -> None:
    till = stage.till(stage.world.counter(), viewport={"width": 360, "height": 640})
    heading = till.get_by_role("heading", name="Last five payments")
    expect(heading).to_be_visible()
    charge(till, "320")
    next_sale(till)

    expect(till.locator(".last-five ol, .last-five .muted")).to_be_hidden()
    expect(heading).to_be_hidden()
    expect(till.get_by_role("link", name="Shift")).to_be_visible()


def test_on_a_tablet_at_twice_its_size_all_last_payments_stand_below_the_keys_while_a_bill_waits(stage: Stage) -> None:
    counter = stage.world.counter()
    for minor in (210, 320, 430):
        stage.world.sale(counter, stage.world.member(), minor)
    till = stage.till(counter, viewport={"width": 512, "height": 384})
    charge(till, "320")
    next_sale(till)

    expect(till.locator(".last-five li:visible")).to_have_count(3)
    charge_at, first_at = (
        till.locator(part).first.bounding_box() for part in ("[data-charge-button]", ".last-five li")
    )
    assert charge_at
    assert first_at
    assert charge_at["y"] + charge_at["height"] < first_at["y"]


def test_that_no_sum_was_typed_is_said_until_one_is(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, "Enter")
    alert = till.get_by_role("alert").filter(has_text="Type a sum first")
    expect(alert).to_be_visible()

    press(till, "5")

    expect(alert).to_be_hidden()


@pytest.mark.parametrize("height", [568, 640, 700, 740])
def test_on_a_phone_charge_stays_in_the_thumb_s_reach_while_bills_and_a_refund_wait(stage: Stage, height: int) -> None:
    counter = stage.world.counter()
    stage.world.refund(counter, stage.world.sale(counter, stage.world.member(), 10_100), 10_100)
    till = stage.till(counter, viewport={"width": 360, "height": height})
    expect(till.locator(".parked")).to_contain_text("Refund waits for a steward")
    expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)
    for sum_typed in ("320", "450", "580"):
        charge(till, sum_typed)
        next_sale(till)
        expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)
    expect(till.locator('.parked [data-state="open"]')).to_have_count(3)


@pytest.mark.parametrize("height", [640, 740])
def test_on_a_phone_charge_stays_in_the_thumb_s_reach_beside_what_the_till_says(stage: Stage, height: int) -> None:
    till = stage.till(stage.world.counter(), viewport={"width": 360, "height": height})
    for digits in ("320", "450", "580"):
        press(till, "Enter")
        expect(till.get_by_role("alert").filter(has_text="Type a sum first")).to_be_visible()
        expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)
        charge(till, digits)
        next_sale(till)
    press(till, "4", "Enter")
    expect(till.locator("[data-trouble]")).to_contain_text("3 bills are waiting")
    expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [{"width": 360, "height": 560}, {"width": 512, "height": 384}], ids=str)
def test_on_a_low_screen_what_is_parked_says_what_it_waits_for(stage: Stage, size: ViewportSize) -> None:
    counter, payer = stage.world.counter(), stage.world.member()
    refund = stage.world.refund(counter, stage.world.sale(counter, payer, 16_400, 16_000), 400, 16_000)
    refunds.approve(stage.world.kit, refund, stage.world.steward())
    stage.world.claim(stage.world.bill(counter, 640).code, payer)
    till = stage.till(counter, viewport=size)
    for path in (counter.path, f"{counter.path}?bill={stage.world.bill(counter).code}"):
        till.goto(path)
        for said in ("Take 160.00 from the drawer", "Ana is confirming"):
            expect(till.get_by_role("link", name=said).locator(".what")).to_be_visible()


def test_what_is_parked_is_heard_also_while_the_till_says_something(stage: Stage) -> None:
    counter = stage.world.counter()
    stage.world.claim(stage.world.bill(counter, 640).code, stage.world.member())
    till = stage.till(counter, viewport={"width": 360, "height": 640})
    press(till, "Enter")
    expect(till.get_by_role("alert").filter(has_text="Type a sum first")).to_be_visible()

    expect(till.get_by_role("link", name="Ana is confirming")).to_be_attached()


def test_a_fourth_bill_asks_to_cancel_one_or_to_wait(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    for digits in ("100", "200", "300"):
        charge(till, digits)
        next_sale(till)
    press(till, "4", "Enter")
    expect(till.locator("[data-trouble]")).to_contain_text("3 bills are waiting")
    till.locator(".parked a").first.click()
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    expect(till.locator(".parked a")).to_have_count(2)
    charge(till, "400")


def test_once_one_of_three_is_paid_nothing_says_any_more_that_three_wait(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    for digits in ("100", "200"):
        charge(till, digits)
        next_sale(till)
    third = charge(till, "300")
    next_sale(till)
    press(till, "4", "Enter")
    expect(till.locator("[data-trouble]")).to_contain_text("3 bills are waiting")

    pay(open_bill(stage, stage.world.member(), third))

    expect(till.locator(f'.parked [data-code="{third}"] a')).to_have_attribute("data-state", "paid")
    expect(till.locator("[data-trouble]")).to_be_hidden()
    expect(till.locator("[data-sum]")).to_have_text("0.04 RES")


def test_a_lost_reply_makes_no_second_bill(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    till.route("**/bills", lose_replies(2))
    charge(till, "777")
    expect(till.locator(".parked a")).to_have_count(0)


def test_a_bill_that_was_never_answered_is_found_again_after_a_reload(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    till.route("**/bills", lose_replies(100))
    press(till, "8", "8", "8", "Enter")
    expect(till.locator("[data-trouble]")).to_contain_text("we do not know")
    till.unroute_all(behavior="wait")
    till.reload()
    expect(screen(till, "waiting")).to_be_attached()
    expect(till.locator(".parked a")).to_have_count(0)


def test_pressing_charge_three_times_makes_one_bill(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, "5", "0", "0")
    till.locator("[data-charge-button]").evaluate("button => { button.click(); button.click(); button.click(); }")
    expect(screen(till, "waiting")).to_be_attached()
    expect(till.locator(".parked a")).to_have_count(0)


@pytest.mark.parametrize("view", [PHONE, {"width": 768, "height": 1024}, {"width": 1280, "height": 800}], ids=str)
def test_the_second_press_of_a_double_tap_on_charge_cancels_nothing(stage: Stage, view: ViewportSize) -> None:
    counter = stage.world.counter()
    sale = stage.world.sale(counter, stage.world.member(), 2_150)
    till = stage.till(counter, viewport=view)
    till.clock.install()
    till.goto(f"{counter.path}?wrong={sale}")
    run_by(till, "wallet-till")
    press(till, *"1250")
    # However long this test takes from one press to the next.
    clock.stop(till)
    box = till.locator("[data-charge-button]").bounding_box()
    assert box is not None
    asked: list[str] = []
    till.on("request", lambda request: asked.append(request.url) if request.url.endswith("/cancel") else None)
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    till.mouse.click(*place)
    expect(screen(till, "waiting")).to_be_attached()
    till.mouse.click(*place)
    assert (asked, bills_of(stage.world, counter)) == ([], ["paid", "open"])

    # Once it has been there for a moment, it is meant.
    till.clock.run_for(clock.STILL_MS)
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    assert len(asked) == 1


def test_two_tabs_of_a_till_and_the_way_back_end_on_the_truth(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    other = stage.watched(till.context.new_page())
    other.goto(counter.path)
    code = charge(till, "250")
    next_sale(till)
    till.go_back()
    expect(screen(till, "waiting")).to_be_attached()
    till.go_forward()
    expect(screen(till, "register")).to_be_attached()
    till.go_back()
    expect(screen(till, "waiting")).to_be_attached()
    expect(other.locator(f'.parked [data-code="{code}"]')).to_be_visible()
    other.locator(f'.parked [data-code="{code}"] a').click()
    pay(open_bill(stage, stage.world.member(), code))
    for tab in (till, other):
        expect(screen(tab, "paid")).to_be_attached()
    next_address = f"{counter.path}?bill={code}"
    till.goto("/tills/")
    till.goto(next_address)
    expect(screen(till, "paid")).to_be_attached()


def test_a_cancelled_bill_says_so_to_the_payer_and_at_the_till(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    code = charge(till, "250")
    phone = open_bill(stage, stage.world.member(), code)
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    expect(phone.locator("main")).to_contain_text("cancelled")
    till.goto(f"{counter.path}?bill={code}")
    expect(screen(till, "ended")).to_contain_text("No money moved")


REFUSED = '{"type": "too_many", "title": "Too many requests came. Nothing was changed.", "status": 429}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 429, "content_type": "application/problem+json", "body": REFUSED}, "Too many requests came"),
        (
            {"content_type": "text/html", "body": "<h1>Welcome to our network</h1>"},
            "we do not know whether it was done",
        ),
    ],
    ids=["is refused", "is answered by somebody else"],
)
def test_a_bill_whose_cancelling_was_not_done_goes_on_waiting_and_says_so(
    stage: Stage, answer: dict[str, Any], said: str
) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    charge(till)
    till.route("**/cancel", lambda route: route.fulfill(**answer))

    till.get_by_role("button", name="Cancel this bill").click()

    expect(screen(till, "waiting").locator("[data-trouble]")).to_contain_text(said)
    assert bills_of(stage.world, counter) == ["open"]


def test_a_form_sent_before_its_script_was_there_leads_back_to_the_tills_own_address(stage: Stage) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    till.evaluate("() => document.querySelector('wallet-keypad form').submit()")
    expect(till.locator("[data-trouble] [data-said]")).not_to_be_empty()
    expect(till).to_have_url(f"{stage.world.origin}{counter.path}")
    charge(till)
