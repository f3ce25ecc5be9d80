"""How many taps a sale takes, counted by the pages themselves from what a finger really does."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import expect_paid, link_on, pay, screen, shown_code
from tests.browser.stage import TABLET, Stage
from tests.browser.world import Counter

pytestmark = pytest.mark.browser

CARD = ".code-card"
# Only what a person did: what a script sends itself is not trusted.
LISTENER = "addEventListener('pointerdown', (event) => event.isTrusted && tapped(), true)"
OPENED = 1


class Taps:
    """Count the taps on all pages of a browser, from the next page that it opens."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.context.expose_binding("tapped", lambda _source: self._tap())
        page.context.add_init_script(LISTENER)

    def _tap(self) -> None:
        self.count += 1


def opened(stage: Stage, counter: Counter, *, sees: bytes | None = None) -> tuple[Page, Taps]:
    """Open a till whose taps are counted."""
    till = stage.page(counter.cashier, sees=sees, viewport=TABLET)
    taps = Taps(till)
    till.goto(counter.path)
    return till, taps


def type_in(till: Page, digits: str) -> None:
    """Tap digits on the keypad."""
    for digit in digits:
        till.locator(f'[data-key="{digit}"]').click()


def test_a_charge_takes_the_digits_and_one_tap_and_the_member_two_by_the_link_and_three_by_the_scanner(
    stage: Stage,
) -> None:
    ana = stage.world.member()
    till, taps = opened(stage, stage.world.counter())
    type_in(till, "1250")
    till.locator("[data-charge-button]").click()
    expect(screen(till, "waiting")).to_be_attached()
    assert taps.count == len("1250") + 1

    phone = stage.page(ana)
    taps_of_phone = Taps(phone)
    phone.goto(link_on(till))
    pay(phone)
    expect_paid(phone)
    expect(screen(till, "paid")).to_be_attached()
    assert OPENED + taps_of_phone.count == 2

    # Who does not wait for the field to go by itself taps it away.
    taps.count = 0
    till.locator("main.result").click()
    type_in(till, "860")
    till.locator("[data-charge-button]").click()
    expect(screen(till, "waiting")).to_be_attached()
    assert taps.count == 1 + len("860") + 1

    scanner = stage.page(stage.world.member(), sees=shown_code(till))
    taps_of_scanner = Taps(scanner)
    scanner.goto("/")
    scanner.get_by_role("link", name="Pay", exact=True).click()
    pay(scanner)
    expect_paid(scanner)
    assert OPENED + taps_of_scanner.count == 3


def test_a_scan_takes_the_digits_and_one_tap_and_the_member_two_to_the_code(stage: Stage) -> None:
    phone = stage.page(stage.world.member())
    phone.goto("/code")
    phone.get_by_role("button", name="Use this phone for codes").click()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    taps_of_phone = Taps(phone)
    phone.goto("/")
    phone.get_by_role("link", name="My code").first.click()
    expect(phone.locator(f"{CARD} svg")).to_be_visible()
    assert OPENED + taps_of_phone.count == 2

    till, taps = opened(stage, stage.world.counter(), sees=shown_code(phone, CARD))
    type_in(till, "1250")
    till.locator("[data-scan]").click()
    expect(screen(till, "paid")).to_be_attached()
    # One fewer than is allowed: where the camera may be used, it opens and reads by itself.
    assert taps.count == len("1250") + 1 <= len("1250") + 2


def test_the_count_sees_one_tap_too_many_and_no_tap_that_nobody_made(stage: Stage) -> None:
    till, taps = opened(stage, stage.world.counter())
    type_in(till, "12")
    till.locator('[data-key="clear"]').click()
    assert taps.count == len("12") + 1
    till.locator('[data-key="1"]').evaluate("key => key.click()")
    expect(till.locator("[data-sum]")).to_have_text("0.01 RES")
    assert taps.count == len("12") + 1
