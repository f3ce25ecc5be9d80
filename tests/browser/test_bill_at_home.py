"""A bill that one has opened stands on one's home screen until it is paid, or does not wait any more."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay
from tests.browser.stage import Stage
from tests.browser.world import run_out
from wallet.domain.bill import BILL_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]


def come_home(stage: Stage, till: Page) -> Page:
    """Open the till's bill on a phone, until the till knows, and leave it for home."""
    phone = open_bill(stage, stage.world.member(), charge(till))
    expect(till.get_by_text("is confirming")).to_be_visible()
    phone.goto("/")
    expect(phone.locator(".bill")).to_be_visible()
    return phone


def test_who_goes_home_from_a_bill_finds_it_there_and_pays_on_its_sheet(stage: Stage) -> None:
    phone = come_home(stage, stage.till(stage.world.counter()))
    expect(phone.get_by_role("region", name="Kneading Table Bakery")).to_contain_text("12.50 RES")

    phone.get_by_role("link", name="Pay 12.50 RES").click()
    expect(phone.get_by_role("button", name="Pay 12.50 RES")).to_be_visible()
    pay(phone)
    expect_paid(phone)
    phone.get_by_role("link", name="Done").click()

    expect(phone.get_by_role("link", name="Pay", exact=True)).to_be_visible()
    expect(phone.locator(".bill")).to_have_count(0)


def test_home_turns_when_the_till_cancels_the_bill(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phone = come_home(stage, till)

    till.get_by_role("button", name="Cancel this bill").click()

    expect(phone.locator(".bill")).to_have_count(0)
    expect(phone.get_by_role("link", name="Pay", exact=True)).to_be_visible()


def test_a_bill_that_is_not_ones_own_is_put_away_on_home(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phone = come_home(stage, till)

    phone.get_by_role("button", name="This bill is not mine").click()

    expect(phone.get_by_role("heading", name="You did not pay Kneading Table Bakery")).to_be_visible()
    expect(phone.locator(".bill")).to_have_count(0)
    expect(till.get_by_text("is confirming")).to_have_count(0)


def test_home_turns_when_the_bill_has_run_out(stage: Stage) -> None:
    world = stage.world
    member, bill = world.member(), world.bill(world.counter())
    world.claim(bill.code, member)
    phone = stage.page(member)
    phone.clock.install()
    phone.goto("/")
    expect(phone.locator(".bill")).to_contain_text(re.compile(r"open \d:\d\d"))

    run_out(world, bill.code)
    phone.clock.fast_forward(BILL_SECONDS * 1000)

    expect(phone.locator(".bill")).to_have_count(0)
