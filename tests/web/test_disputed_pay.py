"""A line of pay that looks wrong is set right with the next pay."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.disputes import disputed, does, with_mia
from tests.web.page import Page
from wallet.kit import Kit

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
