"""A waiting till ends on the truth with a stream, without one, and after it was away."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

# Streams that nothing comes through, and that never end.
DEAF = "window.EventSource = class { static CLOSED = 2; readyState = 0; close() {} };"
DEAF_WHEN_OPENED = (
    DEAF
    + "const Deaf = EventSource; window.EventSource = class extends Deaf {"
    + ("constructor() { super(); setTimeout(() => { this.onopen(); this.onmessage({}); }, 50); } };")
)


def full(route: Route) -> None:
    route.fulfill(status=204, headers={"Retry-After": "2"})


def cut(route: Route) -> None:
    route.abort()


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
    code = charge(till)
    pay_by_phone(stage, code)
    expect(screen(till, "paid")).to_be_attached()


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
