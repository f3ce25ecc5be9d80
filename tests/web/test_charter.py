"""The charter on the phone and at the facilitators' desk: what holds, what comes, and a dividend that is off."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import polls
from tests.web.conftest import JSON
from tests.web.page import Page
from wallet.domain.charter import Charter
from wallet.domain.parameter import PARAMETERS
from wallet.kit import Kit
from wallet.services import ballots, dividends, histories

Browser = Callable[[str], FlaskClient]
REPLACED = "Another ballot replaced it before it began."
OFF = "The dividend is switched off since 1 January 2027"
# Another value of each parameter as somebody types it, and a sentence of the card that then waits.
TYPED = {
    "sunset_months": ("156", "on 1 January 2039 instead of 1 January 2041"),
    "dividend_on": ("0", "Shall the Network Builder dividend be switched off?"),
    "pool_rate_bp": ("1.5", "shall it be 1.5 % instead of 1 %?"),
    "floor_bp": ("15", "Least pay share: shall it be 15 % instead of 10 %?"),
    "cap_bp": ("80", "2,400.00 → 1,920.00"),
    "headroom_bp": ("15", "shall it be 15 points instead of 10 points?"),
    "rise_bp": ("5", "30 % → 25 %"),
    "fall_bp": ("2.5", "35 % → 37.5 %"),
    "window_months": ("6", "shall it be 6 months instead of 3 months?"),
    "frozen_below_minor": ("200.00", "who was paid 100.00 and spent it at others"),
    "own_set_days": ("60", "30 May 2026 → 30 April 2026"),
    "count_logged_cash": ("0", "shall it be no instead of yes?"),
    "logged_cash_day_minor": ("300", "A steward must be at the till for 300.00 in cash on one day yes → no"),
    "rate_max_minor": ("25", "22.50 → 25.00"),
    "month_minutes_max": ("200", "300 hours → 200 hours"),
    "ballot_days": ("14", "31 March 2026 → 15 March 2026"),
}


@pytest.fixture
def chartered(federation: Kit) -> Kit:
    return polls.chartered(federation)


def opened(kit: Kit, browser_of: Browser, **values: int) -> list[int]:
    """Open ballots on so many values, and let everybody say yes."""
    numbers = []
    for parameter, value in values.items():
        number = ballots.propose(kit, "gus", value, "It is better.", 30, parameter=parameter)
        ballots.agree(kit, "fay", number)
        for coop, handles in {"bakery": ("bea", "sam"), "mill": ("ana", "fay", "gus")}.items():
            for handle in handles:
                browser_of(handle).post(f"/ballots/{number}/{coop}", data={"choice": "yes"})
        numbers.append(number)
    return numbers


def passed(kit: Kit, browser_of: Browser, clock: Clock, days: int, **value: int) -> int:
    """Let a ballot on a value pass, that is open for so many days."""
    ((parameter, to),) = value.items()
    number = ballots.propose(kit, "gus", to, "It is better.", days, parameter=parameter)
    ballots.agree(kit, "fay", number)
    for coop, handles in {"bakery": ("bea", "sam"), "mill": ("ana", "fay", "gus")}.items():
        for handle in handles:
            browser_of(handle).post(f"/ballots/{number}/{coop}", data={"choice": "yes"})
    clock.advance(days=days)
    ballots.close_due(kit)
    return number


def text(browser: FlaskClient, address: str) -> str:
    """Give what a page says."""
    return Page(browser.get(address).text).text.replace("\u202f", " ")


def test_every_value_is_proposed_with_its_reason_and_shown_in_numbers(chartered: Kit, browser_of: Browser) -> None:
    assert TYPED.keys() == PARAMETERS.keys()
    gus, fay = browser_of("gus"), browser_of("fay")
    for parameter, (value, says) in TYPED.items():
        form = f"/federation/ballots/new/{parameter}"
        assert gus.get(form).status_code == 200
        sent = gus.post(form, data={"value": value, "reason": "It is better.", "days": "30"})
        assert sent.status_code == 303, (parameter, Page(sent.text).text)
        waiting = text(fay, "/federation/ballots")
        assert says in waiting, (parameter, waiting)
    assert gus.get("/federation/ballots/new/refund_limit_minor").status_code == 404
    assert fay.get("/federation/ballots").text.count("/open") == len(PARAMETERS)


@pytest.mark.parametrize(
    ("parameter", "value", "days", "says"),
    [
        ("floor_bp", "60", "30", "Write a value from 0 % to 50 %."),
        ("floor_bp", "ten", "30", "Write a value from 0 % to 50 %."),
        ("floor_bp", "10", "30", "That is what stands already"),
        ("month_minutes_max", "1.5", "30", "Write a value from 1 hour to 744 hours."),
        ("month_minutes_max", "200", "a month", "Write a whole number, such as 30"),
        ("dividend_on", "1", "30", "That is what stands already"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words_with_what_was_typed(
    chartered: Kit, browser_of: Browser, parameter: str, value: str, days: str, says: str
) -> None:
    form = f"/federation/ballots/new/{parameter}"
    said = browser_of("gus").post(form, data={"value": value, "reason": "For <all>", "days": days})

    assert said.status_code == 400
    assert says in Page(said.text).text
    assert "For &lt;all&gt;</textarea>" in said.text
    assert f'value="{days}"' in said.text
    assert parameter == "dividend_on" or f'value="{value}"' in said.text


def test_members_read_what_holds_what_comes_and_what_was_changed(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 2, 12, tzinfo=UTC))
    (floor,) = opened(chartered, browser_of, floor_bp=1_500)
    ana = browser_of("ana")
    assert "A ballot on it is open. Look at it" in text(ana, "/charter")
    assert "More than half of the members, in more than half of the co-ops" in text(ana, f"/ballots/{floor}")
    clock.set(datetime(2026, 4, 1, 12, tzinfo=UTC))
    ana = browser_of("ana")
    result = text(ana, f"/ballots/{floor}")
    assert "Passed. It becomes: 15 %. It holds from May 2026 on." in result
    charter = text(ana, "/charter")
    assert "version 1." in charter
    assert "Least pay share 10 % from May 2026 on voted 15 %" in charter
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    ana = browser_of("ana")

    charter = text(ana, "/charter")
    assert "Least pay share 15 % Greatest" in charter
    assert "15 % Least pay share Passed on" in charter
    answer = ana.get("/charter", headers=JSON).get_json()
    assert answer["version"] == 2
    assert answer["values"] == {name: getattr(Charter(), name) for name in PARAMETERS} | {"floor_bp": 1_500}
    assert "Your first month’s share is 15 %." in text(ana, "/share/rule")


def test_the_first_look_after_a_ballots_end_calls_it_over(chartered: Kit, browser_of: Browser, clock: Clock) -> None:
    opened(chartered, browser_of, floor_bp=2_000)
    assert "A ballot on it is open" in text(browser_of("ana"), "/charter")
    clock.advance(days=30)

    first = text(browser_of("ana"), "/charter")

    assert "from May 2026 on" in first
    assert "A ballot on it is open" not in first


def test_a_ballot_says_what_each_choice_comes_to(chartered: Kit, browser_of: Browser) -> None:
    number = ballots.propose(chartered, "gus", 150, "It is better.", 30, parameter="pool_rate_bp")
    ballots.agree(chartered, "fay", number)

    page = text(browser_of("ana"), f"/ballots/{number}")

    for choice in ("Yes 1.5 %", "No keep 1 %"):
        assert choice in page, page


def test_one_of_two_co_ops_is_half_of_them_and_the_result_says_so(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    number = ballots.propose(chartered, "gus", 1_500, "It is better.", 30, parameter="floor_bp")
    ballots.agree(chartered, "fay", number)
    for handle in ("ana", "fay", "gus"):
        browser_of(handle).post(f"/ballots/{number}/mill", data={"choice": "yes"})
    clock.advance(days=30)

    result = text(browser_of("ana"), f"/ballots/{number}")
    assert "Not passed. It stays: 10 %." in result
    assert "In 1 of 2 co-ops more than half said yes; it takes more than half of them." in result
    assert "Of a co-op with fewer than five members no counts are shown." in result


def test_while_the_dividend_is_off_every_page_says_so_and_a_run_is_refused(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    opened(chartered, browser_of, dividend_on=0)
    clock.advance(days=30)
    assert "The dividend will be switched off on 1 January 2027" in text(browser_of("ana"), "/dividend")
    clock.set(datetime(2027, 2, 20, tzinfo=UTC))
    ana, fay, sam = browser_of("ana"), browser_of("fay"), browser_of("sam")

    pages = ((ana, "/dividend"), (ana, "/dividend/pool"), (ana, "/dividend/rule"), (ana, "/dividend/pyramid"),
             (sam, "/office/bakery/pool"), (fay, "/federation/dividend"))  # fmt: skip
    for browser, address in pages:
        assert OFF in text(browser, address), address
    assert "The dividend is switched off since 1 January 2027; basis is recorded all the same." in text(ana, "/")
    assert ana.get("/dividend", headers=JSON).get_json()["off"] is True
    assert "The period up to 1 January 2027 can still be paid." in text(ana, "/dividend")
    asked = {"ends_on": "2027-02-01", "pot": "1.00"}
    assert fay.post("/federation/dividend", json=asked, headers=JSON).get_json()["type"] == "dividend_off"
    assert "The Network Builder dividend off" in text(ana, "/charter")


def test_the_desk_proposes_an_end_that_lies_in_no_time_without_dividends(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    def proposed() -> str:
        page = browser_of("fay").get("/federation/dividend").text
        return page.partition('name="ends_on"')[2].partition('value="')[2].partition('"')[0]

    histories.fund(chartered, "mill", 50_000, key="pool")
    passed(chartered, browser_of, clock, 30, dividend_on=0)
    clock.set(datetime(2027, 2, 20, 12, tzinfo=UTC))
    assert proposed() == "2027-01-01"
    passed(chartered, browser_of, clock, 30, dividend_on=1)
    clock.set(datetime(2028, 1, 20, 12, tzinfo=UTC))
    assert proposed() == "2027-01-01", "the year before can still be paid"

    asked = {"ends_on": proposed(), "pot": "1.00"}
    assert browser_of("fay").post("/federation/dividend", data=asked).status_code == 303
    dividends.approve(chartered, "gus", 1)
    clock.advance(days=7)
    dividends.post(chartered)
    assert proposed() == "", "what is over since lies in the time without"
    clock.set(datetime(2028, 2, 20, 12, tzinfo=UTC))
    assert proposed() == "2028-02-01"


@pytest.mark.parametrize(("days", "until"), [(30, "2 May 2026"), (365, "2 April 2027")])
def test_a_place_and_the_share_say_until_when_nothing_counts_by_the_charter_that_will_hold_then(
    chartered: Kit, browser_of: Browser, clock: Clock, days: int, until: str
) -> None:
    opened(chartered, browser_of, own_set_days=days)
    # The ballot has ended; what passed holds from May on.
    clock.set(datetime(2026, 4, 2, 12, tzinfo=UTC))
    histories.pay(chartered, "mill", "cal", 10_000, 480, key="a day in April")
    histories.sell(chartered, "mill", "cal", 100, 0, key="flour")

    cal = browser_of("cal")
    assert f"For {days} days, to {until}, what you spend here does not count" in text(cal, "/places/mill")
    assert f"counts again after {until}" in text(cal, "/places")
    assert f"For {days} days, to {until}, it does not count." in text(cal, "/share")
    at = datetime.fromisoformat(cal.get("/places/mill", headers=JSON).get_json()["counts_again"])
    for moment, counts in ((at, False), (at + timedelta(seconds=1), True)):
        clock.set(moment)
        assert browser_of("cal").get("/places/mill", headers=JSON).get_json()["counts"] is counts
        sold = histories.sell(chartered, "mill", "cal", 1, 0, key=f"at {moment.isoformat()}")
        assert sold is not None
        assert sold.qualifies is counts


def test_a_value_that_another_ballot_replaced_before_it_began_is_not_said_to_hold(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    opened(chartered, browser_of, ballot_days=7)
    clock.set(datetime(2026, 5, 1, 12, tzinfo=UTC))
    first, second = (passed(chartered, browser_of, clock, 7, floor_bp=value) for value in (1_500, 2_000))

    ana = browser_of("ana")
    replaced, holds = (text(ana, f"/ballots/{number}") for number in (first, second))
    assert f"Passed {REPLACED} Yes votes" in replaced
    assert "before → if it had begun" in replaced
    assert "Passed. It becomes: 20 %. It holds from June 2026 on." in holds
    assert REPLACED not in holds
    charter = text(ana, "/charter")
    assert "Least pay share 10 % from June 2026 on voted 20 % Greatest" in charter
    assert charter.count(f"15 % Least pay share Passed on 8 May 2026 {REPLACED}") == charter.count(REPLACED) == 1

    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    assert REPLACED in text(browser_of("ana"), f"/ballots/{first}")
    third = passed(chartered, browser_of, clock, 7, floor_bp=1_000)
    assert "It holds from July 2026 on." in text(browser_of("ana"), f"/ballots/{third}")
    assert "It holds from June 2026 on." in text(browser_of("ana"), f"/ballots/{second}"), "for a month"


def test_what_goes_by_periods_may_hold_until_one_has_begun_after_both_ballots(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    first, second = (passed(chartered, browser_of, clock, 30, pool_rate_bp=value) for value in (150, 200))
    ana = browser_of("ana")
    assert text(ana, "/charter").count("from the first period on that begins after") == 2
    assert REPLACED not in text(ana, f"/ballots/{first}"), "a run to a day between the two is possible"

    histories.fund(chartered, "mill", 500, key="pool")
    clock.set(datetime(2026, 8, 20, tzinfo=UTC))
    dividends.pay(chartered, "2026-06", date(2026, 7, 1), 1)
    ana = browser_of("ana")
    assert REPLACED in text(ana, f"/ballots/{first}")
    assert REPLACED not in text(ana, f"/ballots/{second}")


def test_what_held_for_a_period_is_not_said_to_be_replaced(chartered: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.fund(chartered, "mill", 500, key="pool")
    first, _second = (passed(chartered, browser_of, clock, 30, pool_rate_bp=value) for value in (150, 200))
    clock.set(datetime(2026, 8, 20, tzinfo=UTC))
    for label, ends_on in (("a", date(2026, 4, 15)), ("b", date(2026, 7, 1))):
        dividends.pay(chartered, label, ends_on, 1)

    assert REPLACED not in text(browser_of("ana"), f"/ballots/{first}")


def test_the_draft_of_a_period_before_a_time_without_dividends_asks_by_that_periods_rate(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.fund(chartered, "mill", 50_000, key="pool")
    histories.sell(chartered, "bakery", "ana", 1_000, 0, key="bread")
    passed(chartered, browser_of, clock, 30, dividend_on=0)
    passed(chartered, browser_of, clock, 30, pool_rate_bp=1_000)
    clock.set(datetime(2027, 3, 1, 12, tzinfo=UTC))
    passed(chartered, browser_of, clock, 30, dividend_on=1)
    clock.set(datetime(2028, 2, 20, 12, tzinfo=UTC))
    run = dividends.draft(chartered, "gus", date(2027, 1, 1), 1_000)

    ana, sam = browser_of("ana"), browser_of("sam")
    assert "Bread & Roses asked for 0.10" in text(ana, f"/dividend/{run}/whole")
    for page in (text(ana, "/dividend/pool"), text(sam, "/office/bakery/pool")):
        assert "asked for 1 % of what members of others" in page
    assert "Bread & Roses asked for 0.10" in text(ana, "/dividend/pool")
    assert "Still to put in 0.10" in text(sam, "/office/bakery/pool")
