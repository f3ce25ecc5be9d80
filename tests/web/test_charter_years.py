"""What is said of votes and dividends in one year, held against what comes of it in the next."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.services.test_ballots import vote
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import ballots, dividends, histories, members, network

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def funded(federation: Kit) -> Kit:
    """Give a federation with a charter of 2026, two facilitators, a sale that counts for Ana, and a filled pool."""
    network.found_federation(federation, "Valley", charter_on="2026-01-01")
    members.grant(federation, "sam", "facilitator")
    histories.sell(federation, "bakery", "ana", 5_00, 0, key="sale")
    histories.fund(federation, "mill", 100_00, key="pool")
    return federation


def noon(*, of: date) -> datetime:
    """Give the noon of a day."""
    return datetime(of.year, of.month, of.day, 12, tzinfo=UTC)


def passes(kit: Kit, clock: Clock, parameter: str, value: int, on: date, days: int = 30) -> int:
    """Let a ballot pass that ends at noon of a day."""
    clock.set(noon(of=on) - timedelta(days=days))
    number = ballots.propose(kit, "sam", value, "Why", days, parameter=parameter)
    ballots.agree(kit, "fay", number)
    for coop, who in {"mill": ("ana", "fay"), "bakery": ("bea", "sam")}.items():
        for one in who:
            vote(kit, number, coop, one)
    clock.set(noon(of=on))
    assert ballots.close_due(kit) == {number: "passed"}
    return number


def post(kit: Kit, clock: Clock, run: int) -> int:
    """Approve a draft and post it when everybody has seen it."""
    dividends.approve(kit, "sam", run)
    clock.advance(days=8)
    assert dividends.post(kit) is not None
    return run


def text(browser: FlaskClient, address: str) -> str:
    """Give what a page says."""
    return Page(browser.get(address).text).text


def test_a_switch_off_may_still_hold_while_a_run_can_be_made_that_begins_it(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    off = passes(funded, clock, "dividend_on", 0, date(2026, 4, 10))
    passes(funded, clock, "dividend_on", 1, date(2026, 6, 20))
    ana, fay = browser_of("ana"), browser_of("fay")

    assert (
        "Another ballot replaces it unless a period is paid that ends from 11 April 2026 to 20 June 2026: "
        "it holds then from there to 1 January 2027."
    ) in text(ana, f"/ballots/{off}")
    assert "replaced it before it began" not in text(ana, "/charter")
    assert "from where a period ends that is paid, if it does from 11 April 2026 to 20 June 2026 voted off" in text(
        ana, "/charter"
    )
    for browser, page in ((ana, "/dividend"), (fay, "/federation/dividend")):
        assert "If a period is paid that ends from 11 April 2026 to 20 June 2026, it is off" in text(browser, page)
    desk = " ".join(fay.get("/federation/dividend").text.split())
    assert 'name="ends_on" value="2026-04-01"' in desk, "no end that switches it off"

    run = dividends.draft(funded, "fay", date(2026, 6, 1), 10_00)
    warned = "What is earned from 1 June 2026 to 1 January 2027 is then paid by no dividend until it is on again."
    for browser, page in ((ana, "/dividend"), (fay, "/federation/dividend")):
        assert warned in text(browser, page)
    post(funded, clock, run)
    assert "switched off since 1 June 2026" in text(browser_of("ana"), "/dividend")
    assert "It holds from the first period that begins after 10 April 2026." in text(ana, f"/ballots/{off}")


def test_once_a_period_is_paid_that_ends_after_both_ballots_the_first_is_replaced(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    off = passes(funded, clock, "dividend_on", 0, date(2026, 4, 10))
    passes(funded, clock, "dividend_on", 1, date(2026, 6, 20))
    clock.set(noon(of=date(2026, 7, 20)))
    run = dividends.draft(funded, "fay", date(2026, 7, 1), 10_00)
    ana = browser_of("ana")
    assert "is then paid by no dividend" not in text(ana, "/dividend")
    post(funded, clock, run)

    assert "Another ballot replaced it before it began." in text(browser_of("ana"), f"/ballots/{off}")
    assert "switched off" not in text(browser_of("ana"), "/dividend")


def test_a_draft_that_cuts_short_the_period_that_can_still_be_paid_says_what_it_leaves_out(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    passes(funded, clock, "dividend_on", 0, date(2026, 4, 10))
    clock.set(noon(of=date(2027, 1, 20)))
    ana, fay = browser_of("ana"), browser_of("fay")
    still = "The period up to 1 January 2027 can still be paid. If one that ends earlier is paid, it is off from there."
    assert still in text(ana, "/dividend")

    warned = "What is earned from 1 October 2026 to 1 January 2027 is then paid by no dividend until it is on again."
    for ends_on, says in ((date(2027, 1, 1), False), (date(2026, 10, 1), True)):
        run = dividends.draft(funded, "fay", ends_on, 10_00)
        for browser, page in (
            (ana, "/dividend"),
            (ana, f"/dividend/{run}/whole"),
            (fay, "/federation/dividend"),
            (fay, f"/federation/dividend/{run}"),
        ):
            assert (warned in text(browser, page)) == says, (ends_on, page)
        if not says:
            dividends.withdraw(funded, "fay", run)
    post(funded, clock, run)

    assert "switched off since 1 October 2026" in text(browser_of("ana"), "/dividend")
    assert warned not in text(browser_of("ana"), f"/dividend/{run}/whole"), "it is paid"


def test_what_is_estimated_beside_a_draft_goes_by_the_charter_of_the_period_after_it(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    passes(funded, clock, "sunset_months", 12, date(2026, 11, 10))
    clock.set(noon(of=date(2027, 1, 20)))
    run = dividends.draft(funded, "fay", date(2027, 1, 1), 50_00)
    ana = browser_of("ana")
    assert "If the next period closed today, after the draft 0.00 RES" in text(ana, "/dividend")

    post(funded, clock, run)

    assert "If the period closed today 0.00 RES" in text(browser_of("ana"), "/dividend"), "by hours, and there are none"


def test_after_a_draft_at_whose_end_the_dividend_goes_off_nothing_is_estimated_or_asked(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    passes(funded, clock, "dividend_on", 0, date(2026, 5, 20))
    clock.set(noon(of=date(2026, 6, 20)))
    dividends.draft(funded, "fay", date(2026, 6, 1), 10_00)
    ana, sam = browser_of("ana"), browser_of("sam")

    assert "after the draft" not in text(ana, "/dividend")
    for browser, page in ((ana, "/dividend/pool"), (sam, "/office/bakery/pool")):
        said = text(browser, page)
        assert "The draft of a dividend ends there." in said
        assert "is asked for once the draft is paid" not in said


def test_a_ballot_on_the_sunset_shows_no_period_that_it_cannot_change(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    number = passes(funded, clock, "sunset_months", 60, date(2026, 12, 30))
    clock.set(noon(of=date(2027, 1, 20)))
    run = post(funded, clock, dividends.draft(funded, "fay", date(2027, 1, 1), 10_00))
    ana = browser_of("ana")

    assert "month 12 of 180 9.33" in text(ana, f"/dividend/{run}")
    assert "before → since 1 January 2028 86.66 % → 60 %" in text(ana, f"/ballots/{number}")


def test_a_sunset_that_was_over_when_it_was_voted_is_not_said_to_become_the_day(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    number = passes(funded, clock, "sunset_months", 12, date(2028, 6, 10))

    said = text(browser_of("ana"), f"/ballots/{number}")
    assert (
        "Passed. History stops counting. Every co-op reached 75 %. It holds from the first period that begins" in said
    )


def test_the_worked_case_of_a_ballot_goes_by_the_charter_that_holds(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    passes(funded, clock, "floor_bp", 5_000, date(2026, 4, 10))
    clock.set(noon(of=date(2026, 6, 1)))
    number = ballots.propose(funded, "sam", 2_000, "Why", 30, parameter="headroom_bp")
    assert "1,200.00 → 1,200.00" in text(browser_of("fay"), "/federation/ballots"), "half of 2,400.00 is the least"
    ballots.agree(funded, "fay", number)

    assert "1,200.00 → 1,200.00" in text(browser_of("ana"), f"/ballots/{number}")


def test_a_value_that_never_held_is_not_what_stood_before(funded: Kit, clock: Clock, browser_of: Browser) -> None:
    passes(funded, clock, "ballot_days", 7, date(2026, 4, 10))
    passes(funded, clock, "floor_bp", 2_000, date(2026, 7, 10), days=7)
    back = passes(funded, clock, "floor_bp", 1_000, date(2026, 7, 20), days=7)

    assert "before → since RES in the first pay of 2,400.00 240.00 → 240.00" in text(
        browser_of("ana"), f"/ballots/{back}"
    )


def test_a_sunset_that_is_voted_is_said_to_hold_from_the_period_from_which_it_does(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    passes(funded, clock, "sunset_months", 60, date(2027, 1, 10))
    passes(funded, clock, "sunset_months", 72, date(2027, 3, 10))
    said = text(browser_of("ana"), "/dividend")
    post(funded, clock, dividends.draft(funded, "fay", date(2027, 1, 1), 50_00))

    assert "from the first period on that begins after 10 January 2027 it is 60 months from the charter’s day." in said
    assert "from the first period on that begins after 10 March 2027 it is 72 months from the charter’s day." in said
    then = text(browser_of("ana"), "/dividend")
    assert "month 14 of 180" in then, "the next period began before both ballots had passed"
    assert "it is 60 months from" in then


def test_since_when_every_hour_counts_the_same_is_no_day_before_that_was_so(
    funded: Kit, clock: Clock, browser_of: Browser
) -> None:
    runs = []
    for year in (2027, 2028, 2029):
        if year == 2029:
            passes(funded, clock, "sunset_months", 12, date(2028, 6, 10))
        clock.set(noon(of=date(year, 1, 20)))
        runs.append(post(funded, clock, dividends.draft(funded, "fay", date(year, 1, 1), 10_00)))
    ana = browser_of("ana")

    assert "8.66" in text(ana, f"/dividend/{runs[1]}"), "the year 2027 went by history"
    said = text(ana, "/dividend")
    assert "1 year, then equal" in said
    assert "Since 1 January 2029 every hour counts the same" in said


def test_what_was_put_in_while_the_dividend_is_off_counts_also_where_none_was_ever_paid(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    network.found_federation(federation, "Valley", charter_on="2026-01-01")
    members.grant(federation, "sam", "facilitator")
    histories.sell(federation, "bakery", "ana", 5_00, 0, key="sale")
    passes(federation, clock, "dividend_on", 0, date(2026, 6, 10))
    clock.set(noon(of=date(2027, 6, 1)))
    histories.fund(federation, "bakery", 7_00, key="while it is off")
    passes(federation, clock, "dividend_on", 1, date(2027, 10, 10))
    for day in (date(2027, 12, 31), date(2028, 2, 1)):
        clock.set(noon(of=day))

        assert "put in 7.00" in text(browser_of("cal"), "/dividend/pool")
