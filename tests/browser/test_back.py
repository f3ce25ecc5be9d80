"""Back and a reload after a form: no browser asks to send it twice, and the choice of a vote is in no address."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import polls
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.world import World

pytestmark = pytest.mark.browser


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def answered(page: Page) -> None:
    """Wait until the answer to a form has put a page that can be read in its place."""
    run_by(page, "wallet-answered")


def look_at_yes(phone: Page) -> None:
    phone.locator('.choice input[value="yes"]').check()
    phone.get_by_role("button", name="Check my vote").click()
    heading(phone, "Check your vote")
    answered(phone)


def test_back_after_a_vote_is_cast_reads_the_ballot_and_asks_for_nothing(stage: Stage, world: World) -> None:
    voter = world.member("Ines Brandt", coop="mill")
    number = polls.opened(world)
    phone = stage.page(voter)
    phone.goto(f"/ballots/{number}")
    look_at_yes(phone)
    expect(phone).to_have_url(f"{world.origin}/ballots/{number}?at=mill")
    phone.reload()
    heading(phone, "Ballot")

    look_at_yes(phone)
    phone.get_by_role("button", name="Cast my vote: Yes").click()
    heading(phone, "Your vote is stored")
    phone.go_back()

    heading(phone, "Ballot")
    expect(phone.get_by_text("It can be neither found nor changed.", exact=True)).to_be_visible()
    polls.close(world)


def test_a_code_that_was_typed_wrongly_is_not_sent_again_by_a_reload(stage: Stage, world: World) -> None:
    phone = stage.page(world.member("Tom Ardent"))
    phone.goto("/pay")
    phone.get_by_label("Eight characters beside the code").fill("ZZ")
    phone.get_by_role("button", name="Show the bill").click()
    expect(phone.get_by_text("That is not a till’s code")).to_be_visible()
    answered(phone)

    phone.reload()

    heading(phone, "Pay")
    expect(phone.get_by_text("That is not a till’s code")).to_have_count(0)


def test_a_refused_form_of_a_desk_is_read_anew_by_a_reload(stage: Stage, world: World) -> None:
    desk = stage.page(world.steward())
    desk.goto("/office/bakery/payday/settings")
    desk.get_by_label("The most in RES, in percent").fill("120")
    desk.get_by_role("button", name="Set this ceiling").click()
    expect(desk.get_by_role("heading", name="Nothing was changed")).to_be_visible()
    expect(desk.get_by_text("Write a percentage from 0 to 100")).to_be_visible()
    expect(desk.get_by_label("The most in RES, in percent")).to_have_value("120")
    answered(desk)

    desk.reload()

    heading(desk, "For every run")
    expect(desk.get_by_text("Write a percentage from 0 to 100")).to_have_count(0)


def test_a_reload_of_an_invitation_makes_no_second_one(stage: Stage, world: World) -> None:
    desk = stage.page(world.steward())
    desk.goto("/office/bakery/invite")
    desk.get_by_label("Name").fill("Noor Haddad")
    desk.get_by_role("button", name="Invite", exact=True).click()
    heading(desk, "Invitation for Noor Haddad")
    answered(desk)

    desk.reload()

    heading(desk, "Invite")
    expect(desk.locator("li.row").filter(has_text="Noor Haddad")).to_have_count(1)


def test_a_file_with_faults_is_chosen_anew_after_a_reload(stage: Stage, world: World) -> None:
    steward, run = world.pay_run()
    desk = stage.page(steward)
    for path, press, faulty, title in (
        (run, "Look at this file", "Your file", "Pay for"),
        ("/office/clinic/invite", "Look at the list", "Your list", "Invite"),
    ):
        desk.goto(path)
        desk.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"wrong"})
        desk.get_by_role("button", name=press).click()
        heading(desk, faulty)
        answered(desk)

        desk.reload()

        expect(desk.get_by_role("heading", level=1)).to_contain_text(title)
        expect(desk).to_have_url(world.origin + path)


def test_back_onto_a_refused_form_reads_its_page_and_speaks_of_no_lost_network(stage: Stage, world: World) -> None:
    counter = world.counter()
    world.sale(counter, world.member("Ana Moreau"), 1_250)
    till, shift = stage.page(counter.cashier), f"{counter.path}/shift"
    till.goto(shift)
    till.wait_for_function("() => navigator.serviceWorker.controller")
    till.goto(shift)
    # What is sent the second time is sent from the answer to the first, whose address cannot be read.
    for typed in ("none", "nothing"):
        till.get_by_label("RES taken").fill(typed)
        with till.expect_navigation():
            till.get_by_role("button", name="Close till").click()
        expect(till.get_by_text("The shift is still open")).to_be_visible()
    till.goto(counter.path)

    for _refused in range(2):
        till.go_back()

        expect(till).to_have_url(world.origin + shift)
        heading(till, "Close till")
        expect(till.get_by_text("The shift is still open")).to_have_count(0)
    till.go_forward()
    till.go_forward()
    expect(till).to_have_url(world.origin + counter.path)
