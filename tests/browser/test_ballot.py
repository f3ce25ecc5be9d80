"""A ballot in real browsers, from the proposal to what came of it: passkeys, and a phone of 360 pixels."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import polls
from tests.browser.stage import Stage
from tests.browser.test_passkeys import Lock, joined
from wallet.services import members

pytestmark = pytest.mark.browser


def handle_of(phone: Page) -> str:
    """Read under You what somebody who has just joined is called."""
    phone.goto("/you")
    return phone.locator("main .what").first.inner_text()


def facilitating(stage: Stage, name: str) -> Page:
    """Let somebody join who facilitates, and open their desk."""
    desk, _lock = joined(stage, name)
    members.grant(stage.world.kit, handle_of(desk), "facilitator")
    desk.goto("/federation/ballots")
    return desk


def look_at(phone: Page, choice: str) -> None:
    """Choose, and look at it once more."""
    phone.locator(f'.choice input[value="{choice}"]').check()
    phone.get_by_role("button", name="Check my vote").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Check your vote")


def heading(phone: Page, text: str) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text(text)


def test_two_open_it_a_member_votes_once_in_each_of_two_co_ops_and_everybody_sees_what_came_of_it(
    real_stage: Stage,
) -> None:
    kit = real_stage.world.kit
    first, second = facilitating(real_stage, "Lou Perrin"), facilitating(real_stage, "Mia Sorel")
    phone, lock = joined(real_stage, "Zoe Rask")
    members.join(kit, "clinic", handle_of(phone))
    first.reload()
    first.get_by_role("link", name="Propose Months until every hour counts the same").click()
    first.get_by_label("New value, in months from the charter’s day").fill("156")
    first.get_by_label("Why").fill(polls.REASON)
    first.get_by_role("button", name="Propose").click()
    expect(first.get_by_text("It waits for another facilitator.")).to_be_visible()
    second.reload()
    second.get_by_role("button", name="Open the ballot").click()
    expect(second.get_by_text("a ballot waits or is open")).to_be_visible()

    # At the clinic: a face that is not recognised casts nothing, the next one does.
    phone.goto("/notices")
    phone.get_by_role("link", name="A ballot is open: your vote is asked").click()
    expect(phone.get_by_text("You vote as a member of Alder Clinic.")).to_be_visible()
    number = int(phone.url.rpartition("/")[2])
    tab = real_stage.watched(phone.context.new_page())
    tab.goto(f"/ballots/{number}")
    look_at(tab, "no")
    look_at(phone, "yes")
    lock.fails(verified=False)
    phone.get_by_role("button", name="Cast my vote: Yes").click()
    expect(phone.get_by_text("No passkey was used")).to_be_visible()
    lock.fails(verified=True)
    used = lock.passkeys()[0]["signCount"]
    phone.get_by_role("button", name="Cast my vote: Yes").click()
    heading(phone, "Your vote is stored")

    # At the mill with an answer of its own.
    phone.get_by_role("link", name="Vote as a member of Weir Mill").click()
    look_at(phone, "yes")
    phone.get_by_role("button", name="Cast my vote: Yes").click()
    heading(phone, "Your vote is stored")
    expect(phone.get_by_text("You have voted as its member.")).to_have_count(2)
    assert lock.passkeys()[0]["signCount"] == used + 2

    # A tab that was left open with another choice, and a fresh answer of the same passkey: refused in words.
    Lock(tab).learns(lock)
    tab.get_by_role("button", name="Cast my vote: No").click()
    heading(tab, "You have voted there already")
    expect(tab.get_by_text("A vote that is cast can be neither found nor changed.")).to_be_visible()
    phone.goto("/")
    expect(phone.get_by_text("A ballot is open")).to_have_count(0)

    polls.vote_as_all(kit, number)
    polls.close(real_stage.world)
    phone.goto("/notices")
    phone.get_by_role("link", name="A ballot is over: passed").click()
    heading(phone, "Ballot result")
    expect(phone.get_by_role("heading", name="Passed. The day becomes 1 August 2034.")).to_be_visible()
    second.goto("/federation/ballots")
    expect(second.get_by_text("1 August 2034 instead of 1 August 2036")).to_be_visible()
