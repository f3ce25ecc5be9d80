"""A sale paid in RES and cash: the till says how much cash is needed, and much of it takes a steward at the till."""

import pytest
from playwright.sync_api import expect

from tests.browser.counter import expect_paid, next_sale, open_bill, pay, press, screen
from tests.browser.stage import Stage
from wallet.services import counter as settled
from wallet.services import members

pytestmark = pytest.mark.browser


def test_a_till_takes_the_cash_that_its_co_op_asks_for_in_one_tap(either_stage: Stage) -> None:
    world = either_stage.world
    settled.set_res_part(world.kit, "clinic", 5_000)
    counter, ana = world.counter("clinic"), world.member()
    till = either_stage.till(counter)

    press(till, *"1251")
    till.get_by_role("button", name="Charge 12.51 RES").click()
    expect(till.locator("[data-trouble]")).to_contain_text("No money moved. Take 6.26 in cash.")
    till.get_by_role("button", name="take 6.26 in cash").click()
    expect(till.locator("[data-trouble]")).to_be_hidden()
    expect(till.locator("[data-adder]")).to_contain_text("12.51 in all, 6.26 of it in cash")
    till.get_by_role("button", name="Charge 6.25 RES").click()
    expect(screen(till, "waiting").locator(".amount")).to_contain_text("6.25")

    phone = open_bill(either_stage, ana, till.url.rpartition("bill=")[2])
    expect(phone.locator("dl.facts")).to_contain_text("6.26")
    pay(phone)
    # The till first: its paid screen goes by itself.
    expect(screen(till, "paid")).to_contain_text("and 6.26 in cash, 12.51 in all")
    expect_paid(phone)


@pytest.mark.parametrize("height", [640, 700, 740])
def test_on_a_phone_charge_stays_in_the_thumb_s_reach_where_a_part_is_taken_in_cash(stage: Stage, height: int) -> None:
    settled.set_res_part(stage.world.kit, "clinic", 5_000)
    till = stage.till(stage.world.counter("clinic"), viewport={"width": 360, "height": height})
    for _bill in range(2):
        press(till, *"1251")
        expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)
        press(till, "Enter")
        expect(till.locator("[data-trouble]")).to_contain_text("Take 6.26 in cash.")
        expect(till.locator("[data-need-button]")).to_have_text("Only 50\u202f% in RES: take 6.26 in cash")
        expect(till.locator("[data-need-button]")).to_be_in_viewport(ratio=1)
        till.locator("[data-need-button]").click()
        expect(till.locator("[data-charge-button]")).to_be_in_viewport(ratio=1)
        till.get_by_role("button", name="Charge 6.25 RES").click()
        next_sale(till)


def test_more_cash_than_the_sum_is_told_before_charge_is_pressed(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    said = till.locator("[data-trouble]")

    press(till, *"1250")
    till.locator("[data-key=cash]").click()
    press(till, *"200")
    expect(said).to_be_hidden()
    press(till, "0")
    expect(said).to_contain_text("The cash part is more than the sum. No money moved.")
    press(till, "Enter")
    expect(said).to_contain_text("not what was handed over")
    expect(screen(till, "register")).to_be_attached()
    press(till, "Backspace")
    expect(said).to_be_hidden()
    expect(till.locator("[data-charge-button]")).to_have_text("Charge 10.50 RES")


def test_what_is_taken_in_cash_belongs_to_its_own_sale_and_no_key_for_the_browser_to_any(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    cash, charge = till.locator("[data-key=cash]"), till.locator("[data-charge-button]")

    press(till, *"1000", "+", *"250", "Control+3", "Alt+4")
    cash.click()
    press(till, "Backspace")
    expect(charge).to_have_text("Charge 12.50 RES")
    cash.click()
    press(till, *"500", "+", *"300")
    expect(charge).to_have_text("Charge 10.50 RES")
    press(till, "Escape", *"300")
    expect(charge).to_have_text("Charge 3.00 RES")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (412, 732), (390, 664), (360, 640), (320, 568)])
def test_on_a_phone_no_refusal_and_no_reference_pushes_charge_out_of_reach(
    stage: Stage, width: int, height: int
) -> None:
    world = stage.world
    for coop, part_bp in (("mill", 10_000), ("clinic", 5_000)):
        settled.set_res_part(world.kit, coop, part_bp)
        counter = world.counter(coop)
        for amount_minor in (5_840, 1_880, 2_290):
            world.sale(counter, world.member(coop="bakery"), amount_minor, amount_minor)
        till = stage.till(counter, viewport={"width": width, "height": height})
        charge = till.locator("[data-charge-button]")
        press(till, "Enter")
        expect(till.locator("[data-trouble]")).to_contain_text("Type a sum first")
        expect(charge).to_be_in_viewport(ratio=1)
        press(till, *"1250")
        till.locator("[data-key=cash]").click()
        press(till, *"2000")
        expect(till.locator("[data-trouble]")).to_contain_text("The cash part is more than the sum")
        expect(charge).to_be_in_viewport(ratio=1)
        press(till, *("Backspace",) * 4)
        expect(till.locator("[data-trouble]")).to_be_hidden()
        till.locator("summary").click()
        expect(till.locator("#note")).to_be_focused()
        expect(charge).to_be_in_viewport(ratio=1)
        assert till.evaluate("() => document.scrollingElement.scrollTop") == 0


def test_much_cash_in_a_day_asks_for_a_steward_at_the_till(stage: Stage) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    world.pay(world.bill(counter, 20_000, cash_minor=20_000).code, ana)
    bill = world.bill(counter, 900, cash_minor=400)

    phone = open_bill(stage, ana, bill.code)
    pay(phone)
    expect(phone.get_by_text("A steward has to sign in at the till and charge it anew.")).to_be_visible()

    members.grant(world.kit, counter.cashier, "steward", "bakery")
    pay(phone)
    expect_paid(phone)
