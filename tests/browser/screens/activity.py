"""What moved: the activity, its statement and a receipt."""

from playwright.sync_api import Page, expect

from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage


def sheet(stage: Stage, cast: Cast) -> Page:
    """Look for the movements of a co-op and a month."""
    page = at("/activity")(stage, cast)
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


SCREENS = (
    Screen("activity", at("/activity"), "Activity", ".chips a", "ul.rows li"),
    Screen("activity-narrowed", at("/activity?show=counts&q=bakery"), "Activity", ".cluster .button", "ul.rows li"),
    Screen("activity-none", at("/activity?q=nobody"), "Activity", ".card .link"),
    Screen("activity-sheet", sheet, "Activity", ".sheet .button", ".sheet select"),
    Screen("activity-new", at("/activity", "newcomer"), "Activity", ".tabs a"),
    Screen("statement", at("/statement"), "Statement", ".dock .button", ".table tbody tr"),
    Screen("statement-new", at("/statement", "newcomer"), "Statement", ".dock .button"),
    Screen("receipt", at("/receipts/{receipt}"), "Receipt", '[data-act="print"]', "dl.facts div"),
    Screen("receipt-staff", at("/receipts/{receipt}", "cashier"), "Receipt", '[data-act="print"]', "dl.facts div"),
)
