"""A phone whose key no till takes any more: it shows no code, and is set up anew."""

import pytest
from playwright.sync_api import expect

from tests.browser.counter import link_on, scan, screen
from tests.browser.stage import Stage
from tests.browser.test_member_shows import CARD, enrolled, ready

pytestmark = pytest.mark.browser

SET_UP = "Use this phone for codes"


def test_a_phone_that_was_removed_is_offered_a_new_key_which_tills_take(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    phone.goto("/you/security")
    phone.get_by_role("region", name="Phones that show your code").get_by_role("button", name="Remove").click()
    phone.goto("/code")

    phone.get_by_role("button", name=SET_UP).click()

    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    till = stage.till(stage.world.counter())
    scan(till, link_on(phone, CARD), "500")
    expect(screen(till, "paid")).to_be_attached()


def test_a_phone_that_was_removed_shows_no_code_without_a_network(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    ready(phone.context)
    phone.goto("/you/security")
    phone.get_by_role("region", name="Phones that show your code").get_by_role("button", name="Remove").click()
    phone.goto("/code")
    expect(phone.get_by_role("button", name=SET_UP)).to_be_visible()
    phone.goto("/")

    phone.context.set_offline(True)
    phone.goto("/code")

    expect(phone.get_by_text("This phone has no code.")).to_be_visible()
    expect(phone.locator(f"{CARD} svg")).to_have_count(0)


def test_among_the_phones_that_show_a_members_code_their_own_is_marked(stage: Stage) -> None:
    who = stage.world.member()
    enrolled(stage, who)
    phone = enrolled(stage, who)

    phone.goto("/you/security")

    rows = phone.get_by_role("region", name="Phones that show your code").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0).get_by_text("this one")).to_be_visible()
    expect(rows.nth(1).get_by_text("this one")).to_be_hidden()


def test_a_code_page_opened_for_another_member_sets_no_phone_up(stage: Stage) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    phone.goto("/code")
    expect(phone.get_by_role("button", name=SET_UP)).to_be_visible()
    assert phone.request.post("/demo/sign-in", data={"handle": stage.world.member("Bo Berg")}).ok

    phone.get_by_role("button", name=SET_UP).click()

    expect(phone.get_by_role("alert")).to_contain_text("Somebody else has signed in here")
    expect(phone.locator(f"{CARD} svg")).to_have_count(0)
