"""What a cashier types and touches while the till's scripts are on their way, or never come."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import link_of, press, scanned_by_hand, screen
from tests.browser.stage import TABLET, Stage
from tests.browser.world import bills_of

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

SCRIPTS = ("**/wallet-till.js", "**/wallet-keypad.js")


def held(stage: Stage, handle: str, path: str) -> tuple[Page, Callable[[str], None]]:
    """Open a till whose script is on its way; the call that is given says what becomes of it: continue_ or abort."""
    waiting: list[Route] = []
    till = stage.page(handle, viewport=TABLET)
    for script in SCRIPTS:
        till.route(script, lambda route: waiting.append(route))
    with asked_for(till):
        till.goto(path, wait_until="commit")
    expect(till.locator("h1")).to_be_visible()

    def go_on(how: str) -> None:
        assert len(waiting) == len(SCRIPTS), "not every script was asked for"
        assert not till.evaluate("() => Boolean(customElements.get('wallet-till'))")
        while waiting:
            getattr(waiting.pop(), how)()

    return till, go_on


@contextmanager
def asked_for(till: Page) -> Iterator[None]:
    """Wait until each script is asked for: one that came after the others were let go would be held for ever."""
    with ExitStack() as all_of_them:
        for script in SCRIPTS:
            all_of_them.enter_context(till.expect_request(script))
        yield


def test_what_is_typed_before_the_script_is_there_is_charged(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    press(till, "1", "2", "5", "9", "Backspace", "0")
    expect(till.locator("[data-sum]")).to_have_text("12.50 RES")
    press(till, "Enter")
    go_on("continue_")

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.50")
    expect(till.locator(".parked a")).to_have_count(0)


def test_the_keys_on_the_screen_work_before_the_script_is_there(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    for key in ("1", "00", "0", "add", "2", "5", "0", "cash", "3", "00"):
        till.locator(f'[data-key="{key}"]').click()
    go_on("continue_")
    expect(till.locator("[data-adder]")).to_have_text("12.50 in all, 3.00 of it in cash")
    press(till, "Backspace")
    till.locator("[data-charge-button]").click()

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.20")


def test_a_digit_typed_too_early_on_a_paid_screen_begins_the_next_sale(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 500)
    till, go_on = held(stage, counter.cashier, f"{counter.path}?paid={receipt}")
    press(till, "8", "6", "0", "Enter")
    go_on("continue_")

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("8.60")


def test_goods_under_a_hand_scanner_become_no_bill_on_a_paid_screen_without_its_script(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 500)
    till, go_on = held(stage, counter.cashier, f"{counter.path}?paid={receipt}")
    scanned_by_hand(till, "4006381333931")
    go_on("continue_")

    expect(screen(till, "register").locator("[data-sum]")).to_have_text("0.00 RES")
    assert bills_of(stage.world, counter) == ["paid"]


def test_a_hand_scanner_charges_the_member_and_types_no_sum_before_the_script_is_there(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    press(till, *"250")
    scanned_by_hand(till, link_of(stage, stage.world.member()))
    go_on("continue_")

    expect(screen(till, "paid")).to_contain_text("2.50")
    assert bills_of(stage.world, counter) == []


def test_a_sum_typed_before_the_script_is_there_grows_no_larger_than_the_largest(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    press(till, *"9999999999999")
    expect(till.locator("[data-sum]")).to_have_text("9,999,999,999.99 RES")
    go_on("continue_")

    expect(till.locator("[data-charge-button]")).to_have_text("Charge 9,999,999,999.99 RES")


def test_enter_on_what_acts_by_itself_charges_nothing_before_the_script_is_there(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    press(till, *"1250")
    till.locator("summary", has_text="Reference").focus()
    press(till, "Enter")
    expect(till.get_by_label("Your own reference")).to_be_visible()
    go_on("continue_")

    expect(till.locator("[data-charge-button]")).to_have_text("Charge 12.50 RES")
    assert bills_of(stage.world, counter) == []


def test_what_is_typed_into_a_field_or_to_the_browser_is_no_sum_before_the_script_is_there(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    press(till, "5", "Control+3", "Alt+4")
    expect(till.locator("[data-sum]")).to_have_text("0.05 RES")
    till.get_by_text("Reference", exact=True).click()
    reference = till.get_by_label("Your own reference")
    reference.press_sequentially("table 4")
    go_on("continue_")

    expect(till.locator("[data-charge-button]")).to_have_text("Charge 0.05 RES")
    expect(reference).to_have_value("table 4")


def test_when_the_script_never_comes_the_plain_form_holds_the_sum(stage: Stage) -> None:
    counter = stage.world.counter()
    till, go_on = held(stage, counter.cashier, counter.path)
    expect(till.locator('[data-key="1"]')).to_be_visible()
    press(till, "1", "2", "5", "0")
    go_on("abort")

    expect(till.get_by_role("textbox", name="Sum")).to_have_value("12.50")
    # A sum that comes back with a refusal is there before anything is typed.
    cash = till.get_by_role("textbox", name="cash")
    cash.fill("20.00")
    with asked_for(till):
        till.get_by_role("button", name="Charge", exact=True).click()
    expect(till.get_by_text("The cash part is more than the sum")).to_be_visible()
    press(till, "9")
    go_on("abort")
    expect(till.get_by_role("textbox", name="Sum")).to_have_value("12.50")
    cash.fill("")
    till.get_by_role("button", name="Charge", exact=True).click()
    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.50")
