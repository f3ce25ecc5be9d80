"""A waiting till ends on the truth with a stream, without one, and after it was away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import clock
from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen, sign_out_everywhere
from tests.browser.stage import TABLET, Stage
from tests.browser.world import Counter

pytestmark = [pytest.mark.browser, pytest.mark.without_worker]

# Streams that nothing comes through, and that never end.
DEAF = "window.EventSource = class { static CLOSED = 2; readyState = 0; close() {} };"
DEAF_WHEN_OPENED = (
    DEAF
    + "const Deaf = EventSource; window.EventSource = class extends Deaf {"
    + ("constructor() { super(); setTimeout(() => { this.onopen(); this.onmessage({}); }, 50); } };")
)
BACK = ["new Event('online')", "Object.assign(new Event('pageshow'), { persisted: true })"]


def full(route: Route) -> None:
    route.fulfill(status=204, headers={"Retry-After": "2"})


def cut(route: Route) -> None:
    route.abort()


def in_trouble(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")


def greet(route: Route, status: int = 200) -> None:
    route.fulfill(status=status, content_type="text/html", body="<h1>Welcome to our network</h1>")


def pay_by_phone(stage: Stage, code: str) -> Page:
    phone = open_bill(stage, stage.world.member(), code)
    pay(phone)
    expect_paid(phone)
    return phone


@pytest.mark.parametrize("trouble", [full, cut], ids=["no place for a stream", "streams are cut on the way"])
def test_a_till_without_a_stream_sees_the_payment_by_looking(stage: Stage, trouble: object) -> None:
    till = stage.till(stage.world.counter())
    till.route("**/events", trouble)  # type: ignore[arg-type]
    till.reload()
    pay(open_bill(stage, stage.world.member(), charge(till)))
    expect(screen(till, "paid")).to_be_attached()


@pytest.mark.parametrize("trouble", [cut, in_trouble], ids=["is cut", "comes from a gateway in trouble"])
def test_a_till_that_could_not_be_read_when_a_payment_was_told_of_is_read_at_the_next_look(
    stage: Stage, trouble: Callable[[Route], None]
) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    till.route("**/events", full)
    till.reload()
    phone = open_bill(stage, stage.world.member(), charge(till))
    expect(till.get_by_text("is confirming")).to_be_visible()

    till.route(f"**{counter.path}?bill=*", trouble)
    with till.expect_request(f"**{counter.path}?bill=*"):
        pay(phone)
    expect_paid(phone)
    expect(screen(till, "waiting")).to_be_attached()
    till.unroute_all(behavior="wait")

    expect(screen(till, "paid")).to_be_attached()


def cut_the_second(page: Page, pattern: str, is_news: Callable[[str], bool]) -> None:
    """Cut the second answer that brings news: the first tells of it, the second is read because of that."""
    told: list[str] = []

    def pass_on(route: Route) -> None:
        answer = route.fetch()
        if is_news(answer.text()):
            told.append(answer.text())
            if len(told) == 2:
                return route.abort()
        return route.fulfill(response=answer)

    page.route(pattern, pass_on)


def looking_sheet(stage: Stage) -> tuple[Page, Page, str]:
    """Give a till, a phone that looks by itself how its bill stands, and the bill's code."""
    till = stage.till(stage.world.counter())
    code = charge(till)
    phone = stage.page(stage.world.member())
    phone.route("**/events", full)
    phone.goto(f"/b/{code}")
    expect(till.get_by_text("is confirming")).to_be_visible()
    return till, phone, code


def test_a_sheet_that_could_not_be_read_when_its_bill_was_cancelled_is_read_at_the_next_look(stage: Stage) -> None:
    till, phone, code = looking_sheet(stage)

    cut_the_second(phone, f"**/b/{code}", lambda bill: "cancelled" in bill)
    till.get_by_role("button", name="Cancel this bill").click()

    expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()


