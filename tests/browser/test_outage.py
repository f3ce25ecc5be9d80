"""The shop's internet is down and the phones are online: the member pays, and the tablet checks the digits alone."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen
from tests.browser.kept import LEFT, NEVER_ANSWERED, wait_until_kept
from tests.browser.script import run_by
from tests.browser.stage import PHONE, Stage
from tests.browser.tablet import registered, unlocked_with_key
from wallet.store.tables import sessions

pytestmark = pytest.mark.browser


def check(tablet: Page, total: str, digits: str) -> None:
    """Type a sum and digits on a tablet without network, and have them checked."""
    # What is pressed while another check is under way is the second press of a double tap, and is none.
    tablet.wait_for_function("() => !document.querySelector('wallet-outage')?.isChecking")
    tablet.get_by_label("Sum, RES and cash together").fill(total)
    tablet.get_by_label("Six digits on the member").fill(digits)
    tablet.get_by_role("button", name="Check the payment").click()


def cut_off(stage: Stage, script: str = "") -> tuple[Page, str]:
    """Cut a tablet off from its bill of 12.50, which a phone pays; give it, about to check this, and the digits.

    The page on which it is checked is preceded by `script`.
    """
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    unlocked_with_key(stage, tablet, counter)
    code = charge(tablet)
    tablet.context.set_offline(True)

    phone = open_bill(stage, stage.world.member(), code)
    pay(phone)
    expect_paid(phone)
    digits = phone.locator("[data-digits]").inner_text()

    tablet.add_init_script(script)
    tablet.get_by_role("link", name="No connection. Check payments").click()
    expect(tablet.get_by_text("Kneading Table Bakery, Counter")).to_be_visible()
    return tablet, digits


def test_a_cut_off_tablet_checks_a_payment_by_its_digits_and_confirms_it_when_the_network_is_back(
    either_stage: Stage,
) -> None:
    tablet, digits = cut_off(either_stage)
    check(tablet, "12.51", digits)
    expect(tablet.get_by_role("heading", name="These digits are not right")).to_be_visible()
    check(tablet, "12.50", f"{(int(digits.replace(' ', '')) + 1) % 1_000_000:06d}")
    expect(tablet.get_by_role("heading", name="These digits are not right")).to_be_visible()
    check(tablet, "12.50", "12 34")
    expect(tablet.get_by_role("heading", name="Type the sum and all six digits")).to_be_visible()
    for grouped in ("1,012.50", "1 012,50", "12.50 RES"):
        check(tablet, grouped, digits)
        expect(tablet.get_by_role("heading", name="Write the sum like 12.50")).to_be_visible()
    check(tablet, "12,50", digits.replace(" ", "-"))
    # A part of it may be cash, which the tablet cannot know.
    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="These digits were used already")).to_be_visible()

    tablet.context.set_offline(False)
    expect(tablet.locator("[data-standing]")).to_have_text("confirmed")


def test_a_cut_off_tablet_goes_back_to_the_till_only_when_it_is_there_and_says_when(stage: Stage) -> None:
    tablet, _digits = cut_off(stage)
    typed = tablet.get_by_label("Sum, RES and cash together")
    filled = tablet.locator(".button:not([data-kind]):visible")
    typed.fill("12.50")
    expect(tablet.get_by_text("There is no network yet.")).to_be_visible()
    expect(filled).to_have_text(["Check the payment"])

    with tablet.expect_event("requestfailed"):
        tablet.get_by_role("link", name="Back to the till").click()
    expect(tablet.get_by_text("There is no network yet.")).to_be_visible()
    expect(typed).to_have_value("12.50")

    tablet.context.set_offline(False)
    expect(tablet.get_by_text("Connected again. Go on at the till.")).to_be_visible()
    expect(filled).to_have_text(["Back to the till"])
    expect(typed).to_have_value("12.50")
    tablet.get_by_role("link", name="Back to the till").click()
    expect(tablet.get_by_role("button", name="Charge")).to_be_visible()


def test_a_tablet_as_small_as_a_phone_shows_what_the_digits_were(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    tablet.set_viewport_size(PHONE | {"height": 640})

    for total, words in (("12.51", "The sum or the digits may be"), ("12.50", "The digits are right for this sum")):
        tablet.evaluate("scrollTo(0, 0)")
        check(tablet, total, digits)
        told, dock = (tablet.locator(place).element_handle() for place in (f"p:text('{words}')", ".dock"))
        # Not below the screen's edge, nor under the dock.
        tablet.wait_for_function(
            "(parts) => { const [told, dock] = parts.map((part) => part.getBoundingClientRect());"
            " return told.height && told.bottom <= dock.top; }",
            arg=[told, dock],
        )


@pytest.mark.parametrize("pause_ms", [0, 150], ids=["at once", "once it is paid"])
def test_a_second_press_does_not_take_away_that_it_is_paid(stage: Stage, pause_ms: int) -> None:
    tablet, digits = cut_off(stage)

    check(tablet, "12.50", digits)
    tablet.wait_for_timeout(pause_ms)
    tablet.get_by_role("button", name="Check the payment").click()

    expect(tablet.locator("[data-standing]")).to_have_count(1)
    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()


# A page whose steady clock stood still for ten minutes of sleep, once it is told so.
SLEEPER = """
    const now = Date.now;
    let behind = 600_000;
    Date.now = () => now() - behind;
    globalThis.wakeUp = () => { behind = 0; };
