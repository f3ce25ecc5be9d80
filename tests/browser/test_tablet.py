"""A shop's tablet: paired by a steward, signed in and handed over from cashiers' phones, locked, revoked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import clock
from tests.browser.camera import code_of
from tests.browser.counter import charge, expect_paid, link_on, open_bill, pay, press, screen
from tests.browser.kept import LEFT
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.browser.tablet import CARD, fresh, registered, unlocked
from tests.browser.world import Counter, bills_of
from wallet.services import members

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

# What a page asks for at an address gets no answer, until `fetch` is `answered` again.
UNANSWERED = """(address) => {
  window.answered = window.fetch;
  window.fetch = (url, ...more) =>
    String(url).endsWith(address) ? Promise.reject(new TypeError("cut off")) : window.answered(url, ...more);
}"""


def registered_by_hand(stage: Stage, counter: Counter, steward: str) -> Page:
    """Register a device at a counter, as a steward does who scans its code."""
    device = fresh(stage)
    phone = stage.page(steward)
    phone.goto(link_on(device, CARD))
    phone.get_by_role("link", name="Register it for").click()
    phone.get_by_label("Till").select_option(counter.till)
    phone.get_by_label("Name of the device").fill("Blue tablet")
    phone.get_by_role("button", name="Register it").click()
    expect(phone.locator("li.row").filter(has_text="Blue tablet").first).to_be_visible()
    expect(device.get_by_text("This till is locked")).to_be_visible()
    return device


def unlocked_by_hand(stage: Stage, device: Page, cashier: str) -> None:
    """Sign a cashier in at a locked tablet from their own phone."""
    device.get_by_role("button", name="Unlock").click()
    expect(device.locator(f"{CARD} svg")).to_be_visible()
    phone = stage.page(cashier)
    phone.goto(link_on(device, CARD))
    assert phone.locator(".phrase").inner_text() == device.locator(".phrase").inner_text()
    phone.get_by_role("button", name="Sign in at").click()
    expect(phone.get_by_role("heading", name="Signed in at the till")).to_be_visible()
    expect(screen(device, "register")).to_be_attached()


def test_a_tablet_is_paired_takes_a_payment_and_is_handed_to_the_next_cashier(either_stage: Stage) -> None:
    world = either_stage.world
    counter, steward, ana = world.counter(), world.steward(), world.member()
    second = world.member("Kim Ode", coop="bakery")
    members.grant(world.kit, second, "cashier", "bakery")

    tablet = registered_by_hand(either_stage, counter, steward)
    unlocked_by_hand(either_stage, tablet, counter.cashier)
    phone = open_bill(either_stage, ana, charge(tablet))
    pay(phone)
    # First, as it stays for seconds only.
    expect(screen(tablet, "paid")).to_be_attached()
    expect_paid(phone)

    tablet.get_by_role("button", name="Lock").click()
    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    unlocked_by_hand(either_stage, tablet, second)
    charge(tablet)


def test_the_next_cashier_at_a_tablet_has_nothing_sent_that_the_one_before_heard_nothing_of(stage: Stage) -> None:
    world = stage.world
    counter, second = world.counter(), world.cashier("Kim Ode")
    sale = world.sale(counter, world.member(), 2_150)
    tablet = unlocked(stage, registered(stage, counter, world.steward()), counter.cashier)
    tablet.goto(f"{counter.path}?wrong={sale}")
    run_by(tablet, "wallet-till")
    tablet.evaluate(UNANSWERED, "/corrections")
    press(tablet, *"1250", "Enter")
    expect(tablet.get_by_role("alert").filter(has_text="No answer yet")).to_be_visible(timeout=20_000)
    tablet.evaluate("() => { window.fetch = window.answered; }")
    sent: list[str] = []
    tablet.on("request", lambda request: sent.append(request.url) if request.url.endswith("/corrections") else None)
    tablet.get_by_role("button", name="Lock").click()

    unlocked(stage, tablet, second)

    tablet.wait_for_timeout(1_500)
    expect(screen(tablet, "register")).to_be_attached()
    assert (sent, bills_of(world, counter)) == ([], ["paid"])


def test_a_tablet_that_nobody_touches_locks_and_one_with_a_bill_waits(stage: Stage) -> None:
    world = stage.world
    counter = world.counter()
    tablet = registered(stage, counter, world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    charge(tablet)
    clock.run_connected(tablet, 130)
    expect(screen(tablet, "waiting")).to_be_attached()

    # From the touch on no time passes but that of the test.
    clock.stop(tablet)
    tablet.get_by_role("button", name="Cancel this bill").click()
    expect(screen(tablet, "register")).to_be_attached()
    tablet.clock.run_for(119_000)
    expect(screen(tablet, "register")).to_be_attached()
    tablet.clock.run_for(3_000)
    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    # It covers the till at once; then the server has locked it as well.
    expect(tablet).to_have_url(f"{world.origin}/tablet")
    expect(tablet.get_by_role("button", name="Unlock")).to_be_visible()


ASLEEP_MS = 3_600_000


@pytest.mark.parametrize("by", ["its look", "a hand that is quicker"])
def test_a_tablet_that_wakes_without_a_network_is_locked_before_it_can_be_used(stage: Stage, by: str) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    tablet.context.set_offline(True)
    clock.stop(tablet)

    # In sleep the steady clock stands still, and the day goes on.
    tablet.evaluate("(ms) => { const now = Date.now(); Date.now = () => now + ms; }", ASLEEP_MS)
    if by == "its look":
        tablet.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    else:
        press(tablet, "1")

    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    expect(tablet.locator("wallet-till")).to_have_count(0)


def test_a_bill_keeps_no_tablet_open_that_is_cut_off_and_left_alone(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    charge(tablet)
    tablet.context.set_offline(True)

    tablet.clock.run_for(119_000)
    expect(screen(tablet, "waiting")).to_be_attached()
    tablet.clock.run_for(15_000)
    expect(tablet.get_by_text("This till is locked")).to_be_visible()


def test_a_tablet_shows_what_became_of_a_bill_that_waited_longer_than_a_till_may_be_left_alone(stage: Stage) -> None:
    world = stage.world
    counter = world.counter()
    tablet = registered(stage, counter, world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    code = charge(tablet)
    clock.run_connected(tablet, 150)
    clock.stop(tablet)

    world.pay(code, world.member())
    tablet.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(screen(tablet, "paid")).to_be_attached()
    tablet.clock.run_for(3_000)
    expect(screen(tablet, "paid")).to_be_attached()
    tablet.clock.run_for(10_000)
    expect(tablet.get_by_text("This till is locked")).to_be_visible()


def beside(stage: Stage, page: str, *, with_clock: bool = True, stands: bool = False) -> tuple[Page, str]:
    """Open a page beside the till's own on a tablet whose clock the test has; give it with a name that stands there.

    Where time `stands`, none has passed on the page but what the test lets pass.
    """
    world = stage.world
    counter = world.counter()
    tablet = registered(stage, counter, world.steward())
    if with_clock:
        tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    if stands:
        clock.stop(tablet)
    name, address = {
        "shift": lambda receipt: ("Close till", f"{counter.path}/shift"),
        "receipt": lambda receipt: ("Receipt", f"/receipts/{receipt}"),
        "refund": lambda receipt: ("Refund", f"/refunds/{world.refund(counter, receipt, 15_000)}"),
    }[page](world.sale(counter, world.member(), 15_000))
    tablet.goto(address)
    expect(tablet.get_by_role("heading", name=name)).to_be_visible()
    return tablet, name


def expect_covered(tablet: Page, name: str) -> None:
    """Expect that a tablet says that it is locked, and that what it showed is out of sight, of reach and of print."""
    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    expect(tablet.locator("body > :not(wallet-tablet, wallet-pwa)")).to_have_count(0)
    expect(tablet.get_by_role("heading", name=name)).to_have_count(0)
    expect(tablet.locator("[data-locked] h1")).to_be_focused()


@pytest.mark.parametrize("page", ["shift", "receipt"])
def test_a_tablet_that_is_left_on_a_page_beside_the_till_locks(stage: Stage, page: str) -> None:
    tablet, _name = beside(stage, page, stands=True)
    tablet.clock.run_for(118_000)
    expect(tablet.locator("main")).to_be_visible()

    tablet.clock.run_for(4_000)

    expect(tablet).to_have_url(f"{stage.world.origin}/tablet")
    expect(tablet.get_by_role("button", name="Unlock")).to_be_visible()
    tablet.go_back()
    expect(tablet.get_by_role("link", name="Unlock this tablet")).to_be_visible()


@pytest.mark.parametrize("page", ["shift", "receipt"])
def test_what_stands_beside_the_till_is_gone_when_a_tablet_locks_without_a_network(stage: Stage, page: str) -> None:
    tablet, name = beside(stage, page)
    tablet.context.set_offline(True)
    tablet.clock.run_for(122_000)
    expect_covered(tablet, name)
    expect(tablet.get_by_text("this tablet keeps trying")).to_be_visible()
    expect(tablet.get_by_role("link", name="No connection. Check payments")).to_be_visible()

    tablet.context.set_offline(False)
    expect(tablet).to_have_url(f"{stage.world.origin}/tablet")


def test_a_lock_that_the_server_has_not_heard_of_covers_the_pages_beside_the_till(stage: Stage) -> None:
    tablet, name = beside(stage, "receipt")
    tablet.route("**/tablet/lock", cut)
    tablet.clock.run_for(122_000)
    expect_covered(tablet, name)

    tablet.reload()

    expect_covered(tablet, name)


def test_who_types_what_the_drawer_holds_keeps_the_tablet_awake(stage: Stage) -> None:
    tablet, _name = beside(stage, "shift")
    for _half in range(6):
        tablet.clock.fast_forward(31_000)
        with tablet.expect_response(lambda answer: answer.url.endswith("/awake")) as told:
            tablet.locator("#register").press_sequentially("1")
        assert told.value.status == 204

    expect(tablet.locator("#register")).to_have_value("111111")


def test_the_last_touch_before_a_pause_counts_at_the_server_as_well(stage: Stage) -> None:
    tablet, _name = beside(stage, "shift")
    tablet.clock.run_for(5_000)
    tablet.locator("#register").press_sequentially("1")

    with tablet.expect_response(lambda answer: answer.url.endswith("/awake")):
        tablet.clock.run_for(30_000)


def test_a_page_beside_the_till_locks_once_its_cashier_is_out_though_a_wallet_is_signed_in_there(stage: Stage) -> None:
    world = stage.world
    counter = world.counter()
    tablet = registered(stage, counter, world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    ana = world.member()
    world.sale(counter, ana, 15_000)
    assert tablet.request.post("/demo/sign-in", data={"handle": ana}).ok
    tablet.goto(f"{counter.path}/shift")
    expect(tablet.get_by_role("heading", name="Close till")).to_be_visible()
    # What a page tells when it is opened would lock it as well, before a key is pressed.
    tablet.wait_for_load_state("networkidle")
    members.leave(world.kit, "bakery", counter.cashier)

    tablet.locator("#register").press_sequentially("1")
    tablet.clock.run_for(30_000)

    expect(tablet).to_have_url(f"{world.origin}/tablet")
    expect(tablet.get_by_role("button", name="Unlock")).to_be_visible()


def test_a_page_beside_the_till_is_somebodys_touch_unless_it_read_itself_anew(stage: Stage) -> None:
    # A page whose clock the test has does not know how it was opened.
    tablet, _name = beside(stage, "shift", with_clock=False)
    tablet.wait_for_load_state("networkidle")
    told: list[str] = []
    tablet.on("request", lambda asked: told.append(asked.url) if asked.url.endswith("/awake") else None)

    with tablet.expect_event("load"):
        tablet.evaluate("() => { setTimeout(() => location.reload()); }")
    tablet.wait_for_load_state("networkidle")
    assert told == []
    tablet.get_by_role("link", name="Past shifts").click()
    expect(tablet.get_by_role("heading", name="Past shifts")).to_be_visible()
    tablet.wait_for_load_state("networkidle")
    assert len(told) == 1


def test_a_tablet_stays_open_while_its_refund_waits_and_locks_once_it_is_left_alone_after_that(stage: Stage) -> None:
    tablet, _name = beside(stage, "refund")
    clock.run_connected(tablet, 150, "**/refunds/*")
    expect(tablet.get_by_role("heading", name="It waits for a steward")).to_be_visible()

    clock.stop(tablet)
    tablet.get_by_role("button", name="Withdraw", exact=True).click()
    expect(tablet.get_by_role("heading", name="withdrew it")).to_be_visible()
    tablet.clock.run_for(118_000)
    expect(tablet.get_by_role("heading", name="withdrew it")).to_be_visible()
    tablet.clock.run_for(4_000)

    expect(tablet).to_have_url(f"{stage.world.origin}/tablet")


@pytest.mark.parametrize("cut_off_by", ["its own network", "the shop's line"])
def test_a_refund_keeps_no_tablet_open_that_is_cut_off_and_left_alone(stage: Stage, cut_off_by: str) -> None:
    tablet, name = beside(stage, "refund")
    if cut_off_by == "its own network":
        tablet.context.set_offline(True)
    else:
        tablet.context.route("**", cut)
        tablet.clock.run_for(11_000)
        expect(tablet.get_by_role("link", name="No connection. Check payments")).to_be_visible()

    tablet.clock.run_for(118_000)
    expect(tablet.get_by_role("heading", name="It waits for a steward")).to_be_visible()
    tablet.clock.run_for(16_000)
    expect_covered(tablet, name)


@pytest.mark.parametrize("by", ["itself", "the button"])
def test_a_tablet_without_a_network_locks_on_the_spot_and_at_the_server_once_it_is_back(stage: Stage, by: str) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.clock.install()
    unlocked(stage, tablet, counter.cashier)
    tablet.context.set_offline(True)

    if by == "itself":
        tablet.clock.run_for(122_000)
    else:
        tablet.get_by_role("button", name="Lock").click()
    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    expect(tablet.get_by_text("this tablet keeps trying")).to_be_visible()
    expect(tablet.get_by_role("link", name="No connection. Check payments")).to_be_visible()
    expect(tablet.locator("wallet-till")).to_have_count(0)
    press(tablet, *"1250", "Enter")
    tablet.clock.run_for(20_000)

    tablet.context.set_offline(False)
    expect(tablet).to_have_url(f"{stage.world.origin}/tablet")
    expect(tablet.get_by_role("button", name="Unlock")).to_be_visible()
    assert bills_of(stage.world, counter) == []


def cut(route: Route) -> None:
    route.abort()


def greet(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<h1>Welcome to our network</h1>")


@pytest.mark.parametrize("lose", [cut, greet], ids=["is cut", "is answered by somebody else"])
def test_a_lock_that_the_server_has_not_heard_of_outlives_its_page(stage: Stage, lose: Callable[[Route], None]) -> None:
    counter = stage.world.counter()
    tablet = unlocked(stage, registered(stage, counter, stage.world.steward()), counter.cashier)
    tablet.route("**/tablet/lock", lose)
    tablet.get_by_role("button", name="Lock").click()
    expect(tablet.get_by_text("this tablet keeps trying")).to_be_visible()

    tablet.goto("/outage")
    tablet.goto(counter.path)
    expect(tablet.get_by_text("This till is locked")).to_be_visible()
    expect(tablet.locator("wallet-till")).to_have_count(0)

    tablet.unroute("**/tablet/lock")
    expect(tablet).to_have_url(f"{stage.world.origin}/tablet")
    # Unlocked again, it is not locked by what was noted before.
    unlocked(stage, tablet, counter.cashier)
    charge(tablet)


def test_a_revoked_tablet_stops_at_once_and_its_bill_is_still_paid_once(stage: Stage) -> None:
    world = stage.world
    counter, steward, ana = world.counter(), world.steward(), world.member()
    tablet = unlocked(stage, registered(stage, counter, steward), counter.cashier)
    code = charge(tablet)

    desk = stage.page(steward)
    desk.goto("/office/bakery/tablets")
    name = f"Counter {counter.till.rpartition('-')[2]}"
    row = desk.locator("li.row").filter(has_text=name)
    row.get_by_role("button", name="Revoke").click()
    expect(row.get_by_role("button")).to_have_count(0)
    expect(row).to_contain_text("Revoked on")
    phone = open_bill(stage, ana, code)

    # The till's screen wants to show who has the bill, finds that it may not any more, and still says how it ends.
    expect(tablet.get_by_role("heading", name="Signed out at this till")).to_be_visible()
    expect(tablet.get_by_role("heading", name="The bill of 12.50 is open")).to_be_visible()
    pay(phone)
    expect_paid(phone)
    expect(tablet.get_by_role("heading", name="The bill of 12.50 is paid")).to_be_visible()
    assert bills_of(world, counter) == ["paid"]

    desk.goto(f"{counter.path}/shift")
    expect(desk.locator("main")).to_contain_text("12.50")
    tablet.get_by_role("link", name="Unlock this tablet").click()
    expect(tablet.get_by_role("heading", name="Make this device a till")).to_be_visible()
    # Without a network it is no till either.
    assert "till" not in tablet.evaluate(LEFT, "till")
    tablet.goto("/outage")
    expect(tablet.get_by_role("heading", name="This device is no tablet of a till")).to_be_visible()


def test_the_wallets_own_scanner_signs_a_tablet_in(stage: Stage) -> None:
    counter = stage.world.counter()
    tablet = registered(stage, counter, stage.world.steward())
    tablet.get_by_role("button", name="Unlock").click()
    expect(tablet.locator(f"{CARD} svg")).to_be_visible()

    # Where an installed app and the browser that a phone's camera opens do not share who is signed in.
    phone = stage.page(counter.cashier, sees=code_of(link_on(tablet, CARD)))
    phone.goto("/pay")
    phone.get_by_role("button", name="Sign in at").click()

    expect(screen(tablet, "register")).to_be_attached()


def test_the_code_of_a_tablet_tells_a_customer_nothing(stage: Stage) -> None:
    world = stage.world
    counter = world.counter()
    tablet = registered(stage, counter, world.steward())
    tablet.get_by_role("button", name="Unlock").click()
    expect(tablet.locator(f"{CARD} svg")).to_be_visible()
    code = tablet.locator("wallet-pairing").get_attribute("data-code")
    phone = stage.page(world.member())
    phone.goto(f"/pair/{code}")
    expect(phone.get_by_text("It is for the staff of that shop")).to_be_visible()
    expect(phone.get_by_text(Counter(counter.till, "").till)).to_have_count(0)
