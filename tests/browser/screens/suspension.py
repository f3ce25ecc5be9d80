"""A co-op that is suspended, as each side meets it."""

from tests.browser import suspended
from tests.browser.screens.screen import Screen

SCREENS = (
    Screen(
        "till-suspended",
        suspended.at("cashier", "/tills/{till}", waits=True),
        suspended.DAIRY,
        ".actions .button",
        ".last-five li",
        till=True,
    ),
    Screen(
        "bill-suspended", suspended.at("payer", waits=True), "Bill of Green Meadow Dairy", ".dock .button", ".notice"
    ),
    Screen("coop-suspended", suspended.at("facilitator", "/federation/coops/{coop}"), suspended.DAIRY, "form .button"),
    Screen("office-suspended", suspended.at("steward", "/office/{coop}"), "People", "form .button", ".notice"),
)