"""


def test_a_tablet_whose_app_is_opened_without_a_network_checks_payments(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    unlocked_with_key(stage, tablet, counter)
    wait_until_kept(tablet, "till")
    tablet.context.set_offline(True)

    # It goes on to another page by itself, maybe before the first is loaded.
    tablet.goto("/", wait_until="commit")

    expect(tablet.get_by_role("button", name="Check the payment")).to_be_visible()
    tablet.context.set_offline(False)
    expect(tablet.get_by_text("Connected again.")).to_be_visible()
    tablet.get_by_role("link", name="Back to the till").click()
    expect(tablet.get_by_role("button", name="Charge")).to_be_visible()


def test_a_cut_off_tablet_that_slept_checks_payments_by_the_time_that_it_is(stage: Stage) -> None:
    tablet, digits = cut_off(stage, SLEEPER)

    tablet.evaluate("wakeUp()")
    check(tablet, "12.50", digits)

    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()


def test_a_cut_off_tablet_whose_clock_is_set_back_goes_on_checking_payments(stage: Stage) -> None:
    tablet, digits = cut_off(stage)

    tablet.evaluate("() => { const now = Date.now; Date.now = () => now() - 3_600_000; }")
    check(tablet, "12.50", digits)

    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()


def test_a_cut_off_tablet_whose_clock_is_set_forward_names_it_and_is_right_again_once_that_is(stage: Stage) -> None:
    tablet, digits = cut_off(stage)

    tablet.evaluate("() => { globalThis.right = Date.now; Date.now = () => right() + 3_600_000; }")
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="These digits are not right")).to_be_visible()
    expect(tablet.get_by_text("or this tablet’s clock was set meanwhile")).to_be_visible()

    tablet.evaluate("() => { Date.now = right; }")
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()


def test_a_device_that_is_no_tablet_goes_on_to_its_till_when_the_network_is_back(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    till.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    till.context.set_offline(True)
    till.reload()
    expect(till.get_by_role("heading", name="This device is no tablet of a till")).to_be_visible()
    expect(till.get_by_text("There is no network yet.")).to_be_visible()

    till.context.set_offline(False)

    expect(screen(till, "register")).to_be_attached()


@pytest.mark.without_worker
def test_a_till_that_is_slow_to_come_back_is_waited_for(stage: Stage) -> None:
    counter = stage.world.counter()
    device = stage.page(counter.cashier)
    # It looks forty times as often.
    device.add_init_script("{ const old = setInterval; globalThis.setInterval = (act, ms) => old(act, ms / 40); }")
    kept = device.request.get("/outage").text()
    device.route("**/time", lambda route: route.abort())
    device.route(f"**{counter.path}", lambda route: route.fulfill(content_type="text/html", body=kept), times=1)
    device.goto(counter.path)
    expect(device.get_by_text("There is no network yet.")).to_be_visible()

    held: list[Route] = []
    device.route(f"**{counter.path}", lambda route: held.append(route), times=1)
    with device.expect_request(f"**{counter.path}"):
        device.unroute("**/time")
    asked: list[str] = []
    device.on("request", lambda request: asked.append(request.url))
    device.wait_for_timeout(1_000)
    assert asked == []

    held.pop().continue_()
    expect(screen(device, "register")).to_be_attached()


# Reads what is kept on and on, so that nothing can be written, until it is let go.
HELD = """() => new Promise((resolve) => {
  const opened = indexedDB.open("res-wallet");
  opened.onsuccess = () => {
    const store = opened.result.transaction("kept").objectStore("kept");
    let goesOn = true;
    globalThis.letGo = () => { goesOn = false; };
    const read = () => {
      if (goesOn) store.get("till").onsuccess = read;
      else opened.result.close();
    };
    resolve(read());
  };
})"""


def test_a_cut_off_tablet_that_cannot_note_a_payment_does_not_say_that_it_is_paid(stage: Stage) -> None:
    tablet, digits = cut_off(stage)

    tablet.evaluate(HELD)
    check(tablet, "12.50", digits)

    expect(tablet.get_by_role("heading", name="This tablet could not note the payment")).to_be_visible()
    expect(tablet.get_by_role("heading", name="Paid: 12.50")).to_be_hidden()
    # What could not be noted is not noted later either.
    tablet.evaluate("letGo()")
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="Paid: 12.50")).to_be_visible()

    tablet.add_init_script(NEVER_ANSWERED)
    tablet.reload()

    expect(tablet.get_by_role("heading", name="This tablet does not answer")).to_be_visible()
    expect(tablet.get_by_role("button", name="Check the payment")).to_be_hidden()


@pytest.mark.without_worker
def test_a_till_that_is_connected_again_no_longer_says_that_it_is_not(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    unlocked_with_key(stage, tablet, counter)
    cut_off = tablet.get_by_role("link", name="No connection. Check payments")

    # The till's own looks would tell as well.
    for look in ("events", "state"):
        tablet.route(f"**{counter.path}/{look}", lambda route: route.abort())
    # An answer to what was asked before the cut comes after it; the time is asked for once it has been read.
    held: list[Route] = []
    tablet.route(f"**{counter.path}/key", lambda route: held.append(route), times=1)
    with tablet.expect_request(f"**{counter.path}/key"), tablet.expect_event("requestfailed"):
        tablet.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('offline'))")
    expect(cut_off).to_be_visible()
    with tablet.expect_response("**/time"):
        held.pop().continue_()
    assert cut_off.is_visible()
    tablet.context.set_offline(True)
    expect(cut_off).to_be_visible()
    # What the browser calls a connection is none as long as the server does not answer.
    tablet.route(f"**{counter.path}/key", lambda route: route.abort())
    tablet.context.set_offline(False)
    with tablet.expect_event("requestfailed"):
        tablet.evaluate("dispatchEvent(new Event('online'))")
    expect(cut_off).to_be_visible()

    tablet.unroute_all(behavior="wait")
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect(cut_off).to_be_hidden()


@pytest.mark.without_worker
def test_a_tablet_whose_line_is_down_behind_a_network_that_stands_leads_to_the_digits(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    unlocked_with_key(stage, tablet, counter)
    charge(tablet)
    cut_off = tablet.get_by_role("link", name="No connection. Check payments")

    tablet.route("**/tills/**", lambda route: route.abort())
    # As it is noticed anyway within a few seconds.
    tablet.evaluate("dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))")
    expect(cut_off).to_be_visible()

    tablet.unroute_all(behavior="wait")
    expect(cut_off).to_be_hidden()


def test_digits_of_a_payment_that_the_till_has_shown_pay_nothing_again(stage: Stage) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    tablet = registered(stage, counter, world.steward())
    unlocked_with_key(stage, tablet, counter)
    phone = open_bill(stage, ana, charge(tablet))
    pay(phone)
    # First, as it stays for seconds only.
    expect(screen(tablet, "paid")).to_be_attached()
    expect_paid(phone)
    wait_until_kept(tablet, "taken")
    digits = phone.locator("[data-digits]").inner_text()
    # And another after it.
    press(tablet, "Escape")
    expect(screen(tablet, "register")).to_be_attached()
    world.pay(charge(tablet, "300"), ana)
    expect(screen(tablet, "paid")).to_contain_text("3.00")

    tablet.goto("/outage")
    expect(tablet.get_by_text("Kneading Table Bakery, Counter")).to_be_visible()
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="These digits were used already")).to_be_visible()


def test_digits_of_a_minute_long_ago_are_refused(stage: Stage) -> None:
    world = stage.world
    counter, ana = world.counter(), world.member()
    tablet = registered(stage, counter, world.steward())
    tablet.clock.install()
    unlocked_with_key(stage, tablet, counter)
    phone = open_bill(stage, ana, charge(tablet))
    pay(phone)
    expect_paid(phone)
    digits = phone.locator("[data-digits]").inner_text()

    tablet.goto("/outage")
    expect(tablet.get_by_text("Kneading Table Bakery, Counter")).to_be_visible()
    tablet.clock.fast_forward(5 * 60 * 1000)
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="These digits are not right")).to_be_visible()


def test_a_tablet_stays_its_tills_when_somebody_who_was_signed_in_on_it_signs_out(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    # The till has not been able to say what the line was, and has shown a payment since.
    tablet.route("**/paid?*", lambda route: route.abort())
    tablet.context.set_offline(False)
    tablet.get_by_role("link", name="Back to the till").click()
    run_by(tablet, "wallet-till")
    wait_until_kept(tablet, "taken")
    assert tablet.context.request.post("/demo/sign-in", data={"handle": stage.world.member()}).status == 204
    tablet.goto("/")
    wait_until_kept(tablet, "balance")

    tablet.goto("/you")
    tablet.locator('form[action="/sign-out"] button').click()
    tablet.wait_for_url("**/")

    expect(tablet.get_by_role("link", name="Go to the till")).to_be_visible()
    assert set(tablet.evaluate(LEFT, "balance")) == {"till", "taken", "outage"}
    tablet.goto("/outage")
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    check(tablet, "12.50", digits)
    expect(tablet.get_by_role("heading", name="These digits were used already")).to_be_visible()


def test_a_payment_that_the_till_turns_out_not_to_have_is_said_to_be_missing(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    expect(tablet.get_by_text("What is not found")).to_be_hidden()

    # The books were restored from a copy that is older than the payment.
    tablet.route("**/paid?*", lambda route: route.fulfill(json={"receipt": "", "payer": ""}))
    tablet.context.set_offline(False)

    expect(tablet.locator("[data-standing]")).to_have_text("not found")
    expect(tablet.get_by_text("What is not found")).to_be_visible()
    tablet.unroute("**/paid?*")
    expect(tablet.locator("[data-standing]")).to_have_text("confirmed")
    expect(tablet.get_by_text("What is not found")).to_be_hidden()


def test_a_tablet_that_was_moved_asks_for_its_lines_where_they_were_checked(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    tablet.route("**/paid?*", lambda route: route.abort())
    tablet.context.set_offline(False)

    other = stage.world.counter()
    device, steward = tablet.context.request, stage.page(stage.world.steward()).context.request
    for step in ("/tablet/lock", "/tablet/code"):
        assert device.post(step).ok
    code = device.get("/tablet/state").json()["code"]
    form = {"pairing": code, "till": other.till, "name": "Blue tablet"}
    assert steward.post("/office/bakery/tablets", form=form).ok
    tablet.goto("/tablet")
    tablet.unroute("**/paid?*")
    unlocked_with_key(stage, tablet, other)

    tablet.goto("/outage")
    expect(tablet.locator("[data-standing]")).to_have_text("confirmed")


def test_a_payment_that_nobody_here_may_look_for_is_not_said_to_be_missing(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")
    # A wallet is signed in on the tablet beside its till, whose session has run out meanwhile.
    tablet.route("**/paid?*", lambda route: route.abort())
    tablet.context.set_offline(False)
    assert tablet.context.request.post("/demo/sign-in", data={"handle": stage.world.member()}).status == 204
    with stage.world.kit.engine.begin() as connection:
        is_till = sessions.c.tablet_id.is_not(None)
        connection.execute(sa.update(sessions).where(is_till).values(expires_at=sessions.c.created_at))
    tablet.unroute("**/paid?*")

    with tablet.expect_response(lambda answer: "/paid?" in answer.url) as asked:
        tablet.reload()
    assert asked.value.status == 404
    with tablet.expect_response("**/time"):
        pass
    expect(tablet.locator("[data-standing]")).to_have_text("to confirm")


def test_lines_of_a_former_co_op_hold_up_no_others(stage: Stage) -> None:
    world = stage.world
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    tablet.route("**/paid?*", lambda route: route.abort())
    tablet.context.set_offline(False)
    device, other = tablet.context.request, world.counter("mill")
    former, steward = stage.page(world.steward()), stage.page(world.steward("mill"))
    former.goto("/office/bakery/tablets")
    assert device.post("/tablet/lock").ok
    revoke = former.locator('form[action$="/revoke"]').last.get_attribute("action")
    assert former.context.request.post(str(revoke)).ok
    assert device.post("/tablet/code").ok
    form = {"pairing": device.get("/tablet/state").json()["code"], "till": other.till, "name": "Blue tablet"}
    assert steward.context.request.post("/office/mill/tablets", form=form).ok
    tablet.goto("/tablet")
    unlocked_with_key(stage, tablet, other)

    paid = open_bill(stage, world.member(), charge(tablet, "300"))
    tablet.context.set_offline(True)
    pay(paid)
    expect_paid(paid)
    tablet.get_by_role("link", name="No connection. Check payments").click()
    expect(tablet.get_by_text("Weir Mill, Counter")).to_be_visible()
    check(tablet, "3.00", paid.locator("[data-digits]").inner_text())
    tablet.unroute("**/paid?*")
    tablet.context.set_offline(False)

    expect(tablet.locator("[data-standing]")).to_have_text(["confirmed", "to confirm"])


# Notes lines of one sum that were checked a minute before, as many as are asked for.
MANY = """(count) => new Promise((resolve) => {
  const opened = indexedDB.open("res-wallet");
  opened.onsuccess = () => {
    const till = document.querySelector(".dock a").href.split("/").pop();
    const made = (_, i) => ({ till, minor: 1250, digits: "000000", minute: i + 1, at: Date.now() - 60000 });
    const writing = opened.result.transaction("kept", "readwrite");
    writing.objectStore("kept").put(Array.from({ length: count }, made), "outage");
    writing.oncomplete = () => resolve(opened.result.close());
  };
})"""


def test_a_long_outage_loses_none_of_its_lines(stage: Stage) -> None:
    tablet, digits = cut_off(stage)
    tablet.evaluate(MANY, 250)

    check(tablet, "12.50", digits)

    expect(tablet.get_by_role("heading", name="Paid: 12.50", exact=True)).to_be_visible()
    expect(tablet.locator("[data-standing]")).to_have_count(251)


# Makes every line older by a number of days.
AGED = """(days) => new Promise((resolve) => {
  const opened = indexedDB.open("res-wallet");
  opened.onsuccess = () => {
    const writing = opened.result.transaction("kept", "readwrite");
    const store = writing.objectStore("kept");
    const asked = store.get("outage");
    asked.onsuccess = () => {
      store.put(asked.result.map((line) => ({ ...line, at: line.at - days * 86400000 })), "outage");
    };
    writing.oncomplete = () => resolve(opened.result.close());
  };
})"""


@pytest.mark.parametrize(("found", "days"), [("confirmed", 1), ("not found", 7), ("to confirm", 30)])
def test_a_line_goes_when_nobody_looks_for_it_any_more(stage: Stage, found: str, days: int) -> None:
    tablet, digits = cut_off(stage)
    check(tablet, "12.50", digits)
    line = tablet.locator("[data-standing]")
    if found == "not found":
        tablet.route("**/paid?*", lambda route: route.fulfill(json={"receipt": "", "payer": ""}))
    elif found == "to confirm":
        problem = {"content_type": "application/problem+json", "body": "{}"}
        tablet.route("**/paid?*", lambda route: route.fulfill(status=404, **problem))
    tablet.context.set_offline(False)
    expect(line).to_have_text(found)

    tablet.evaluate(AGED, days - 0.1)
    tablet.reload()
    expect(line).to_have_text(found)
    if days > 1:
        expect(tablet.locator("[data-at]")).to_have_text(re.compile("[A-Z][a-z]{2} [0-9]{1,2}, [0-9:]{5}$"))

    tablet.evaluate(AGED, 0.2)
    expect(line).to_have_count(0)


def test_a_device_that_is_no_tablet_checks_nothing(stage: Stage) -> None:
    phone = stage.page()
    phone.goto("/outage")
    expect(phone.get_by_text("This device is no tablet of a till")).to_be_visible()
    expect(phone.get_by_role("button", name="Check the payment")).to_be_hidden()


@pytest.mark.without_worker
def test_a_tablet_asks_for_its_key_again_while_somebody_is_at_it(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.clock.install()
    unlocked_with_key(stage, tablet, counter)

    tablet.clock.fast_forward(31_000)
    with tablet.expect_response(lambda answer: answer.url.endswith(f"{counter.path}/key")) as again:
        tablet.keyboard.press("Tab")

    assert again.value.status == 200
