"""A co-op suspended at noon while a till and a phone are open: both end on the same clear state, and nothing moved."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import suspended
from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen
from tests.browser.stage import Stage
from tests.browser.suspended import WHY, dairy, name_of, slug_of
from tests.browser.world import bills_of
from tests.figures import figures

pytestmark = pytest.mark.browser


def suspend(fay: Page, gus: Page) -> None:
    """Let one facilitator propose on the co-op's page, and another agree there."""
    fay.get_by_label("Why").fill(WHY)
    fay.get_by_role("button", name="Propose to suspend").click()
    expect(fay.get_by_role("heading", name="Waits for a second person")).to_be_visible()
    gus.reload()
    agreed(gus)


def agreed(desk: Page) -> None:
    """Agree on a co-op's page, and find nothing more waiting there; the desk it leads to is everybody's."""
    url = desk.url
    with desk.expect_navigation():
        desk.get_by_role("button", name="Agree").click()
    desk.goto(url)
    expect(desk.get_by_role("heading", name="Waits for a second person")).to_have_count(0)


def lift(fay: Page, gus: Page) -> None:
    """Let the second one propose to lift it, and the first agree."""
    gus.goto(fay.url)
    gus.get_by_role("button", name="Propose to lift the suspension").click()
    expect(gus.get_by_role("heading", name="Waits for a second person")).to_be_visible()
    fay.reload()
    agreed(fay)


def says(page: Page, dairy_name: str) -> None:
    """Wait until a screen says what happened and whether money moved."""
    expect(page.locator("main")).to_contain_text(f"{dairy_name} is suspended")
    expect(page.locator("main")).to_contain_text("No money moved")


def test_a_co_op_suspended_at_noon(stage: Stage) -> None:
    counter, ana, bo = dairy(stage.world), stage.world.member(), stage.world.member("Bo Lind")
    fay, gus = (stage.page(stage.world.facilitator()) for _ in range(2))
    for desk in (fay, gus):
        desk.goto(f"/federation/coops/{slug_of(counter)}")
    till, other = stage.till(counter), stage.till(counter)
    earlier = charge(till, "430")
    paid = open_bill(stage, ana, earlier)
    pay(paid)
    expect_paid(paid)
    press(till, "Escape")
    code = charge(till, "1250")
    phone = open_bill(stage, bo, code)
    expect(till.locator(".claim")).to_contain_text("Bo")
    before = {who: figures(stage.world.kit)[who] for who in (ana, bo)}

    suspend(fay, gus)

    says(till, name_of(counter))
    says(phone, name_of(counter))
    expect(screen(till, "stopped")).to_contain_text("You can refund, not charge.")
    # The till where nobody stood turned as well, and its keypad is gone.
    expect(screen(other, "stopped")).to_contain_text(f"{name_of(counter)} is suspended")
    expect(other.locator("wallet-keypad")).to_have_count(0)
    expect_paid(paid)
    expect(till.locator(".last-five li")).to_have_count(1)
    phone.reload()
    says(phone, name_of(counter))
    assert {who: figures(stage.world.kit)[who] for who in (ana, bo)} == before

    other.locator(".last-five li a").first.click()
    other.get_by_text("Goods came back").click()
    other.get_by_role("button", name="Give it back").click()
    expect(other.get_by_role("status")).to_contain_text("Given back: 4.30 RES")
    lift(fay, gus)
    expect(screen(till, "ended")).to_contain_text("No money moved.")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("cancelled the bill")
    press(till, "Escape")
    again = open_bill(stage, bo, charge(till, "1250"))
    pay(again)
    expect_paid(again)


def test_what_is_typed_at_the_till_of_a_suspended_co_op_makes_no_bill_when_that_is_lifted(stage: Stage) -> None:
    counter = dairy(stage.world)
    till = stage.till(counter)
    suspended.suspend(stage.world, counter)
    expect(screen(till, "stopped")).to_be_attached()
    press(till, *"1250", "Enter", "Escape", *"1250", "Enter")
    # Escape has asked for the keypad: an answer after the lifting would have it, and take what was typed on the way.
    till.evaluate("() => document.querySelector('wallet-till').screen.refresh()")

    suspended.lift(stage.world, counter)

    expect(screen(till, "register")).to_be_attached()
    expect(till.locator("[data-sum]")).to_have_text("0.00 RES")
    assert bills_of(stage.world, counter) == []
