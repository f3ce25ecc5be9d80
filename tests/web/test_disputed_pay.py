"""A line of pay that looks wrong: set right with the next pay, and what its co-op's stewards are led to."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.disputes import disputed, does, with_mia
from tests.web.page import Page
from tests.web.test_payruns import HEAD, begin, bring, office, press
from wallet.kit import Kit

__all__ = ["office"]

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill, which has paid Ana."""
    return with_mia(federation)


def test_a_line_of_pay_that_is_decided_for_the_member_is_said_to_be_set_right_with_the_next_pay(
    shop: Kit, browser_of: Browser
) -> None:
    ana, mia, fay = browser_of("ana"), browser_of("mia"), browser_of("fay")
    ref = ana.get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(ana, ref, "I worked 9 hours")
    page = f"/disputes/{made['dispute']}"
    does(ana, made, "pass")

    said = Page(fay.get(page).text).text
    assert "You move no money: for the member, the co-op sets it right with the next pay." in said
    assert "came back at once" not in said
    does(fay, made, "decide", words="9 hours", for_member=True)
    does(ana, made, "pass")

    for browser in (ana, mia, fay):
        said = Page(browser.get(page).text).text
        assert "The Mill sets it right with the next pay." in said
        assert "give back" not in said
    assert "It is decided for the member already, and not set right yet." in Page(fay.get(page).text).text


def test_stewards_are_led_from_a_disputed_line_of_pay_to_its_run(office: Kit, browser_of: Browser) -> None:
    sam, sol, bea = (browser_of(handle) for handle in ("sam", "sol", "bea"))
    run = begin(sam)
    bring(sam, run, HEAD + "bea,Bea Luz,160,2400.00,\n")
    press(sam, run, "submit")
    press(sol, run, "approve")
    (ref,) = [link[-12:] for link in Page(bea.get("/slips").text).links if link and len(link) == len("/slips/") + 12]
    made = disputed(bea, ref, "Hours are missing")

    links = {who: Page(browser_of(who).get(f"/disputes/{made['dispute']}").text).links for who in ("sam", "bea")}

    assert run in links["sam"]
    assert f"/receipts/{ref}" not in links["sam"]
    assert f"/receipts/{ref}" in links["bea"]
    assert run not in links["bea"]


def test_stewards_are_led_from_a_line_that_no_run_paid_to_no_receipt(shop: Kit, browser_of: Browser) -> None:
    ref = browser_of("ana").get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(browser_of("ana"), ref, "I worked 9 hours")

    shown = browser_of("mia").get(f"/disputes/{made['dispute']}")

    assert shown.status_code == 200
    assert f"/receipts/{ref}" not in Page(shown.text).links
