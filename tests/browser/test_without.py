"""Paying without a script, a mouse or a camera."""

import re
from typing import Literal

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.counter import expect_paid, press, screen
from tests.browser.stage import CAMERA, Stage, launch
from tests.browser.world import Counter

pytestmark = pytest.mark.browser


def test_without_script_a_till_charges_and_turns_green_and_a_member_pays(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = stage.till(counter, java_script_enabled=False)
    till.get_by_role("textbox", name="Sum").fill("12,5")
    till.get_by_role("button", name="Charge", exact=True).click()
    expect(screen(till, "waiting")).to_contain_text("12.50 RES")
    code = till.locator("main .spelled").inner_text()

    phone = stage.page(ana, java_script_enabled=False)
    phone.goto("/pay")
    phone.get_by_label("Eight characters beside the code").fill(code)
    phone.get_by_role("button", name="Show the bill").click()
    phone.get_by_role("button", name="Pay 12.50 RES").click()
    expect_paid(phone)
    words = phone.locator(".match .phrase").text_content()
    # The page looks by itself every three seconds.
    expect(screen(till, "paid")).to_contain_text(str(words))


def test_without_script_a_bill_can_be_declined_and_cancelled(stage: Stage) -> None:
    counter = stage.world.counter()
    bill = stage.world.bill(counter)
    phone = stage.page(stage.world.member(), java_script_enabled=False)
    phone.goto(f"/b/{bill.code}")
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", level=1, name="Home")).to_be_attached()
    till = stage.till(counter, java_script_enabled=False)
    till.goto(f"{counter.path}?bill={bill.code}")
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "ended")).to_contain_text("No money moved.")


def test_a_member_pays_with_the_keyboard_alone(stage: Stage) -> None:
    counter = stage.world.counter()
    phone = stage.page(stage.world.member())
    phone.goto("/pay")
    tab_to(phone, "#code")
    phone.keyboard.type(stage.world.bill(counter).code)
    press(phone, "Enter")
    expect(phone.get_by_role("heading", level=1, name="Kneading Table Bakery")).to_be_focused()
    tab_to(phone, 'form[data-act="pay"] button')
    press(phone, "Enter")
    expect_paid(phone)
    tab_to(phone, ".dock a:first-child")
    press(phone, "Enter")
    expect(phone.get_by_role("heading", level=1, name="Home")).to_be_attached()


def test_a_cashier_charges_cancels_and_goes_on_with_the_keyboard_alone(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, *"1250", "Enter")
    expect(screen(till, "waiting")).to_be_attached()
    expect(till.locator("[data-focus]")).to_be_focused()
    # A screen that has just turned lets nothing be cancelled for a moment.
    till.wait_for_function("() => !document.querySelector('[data-send=cancel]').inert")
    tab_to(till, 'form[data-send="cancel"] button')
    press(till, "Enter")
    expect(screen(till, "register")).to_be_attached()
    press(till, *"300", "Enter")
    expect(screen(till, "waiting")).to_contain_text("3.00 RES")


def test_a_blocked_camera_leaves_the_typed_code(stage: Stage) -> None:
    # A camera, but nobody who says yes for the person in front of it.
    stage.others.append(launch(stage.playwright, CAMERA[1]))
    phone = stage.page(stage.world.member(), browser=stage.others[-1])
    phone.goto("/pay")
    phone.get_by_role("button", name="Use the camera").click()
    expect(phone.get_by_role("heading", name="The camera is blocked")).to_be_visible()
    expect(phone.get_by_role("button", name="Try the camera again")).to_be_visible()
    expect(phone.get_by_label("Eight characters beside the code")).to_be_visible()


def test_without_a_camera_the_page_says_so_and_leaves_the_typed_code(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/pay")
    phone.get_by_role("button", name="Use the camera").click()
    expect(phone.get_by_role("heading", name="No camera was found")).to_be_visible()
    expect(phone.get_by_label("Eight characters beside the code")).to_be_visible()


def test_a_bill_that_runs_out_says_so_at_the_till_and_can_be_charged_again(stage: Stage) -> None:
    counter = stage.world.counter()
    till = opened(stage, counter, left=3)
    expect(screen(till, "ended")).to_contain_text("The bill ran out.")
    expect(screen(till, "ended")).to_contain_text("No money moved.")
    till.get_by_role("button", name="Charge 12.50 RES again").click()
    expect(screen(till, "waiting")).to_contain_text("12.50 RES")


def opened(stage: Stage, counter: Counter, *, left: int) -> Page:
    """Open a till with a bill in front that stays open for `left` seconds."""
    bill = stage.world.bill(counter, left=left)
    till = stage.till(counter)
    till.goto(f"{counter.path}?bill={bill.code}")
    return till


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what `selector` names."""
    target = page.locator(selector).first
    for _ in range(40):
        press(page, "Tab")
        if target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_without_script_a_list_is_narrowed_to_a_co_op_and_a_month(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    stage.world.sale(counter, ana, 1_250)
    phone = stage.page(ana, java_script_enabled=False)
    phone.goto("/activity")
    phone.get_by_role("button", name="Filter").click()
    phone.get_by_label("Co-op", exact=True).select_option("Kneading Table Bakery")
    phone.get_by_label("Month", exact=True).select_option(index=1)
    phone.get_by_role("button", name="Show", exact=True).click()

    expect(phone.locator("ul.rows li")).to_have_count(1)
    expect(phone.get_by_role("status")).to_have_text("1 of 2 movements")
    phone.get_by_role("link", name="No longer only Kneading Table Bakery").click()
    expect(phone.locator("ul.rows li")).to_have_count(2)


def test_in_colours_of_ones_own_the_tab_of_the_page_keeps_its_bar(stage: Stage) -> None:
    page = stage.page(stage.world.member())
    page.emulate_media(forced_colors="active")
    page.goto("/activity")
    bars = [page.screenshot(clip=bar_over(tab)) for tab in page.locator(".tabs a").all()]

    assert [bar != bars[0] for bar in bars] == [False, True, False, False, False]


@pytest.mark.parametrize(("chosen", "ground"), [("light", "dark"), ("dark", "light")])
def test_in_colours_of_ones_own_a_figure_is_read_whichever_light_was_chosen_before(
    stage: Stage, chosen: str, ground: Literal["light", "dark"]
) -> None:
    page = stage.page(stage.world.member(), forced_colors="active", color_scheme=ground)
    page.context.add_cookies([{"name": "theme", "value": chosen, "url": stage.world.origin}])
    page.goto("/share")
    expect(page.locator("html")).to_have_attribute("data-theme", chosen)
    # Dark on a light ground, light on a dark one.
    written = page.locator(".ring .label").first.evaluate("(label) => getComputedStyle(label).color")

    assert (sum(map(int, re.findall(r"\d+", written)[:3])) < 384) == (ground == "light")


def bar_over(tab: Locator) -> FloatRect:
    """Give the place of the bar that marks a tab: at its head, in the middle."""
    box = tab.bounding_box()
    assert box
    return {"x": box["x"] + box["width"] / 2 - 6, "y": box["y"], "width": 12, "height": 3}
