"""A browser that does not answer for what it keeps, as those of Safari's make may do after a page was left in haste."""

import pytest
from playwright.sync_api import expect

from tests.browser.kept import LOST, NEVER_ANSWERED
from tests.browser.stage import Stage
from tests.browser.test_phone_forgets import enrol

pytestmark = pytest.mark.browser

FIRST = LOST % "asked === 1"
# The database opens, and what is read or written in it is never done.
STUCK = """(() => {
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    const stuck = transaction.apply(this, given);
    const store = stuck.objectStore(given[0]);
    const again = () => { store.get("nothing").onsuccess = again; };
    again();
    return stuck;
  };
})()"""
# It is done, and nobody is told.
UNTOLD = "Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set() {} })"


@pytest.mark.parametrize("script", [NEVER_ANSWERED, STUCK, UNTOLD], ids=["no answer", "no end", "no word of the end"])
def test_a_phone_whose_browser_does_not_answer_says_so_instead_of_showing_nothing(stage: Stage, script: str) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.add_init_script(script)

    phone.goto("/code")

    expect(phone.get_by_role("heading", name="Your code does not come")).to_be_visible()
    expect(phone.get_by_text("No money moved.").locator("visible=true")).to_have_count(1)
    expect(phone.get_by_role("link", name="Scan the till instead")).to_be_visible()
    expect(phone.get_by_role("button", name="Use this phone for codes")).to_be_hidden()


def test_a_request_that_is_lost_is_made_again_and_the_code_is_there(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.add_init_script(FIRST)

    phone.goto("/code")

    expect(phone.get_by_role("img", name="Your code")).to_be_visible()


def test_without_a_network_a_silent_browser_is_not_said_to_keep_nothing(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    enrol(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.add_init_script(NEVER_ANSWERED)
    phone.context.set_offline(True)

    phone.goto("/activity")

    expect(phone.get_by_text("This phone did not give out what it keeps of your code.")).to_be_visible()
    expect(phone.get_by_text("This phone keeps no balance.")).to_be_hidden()
    expect(phone.get_by_text("This phone has no code.")).to_be_hidden()
