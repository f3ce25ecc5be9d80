"""The member shows a code that the phone made, the till scans it."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser import camera, clock
from tests.browser.counter import link_on, pay, press, scan, screen, shown_code, words_of
from tests.browser.kept import wait_until_kept
from tests.browser.stage import Stage
from tests.browser.world import Counter
from wallet.domain import paycode
from wallet.store.tables import code_keys, people

pytestmark = pytest.mark.browser

CARD = ".code-card"
# Five minutes fast, wherever a script looks at the clock.
FAST_CLOCK = """
    const right = Date;
    globalThis.Date = class extends right {
        constructor(...given) { given.length ? super(...given) : super(right.now() + 300_000); }
        static now() { return right.now() + 300_000; }
    };
"""


def test_the_till_scans_the_members_code_and_both_screens_say_paid(either_stage: Stage) -> None:
    phone = enrolled(either_stage, either_stage.world.member())
    assert re.fullmatch(rf"{either_stage.world.origin}/m/[A-Za-z0-9_-]{{31}}", link_on(phone, CARD))
    till = scanning(either_stage, either_stage.world.counter(), shown_code(phone, CARD), "1250")

    expect(screen(till, "paid")).to_be_attached()
    # Soon the till goes on by itself.
    words = words_of(till)
    expect(till.locator("main.result")).to_contain_text("12.50 RES")
    expect(till.locator("main.result .lede")).to_contain_text("Ana")
    phone.wait_for_url("**/code/paid/*")
    assert words == words_of(phone)
    phone.locator("summary", has_text="A payment was not mine").click()
    phone.get_by_role("button", name="Freeze my codes").click()
    expect(phone.get_by_role("heading", name="Your codes are frozen")).to_be_visible()


def test_who_has_frozen_their_codes_is_led_on_to_the_payment_that_was_not_theirs(stage: Stage) -> None:
    phone, till = enrolled(stage, stage.world.member()), stage.till(stage.world.counter())
    scan(till, link_on(phone, CARD), "1250")
    phone.wait_for_url("**/code/paid/*")
    phone.locator("summary", has_text="A payment was not mine").click()
    phone.get_by_role("button", name="Freeze my codes").click()

    phone.get_by_role("link", name="Go to Activity").click()
    phone.locator("main a.row").first.click()

    expect(phone.get_by_role("link", name="It was not me")).to_be_visible()


def test_a_code_that_was_scanned_once_is_refused_in_words_at_the_next_till(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    photographed = shown_code(phone, CARD)
    expect(screen(scanning(stage, stage.world.counter(), photographed, "100"), "paid")).to_be_attached()
    till = scanning(stage, stage.world.counter(), photographed, "100")
    expect(till.locator("[data-trouble]")).to_contain_text("No money moved")
    expect(till.locator("[data-trouble]")).to_contain_text("code")


def test_a_scan_that_looks_like_the_last_one_charges_once_more_when_the_cashier_says_so(stage: Stage) -> None:
    counter, member = stage.world.counter(), stage.world.member()
    first = shown_code(enrolled(stage, member), CARD)
    expect(screen(scanning(stage, counter, first, "1250"), "paid")).to_be_attached()
    till = scanning(stage, counter, shown_code(enrolled(stage, member), CARD), "1250")

    once_more = till.get_by_role("button", name="Scan again and charge once more")
    expect(once_more).to_be_visible()

    with till.expect_request("**/scans") as asked:
        once_more.click()

    said = asked.value.post_data_json
    assert (said["amount"], said["confirm"]) == ("12.50", True)


def test_above_the_limit_the_phone_is_asked_and_pays(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "6000")
    expect(screen(till, "waiting")).to_contain_text("was asked on the phone")
    phone.wait_for_url("**/b/*")
    expect(phone.get_by_role("button", name="Pay 60.00 RES")).to_be_visible()
    pay(phone)
    expect(screen(till, "paid")).to_be_attached()
    assert words_of(till) == words_of(phone)


def test_above_the_limit_the_phone_may_decline(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "6000")
    phone.wait_for_url("**/b/*")
    phone.get_by_role("button", name="Do not pay").click()
    expect(phone.get_by_role("heading", name="You did not pay")).to_be_visible()
    expect(screen(till, "ended")).to_contain_text("The member declined the bill.")
    expect(screen(till, "ended")).to_contain_text("No money moved.")


def test_with_the_network_cut_the_phone_still_makes_codes_that_pay(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    expect(phone.locator("wallet-pwa")).to_be_attached()
    phone.goto("/")
    ready(phone.context)
    wait_until_kept(phone, "balance")
    phone.context.set_offline(True)
    phone.goto("/code")
    expect(phone.get_by_text("No connection.")).to_be_visible()
    expect(phone.locator("[data-part=amount]")).to_have_text("240.00")
    expect(phone.locator(f"{CARD} svg")).to_be_visible()

    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "1250")
    expect(screen(till, "paid")).to_be_attached()
    expect(till.locator("main.result .lede")).to_contain_text("Ana")

    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", level=1, name="My code")).to_be_visible()
    phone.goto("/")
    expect(phone.locator("main .rows")).to_contain_text("Kneading Table Bakery")


def test_a_phone_whose_clock_is_five_minutes_fast_pays_all_the_same(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.add_init_script(FAST_CLOCK)
    enrol(phone)
    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "1250")
    expect(screen(till, "paid")).to_be_attached()


# What a phone remembers whose clock was wrong at the last visit and has been put right since.
OFF_BY = """(offset) => new Promise((resolve) => {
    const request = indexedDB.open("res-wallet");
    request.onsuccess = () => {
        const writing = request.result.transaction("kept", "readwrite");
        writing.objectStore("kept").put({ offset }, "clock");
        writing.oncomplete = () => resolve(request.result.close());
    };
})"""
HOUR = 3_600_000


@pytest.mark.without_worker
def test_after_the_clock_was_put_right_a_new_payment_shows_and_an_old_one_does_not(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    phone.evaluate(OFF_BY, HOUR)
    # Away from the page that asks already: an answer to it would be taken for one to the next.
    phone.goto("about:blank")
    with phone.expect_response("**/code/state?*"), phone.expect_response("**/time"):
        phone.goto("/code")
    with phone.expect_response("**/code/state?*"):
        pass
    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "1250")
    expect(screen(till, "paid")).to_be_attached()
    phone.wait_for_url("**/code/paid/*")

    phone.evaluate(OFF_BY, -HOUR)
    with phone.expect_response("**/code/state?*") as answered:
        phone.goto("/code")
    assert answered.value.json()["paid"] is None


@pytest.mark.without_worker
def test_a_new_phone_is_offered_a_code_while_the_server_s_time_is_still_on_its_way(stage: Stage) -> None:
    phone, held = standing_still(stage), list[Route]()
    phone.route("**/time", lambda route: held.append(route))
    with phone.expect_request("**/time"):
        phone.goto("/code")

    expect(phone.get_by_role("button", name="Use this phone for codes")).to_be_visible()
    phone.get_by_role("button", name="Use this phone for codes").click()
    expect(phone.get_by_role("button", name="Use this phone for codes")).to_be_disabled()
    assert not phone.locator(f"{CARD} svg").is_visible(), "no code by a clock that nobody compared"
    held.pop().continue_()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()


def test_a_code_is_new_in_the_next_half_minute(stage: Stage) -> None:
    phone = standing_still(stage)
    enrol(phone)
    drawn, first = phone.locator(CARD).inner_html(), link_on(phone, CARD)
    left = int(phone.locator("[role=timer] [data-part=left]").inner_text().removeprefix("0:"))
    assert 1 <= left <= 30
    phone.clock.fast_forward(left * 1000)
    expect(phone.locator("[role=timer] [data-part=left]")).to_have_text("0:30")
    # It is signed first.
    wait_for_another(phone, drawn)
    assert link_on(phone, CARD) != first


# Signing takes this phone longer than a code lives, once: until the test has it end.
SLOW_ONCE = """() => {
    const { sign } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.sign = function (...given) {
        SubtleCrypto.prototype.sign = sign;
        const signed = sign.apply(this, given);
        return new Promise((done) => { window.end = () => done(signed); });
    };
}"""


def test_a_code_that_comes_too_late_does_not_take_the_place_of_a_newer_one(stage: Stage) -> None:
    phone = standing_still(stage)
    enrol(phone)
    card = phone.locator(CARD)
    first = card.inner_html()

    phone.evaluate(SLOW_ONCE)
    phone.clock.fast_forward(30_000)
    phone.wait_for_function("() => window.end")
    phone.clock.fast_forward(30_000)
    wait_for_another(phone, first)
    newest = card.inner_html()
    phone.evaluate("() => window.end()")

    assert card.inner_html() == newest


def expect_code_of_no_use(phone: Page) -> None:
    """Wait until the phone says that the code of this half minute works no more, and nothing of what ended it."""
    expect(phone.get_by_text("This code works no more.")).to_be_visible()
    expect(phone.locator(CARD)).to_be_hidden()


@pytest.mark.without_worker
def test_a_code_that_a_till_has_read_in_vain_is_shown_no_more(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    phone = enrolled_in_time(stage, stage.world.member(paid=False))

    scan(till, link_on(phone, CARD), "1250")

    expect_code_of_no_use(phone)
    expect(till.locator("[data-trouble]")).to_contain_text("No money moved")


def test_a_phone_used_while_the_server_s_clock_was_ahead_is_set_up_anew_and_shows_a_code_at_once(stage: Stage) -> None:
    member = stage.world.member()
    phone = enrolled(stage, member)

    def spent(hours: float) -> None:
        with stage.world.kit.engine.begin() as connection:
            of_member = sa.select(people.c.id).where(people.c.handle == member).scalar_subquery()
            step = paycode.newest_step(stage.world.kit.clock()) + int(hours * 120)
            connection.execute(sa.update(code_keys).where(code_keys.c.person_id == of_member).values(last_step=step))

    spent(hours=0)
    expect_code_of_no_use(phone)
    spent(hours=6)
    again = phone.get_by_role("button", name="Use this phone for codes")
    expect(again).to_be_visible()
    again.click()

    # What the older key's codes were spent up to ends half a minute later.
    expect(phone.locator(f"{CARD} svg")).to_be_visible(timeout=10_000)
    till = scanning(stage, stage.world.counter(), shown_code(phone, CARD), "1250")
    expect(screen(till, "paid")).to_be_attached()


@pytest.mark.without_worker
def test_who_uses_their_codes_again_is_told_of_no_till_that_read_one(stage: Stage) -> None:
    phone = enrolled_in_time(stage, stage.world.member())
    phone.get_by_text("A payment was not mine").click()
    phone.get_by_role("button", name="Freeze my codes").click()

    phone.get_by_role("button", name="Use my codes again").click()

    expect_code_of_no_use(phone)


@pytest.mark.without_worker
def test_frozen_codes_are_not_shown_before_the_server_has_told_again(stage: Stage) -> None:
    phone = enrolled(stage, stage.world.member())
    assert phone.request.post("/code/freeze", max_redirects=0).status == 303
    phone.route("**/code/state?*", lambda route: route.abort())

    with phone.expect_response("**/time"):
        phone.goto("/code")

    expect(phone.locator('wallet-code[data-state="frozen"]')).to_be_attached()
    expect(phone.get_by_role("heading", name="Your codes are frozen")).to_be_visible()
    expect(phone.locator(f"{CARD} svg")).to_have_count(0)


def test_the_camera_of_a_till_opened_by_keyboard_has_the_focus_inside(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    press(till, *"1250")
    till.locator("[data-scan]").focus()
    till.keyboard.press("Enter")

    expect(till.get_by_role("heading", name="Scan the member’s code")).to_be_focused()


def test_on_a_phone_on_its_side_the_camera_s_picture_and_the_way_out_are_whole(stage: Stage) -> None:
    nothing = stage.page().screenshot()
    till = stage.till(stage.world.counter(), sees=nothing, viewport={"width": 640, "height": 360})
    press(till, "5")
    till.locator("[data-scan]").click()

    expect(till.locator("dialog .lens")).to_be_in_viewport(ratio=1)
    expect(till.get_by_role("button", name="Do not scan")).to_be_in_viewport(ratio=1)


def test_a_strange_code_at_the_till_is_refused_and_never_opened(stage: Stage) -> None:
    counter = stage.world.counter()
    till = scanning(stage, counter, camera.code_of("https://elsewhere.example/m/AAAA"), "1250")
    expect(till.get_by_role("alert").filter(has_text="Not a code of this federation")).to_be_visible()
    assert till.url == stage.world.origin + counter.path


def enrolled(stage: Stage, handle: str) -> Page:
    """Give the phone of `handle`, enrolled by a tap, with its code on the screen."""
    phone = stage.page(handle)
    enrol(phone)
    return phone


def enrolled_in_time(stage: Stage, member: str) -> Page:
    """Give a phone whose half minute began when it asked for the time: what is said of a code is gone with it."""
    phone, behind = stage.page(member), list[int]()

    def tell(route: Route) -> None:
        now = route.fetch().json()["now"]
        behind.append(now % 30_000)
        route.fulfill(json={"now": now - behind[0]})

    phone.route("**/time", tell)
    enrol(phone)
    return phone


def enrol(phone: Page) -> None:
    """Enrol a phone by a tap and wait for its code."""
    phone.goto("/code")
    phone.get_by_role("button", name="Use this phone for codes").click()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()


def standing_still(stage: Stage) -> Page:
    """Give a phone whose time passes only as a test has it: no code is over, and no patience ends."""
    phone = stage.page(stage.world.member())
    phone.clock.install()
    clock.stop(phone)
    return phone


def wait_for_another(phone: Page, drawn: str) -> None:
    """Wait until the card shows another code than the one that was `drawn`."""
    phone.wait_for_function("([place, old]) => document.querySelector(place).innerHTML !== old", arg=[CARD, drawn])


def scanning(stage: Stage, counter: Counter, sees: bytes, digits: str) -> Page:
    """Give a till that has a sum typed and its camera open before what it `sees`."""
    till = stage.till(counter, sees=sees)
    press(till, *digits)
    till.locator("[data-scan]").click()
    return till


def ready(context: BrowserContext) -> None:
    """Wait until the service worker has put the offline page by."""
    page = context.pages[0]
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