def test_a_till_signed_out_that_could_not_be_read_when_its_bill_was_paid_is_read_at_the_next_look(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = stage.till(counter)
    code = charge(till)
    till.context.clear_cookies()
    till.reload()
    expect(till.get_by_role("heading", name="The bill of 12.50 is open")).to_be_visible()

    cut_the_second(till, f"**/b/{code}", lambda bill: "paid" in bill)
    stage.world.pay(code, ana)

    expect(till.get_by_role("heading", name="The bill of 12.50 is paid")).to_be_visible()


def test_a_page_that_closes_a_shift_and_could_not_be_read_after_a_charge_is_read_at_the_next_look(stage: Stage) -> None:
    counter = stage.world.counter()
    till, page = stage.till(counter), stage.page(counter.cashier)
    stage.world.pay(charge(till), stage.world.member())
    expect(screen(till, "paid")).to_be_attached()
    page.route("**/events", full)
    page.goto(f"{counter.path}/shift")
    expect(page.locator("#register")).to_be_visible()
    before = page.request.get(f"{counter.path}/state", headers={"Accept": "application/json"}).text()

    cut_the_second(page, f"**{counter.path}/state", lambda state: state != before)
    press(till, "Escape")
    charge(till, "300")

    expect(page.get_by_text("One bill is still open")).to_be_visible()


def test_a_sheet_that_met_a_page_that_is_not_ours_is_read_at_the_next_look(stage: Stage) -> None:
    till, phone, code = looking_sheet(stage)

    phone.route(f"**/b/{code}", lambda route: greet(route), times=2)
    till.get_by_role("button", name="Cancel this bill").click()

    expect(phone.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()


@pytest.mark.parametrize("status", [200, 403])
def test_a_till_that_met_a_page_that_is_not_ours_keeps_what_is_typed(stage: Stage, status: int) -> None:
    counter = stage.world.counter()
    till = held_up(stage, counter)
    press(till, *"1250")
    till.route(f"**{counter.path}", lambda route: greet(route, status))

    with till.expect_response(f"**{counter.path}"):
        till.evaluate(f"dispatchEvent({BACK[0]})")
    till.unroute_all(behavior="wait")
    with till.expect_response(f"**{counter.path}"):
        till.evaluate(f"dispatchEvent({BACK[0]})")

    expect(till.locator("[data-charge-button]")).to_have_text("Charge 12.50 RES")


def test_a_refund_page_whose_cashier_is_signed_out_asks_to_sign_in(stage: Stage) -> None:
    counter = stage.world.counter()
    receipt = stage.world.sale(counter, stage.world.member(), 10_100)
    page = stage.page(counter.cashier)
    page.goto(f"/refunds/{stage.world.refund(counter, receipt, 10_100)}")
    waits = page.get_by_text("No money has moved yet").or_(page.get_by_text("No money has moved."))
    expect(waits).to_be_visible()

    sign_out_everywhere(stage.page(counter.cashier))

    expect(waits).to_be_hidden()


def held_up(stage: Stage, counter: Counter) -> Page:
    """Open a till whose streams bring nothing, and stop its clock."""
    till = stage.page(counter.cashier, viewport=TABLET)
    till.clock.install()
    till.add_init_script(DEAF)
    till.goto(counter.path)
    clock.stop(till)
    return till


@pytest.mark.parametrize("event", BACK, ids=["in the network", "from another page"])
def test_a_till_that_is_back_looks_at_once(stage: Stage, event: str) -> None:
    counter = stage.world.counter()
    till = held_up(stage, counter)
    stage.world.pay(charge(till), stage.world.member())
    expect(screen(till, "waiting")).to_be_attached()

    till.evaluate(f"dispatchEvent({event})")

    expect(screen(till, "paid")).to_be_attached()


def test_a_till_whose_stream_missed_something_looks_often(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = held_up(stage, counter)
    look = f"**{till.locator('wallet-till').get_attribute('data-look')}"
    with till.expect_response(look):
        till.clock.run_for(11_000)
    stage.world.pay(charge(till), ana)
    with till.expect_response(look):
        till.clock.run_for(11_000)
    expect(screen(till, "paid")).to_be_attached()

    press(till, "Escape")
    stage.world.pay(charge(till, "300"), ana)
    till.clock.run_for(2_000)
    expect(screen(till, "paid")).to_contain_text("3.00")


def test_a_till_that_reaches_nobody_says_so_until_it_does(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till, "300")
    alone = till.get_by_role("alert").filter(has_text="What is paid meanwhile")
    expect(alone).to_be_hidden()

    # What the browser calls a connection is none as long as the server does not answer.
    till.route("**/tills/**", cut)
    till.evaluate("dispatchEvent(new Event('online'))")
    expect(alone).to_be_in_viewport(ratio=1)
    pay_by_phone(stage, code)
    expect(screen(till, "waiting")).to_be_attached()

    till.unroute_all(behavior="wait")
    expect(screen(till, "paid")).to_be_attached()
    expect(alone).to_be_hidden()


def test_a_till_that_was_offline_shows_what_happened_meanwhile(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till)
    till.context.set_offline(True)
    pay_by_phone(stage, code)
    expect(screen(till, "waiting")).to_be_attached()
    till.context.set_offline(False)
    expect(screen(till, "paid")).to_be_attached()


@pytest.mark.parametrize("opened", [False, True], ids=["is held back", "went silent"])
def test_what_a_stream_does_not_tell_is_seen_by_looking_beside_it(stage: Stage, opened: bool) -> None:
    counter = stage.world.counter()
    till = stage.till(counter)
    pay_by_phone(stage, charge(till))
    page = stage.page(counter.cashier)
    page.clock.install()
    page.add_init_script(DEAF_WHEN_OPENED if opened else DEAF)
    page.goto(f"{counter.path}/shift")
    expect(page.locator("#register")).to_be_visible()
    page.clock.run_for(11_000)

    press(till, "Escape")
    charge(till, "300")
    page.clock.run_for(11_000)
    expect(page.get_by_text("One bill is still open")).to_be_visible()
