"""A co-op buys from a co-op: one steward pays alone, two agree on phones of their own, every end is said in words."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import charge, link_on, screen, words_of
from tests.browser.stage import Stage
from tests.browser.world import run_out
from wallet.domain.bill import SECOND_SECONDS

ALONE, LARGE = "12000", "62000"
# More than the mill and its credit line have.
TOO_MUCH = "20000000"
pytestmark = pytest.mark.browser


def sheet_of_the_mill(phone: Page, till: Page) -> Page:
    """Read the till's code, as the phone's own camera does, and go on to what the mill would pay."""
    phone.goto(link_on(till))
    phone.get_by_role("link", name="Pay from the account of Weir Mill").click()
    expect(phone.locator("dl.facts")).to_contain_text("Weir Mill")
    return phone


def asked(stage: Stage, till: Page, digits: str) -> tuple[Page, Page]:
    """Charge so much, let one steward of the mill ask another, and give the phones of both, on which it waits."""
    charge(till, digits)
    first, second = stage.page(stage.world.steward("mill")), stage.page(stage.world.steward("mill"))
    sheet_of_the_mill(first, till).get_by_role("button", name="Ask another steward").click()
    expect(first.get_by_role("status")).to_contain_text("It waits for a second steward")
    second.goto("/")
    # What other tests left waiting stands there too; the newest comes last.
    second.locator(".notice", has_text="Weir Mill would pay").last.get_by_role("link", name="Look at it").click()
    expect(second.locator(".notice")).to_contain_text("asks you to agree")
    return first, second


def expect_bought(till: Page, sum_of_it: str, *phones: Page) -> None:
    """Wait until the till and the phones say that it is paid, with the same words."""
    # The till first: its paid screen goes by itself.
    expect(screen(till, "paid")).to_contain_text("Weir Mill")
    expect(screen(till, "paid")).to_contain_text("from the co-op’s account")
    words = words_of(till)
    for phone in phones:
        expect(phone.locator(".counterfoil")).to_contain_text("Paid, ")
        expect(phone.locator(".counterfoil")).to_contain_text(sum_of_it)
        expect(phone.locator(".counterfoil dl.facts")).to_contain_text(words)


def test_one_steward_pays_a_small_bill_of_another_co_op_from_the_account_of_their_own(stage: Stage) -> None:
    till, phone = stage.till(stage.world.counter()), stage.page(stage.world.steward("mill"))
    charge(till, ALONE)
    sheet_of_the_mill(phone, till).get_by_role("button", name="Pay 120.00 RES from Weir Mill").click()

    expect_bought(till, "120.00", phone)
    # The till that was paid is the other co-op's: the way back is the own office.
    phone.get_by_role("link", name="Back").click()
    expect(phone).to_have_url(f"{stage.world.origin}/office/mill")


def test_above_500_a_second_steward_agrees_and_three_screens_say_paid(either_stage: Stage) -> None:
    till = either_stage.till(either_stage.world.counter())
    first, second = asked(either_stage, till, LARGE)
    expect(screen(till, "waiting").locator(".claim")).to_contain_text("waits for its second steward")

    second.get_by_role("button", name="Agree: pay 620.00 RES").click()

    # Nobody touches the till or the first phone: they are told.
    expect_bought(till, "620.00", second, first)


def test_a_bill_that_ends_while_it_waits_says_how_on_every_screen(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phones = asked(stage, till, LARGE)
    till.get_by_role("button", name="Cancel this bill").click()
    for phone in phones:
        expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_focused()
        expect(phone).to_have_title(re.compile("^The till cancelled the bill"))
        expect(phone.get_by_role("status")).to_contain_text("No money moved")
    expect(screen(till, "register")).to_be_attached()

    phones = asked(stage, till, LARGE)
    # Both before it runs out: then they read themselves anew, and would cross a reload.
    for phone in phones:
        phone.clock.install()
        phone.reload()
    run_out(stage.world, phones[0].url.rpartition("/")[2])
    for phone in phones:
        phone.clock.fast_forward(SECOND_SECONDS * 1000)
        expect(phone.get_by_role("status")).to_contain_text("Nobody agreed within ten minutes")
        expect(phone.get_by_role("button", name="Agree")).to_have_count(0)
    till.reload()
    expect(screen(till, "ended")).to_contain_text("No money moved")


def test_one_who_asks_for_more_than_there_is_or_declines_reads_that_no_money_moved(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    charge(till, TOO_MUCH)
    asker = sheet_of_the_mill(stage.page(stage.world.steward("mill")), till)
    asker.get_by_role("button", name="Ask another steward").click()
    expect(asker.get_by_role("alert")).to_contain_text("The account of Weir Mill does not reach that far")
    expect(asker.get_by_role("alert")).to_contain_text("No money moved")

    till = stage.till(stage.world.counter())
    first, second = asked(stage, till, LARGE)
    second.get_by_role("button", name="Decline").click()
    for phone in (second, first):
        expect(phone.get_by_role("status")).to_contain_text("declined")
        expect(phone.get_by_role("button", name="Ask another steward")).to_be_visible()
    expect(screen(till, "waiting").locator(".code-frame svg")).to_be_visible()
