"""A till's shift in a browser: closed in two taps, with a difference, blocked by an open bill; and its sticker."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import camera
from tests.browser.counter import charge, expect_paid, pay, screen
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.world import Counter

pytestmark = pytest.mark.browser


def to_shift(till: Page) -> None:
    till.locator(".last-five .running").click()
    expect(till.get_by_role("heading", name="Close till", level=1)).to_be_visible()
    # Until then nothing that is typed is kept on the way.
    run_by(till, "wallet-shift")


def busy_counter(stage: Stage) -> Counter:
    counter, member = stage.world.counter(), stage.world.member()
    for amount, cash in ((1_250, 250), (860, 0), (860, 0)):
        stage.world.pay(stage.world.bill(counter, amount, cash_minor=cash).code, member)
    return counter


def test_a_till_that_agrees_is_closed_in_two_taps_from_the_open_till(either_stage: Stage) -> None:
    till = either_stage.till(busy_counter(either_stage))
    expect(till.locator(".running")).to_contain_text("27.20")

    to_shift(till)  # The first tap; what is typed does not count.
    till.locator("#register").fill("27.20")
    till.locator("#register-cash").fill("2,50")
    till.locator(".dock .button").click()

    expect(till.get_by_role("heading", name="Shift closed")).to_be_visible()
    expect(till.get_by_text("agrees with the ledger")).to_be_visible()
    expect(till.get_by_text("27.20 RES", exact=True)).to_be_visible()
    till.get_by_role("link", name="Go to the till").click()
    expect(till.locator(".running .sum")).to_have_count(0)


def test_a_difference_names_what_was_paid_twice_and_is_closed_with_a_reason(stage: Stage) -> None:
    till = stage.till(busy_counter(stage))
    to_shift(till)
    till.locator("#register").fill("18.60")
    till.locator("#register-cash").fill("2.50")
    till.locator(".dock .button").click()

    expect(till.get_by_text("register 8.60 under the ledger")).to_be_visible()
    expect(till.locator(".rows a")).to_have_count(2)
    expect(till.locator("#differs")).to_be_focused()
    till.locator(".dock .button").click()
    # The browser asks for the reason before it sends anything.
    expect(till.locator("#reason:invalid")).to_be_focused()
    till.locator("#reason").fill("paid twice, refund tomorrow")
    till.locator(".dock .button").click()

    expect(till.get_by_text("paid twice, refund tomorrow")).to_be_visible()
    with till.expect_download() as sheet:
        till.get_by_role("link", name="Save CSV").click()
    lines = sheet.value.path().read_text().splitlines()
    assert [line.split(",")[3] for line in lines] == ["res", "10.00", "8.60", "8.60"]


def test_a_slip_in_the_count_is_put_right_without_a_reason(stage: Stage) -> None:
    till = stage.till(busy_counter(stage))
    to_shift(till)
    till.locator("#register").fill("18.60")
    till.locator("#register-cash").fill("2.50")
    close = till.locator(".dock .button")
    close.click()
    expect(close).to_have_text("Close till with this difference")

    till.locator("#register").fill("27.20")
    expect(close).to_have_text("Close till")
    close.click()

    expect(till.get_by_text("agrees with the ledger")).to_be_visible()


def test_a_reason_of_blanks_has_the_focus_and_stays_while_a_figure_cannot_be_read(stage: Stage) -> None:
    till = stage.till(busy_counter(stage))
    to_shift(till)
    register, reason, close = till.locator("#register"), till.locator("#reason"), till.locator(".dock .button")
    till.locator("#register-cash").fill("2.50")
    register.fill("18.60")
    close.click()
    reason.fill("   ")
    close.click()
    expect(till.get_by_text("Write why, or put the figures right")).to_be_visible()
    expect(reason).to_be_focused()
    reason.fill("paid twice")

    register.fill("18,6o")
    close.click()

    expect(register).to_be_focused()
    expect(register).to_have_attribute("aria-invalid", "true")
    expect(close).to_have_text("Close till")
    expect(reason).to_have_value("paid twice")
    register.fill("18.60")
    close.click()
    expect(till.get_by_text("paid twice")).to_be_visible()


def test_an_open_bill_blocks_until_it_is_paid_which_the_page_sees_by_itself(stage: Stage) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    till.goto(f"{counter.path}/shift")
    expect(till.get_by_text("One bill is still open")).to_be_visible()
    till.locator("#register").fill("0")
    till.locator(".dock .button").click()
    expect(till.get_by_text("The shift is still open")).to_be_visible()
    till.locator("#register").fill("")

    stage.world.pay(code, member)

    # The world pays beside the server, so no hint goes out; coming back to the screen is enough.
    till.locator("body").dispatch_event("visibilitychange")
    expect(till.get_by_text("One bill is still open")).to_have_count(0)
    expect(till.get_by_text("12.50").first).to_be_visible()


def test_figures_that_were_refused_and_taken_back_close_no_till_by_themselves(stage: Stage) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    till.goto(f"{counter.path}/shift")
    till.locator("#register").fill("12.50")
    till.locator(".dock .button").click()
    expect(till.get_by_role("heading", name="The shift is still open")).to_be_visible()
    run_by(till, "wallet-shift")
    till.locator("#register").fill("")

    stage.world.pay(code, member)

    till.locator("body").dispatch_event("visibilitychange")
    expect(till.get_by_text("One bill is still open")).to_have_count(0)
    expect(till.get_by_role("heading", level=1)).to_have_text("Close till")
    expect(till).to_have_url(f"{stage.world.origin}{counter.path}/shift")


def look_beside(till: Page) -> None:
    """Have the till look as it does now and then beside its stream."""
    with till.expect_response("**/state"):
        till.clock.run_for(11_000)
    till.wait_for_load_state("networkidle")


def test_who_cancels_a_bill_while_closing_keeps_what_the_register_said(stage: Stage) -> None:
    counter = stage.world.counter()
    stage.world.sale(counter, stage.world.member(), 1_000)
    stage.world.bill(counter, 75)
    till = stage.till(counter)
    to_shift(till)
    typed = {"#register": "10.00", "#register-cash": "0.50", "#note": "lens"}
    for field, words in typed.items():
        till.locator(field).fill(words)

    till.get_by_role("button", name="Cancel that bill").click()

    expect(till.get_by_role("button", name="Cancel that bill")).to_have_count(0)
    for field, words in typed.items():
        expect(till.locator(field)).to_have_value(words)
    till.reload()
    expect(till.locator("#register")).to_have_value("")


def differing(stage: Stage) -> tuple[Page, Counter]:
    """Give a till whose register says less than the ledger, with the reason and a note typed."""
    counter, member = stage.world.counter(), stage.world.member()
    for amount in (1_000, 100):
        stage.world.sale(counter, member, amount)
    till = stage.till(counter)
    till.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    to_shift(till)
    till.locator("#register").fill("10.00")
    till.locator(".dock .button").click()
    till.locator("#reason").fill("the drawer jammed")
    till.locator("#note").fill("lens")
    run_by(till, "wallet-shift")
    return till, counter


def expect_typed(till: Page) -> None:
    """Wait until register and note stand there again, and the reason once it is asked for."""
    expect(till.locator("#register")).to_have_value("10.00")
    expect(till.locator("#note")).to_have_value("lens")
    till.locator(".dock .button").click()
    expect(till.locator("#reason")).to_have_value("the drawer jammed")


def test_who_cancels_bills_after_a_difference_keeps_the_reason(stage: Stage) -> None:
    till, counter = differing(stage)
    for amount in (75, 80):
        stage.world.bill(counter, amount)
    till.locator(".dock .button").click()
    expect(till.get_by_role("button", name="Cancel 0.75")).to_be_visible()
    run_by(till, "wallet-shift")
    till.get_by_role("button", name="Cancel 0.75").click()
    till.get_by_role("button", name="Cancel that bill").click()
    expect(till.get_by_role("button", name="Cancel that bill")).to_have_count(0)

    expect_typed(till)


def test_who_looks_at_a_line_of_a_difference_finds_what_was_typed_on_the_way_back(stage: Stage) -> None:
    till, _counter = differing(stage)

    till.locator("#close a.row").first.click()
    till.wait_for_url("**/receipts/**")
    till.go_back()

    expect_typed(till)


@pytest.mark.without_worker
def test_what_was_paid_while_something_was_typed_is_seen_once_it_is_taken_back(stage: Stage) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    till.clock.install()
    till.goto(f"{counter.path}/shift")
    run_by(till, "wallet-shift")
    till.locator("#register").fill("12")
    stage.world.pay(code, member)
    look_beside(till)
    look_beside(till)
    expect(till.get_by_text("One bill is still open")).to_be_visible()

    till.locator("#register").fill("")
    till.clock.run_for(11_000)

    expect(till.get_by_text("One bill is still open")).to_have_count(0)


@pytest.mark.without_worker
@pytest.mark.parametrize("streams", [True, False], ids=["by a stream", "without one"])
def test_what_was_paid_before_the_page_first_looked_is_seen_as_well(stage: Stage, streams: bool) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    unpaid = [code]

    def pay_first(route: Route) -> None:
        while unpaid:
            stage.world.pay(unpaid.pop(), member)
        route.continue_()

    till.route("**/state", pay_first)
    if not streams:
        till.route("**/events", lambda route: route.fulfill(status=204))
    till.goto(f"{counter.path}/shift")

    expect(till.get_by_text("One bill is still open")).to_have_count(0)
    expect(till.get_by_text("12.50").first).to_be_visible()


def test_what_the_screen_showed_as_paid_is_held_against_the_shift(stage: Stage) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    stage.world.sale(counter, member, 500)
    till = stage.till(counter)
    expect(screen(till, "register")).to_be_attached()
    shift = till.locator("wallet-till").get_attribute("data-shift")
    till.evaluate(
        "([till, shift]) => { const kept = JSON.parse(localStorage.getItem(`shown-paid:${till}`));"
        " if (kept.shift !== shift || kept.refs.length !== 1) throw new Error('not noted');"
        " kept.refs.push('NEVERPOSTED1'); localStorage.setItem(`shown-paid:${till}`, JSON.stringify(kept)); }",
        [counter.till, shift],
    )

    to_shift(till)

    expect(till.locator("[data-lost]")).to_contain_text("NEVERPOSTED1")


def test_what_the_screen_showed_in_one_shift_is_not_missed_in_the_next(stage: Stage) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    till = stage.till(counter)
    for digits in ("1250", "300"):
        world.pay(charge(till, digits), ana)
        expect(screen(till, "paid")).to_be_attached()
        till.goto(f"{counter.path}/shift")
        expect(till.locator("#register")).to_be_visible()
        run_by(till, "wallet-shift")
        expect(till.locator("[data-lost]")).to_be_hidden()

        till.locator("#register").fill(f"{int(digits) / 100:.2f}")
        till.locator(".dock .button").click()
        expect(till.get_by_role("heading", name="Shift closed")).to_be_visible()
        till.goto(counter.path)


def test_a_member_reads_the_sticker_types_the_sum_and_the_till_turns_green(either_stage: Stage) -> None:
    counter, member = either_stage.world.counter(), either_stage.world.member()
    till, phone = either_stage.till(counter), either_stage.page(member)
    sheet = either_stage.page(counter.cashier)
    sheet.goto(f"{counter.path}/sticker")
    link = camera.read_off(sheet.locator(".a6 .qr").screenshot())
    assert link == f"{either_stage.world.origin}/c/{counter.till}"

    phone.goto(link)
    phone.locator("#amount").fill("3,20")
    phone.locator(".dock .button").click()

    # The cashier has done nothing, and sees who pays how much.
    expect(till.locator('.parked [data-state="claimed"]')).to_contain_text("3.20")
    pay(phone)
    expect_paid(phone)
    expect(till.locator('.parked [data-state="paid"]')).to_contain_text("3.20")
    expect(till.locator(".running .sum")).to_have_text("3.20")


def test_the_sticker_is_one_sheet_of_a6(stage: Stage) -> None:
    counter = stage.world.counter()
    page = stage.page(counter.cashier)
    page.goto(f"{counter.path}/sticker")

    sheet = page.pdf(prefer_css_page_size=True)

    assert re.findall(rb"/Count (\d+)", sheet) == [b"1"]
    [(width, height)] = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)
    # In points of a 72nd of an inch: 105 mm and 148 mm.
    assert (round(float(width)), round(float(height))) == (298, 420)
