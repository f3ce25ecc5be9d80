"""A dispute to its end: a charge by code that was not the member's, on the member's phone and at the stewards' desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.stage import Stage
from tests.web.phone import MemberPhone
from wallet.services import scans

pytestmark = pytest.mark.browser


def test_a_charge_that_was_not_me_comes_back_is_answered_decided_and_settled(stage: Stage) -> None:
    world = stage.world
    ines, steward, counter = world.member("Ines Kraft"), world.steward(), world.counter()
    token = MemberPhone(world.kit, ines).token()
    scans.scan_code(world.kit, counter.till, counter.cashier, token=token, amount_minor=1_250, key=f"scan of {ines}")
    phone, desk = stage.page(ines), stage.page(steward, viewport={"width": 1280, "height": 800})

    # The phone is told, and the receipt leads to the stewards.
    phone.goto("/")
    phone.get_by_role("link", name="Notices, some are new").click()
    phone.get_by_role("link", name="Kneading Table Bakery charged your code").click()
    phone.get_by_role("link", name="It was not me").click()
    phone.get_by_label("What happened, in a few words").fill("I was at work")
    phone.get_by_role("button", name="Send to the stewards").click()
    expect(phone.get_by_role("heading", name="12.50 RES came back at once")).to_be_visible()

    # The desk answers, and passes it on.
    desk.goto("/office/bakery/disputes")
    desk.get_by_role("link", name="Not me: Ines").click()
    expect(desk.get_by_text("I was at work")).to_be_visible()
    desk.get_by_label("Your words").fill("Our cashier remembers you")
    desk.get_by_role("button", name="Send").click()
    expect(desk.get_by_text("answered").first).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("Our cashier remembers you")).to_be_visible()
    desk.get_by_role("button", name="Pass it to a facilitator").click()

    # A facilitator decides for the member: it stays with them, and there is nothing more to press.
    judge = stage.page(world.facilitator(), viewport={"width": 1280, "height": 800})
    judge.goto("/federation/disputes")
    judge.get_by_role("link", name="Not me: Ines").click()
    judge.get_by_label("Why, in a few words that both sides read").fill("Her shift says so")
    judge.get_by_role("button", name="For the member").click()
    expect(judge.get_by_text("given back").first).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("Her shift says so")).to_be_visible()
    expect(phone.get_by_role("button", name="It is settled for me")).to_have_count(0)
    phone.get_by_role("link", name="Receipt").click()
    expect(phone.locator("main")).to_contain_text("given back")
