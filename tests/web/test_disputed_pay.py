"""A line of pay that looks wrong: set right with the next pay, and what its co-op's stewards are led to."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.disputes import disputed, does, state, with_mia
from tests.web.doors import code_of
from tests.web.page import Page
from tests.web.stopped import HOW, stop
from tests.web.test_payruns import HEAD, begin, bring, office, press
from wallet.kit import Kit

__all__ = ["office"]

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill, which has paid Ana."""
    return with_mia(federation)


def decided(browser_of: Browser) -> dict[str, str]:
    """Let Ana dispute her pay and pass it on, and Fay decide for her."""
    ana = browser_of("ana")
    ref = ana.get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(ana, ref, "I worked 9 hours")
    does(ana, made, "pass")
    assert does(browser_of("fay"), made, "decide", words="9 hours", for_member=True).get_json()["state"] == "open"
    return made


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


@pytest.mark.parametrize("after_days", [1, 8])
def test_stewards_note_that_a_decided_line_is_set_right_and_its_member_has_the_last_word(
    shop: Kit, browser_of: Browser, clock: Clock, after_days: int
) -> None:
    ana, mia, fay = browser_of("ana"), browser_of("mia"), browser_of("fay")
    made = decided(browser_of)
    page, act = f"/disputes/{made['dispute']}", f"/disputes/{made['dispute']}/right"
    assert act not in Page(ana.get(page).text).forms
    clock.advance(days=after_days)
    assert act in Page(mia.get(page).text).forms

    for _press in range(2):
        assert mia.post(act, data={}).status_code == 303

    told = [one["kind"] for one in ana.get("/notices", headers=JSON).get_json()["notices"]]
    assert told.count("answered") == 1
    assert state(ana, made) == "answered"
    said = Page(mia.get(page).text)
    assert "noted that it is set right" in said.text
    assert act not in said.forms
    said = Page(ana.get(page).text)
    assert "The stewards of The Mill say that it is set right. If it is not, pass it to a facilitator." in said.text
    assert "with the next pay" not in said.text
    clock.advance(days=15)
    assert page not in fay.get("/federation/disputes").text, "it comes back by no clock"

    # It is not: the facilitators have it again until the stewards are reminded, whatever is noted meanwhile.
    assert does(ana, made, "pass").get_json()["state"] == "passed"
    assert does(mia, made, "right").get_json()["state"] == "passed"
    assert page in fay.get("/federation/disputes").text
    assert does(fay, made, "decide", words="Look again", for_member=True).get_json()["state"] == "open"
    assert does(mia, made, "right").get_json()["state"] == "answered"
    assert does(ana, made, "end").get_json()["state"] == "settled"


def test_stewards_note_nothing_as_set_right_that_was_not_decided_for_the_member(shop: Kit, browser_of: Browser) -> None:
    ana, mia = browser_of("ana"), browser_of("mia")
    ref = ana.get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(ana, ref, "I worked 9 hours")

    assert f"/disputes/{made['dispute']}/right" not in Page(mia.get(f"/disputes/{made['dispute']}").text).forms
    assert code_of(does(mia, made, "right")) == "dispute_over"
    assert code_of(does(ana, made, "right")) == "unknown_dispute"


@pytest.mark.parametrize("how", HOW)
def test_a_decided_line_of_a_co_op_that_pays_nobody_is_not_said_to_come_with_the_next_pay(
    shop: Kit, browser_of: Browser, how: str
) -> None:
    made = decided(browser_of)
    does(browser_of("ana"), made, "pass")
    stop(shop, "mill", how)

    for who in ("ana", "fay"):
        said = Page(browser_of(who).get(f"/disputes/{made['dispute']}").text).text
        assert {
            "suspended": "The Mill is suspended and pays nobody until this is lifted.",
            "left": "The Mill has left the federation and pays nobody here any more.",
        }[how] in said
        assert "with the next pay" not in said


def test_a_member_who_says_that_it_is_not_right_has_it_wait_for_the_stewards_again(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, mia, fay = browser_of("ana"), browser_of("mia"), browser_of("fay")
    made = decided(browser_of)
    page = f"/disputes/{made['dispute']}"
    does(mia, made, "right")

    assert does(ana, made, "words", words="Nothing came").get_json()["state"] == "open"

    assert f"{page}/right" in Page(mia.get(page).text).forms
    assert "The Mill sets it right with the next pay." in Page(ana.get(page).text).text
    clock.advance(days=7)
    assert page in fay.get("/federation/disputes").text
