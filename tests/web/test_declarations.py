"""What co-ops own: two stewards declare it, members see what it is for each RES, and nothing else moves by it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.page import Page
from tests.web.stopped import stop
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network, proposals
from wallet.store import coops, suspensions
from wallet.store.engine import write

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
ADDRESS = "/office/bakery/declarations"


def unit_value(browser: FlaskClient) -> Any:
    """Give what stands behind the RES as a script reads it."""
    return browser.get("/growth", headers=JSON).get_json()["unit_value"]


def propose(browser: FlaskClient, worth: str = "400", meeting: str = "2026-03-01") -> int:
    """Propose to declare something; give the status of the answer."""
    return browser.post(ADDRESS, data={"worth": worth, "meeting": meeting}).status_code


def later(clock: Clock, **passed: float) -> None:
    """Let so much time pass, and with it the minutes for which the figures are kept."""
    clock.advance(minutes=11, **passed)


def test_two_stewards_declare_and_nothing_else_moves(
    staffed: Kit, browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    before, sam, tim = balances(), browser_of("sam"), browser_of("tim")
    assert unit_value(sam) is None
    assert propose(sam) == 303
    later(clock)
    assert unit_value(sam) is None
    waiting = Page(tim.get(ADDRESS).text)
    assert "Bread & Roses declares that it owns 400.00 USD, as its meeting of 1 March 2026 approved" in waiting.text
    assert not [action for action in Page(sam.get(ADDRESS).text).forms if action.endswith("/agree")]

    (agree,) = [action for action in waiting.forms if action.endswith("/agree")]
    agreed = tim.post(agree)

    assert (agreed.status_code, agreed.location) == (303, f"{ADDRESS}?saved=1#proposal-1")
    assert "Meeting of 1 March 2026 400.00" in Page(sam.get(ADDRESS).text).text
    later(clock)
    assert unit_value(sam) == {
        "worth": "400.00",
        "outstanding": "300.00",
        "value": "1.33",
        "index": "100.00",
        "declared": [{"coop": "bakery", "worth": "400.00", "meeting": "2026-03-01", "stale": False}],
    }
    text = Page(browser_of("cal").get("/growth").text).text
    assert "Unit value index 100.00 1.33 USD of what co-ops own for each RES; it sets no price" in text
    assert "Bread & Roses, 1 March 2026 400.00" in text
    assert balances() == before


def test_who_is_the_only_steward_declares_nothing(federation: Kit, browser_of: Browser) -> None:
    answer = browser_of("sam").post(ADDRESS, json={"worth": "400.00", "meeting": "2026-03-01"}, headers=JSON)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "second_person")


@pytest.mark.parametrize("address", [ADDRESS, "/office/bakery/pool"])
def test_what_takes_two_is_offered_to_nobody_who_would_be_alone_with_it(
    federation: Kit, browser_of: Browser, address: str
) -> None:
    sam, why = browser_of("sam"), "Nobody else could agree yet: a second steward is needed"

    def offered() -> bool:
        page = Page(sam.get(address).text)
        assert (why in page.text) is (address not in page.forms)
        return address in page.forms

    assert not offered()
    members.join(federation, "bakery", "tim", name="Tim", counter_name="Tim")
    members.grant(federation, "tim", "steward", "bakery")
    assert offered()


def test_a_co_op_that_is_suspended_is_offered_no_form_to_declare(staffed: Kit, browser_of: Browser) -> None:
    stop(staffed, "bakery", "suspended")

    page = Page(browser_of("sam").get(ADDRESS).text)

    assert ADDRESS not in page.forms
    assert "Bread & Roses neither pays nor declares anything at present." in page.text


def test_what_a_meeting_approved_is_for_the_co_op_s_own_stewards_to_say(staffed: Kit, browser_of: Browser) -> None:
    assert propose(browser_of("sam")) == 303
    (agree,) = [action for action in Page(browser_of("tim").get(ADDRESS).text).forms if action.endswith("/agree")]

    answer = browser_of("fay").post(agree, headers=JSON)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_proposal")


@pytest.mark.parametrize(
    ("worth", "meeting", "code"),
    [
        ("-1", "2026-03-01", "bad_amount"),
        ("1.234", "2026-03-01", "bad_amount"),
        ("1e3", "2026-03-01", "bad_amount"),
        ("10000000000", "2026-03-01", "bad_amount"),
        ("400", "2026-03-03", "bad_form"),
        ("400", "2026-02-30", "bad_form"),
        ("400", "", "bad_form"),
        ("400", "1 March", "bad_form"),
    ],
)
def test_what_no_meeting_can_have_approved_is_refused_on_the_page_with_what_was_typed(
    staffed: Kit, browser_of: Browser, worth: str, meeting: str, code: str
) -> None:
    sam = browser_of("sam")

    answer = sam.post(ADDRESS, data={"worth": worth, "meeting": meeting})

    assert answer.status_code == 400
    assert f'value="{worth}"' in answer.text
    assert "Waits for a second person" not in Page(sam.get(ADDRESS).text).text
    as_script = sam.post(ADDRESS, data={"worth": worth, "meeting": meeting}, headers=JSON)
    assert as_script.get_json()["type"] == code


def test_one_declaration_waits_at_a_time(staffed: Kit, browser_of: Browser) -> None:
    assert propose(browser_of("sam")) == 303

    again = browser_of("tim").post(ADDRESS, data={"worth": "500", "meeting": "2026-03-02"}, headers=JSON)

    assert (again.status_code, again.get_json()["type"]) == (409, "already_waiting")


def test_the_newest_of_each_active_co_op_counts_and_the_index_is_held_against_the_first_day(
    staffed: Kit, browser_of: Browser, clock: Clock
) -> None:
    cal = browser_of("cal")
    histories.declare(staffed, "bakery", 10_000, date(2026, 3, 1))
    clock.advance(hours=2)
    histories.declare(staffed, "bakery", 30_000, date(2026, 3, 2))
    clock.advance(hours=2)
    histories.declare(staffed, "mill", 30_000, date(2026, 3, 2))
    assert (unit_value(cal)["value"], unit_value(cal)["index"]) == ("2.00", "100.00")

    # Twice as much is outstanding, and what is owned is half as much again: three quarters of it stand behind each.
    later(clock, days=1)
    histories.pay(staffed, "mill", "ana", 300_000, 9_600, key="third pay")
    histories.declare(staffed, "mill", 60_000, date(2026, 3, 3))
    assert (unit_value(cal)["value"], unit_value(cal)["index"]) == ("1.50", "75.00")

    def suspend(connection: sa.Connection) -> None:
        mill = coops.known(connection, "mill")
        suspensions.begin(connection, mill.id, mill.account_id, "Its books are open.", clock())

    write(staffed.engine, suspend)
    later(clock)
    assert [one["coop"] for one in unit_value(cal)["declared"]] == ["bakery"]
    assert (unit_value(cal)["value"], unit_value(cal)["index"]) == ("0.50", "25.00")


def test_the_index_begins_with_the_first_day_on_which_assets_and_res_both_stood(
    brought: tuple[Kit, Browser], clock: Clock
) -> None:
    kit, opened = brought
    network.found_federation(kit, "Valley")
    network.admit_coop(kit, "bakery", 1_000_000, name="Bread & Roses")
    members.join(kit, "bakery", "ana")

    def growth(worth_minor: int, pay_minor: int = 0) -> tuple[Any, str]:
        clock.advance(days=30)
        if pay_minor:
            histories.pay(kit, "bakery", "ana", pay_minor, 600, key=f"pay {worth_minor}")
        histories.declare(kit, "bakery", worth_minor, clock().date())
        ana = opened("ana")
        return unit_value(ana)["index"], Page(ana.get("/growth").text).text

    for index, text in (growth(90_000), growth(0, pay_minor=100_000)):
        assert index is None
        assert "The index was 100.00" not in text
    index, text = growth(20_000)
    assert (index, "The index was 100.00 on 31 May 2026" in text) == ("100.00", True)
    index, text = growth(30_000)
    assert (index, "The index was 100.00 on 31 May 2026" in text) == ("150.00", True)


@pytest.mark.parametrize("days", [0, 1])
def test_the_first_day_of_the_index_counts_no_co_op_that_had_left(
    brought: tuple[Kit, Browser], clock: Clock, days: int
) -> None:
    kit, opened = brought
    network.found_federation(kit, "Valley")
    for slug in ("bakery", "mill"):
        network.admit_coop(kit, slug, 1_000_000, name=slug)
    members.join(kit, "bakery", "ana")
    histories.declare(kit, "mill", 100_000, date(2026, 3, 1))
    clock.advance(days=days)
    network.coop_leaves(kit, "mill")
    histories.pay(kit, "bakery", "ana", 10_000, 60, key="pay")
    clock.advance(days=1)
    histories.declare(kit, "bakery", 100_000, date(2026, 3, 2))

    assert unit_value(opened("ana"))["index"] == "100.00"


def test_a_day_on_which_the_only_co_op_that_declared_left_is_not_the_first_of_the_index(
    staffed: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.declare(staffed, "mill", 90_000, date(2026, 3, 1))
    network.coop_leaves(staffed, "mill")
    later(clock, days=1)

    assert unit_value(browser_of("cal"))["index"] is None


def test_what_a_co_op_owes_that_has_left_is_taken_off(staffed: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.declare(staffed, "bakery", 90_000, date(2026, 3, 1))
    later(clock, days=1)
    network.coop_leaves(staffed, "mill")

    found = unit_value(browser_of("cal"))

    # The mill owed all 300.00 that are outstanding.
    assert (found["worth"], found["value"], found["index"]) == ("600.00", "2.00", "66.67")
    assert (
        "300.00 is taken off: RES that co-ops owe which have left." in Page(browser_of("cal").get("/growth").text).text
    )


def test_all_figures_of_the_page_are_of_one_instant(staffed: Kit, browser_of: Browser) -> None:
    histories.declare(staffed, "bakery", 90_000, date(2026, 3, 1))
    ana = browser_of("ana")
    # Home keeps its own for some minutes.
    assert "300.00 RES are held in all" in Page(ana.get("/").text).text
    histories.pay(staffed, "mill", "ana", 300_000, 9_600, key="third pay")

    text = Page(ana.get("/growth").text).text

    assert "against 600.00 RES held in all." in text
    assert "RES held in all 600.00" in text


def test_while_nothing_is_outstanding_there_is_no_value_yet(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    # Ana gives all that she has back to the mill, which owed it.
    histories.sell(federation, "mill", "ana", 1_000, 0, key="flour")
    histories.declare(federation, "bakery", 90_000, date(2026, 3, 1))

    found = unit_value(browser_of("cal"))

    assert (found["outstanding"], found["value"], found["index"]) == ("0.00", None, None)
    text = Page(browser_of("cal").get("/growth").text).text
    assert "Unit value index no value yet no RES is held yet" in text
    # It was the first day: what comes later cannot be held against it.
    later(clock, days=1)
    histories.pay(federation, "mill", "ana", 30_000, 480, key="second pay")
    assert (unit_value(browser_of("cal"))["value"], unit_value(browser_of("cal"))["index"]) == ("30.00", None)


def test_a_declaration_older_than_twelve_months_says_so_and_counts_as_it_was(
    staffed: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.declare(staffed, "bakery", 60_000, date(2026, 3, 1))
    later(clock, days=363)
    assert unit_value(browser_of("cal"))["declared"][0]["stale"] is False

    later(clock, days=2)

    found = unit_value(browser_of("cal"))
    assert (found["declared"][0]["stale"], found["value"]) == (True, "2.00")
    assert "older than twelve months, counts as it was" in Page(browser_of("cal").get("/growth").text).text
    assert "older than twelve months" in Page(browser_of("sam").get(ADDRESS).text).text


def test_what_was_proposed_stands_only_if_the_co_op_is_still_in_when_another_agrees(
    staffed: Kit, browser_of: Browser
) -> None:
    tim = browser_of("tim")
    assert propose(browser_of("sam")) == 303
    (agree,) = [action for action in Page(tim.get(ADDRESS).text).forms if action.endswith("/agree")]
    network.coop_leaves(staffed, "bakery")

    answer = tim.post(agree, headers=JSON)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "account_not_open")
    assert unit_value(tim) is None


def test_only_a_co_op_that_is_in_declares(staffed: Kit) -> None:
    assert proposals.declare(staffed, "sam", "bakery", 1, date(2026, 3, 1)).done is False
    network.coop_leaves(staffed, "bakery")

    with pytest.raises(Refusal, match="account_not_open"):
        histories.declare(staffed, "bakery", 1, date(2026, 3, 1))
