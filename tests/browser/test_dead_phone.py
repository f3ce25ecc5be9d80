"""The member's phone dies with the sheet open: its bill is not held, and is paid once or ends."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.counter import charge, expect_paid, open_bill, pay, press, screen
from tests.browser.stage import TABLET, Stage
from tests.browser.world import bills_of

pytestmark = pytest.mark.browser

LAPSE = sa.text("UPDATE bills SET claimed_at = claimed_at - 31000000 WHERE code = :code")
LOOK_MS = 10_000


def die(stage: Stage, phone: Page) -> None:
    """Let a phone's battery give out: nothing more comes from it."""
    phone.context.close()
    stage.contexts.remove(phone.context)


def test_a_phone_that_dies_while_confirming_holds_no_bill(stage: Stage) -> None:
    world = stage.world
    counter, ana, cy = world.counter(), world.member(), world.member("Cy Brandt")
    till = stage.page(counter.cashier, viewport=TABLET)
    till.clock.install()
    till.goto(counter.path)

    code = charge(till, "1250")
    die(stage, claimed(stage, till, ana, code))
    with world.kit.engine.begin() as connection:
        connection.execute(LAPSE, {"code": code})
    till.clock.run_for(LOOK_MS)
    expect(till.locator(".code-frame svg")).to_be_visible()
    expect(till.get_by_text("Ana")).to_have_count(0)
    # Another phone of the same member.
    phone = claimed(stage, till, ana, code)
    pay(phone)
    # The till first: its paid screen goes by itself.
    expect(screen(till, "paid").locator(".lede")).to_contain_text("Ana")
    expect_paid(phone)

    press(till, "3", "0", "0", "Enter")
    expect(screen(till, "waiting")).to_be_attached()
    code = till.url.rpartition("bill=")[2]
    die(stage, claimed(stage, till, ana, code))
    # Somebody else need not wait until the claim lapses.
    phone = open_bill(stage, cy, code)
    pay(phone)
    expect(screen(till, "paid").locator(".lede")).to_contain_text("Cy")
    expect_paid(phone)

    press(till, "4", "0", "0", "Enter")
    expect(screen(till, "waiting")).to_be_attached()
    code = till.url.rpartition("bill=")[2]
    die(stage, claimed(stage, till, ana, code))
    till.get_by_role("button", name="Cancel this bill").click()
    expect(screen(till, "register")).to_be_attached()
    late = open_bill(stage, ana, code)
    expect(late.get_by_role("heading", name="The till cancelled the bill")).to_be_visible()
    assert bills_of(world, counter) == ["paid", "paid", "cancelled"]


def claimed(stage: Stage, till: Page, handle: str, code: str) -> Page:
    """Open the bill on a phone of `handle`, and see the till say so; give the phone."""
    phone = open_bill(stage, handle, code)
    expect(till.locator(".claim")).to_contain_text("is confirming")
    return phone
