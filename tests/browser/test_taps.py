"""How many taps a sale takes, counted by the pages themselves from what a finger really does."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.counter import expect_paid, link_on, pay, screen, shown_code
from tests.browser.stage import TABLET, Stage
from tests.browser.world import Counter

pytestmark = pytest.mark.browser

CARD = ".code-card"
# Only what a person did: what a script sends itself is not trusted.
LISTENER = """addEventListener("pointerdown", ({ isTrusted }) => {
    if (isTrusted) sessionStorage.taps = Number(sessionStorage.taps ?? 0) + 1;
}, true)"""
OPENED = 1


class Taps:
    """Count the taps on a page, from the next address that it opens; the page keeps the number for whoever asks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(LISTENER)

    @property
    def count(self) -> int:
        """Give how many there have been."""
        return int(self.page.evaluate("Number(sessionStorage.taps ?? 0)"))

    def begin_anew(self) -> None:
        """Count from the next one on."""
        self.page.evaluate("sessionStorage.removeItem('taps')")


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
    expect(screen(till, "paid")).to_be_attached()
    # Who does not wait for the field to go by itself taps it away.
    taps.begin_anew()
    till.locator("main.result").click()
    expect_paid(phone)
    assert OPENED + taps_of_phone.count == 2

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
