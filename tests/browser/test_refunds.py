"""What was wrong comes back: in three taps, with a steward in their own browser, not at all, and with a new bill."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.camera import code_of
from tests.browser.counter import link_on, press, screen
from tests.browser.script import run_by
from tests.browser.stage import PHONE, Stage
from tests.browser.world import Counter
from wallet.domain.refund import APPROVAL_MINUTES
from wallet.kit import system_clock
from wallet.services import members
from wallet.store.columns import micros
from wallet.store.engine import reading
from wallet.store.views import receipts

LAPSES = sa.text("UPDATE refunds SET lapses_at = :at WHERE ref = :of_ref")
pytestmark = pytest.mark.browser


def test_a_part_is_given_back_in_three_taps_from_the_open_till(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    receipt = stage.world.sale(counter, ana, 1_250)
    till = stage.till(counter)

    till.locator(".last-five li a").first.click()
    till.get_by_text("Goods came back").click()
    till.get_by_label("In RES").fill("4,50")
    till.get_by_role("button", name="Give it back").click()

    expect(till.get_by_role("status")).to_contain_text("Given back: 4.50 RES")
    expect(till.get_by_label("In RES")).to_have_value("8.00")
    till.get_by_role("link", name="Back", exact=True).click()
    expect(screen(till, "register").locator(".last-five .back")).to_contain_text("4.50")
    phone = stage.page(ana)
    phone.goto(f"/receipts/{receipt}")
    expect(phone.locator("ul.rows li")).to_contain_text("Goods came back")
    expect(phone.locator("ul.rows li")).to_contain_text("by Ben")


def test_another_reason_is_asked_for_in_words_and_no_more_than_the_sale_goes_back(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 1_250)
    till = stage.page(counter.cashier)
    till.goto(f"/receipts/{receipt}")
    words = till.get_by_label("What else, in a few words")
    expect(words).to_be_hidden()

    till.get_by_text("Something else").click()
    words.fill("cold soup")
    till.get_by_label("In RES").fill("12.51")
    till.get_by_role("button", name="Give it back").click()
    expect(till.get_by_role("alert")).to_contain_text("more than is left of the sale")
    expect(words).to_have_value("cold soup")

    till.get_by_label("In RES").fill("12.50")
    till.get_by_role("button", name="Give it back").click()
    expect(till.locator("ul.rows li")).to_contain_text("cold soup")
    expect(till.get_by_role("button", name="Give it back")).to_have_count(0)


def test_the_fields_for_res_and_for_cash_stand_beside_each_other_also_above_what_is_wrong(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 1_250, 250)
    till = stage.page(counter.cashier, viewport=PHONE)
    till.goto(f"/receipts/{receipt}")
    fields = till.locator("#amount"), till.locator("#cash")

    def beside_each_other() -> bool:
        res, cash = (field.bounding_box() for field in fields)
        return bool(res and cash) and (res["y"], res["height"]) == (cash["y"], cash["height"])

    assert beside_each_other()
    fields[0].fill("x")
    till.get_by_text("Paid twice").click()
    till.get_by_role("button", name="Give it back").click()
    expect(till.locator("#amount-wrong")).to_be_visible()
    assert beside_each_other()


def test_above_the_limit_a_steward_approves_in_a_browser_of_their_own(either_stage: Stage) -> None:
    world = either_stage.world
    counter, ana, eve = world.counter(), world.member(), world.member("Eve Sato", coop="bakery")
    members.grant(world.kit, eve, "steward", "bakery")
    receipt = world.pay(world.bill(counter, 20_000, cash_minor=12_000).code, ana)
    till, desk = either_stage.page(counter.cashier), either_stage.page(eve)
    till.goto(f"/receipts/{receipt}")
    till.get_by_text("Paid twice").click()
    till.get_by_role("button", name="Give it back").click()
    expect(till.get_by_role("status")).to_contain_text("It waits for a steward")

    desk.goto("/")
    desk.locator(f'a[href="{till.url.removeprefix(world.origin)}"]').click()
    desk.get_by_role("button", name="Approve: give back 80.00 RES and 120.00 in cash").click()

    expect(desk.get_by_role("status")).to_contain_text("Given back")
    # Nobody touches the till: it is told.
    expect(till.get_by_role("status")).to_contain_text("Take the cash from the drawer")
    phone = either_stage.page(ana)
    phone.goto("/notices")
    expect(phone.get_by_text("Kneading Table Bakery gave something back to you")).to_be_visible()


def test_a_steward_scans_a_refund_off_the_till_and_approves_it(stage: Stage) -> None:
    world = stage.world
    counter, eve = world.counter(), world.member("Eve Sato", coop="bakery")
    members.grant(world.kit, eve, "steward", "bakery")
    receipt = world.pay(world.bill(counter, 20_000, cash_minor=12_000).code, world.member())
    till = stage.page(counter.cashier)
    till.goto(f"/receipts/{receipt}")
    till.get_by_text("Paid twice").click()
    till.get_by_role("button", name="Give it back").click()
    expect(till.get_by_role("status")).to_contain_text("It waits for a steward")

    phone = stage.page(eve, sees=code_of(link_on(till, ".code-frame")))
    phone.goto("/pay")
    phone.get_by_role("button", name="Approve: give back 80.00 RES and 120.00 in cash").click()

    expect(till.get_by_role("status")).to_contain_text("Take the cash from the drawer")


def test_a_refund_that_nobody_approves_in_time_lapses_on_both_screens(stage: Stage) -> None:
    world = stage.world
    counter, eve = world.counter(), world.member("Eve Sato", coop="bakery")
    members.grant(world.kit, eve, "steward", "bakery")
    receipt = world.pay(world.bill(counter, 12_000, cash_minor=11_900).code, world.member())
    refund = world.refund(counter, receipt, 100, 11_900)
    till, desk = stage.page(counter.cashier), stage.page(eve)
    for page in (till, desk):
        page.clock.install()
        page.goto(f"/refunds/{refund}")
        expect(page.locator("wallet-countdown")).to_be_visible()

    with world.kit.engine.begin() as connection:
        connection.execute(LAPSES, {"of_ref": refund, "at": micros(system_clock())})
    for page in (till, desk):
        page.clock.fast_forward(APPROVAL_MINUTES * 60_000)
        expect(page.get_by_role("status")).to_contain_text("Nobody approved it within ten minutes")
        expect(page.get_by_text("No money moved")).to_be_visible()
    expect(desk.get_by_role("button", name="Approve")).to_have_count(0)


def test_who_may_look_at_a_refund_no_more_is_not_told_for_ever_that_it_waits(stage: Stage) -> None:
    world = stage.world
    counter = world.counter()
    receipt = world.pay(world.bill(counter, 12_000, cash_minor=11_900).code, world.member())
    till = stage.page(counter.cashier)
    till.goto(f"/refunds/{world.refund(counter, receipt, 100, 11_900)}")
    expect(till.get_by_text("No money has moved")).to_be_visible()

    members.leave(world.kit, "bakery", counter.cashier)

    expect(till.get_by_text("No money has moved")).to_have_count(0)


def test_a_wrong_amount_goes_back_with_the_new_bill_in_one_tap(either_stage: Stage) -> None:
    world = either_stage.world
    counter, ana = world.counter(), world.member()
    bill = world.bill(counter, 2_150)
    till = either_stage.till(counter)
    till.goto(f"{counter.path}?bill={bill.code}")
    world.pay(bill.code, ana)

    till.get_by_role("link", name="Wrong amount").click()
    expect(till.locator(".correction")).to_contain_text("21.50")
    press(till, *"1250")
    till.get_by_role("button", name="Give back and charge 12.50 RES").click()

    expect(screen(till, "waiting").locator(".amount")).to_contain_text("12.50")
    phone = either_stage.page(ana)
    phone.goto("/")
    expect(phone.locator(".balance")).to_contain_text("240.00")


@pytest.mark.without_worker
def test_a_wrong_amount_of_which_a_colleague_gave_back_a_part_says_what_is_left_and_keeps_what_is_typed(
    stage: Stage,
) -> None:
    world = stage.world
    counter = world.counter()
    receipt = world.sale(counter, world.member(), 1_250)
    till = stage.till(counter)
    till.goto(f"{counter.path}?wrong={receipt}")
    expect(till.locator(".correction")).to_contain_text("12.50")
    press(till, *"1000")
    # Whatever the till would read between the two, by a look or by its stream, would tell in time.
    till.route("**/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    world.refund(counter, receipt, 500)
    charge = till.get_by_role("button", name="Give back and charge 10.00 RES")
    charge.click()

    expect(till.locator("[data-trouble]")).to_contain_text("Something of this sale was given back a moment ago")
    till.unroute("**/*")
    expect(till.locator(".correction")).to_contain_text("7.50")
    charge.click()
    expect(screen(till, "waiting").locator(".amount")).to_contain_text("10.00")


def test_two_cashiers_who_give_back_one_sale_at_once_give_it_back_once(either_stage: Stage) -> None:
    world = either_stage.world
    counter, ana = world.counter(), world.member("Rosa Lund")
    colleague = Counter(counter.till, world.cashier("Kim Holt"))
    receipt = world.sale(counter, ana, 1_250)
    tablet, phone = either_stage.till(counter), either_stage.till(colleague, viewport=PHONE)
    for page in (tablet, phone):
        page.locator(".last-five li a").first.click()
        page.get_by_text("Goods came back").click()
        page.get_by_label("In RES").fill("4.50")

    # Both press within one breath.
    for page in (tablet, phone):
        page.evaluate("() => { setTimeout(() => document.querySelector('#refund').requestSubmit(), 300); }")

    first, late = tablet, phone
    for page in (tablet, phone):
        expect(page.get_by_text(re.compile("Given back: |It was given back already: "))).to_be_visible()
    if "back=" in phone.url:
        first, late = phone, tablet
    expect(first.get_by_role("status")).to_contain_text("Given back: 4.50 RES")
    told = late.get_by_role("alert")
    expect(told).to_contain_text("It was given back already: 4.50 RES")
    expect(told).to_contain_text("By Ben," if first is tablet else "By Kim,")
    expect(told).to_contain_text("No money moved again")
    expect(late.locator("ul.rows li")).to_have_count(1)
    with reading(world.kit.engine) as connection:
        found = receipts.find(connection, receipt, ana, world.kit.clock())
    assert found is not None
    assert (found.refunded_minor, len(found.refunds)) == (450, 1)


def test_what_a_steward_declines_and_the_till_withdraws_ends_in_words_on_both_screens(stage: Stage) -> None:
    world = stage.world
    counter, sam = world.counter(), world.steward()
    receipt = world.pay(world.bill(counter, 15_000, cash_minor=14_000).code, world.member("Ida Falk"))
    declined, withdrawn = (world.refund(counter, receipt, 100, cash) for cash in (11_900, 12_000))
    till, desk = stage.till(counter), stage.page(sam)
    expect(till.locator('.parked a[href^="/refunds/"]')).to_have_count(2)

    desk.goto("/notices")
    desk.locator(f'a[href="/refunds/{declined}"]').click()
    desk.get_by_text("Decline it").click()
    desk.get_by_label("Why, in a few words").fill("It was eaten")
    desk.get_by_role("button", name="Decline: nothing goes back").click()
    expect(desk.get_by_role("status")).to_contain_text("No money moved")
    # Nobody touches the till: it is told, and shows why where it is asked.
    place = till.locator(f'.parked a[href="/refunds/{declined}"]')
    expect(place).to_contain_text("Refund declined, no money moved")
    place.click()
    expect(till.get_by_role("status")).to_contain_text("No money moved. They wrote: “It was eaten”")
    # It notes for the till that its end was seen.
    run_by(till, "wallet-fresh")
    till.get_by_role("link", name="Next sale").click()
    expect(screen(till, "register")).to_be_attached()
    expect(till.locator(f'.parked a[href="/refunds/{declined}"]')).to_be_hidden()

    desk.goto(f"/refunds/{withdrawn}")
    till.locator(f'.parked a[href="/refunds/{withdrawn}"]').click()
    till.get_by_role("button", name="Withdraw", exact=True).click()
    for page in (till, desk):
        expect(page.get_by_role("status")).to_contain_text("Ben withdrew it")
        expect(page.get_by_role("status")).to_contain_text("No money moved")
    expect(desk.get_by_role("button", name="Approve")).to_have_count(0)
