"""Pay runs that two have signed and nobody is paid by yet: who is told of it, and what is offered."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.figures import figures
from tests.web.conftest import JSON
from tests.web.page import Page
from tests.web.test_payruns import HEAD, begin, bring, office, press, text_of
from wallet.kit import Kit
from wallet.services import histories, members, network, paybounds, payruns
from wallet.store import coops, suspensions
from wallet.store.engine import write

__all__ = ["office"]

Browser = Callable[[str], FlaskClient]
LINE = HEAD + "bea,Bea Luz,160,2400.00,\n"
APRIL = datetime(2026, 4, 1, 12, tzinfo=UTC)


def signed(browser_of: Browser, pay_on: str = "2026-03-31", content: str = LINE) -> str:
    """Have a run submitted by Sam and approved by Sol; give its page."""
    run = begin(browser_of("sam"), pay_on)
    bring(browser_of("sam"), run, content)
    press(browser_of("sam"), run, "submit")
    press(browser_of("sol"), run, "approve")
    return run


def told(browser: FlaskClient) -> list[tuple[str, str]]:
    """List, as kind and page, what the notices of a steward still ask for about pay runs."""
    found = browser.get("/notices", headers=JSON).get_json()["notices"]
    return [(one["kind"], one["page"]) for one in found if "run" in one["kind"] and one["new"]]


@pytest.mark.parametrize("why", [payruns.MONTH, payruns.OVERPAID])
def test_a_signed_run_that_became_a_draft_again_is_told_to_its_stewards(
    office: Kit, browser_of: Browser, clock: Clock, why: str
) -> None:
    if why == payruns.OVERPAID:
        paybounds.note_overpayment(office, "sam", "bakery", "bea", 5_000, "twice", key="k")
    run = signed(browser_of)
    if why == payruns.OVERPAID:
        paybounds.withdraw_overpayment(office, "sam", "bakery", 1)
    clock.set(APRIL if why == payruns.MONTH else datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert payruns.post_due(office) == [("bakery", 1, why)]
    assert payruns.post_due(office) == []

    for handle in ("sam", "sol"):
        notices = Page(browser_of(handle).get("/notices").text)
        assert "Bread & Roses could not pay a pay run, which is a draft again" in notices.text
        assert run in notices.links
    assert told(browser_of("bea")) == []
    clock.advance(minutes=1)
    press(browser_of("sam"), run, "submit")
    assert (told(browser_of("sam")), told(browser_of("sol"))) == ([], [("approve_run", run)])


def test_a_draft_that_is_given_up_is_asked_about_no_more(office: Kit, browser_of: Browser, clock: Clock) -> None:
    run = signed(browser_of)
    clock.set(APRIL)
    payruns.post_due(office)
    with_news = browser_of("sol").get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["kind"], one["until"]) for one in with_news if one["kind"] == "run_back"] == [("run_back", None)]

    press(browser_of("sam"), run, "drop")

    assert told(browser_of("sam")) == []


def test_a_run_that_the_credit_line_does_not_bear_is_told_once_and_stands_on_home_until_it_is_paid(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = signed(browser_of, content=HEAD + "bea,Bea Luz,160,9900.00,\n")
    histories.pay(office, "bakery", "sam", 9_000_00, 60, key="more than is left")
    assert "not paid yet" not in text_of(browser_of("sam"), "/")
    clock.set(datetime(2026, 3, 31, 12, tzinfo=UTC))

    for _timer in range(3):
        assert payruns.post_due(office) == [("bakery", 1, "insufficient_funds")]
        clock.advance(hours=1)

    for handle in ("sam", "sol"):
        home = text_of(browser_of(handle), "/")
        assert "Waits for your yes Pay run of 31 March 2026: approved, not paid yet Bread & Roses" in home
        notices = browser_of(handle).get("/notices").text
        assert Page(notices).text.count("Bread & Roses could not pay a pay run yet, so it waits") == 1
        assert told(browser_of(handle)) == []
    assert "not paid yet" not in text_of(browser_of("bea"), "/")

    histories.sell(office, "bakery", "sam", 900_00, 0, key="enough again")
    assert payruns.post_due(office) == [("bakery", 1, payruns.POSTED)]
    assert "not paid yet" not in text_of(browser_of("sam"), "/")
    found = browser_of("sam").get("/notices", headers=JSON).get_json()["notices"]
    assert [one["until"] is None for one in found if one["kind"] == "run_waits"] == [False]
    assert run in Page(browser_of("sam").get("/notices").text).links


def offered(browser: FlaskClient, run: str) -> set[str]:
    """Name what the page of a run offers a steward to do with it."""
    return {act.rpartition("/")[2] for act in Page(browser.get(run).text).forms if act and act.startswith(f"{run}/")}


@pytest.mark.parametrize("approved", [False, True])
def test_a_run_of_a_month_that_is_over_can_only_be_sent_back(
    office: Kit, browser_of: Browser, clock: Clock, approved: bool
) -> None:
    sam = browser_of("sam")
    run = signed(browser_of) if approved else begin(sam, "2026-03-31")
    if not approved:
        bring(sam, run, LINE)
        press(sam, run, "submit")
        assert "Pay run of 31 March 2026" in text_of(browser_of("sol"), "/")
    clock.set(APRIL)
    assert told(browser_of("sol")) == []

    for handle in ("sam", "sol"):
        page = text_of(browser_of(handle), run)
        assert "A new month has begun Nobody can be paid by this run as it stands" in page
        assert ("Withdraw" in page) is (handle == "sam" and not approved)
        assert not any(words in page for words in ("Approve and pay", "Another steward approves", "RES short"))
        assert offered(browser_of(handle), run) == {"return"}
        assert "Pay run of 31 March 2026" not in text_of(browser_of(handle), "/")
    desk = text_of(browser_of("sol"), "/office/bakery")
    assert "waits for a second steward" not in desk
    assert ("The run for 31 March 2026 is of a month that is over" in desk) is not approved
    press(browser_of("sol"), run, "return")
    assert "submit" in offered(browser_of("sol"), run)


def test_at_a_co_op_that_is_suspended_a_run_is_signed_and_not_paid(
    office: Kit, browser_of: Browser, clock: Clock
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam)
    bring(sam, run, LINE)
    press(sam, run, "submit")

    def suspend(connection: sa.Connection) -> None:
        place = coops.known(connection, "bakery")
        suspensions.begin(connection, place.id, place.account_id, "The books do not agree.", clock())

    write(office.engine, suspend)
    assert "Approve and pay" not in text_of(sol, run)
    assert "Waits for your yes Pay run of 2 March 2026" in text_of(sol, "/")

    answer = press(sol, run, "approve")

    assert answer.location == run  # type: ignore[attr-defined]
    assert "approved on 2 March 2026" in text_of(sol, run)
    assert "It waits until the co-op takes payments again." in text_of(sol, run)
    assert offered(sol, run) == {"return"}
    assert "Pay run of" not in text_of(sol, "/")


def test_a_notice_asks_for_a_yes_to_a_run_until_its_month_is_over(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam, "2026-03-31")
    bring(sam, run, LINE)
    press(sam, run, "submit")
    (asked,) = browser_of("sol").get("/notices", headers=JSON).get_json()["notices"]
    # April begins in Lisbon at this instant.
    assert (asked["kind"], asked["new"], asked["until"]) == ("approve_run", True, "2026-03-31T23:00:00Z")


@pytest.mark.parametrize("is_approved", [False, True])
def test_runs_of_a_co_op_that_leaves_are_drafts_again_and_ask_nobody(
    office: Kit, browser_of: Browser, clock: Clock, *, is_approved: bool
) -> None:
    sam, sol = browser_of("sam"), browser_of("sol")
    run = begin(sam, "2026-03-05")
    bring(sam, run, LINE)
    press(sam, run, "submit")
    if is_approved:
        press(sol, run, "approve")

    network.coop_leaves(office, "bakery")

    assert "Pay run of" not in text_of(sol, "/")
    assert told(sol) == []
    assert "The co-op has left the federation No money moved." in text_of(sol, run)
    network.admit_coop(office, "bakery", 1_000_000)
    clock.advance(days=4)
    assert payruns.post_due(office) == []
    bea = figures(office)["bea"]
    press(browser_of("sam"), run, "submit")
    press(browser_of("sol"), run, "approve")
    assert figures(office)["bea"][0] - bea[0] == 24_000


def test_who_submitted_a_run_reads_that_nobody_is_left_to_approve_it(office: Kit, browser_of: Browser) -> None:
    sam = browser_of("sam")
    run = begin(sam)
    bring(sam, run, LINE)
    press(sam, run, "submit")
    assert "You submitted it. Another steward approves." in text_of(sam, run)

    members.leave(office, "bakery", "sol")

    said = text_of(sam, run)
    assert "Another steward approves." not in said
    assert "Nobody else could approve yet: a second steward is needed, and a new one waits a day." in said
    assert offered(sam, run) == {"return"}
