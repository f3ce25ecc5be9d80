"""A waiting till ends on the truth with a stream, without one, and after it was away."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay, screen
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


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


def test_a_till_that_was_offline_shows_what_happened_meanwhile(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    code = charge(till)
    till.context.set_offline(True)
    pay_by_phone(stage, code)
    expect(screen(till, "waiting")).to_be_attached()
    till.context.set_offline(False)
    expect(screen(till, "paid")).to_be_attached()
