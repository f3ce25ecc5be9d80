"""What a giver presses to send RES."""

from playwright.sync_api import Page

from tests.browser.script import run_by


def fill_in(phone: Page, taker: str, amount: str) -> None:
    """Fill in a gift to `taker` and go to the page that asks once more."""
    phone.goto(f"/send/{taker}")
    phone.locator("#amount").fill(amount)
    look_once_more(phone)


def look_once_more(phone: Page) -> None:
    """Go from the filled form to the page that asks once more, and wait for its script."""
    phone.get_by_role("button", name="Check what I send").click()
    run_by(phone, "wallet-confirm")
