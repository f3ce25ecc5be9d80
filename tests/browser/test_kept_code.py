"""What a phone keeps of its code: it shows and promises what a till takes, also without a network."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import link_on, scan, screen
from tests.browser.kept import FROZEN, THAWED, wait_until_kept
from tests.browser.slow import on_slow_network
from tests.browser.stage import Stage
from tests.browser.test_member_shows import CARD, enrol, enrolled, ready
from wallet.domain.limit import Most
from wallet.services import limits
from wallet.store import people
from wallet.store.engine import reading

pytestmark = pytest.mark.browser

# Longer than the worker waits before it shows what it keeps.
SLOW_SECONDS = 4
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


# What the phone keeps of its code at the moment when the page says that it has none.
KEPT_AS_SAID = """document.addEventListener("DOMContentLoaded", () => {
    const card = document.querySelector("wallet-code");
    if (card) new MutationObserver(() => {
        if (card.dataset.state !== "enrol") return;
        const opening = indexedDB.open("res-wallet");
        opening.onsuccess = () => {
            const asked = opening.result.transaction("kept").objectStore("kept").get("phone");
            asked.onsuccess = () => { globalThis.keptAsSaid = asked.result?.handle ?? "nothing"; };
        };
    }).observe(card, { attributeFilter: ["data-state"] });
})"""


def test_a_phone_that_was_removed_shows_no_code_without_a_network(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    ready(phone.context)
    phone.add_init_script(KEPT_AS_SAID)
    phone.goto("/you/security")
    phone.get_by_role("region", name="Phones that show your code").get_by_role("button", name="Remove").click()
    phone.goto("/code")
    expect(phone.get_by_role("button", name=SET_UP)).to_be_visible()
    phone.wait_for_function("() => Boolean(globalThis.keptAsSaid)")
    # Whoever leaves at that word must not find the code again without a network.
    assert phone.evaluate("globalThis.keptAsSaid") == "nothing"
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


# What a phone's browser does that is full, once a script says that it is.
FULL = """(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, name) {
        if (globalThis.isFull && name === "phone") throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value, name);
    };
})()"""


@pytest.mark.without_worker
@pytest.mark.parametrize("lost", ["the answer", "the key"])
def test_a_phone_that_may_have_been_set_up_is_not_said_not_to_be_and_is_set_up_once(stage: Stage, lost: str) -> None:
    phone = stage.page(stage.world.member())
    phone.add_init_script(FULL)
    phone.goto("/code")
    if lost == "the answer":
        phone.route("**/code/devices", lambda route: (route.fetch(), route.abort()))
    else:
        phone.evaluate("isFull = true")

    phone.get_by_role("button", name=SET_UP).click()

    expect(phone.get_by_role("alert")).to_contain_text("This phone may have been set up")
    expect(phone.get_by_text("Nothing was changed")).to_have_count(0)
    phone.unroute_all()
    phone.evaluate("isFull = false")
    phone.get_by_role("button", name=SET_UP).click()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    phone.goto("/you/security")
    expect(phone.get_by_role("region", name="Phones that show your code").get_by_role("listitem")).to_have_count(1)


def test_a_code_page_opened_for_another_member_sets_no_phone_up(stage: Stage) -> None:
    phone = stage.page(stage.world.member("Ana Moreau"))
    phone.goto("/code")
    expect(phone.get_by_role("button", name=SET_UP)).to_be_visible()
    assert phone.request.post("/demo/sign-in", data={"handle": stage.world.member("Bo Berg")}).ok

    phone.get_by_role("button", name=SET_UP).click()

    expect(phone.get_by_role("alert")).to_contain_text("Somebody else has signed in here")
    expect(phone.locator(f"{CARD} svg")).to_have_count(0)


def test_without_a_network_the_phone_promises_no_more_than_its_members_own_limit(stage: Stage) -> None:
    who = stage.world.member()
    with reading(stage.world.kit.engine) as connection:
        person_id = people.find(connection, who).id
    limits.change(stage.world.kit, person_id, {"code": Most(1000, 1000)}, proved=True)
    phone = cut_off(enrolled(stage, who))

    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    expect(phone.get_by_text("Up to 10.00 RES; for more, go online.")).to_be_visible()


@pytest.mark.parametrize("by", ["a press", "another phone"])
def test_frozen_codes_are_frozen_without_a_network_too(stage: Stage, by: str) -> None:
    phone = enrolled(stage, stage.world.member())
    if by == "a press":
        phone.locator("summary", has_text="A payment was not mine").click()
        phone.get_by_role("button", name="Freeze my codes").click()
    else:
        assert phone.request.post("/code/freeze", max_redirects=0).status == 303
    expect(phone.get_by_role("heading", name="Your codes are frozen")).to_be_visible()
    phone.evaluate(FROZEN)

    cut_off(phone)

    expect(phone.get_by_text("Your codes are frozen. No till takes them.")).to_be_visible()
    expect(phone.get_by_text("You can still show your code.")).to_be_hidden()
    expect(phone.get_by_text("clock was changed")).to_be_hidden()
    expect(phone.locator(f"{CARD} svg")).to_have_count(0)


def test_codes_that_work_again_come_up_without_a_network(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    phone.locator("summary", has_text="A payment was not mine").click()
    phone.get_by_role("button", name="Freeze my codes").click()
    phone.get_by_role("button", name="Use my codes again").click()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    phone.evaluate(THAWED)

    expect(cut_off(phone).locator(f"{CARD} svg")).to_be_visible()


# A page that leads on by itself is gone before one can ask for it.
NOTE_TITLES = """addEventListener("DOMContentLoaded", () => {
    sessionStorage.titles = `${sessionStorage.titles ?? ""}${document.title}\n`;
})"""


@pytest.mark.parametrize("kept", ["no code", "frozen codes"])
def test_on_a_slow_network_my_code_comes_to_a_phone_that_has_none_to_show_meanwhile(stage: Stage, kept: str) -> None:
    with on_slow_network(stage.playwright, stage.world.origin, "/code", SLOW_SECONDS) as browser:
        phone = stage.page(stage.world.member(), browser=browser)
        if kept == "frozen codes":
            enrol(phone)
            assert phone.request.post("/code/freeze", max_redirects=0).status == 303
            phone.evaluate(FROZEN)
        phone.goto("/")
        ready(phone.context)

        phone.add_init_script(NOTE_TITLES)
        phone.goto("/code", wait_until="commit")

        act = SET_UP if kept == "no code" else "Use my codes again"
        expect(phone.get_by_role("button", name=act)).to_be_visible()
        expect(phone).to_have_url(f"{stage.world.origin}/code")
        titles = phone.evaluate("sessionStorage.titles").splitlines()
        assert [title.partition(" · ")[0] for title in titles] == ["No connection", "My code"], (
            "the worker waited for it"
        )
        stage.contexts.pop().close()


def cut_off(phone: Page) -> Page:
    """Have the phone keep its pages, take its network away, and open My code."""
    ready(phone.context)
    phone.goto("/")
    wait_until_kept(phone, "balance")
    phone.context.set_offline(True)
    phone.goto("/code")
    return phone
