"""What people do at a counter, in a browser: charge, scan, pay, and read what the screens say."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import camera
from tests.browser.script import run_by
from tests.browser.stage import Stage
from tests.web.phone import MemberPhone

# A hand that has typed a sum takes longer than this to reach for the scanner.
REACH_MS = 100


def charge(till: Page, digits: str = "1250") -> str:
    """Type a sum on the keypad and charge it; give the bill's code."""
    for digit in digits:
        till.locator(f'[data-key="{digit}"]').click()
    till.locator("[data-charge-button]").click()
    expect(screen(till, "waiting")).to_be_attached()
    return re.search(r"bill=([0-9A-Z]{8})", till.url).group(1)  # type: ignore[union-attr]


def next_sale(till: Page) -> None:
    """Let the bill in front wait, and go on."""
    till.get_by_role("link", name="Next sale").click()
    expect(screen(till, "register")).to_be_attached()


def screen(till: Page, name: str) -> Locator:
    """Give the till while it shows the screen `name`."""
    return till.locator(f'wallet-till[data-screen="{name}"]')


def shown_code(page: Page, place: str = ".code-frame") -> bytes:
    """Take a picture of the code on a screen."""
    expect(page.locator(f"{place} svg")).to_be_visible()
    # Of what is around it: a member's code is drawn anew every half minute, maybe while its picture is taken.
    return page.locator(place).screenshot()


def link_on(page: Page, place: str = ".code-frame") -> str:
    """Decode the code on a screen."""
    return camera.read_off(shown_code(page, place))


def pay(phone: Page) -> None:
    """Press the one button that pays, once the page's script answers for what becomes of it."""
    run_by(phone, "wallet-confirm")
    phone.locator('form[data-act="pay"] button').click()


def words_of(page: Page) -> str:
    """Read the two words of a payment."""
    return page.locator(".match .phrase").inner_text()


def expect_paid(phone: Page) -> None:
    """Wait until the phone says that the bill is paid."""
    expect(phone.locator("body.paid h1")).to_contain_text("You paid")


def press(page: Page, *keys: str) -> None:
    """Press keys of a real keyboard, one after the other."""
    for key in keys:
        page.keyboard.press(key)


def scan(till: Page, link: str, digits: str) -> None:
    """Type a sum and hold a member's code before the till's camera."""
    press(till, *digits)
    till.locator("[data-scan]").click()
    held_before(till, link)


def held_before(till: Page, link: str) -> None:
    """Hold a member's code before the till's open camera."""
    scanner = till.locator("dialog wallet-scanner")
    scanner.evaluate(
        "(scanner, text) => scanner.dispatchEvent("
        "new CustomEvent('scanned', { bubbles: true, cancelable: true, detail: { kind: 'member', text } }))",
        link,
    )


def link_of(stage: Stage, member: str) -> str:
    """Give the link that a phone of `member`, set up just now, shows."""
    return f"{stage.world.origin}/m/{MemberPhone(stage.world.kit, member).token()}"


def scanned_by_hand(till: Page, text: str, key_ms: int = 1) -> None:
    """Type a text as a hand scanner does, `key_ms` from key to key, however busy this machine is."""
    till.wait_for_timeout(REACH_MS + key_ms * len(text))
    till.evaluate(
        """([text, keyMs]) => {
          const keys = [...text, "Enter"], last = performance.now();
          for (const [number, key] of keys.entries()) {
            const place = document.activeElement;
            const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
            // A busy machine takes longer for a key than a scanner does.
            Object.defineProperty(event, "timeStamp", { value: last + keyMs * (number + 1 - keys.length) });
            if (!place.dispatchEvent(event)) continue;
            if (key === "Enter") place.form?.requestSubmit();
            else document.execCommand("insertText", false, key);
          }
        }""",
        [text, key_ms],
    )


def open_bill(stage: Stage, handle: str, code: str) -> Page:
    """Open a bill on the phone of `handle`."""
    phone = stage.page(handle)
    phone.goto(f"/b/{code}")
    return phone


def sign_out_everywhere(other: Page) -> None:
    """Sign the person out everywhere from another device."""
    answer = other.context.request.post(
        "/you/security/sessions/end-all", data={}, headers={"Accept": "application/json"}
    )
    assert answer.ok, answer.text()
