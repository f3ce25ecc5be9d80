"""How the federation grows, as every member sees it: figures from the ledger, and none of few people."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, members, network

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def buyers(federation: Kit) -> list[str]:
    """Let six people of the mill buy for 1.00 each at the bakery, and give their handles."""
    handles = [f"member-{number}" for number in range(6)]
    for handle in handles:
        members.join(federation, "mill", handle)
        histories.pay(federation, "mill", handle, 10_000, 480, key=f"pay of {handle}")
        histories.sell(federation, "bakery", handle, 100, 0, key=f"sale to {handle}")
    return handles


def figures(browser: FlaskClient) -> dict[str, object]:
    """Give the figures as a script reads them."""
    answer = browser.get("/growth", headers=JSON)
    assert answer.status_code == 200
    return dict(answer.get_json())


def of_coop(browser: FlaskClient, coop: str) -> dict[str, object]:
    """Give the figures of one co-op."""
    found = figures(browser)["by_coop"]
    assert isinstance(found, list)
    return dict(next(one for one in found if one["coop"] == coop))


def later(clock: Clock, **passed: float) -> None:
    """Let so much time pass, and with it the minutes for which the figures are kept."""
    clock.advance(minutes=11, **passed)


def test_of_fewer_than_five_people_nothing_is_told(federation: Kit, browser_of: Browser) -> None:
    histories.sell(federation, "bakery", "ana", 250, 0, key="a loaf")
    cal = browser_of("cal")

    assert figures(cal)["members_who_paid"] is None
    assert "Members who paid fewer than 5 of 5" in Page(cal.get("/growth").text).text


def test_from_five_people_on_the_number_is_told_and_held_against_the_days_before(
    federation: Kit, buyers: list[str], browser_of: Browser, clock: Clock
) -> None:
    assert figures(browser_of("cal"))["members_who_paid"] == 6
    assert figures(browser_of("cal"))["members"] == 11

    later(clock, days=30)
    for handle in buyers[:5]:
        histories.sell(federation, "bakery", handle, 100, 0, key=f"second sale to {handle}")
    clock.advance(1)
    text = Page(browser_of("cal").get("/growth").text).text

    assert "Members who paid 5 down 1, of 11" in text
    assert "RES spent at other co-ops 5.00 down 1.00" in text


def test_only_what_counts_is_spent_at_others_and_what_came_back_is_not(
    federation: Kit, buyers: list[str], browser_of: Browser, clock: Clock
) -> None:
    cal = browser_of("cal")
    assert figures(cal)["spent_at_others"] == "6.00"

    histories.sell(federation, "mill", buyers[0], 100, 0, key="at home")
    histories.sell(federation, "bakery", buyers[0], 0, 500, key="in cash")
    histories.refund(federation, f"sale to {buyers[1]}", 40, 0)
    later(clock)

    assert figures(cal)["spent_at_others"] == "5.60"
    # A sale counts for thirty days, up to the last instant.
    later(clock, days=30)
    assert figures(browser_of("cal"))["spent_at_others"] == "0.00"


def test_a_co_op_is_seen_by_whom_it_buys_from_and_how_long_its_res_lasts(
    federation: Kit, buyers: list[str], browser_of: Browser, clock: Clock
) -> None:
    network.admit_coop(federation, "farm", 100_000, name="Long Field", need="garden")
    cal = browser_of("cal")
    bakery = {"coop": "bakery", "suppliers": 0, "of": 2, "days_on_hand": None, "stuck": True}
    assert of_coop(cal, "bakery") == bakery
    assert of_coop(cal, "mill") == {"coop": "mill", "suppliers": 0, "of": 2, "days_on_hand": 0, "stuck": False}
    page = Page(cal.get("/growth").text).text
    assert "has RES, and paid nothing out stuck: more than 60 days could buy from Long Field, The Mill" in page

    # It has 6.00, and 4.00 of them go to the farm: 2.00 last for 45 days of ninety at 4.00.
    histories.supply(federation, "bakery", "farm", 400, key=new_key())
    later(clock)
    assert of_coop(cal, "bakery") == bakery | {"suppliers": 1, "days_on_hand": 45, "stuck": False}
    assert "bought from 1 of 2 RES for 45 days" in Page(cal.get("/growth").text).text

    later(clock, days=90)
    assert of_coop(browser_of("cal"), "bakery") == bakery


def test_a_supplier_that_left_is_not_counted_any_more(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    network.admit_coop(federation, "farm", 100_000, name="Long Field", need="garden")
    histories.supply(federation, "bakery", "farm", 400, key=new_key())
    clock.advance(1)
    assert figures(browser_of("cal"))["coops"] == 3
    assert of_coop(browser_of("cal"), "bakery")["suppliers"] == 1

    network.coop_leaves(federation, "farm")
    later(clock)

    assert (of_coop(browser_of("cal"), "bakery")["suppliers"], figures(browser_of("cal"))["coops"]) == (0, 2)


def test_needs_stand_as_patches_and_those_that_nobody_serves_as_open_ones(federation: Kit, browser_of: Browser) -> None:
    for number in range(5):
        network.admit_coop(federation, f"farm-{number}", 0, name=f"Farm {number}", need="garden")
    network.admit_coop(federation, "press", 0, name="Press", need="print")

    answer = browser_of("cal").get("/growth")

    assert "Needs with a place to spend 2 of 12" in Page(answer.text).text
    assert "Garden 5 co-ops" in Page(answer.text).text
    assert "Clothes none yet" in Page(answer.text).text
    assert [answer.text.count(f'data-count="{count}"') for count in (0, 1, 4)] == [10, 1, 1]


def test_hours_of_people_who_are_no_members_are_told_from_five_of_them_on(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    cal = browser_of("cal")
    assert figures(cal)["hours_of_non_members_bp"] == 0
    for number in range(4):
        members.accept_customer(federation, f"temp-{number}")
        histories.pay(federation, "mill", f"temp-{number}", 10_000, 120, key=f"pay {number}")
    later(clock)
    assert figures(cal)["hours_of_non_members_bp"] is None
    assert "in 90 days fewer than 5 people" in Page(cal.get("/growth").text).text

    # Who leaves afterwards was a member when paid; who works at the bakery is none at the mill.
    members.leave(federation, "mill", "ana")
    histories.pay(federation, "mill", "bea", 10_000, 120, key="pay of bea")
    later(clock)

    # 600 minutes of 1,080.
    assert figures(cal)["hours_of_non_members_bp"] == 5_556
    assert "in 90 days 55.56 %" in Page(cal.get("/growth").text).text


def test_months_that_are_over_stand_as_a_chart_and_a_table(
    federation: Kit, buyers: list[str], browser_of: Browser, clock: Clock
) -> None:
    assert "RES spent, month by month" not in Page(browser_of("cal").get("/growth").text).text

    later(clock, days=70)
    histories.sell(federation, "bakery", "ana", 0, 1_00, key="in cash, months later")
    text = Page(browser_of("cal").get("/growth").text).text

    assert "RES spent, month by month" in text
    assert "Mar Apr" in text, "a bar has the name of its month"
    assert "April 0.00 70.00 March 6.00 70.00" in text
