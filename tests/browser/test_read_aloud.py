"""What a reader of screens tells by itself: an alert that comes into sight, what changes in a status that is in sight.

A status that comes into sight with its words is not told. So it was seen with Orca and Firefox.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import charge, expect_paid, next_sale, open_bill, pay, words_of
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.test_member_shows import enrol
from tests.browser.world import run_out
from wallet.domain.bill import BILL_SECONDS
from wallet.services import refunds

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


@pytest.mark.parametrize("told", ["3.20 Paid by Ana", "3.20 Ran out"])
def test_who_hears_the_till_hears_how_a_parked_bill_ended(stage: Stage, told: str) -> None:
    till = listened(stage.till(stage.world.counter()))
    till.reload()
    code = charge(till, "320")
    next_sale(till)
    expect(till.locator("#said")).to_be_empty()

    if "Paid" in told:
        stage.world.pay(code, stage.world.member())
    else:
        run_out(stage.world, code)

    expect_heard(till, told)
    charge(till, "450")
    expect(till.locator("#said")).to_have_text("Bill of 4.50 RES shown. Waiting for the member.")


def test_who_hears_the_till_hears_of_each_of_two_bills_of_one_sum_that_it_ended(stage: Stage) -> None:
    till, ana = listened(stage.till(stage.world.counter())), stage.world.member()
    till.reload()
    codes = []
    for _each in range(2):
        codes.append(charge(till, "320"))
        next_sale(till)

    for heard, code in enumerate(codes, 1):
        stage.world.pay(code, ana)
        till.wait_for_function(
            "(times) => globalThis.heard?.filter((each) => each === '3.20 Paid by Ana').length === times", arg=heard
        )


def test_who_hears_the_till_hears_what_became_of_a_refund_that_waited(stage: Stage) -> None:
    counter = stage.world.counter()
    refund = stage.world.refund(counter, stage.world.sale(counter, stage.world.member(), 16_400, 16_000), 400, 16_000)
    till = listened(stage.till(counter))
    till.reload()
    run_by(till, "wallet-till")

    refunds.approve(stage.world.kit, refund, stage.world.steward())

    expect_heard(till, "164.00 Given back. Take 160.00 from the drawer")


def test_what_ended_in_front_is_not_told_once_more_beside_the_keypad(stage: Stage) -> None:
    till, ana = listened(stage.till(stage.world.counter())), stage.world.member()
    till.reload()
    stage.world.pay(charge(till, "320"), ana)
    expect_heard(till, "Ana paid 3.20 RES.")
    next_sale(till)
    stage.world.pay(charge(till, "450"), ana)
    expect_heard(till, "Ana paid 4.50 RES.")

    assert not [each for each in till.evaluate("globalThis.heard") if "Paid by" in each]


def expect_read(page: Page, end: str) -> None:
    """Wait until a page that read itself anew has the focus at how it ended, which its title says as well."""
    expect(page.get_by_role("heading", name=end)).to_be_focused()
    expect(page).to_have_title(re.compile(f"^{end}"))


def test_who_was_to_pay_hears_that_the_till_cancelled_the_bill_or_that_it_ran_out(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phone = open_bill(stage, stage.world.member(), charge(till))
    run_by(phone, "wallet-confirm")
    till.get_by_role("button", name="Cancel this bill").click()
    expect_read(phone, "The till cancelled the bill")

    bill, phone = stage.world.bill(stage.world.counter()), stage.page(stage.world.member())
    phone.clock.install()
    phone.goto(f"/b/{bill.code}")
    run_by(phone, "wallet-confirm")
    run_out(stage.world, bill.code)
    phone.clock.fast_forward(BILL_SECONDS * 1000)
    expect_read(phone, "The bill ran out")


@pytest.mark.parametrize("end", ["Given back", "Sam declined it"])
def test_who_waits_with_a_refund_hears_how_it_ended(stage: Stage, end: str) -> None:
    counter, steward = stage.world.counter(), stage.world.steward()
    refund = stage.world.refund(counter, stage.world.sale(counter, stage.world.member(), 10_100), 10_100)
    page = stage.page(counter.cashier)
    page.goto(f"/refunds/{refund}")
    run_by(page, "wallet-fresh")

    if end == "Given back":
        refunds.approve(stage.world.kit, refund, steward)
    else:
        refunds.decline(stage.world.kit, refund, steward, "It was eaten")

    expect_read(page, end)


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
