"""The dividend's run on the desk and for everybody: a draft with one's own line, two people, a statement to redo."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import stopped
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import histories, members, network

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def period(federation: Kit, browser_of: Browser, clock: Clock) -> Kit:
    """Let Ana (10.00 RES for 48 minutes) and Bea (20.00 for 96) spend in March, the pool hold 9.00, and May begin."""
    network.found_federation(federation, "Valley", charter_on="2020-12-01")
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    histories.pay(federation, "bakery", "bea", 20_000, 960, key="first pay of bea")
    histories.sell(federation, "bakery", "ana", 400, 0, key="bread")
    histories.sell(federation, "mill", "bea", 800, 0, key="flour")
    histories.fund(federation, "mill", 900, key="pool")
    clock.advance(days=60)
    return federation


def act(browser: FlaskClient, ending: str) -> int:
    """Press the button of the desk's page whose form ends so."""
    (action,) = [action for action in Page(browser.get("/federation/dividend").text).forms if action.endswith(ending)]
    return browser.post(action).status_code


def drafted(browser: FlaskClient) -> int:
    return browser.post("/federation/dividend", data={"ends_on": "2026-04-01", "pot": "9"}).status_code


def test_two_facilitators_post_a_run_and_everybody_can_redo_their_line(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    fay, gus, ana = browser_of("fay"), browser_of("gus"), browser_of("ana")
    assert 'value="2026-04-01"' in fay.get("/federation/dividend").text
    assert drafted(fay) == 303
    assert "Your line: 3.00 RES." in Page(ana.get("/dividend").text).text
    assert "You have no line in it." in Page(browser_of("cal").get("/dividend").text).text
    assert not [form for form in Page(fay.get("/federation/dividend").text).forms if form.endswith("/approve")]
    assert act(gus, "/approve") == 303
    assert not [form for form in Page(gus.get("/federation/dividend").text).forms if form.endswith("/post")]
    clock.advance(seconds=10)
    assert act(fay, "/post") == 303
    assert fay.post("/federation/dividend/1/post").location == "/federation/dividend/1"
    assert "Shared out 9.00 RES Paid on 1 May 2026" in Page(fay.get("/federation/dividend/1").text).text

    text = Page(ana.get("/dividend").text).text
    assert "Statement March 2026 3.00 RES, paid 1 May 2026" in text
    statement = Page(ana.get("/dividend/1").text).text.replace("\u202f", " ")
    assert "By history, month 64 of 180 5.80 By new hours 3.20 Eligible members fewer than 5" in statement
    assert "4.00 yours × 5.80 12.00 of all who are eligible" in statement
    assert "19 min yours × 3.20 57 min of all who are eligible" in statement
    sheet = dict(csv.reader(io.StringIO(ana.get("/dividend/1/statement.csv").text)))
    assert (sheet["yours by basis"], sheet["yours by hours"], sheet["yours in all"]) == ("1.93", "1.07", "3.00")
    lines = list(csv.DictReader(io.StringIO(fay.get("/federation/dividend/1/lines.csv").text)))
    assert [(line["handle"], line["total"]) for line in lines] == [("ana", "3.00"), ("bea", "6.00")]
    assert "3.00" in Page(ana.get("/activity").text).text


def test_who_presses_pay_again_on_a_run_that_is_paid_does_not_pay_the_next_one(
    period: Kit, browser_of: Browser, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    def approved(ends_on: str) -> FlaskClient:
        fay = browser_of("fay")
        assert fay.post("/federation/dividend", data={"ends_on": ends_on, "pot": "4"}).status_code == 303
        assert act(browser_of("gus"), "/approve") == 303
        clock.advance(seconds=10)
        return fay

    assert act(approved("2026-04-01"), "/post") == 303
    clock.advance(days=15)
    fay, before = approved("2026-05-01"), balances()

    assert fay.post("/federation/dividend/1/post").location == "/federation/dividend/1"
    assert balances() == before
    assert act(fay, "/post") == 303
    assert balances() != before


def test_a_withdrawn_draft_is_gone_for_everybody(period: Kit, browser_of: Browser) -> None:
    fay, ana = browser_of("fay"), browser_of("ana")
    drafted(fay)
    assert act(fay, "/withdraw") == 303

    assert "Draft of the dividend" not in Page(ana.get("/dividend").text).text
    for page in ("", "/whole", "/basis", "/statement.csv"):
        gone = ana.get(f"/dividend/1{page}")
        assert gone.status_code == 404
        assert "This draft of a dividend was withdrawn No money moved." in Page(gone.text).text
    for act_on in ("approve", "withdraw", "post"):
        answer = browser_of("gus").post(f"/federation/dividend/1/{act_on}")
        assert answer.status_code == 409
        assert "Somebody has decided this already" in Page(answer.text).text
        assert fay.post(f"/federation/dividend/2/{act_on}").status_code == 404
    assert "Draft a run" in Page(fay.get("/federation/dividend").text).text


def test_no_period_ends_before_the_charters_day_or_on_it(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    network.found_federation(federation, "Valley", charter_on="2026-03-15")
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    histories.fund(federation, "mill", 900, key="pool")
    clock.advance(days=30)
    fay = browser_of("fay")
    assert 'value="2026-03-01"' not in fay.get("/federation/dividend").text

    for ends_on in ("2026-03-01", "2026-03-15"):
        refused = fay.post("/federation/dividend", data={"ends_on": ends_on, "pot": "1.00"})
        assert refused.status_code == 403
        assert "The first period begins on 15 March 2026." in Page(refused.text).text
    assert "Dues since 15 March 2026" in Page(browser_of("ana").get("/dividend/pool").text).text
    assert fay.post("/federation/dividend", data={"ends_on": "2026-03-16", "pot": "1.00"}).status_code == 303


def test_the_estimate_shares_out_what_lies_in_the_pool(period: Kit, browser_of: Browser) -> None:
    ana, cal = Page(browser_of("ana").get("/dividend").text).text, Page(browser_of("cal").get("/dividend").text).text

    # Month 65 of 180: 5.75 by 4.00 of 12.00, 3.25 by 19 of 57 minutes.
    assert "If the period closed today 2.99 RES" in ana
    assert "By what you circulated 1.91 By your new hours 1.08" in ana
    assert "Without basis there is nothing to go by yet. There are 9.00 RES in the pool." in cal


def test_what_a_draft_shares_out_and_counts_is_not_estimated_a_second_time(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    fay, ana = browser_of("fay"), browser_of("ana")
    assert "If the period closed today 2.99 RES" in Page(ana.get("/dividend").text).text
    assert fay.post("/federation/dividend", data={"ends_on": "2026-04-01", "pot": "6"}).status_code == 303

    beside = Page(ana.get("/dividend").text).text
    assert "Your line: 2.00 RES." in beside
    # What is left is 3.00, of which 1.91 goes by 4.00 of 12.00; the draft has counted all hours.
    assert "If the next period closed today, after the draft 0.63 RES" in beside
    assert "By what you circulated 0.63 By your new hours 0.00" in beside
    assert "shares out the 3.00 RES that lie in the pool beside what the draft shares out" in beside

    histories.sell(period, "bakery", "ana", 400, 0, key="more bread")
    clock.advance(minutes=11)
    assert "By your new hours 1.09" in Page(ana.get("/dividend").text).text, "her 19 minutes since are all there are"

    assert fay.post("/federation/dividend/1/withdraw").status_code == 303
    assert drafted(fay) == 303
    assert "The draft shares out all that lies in the pool" in Page(ana.get("/dividend").text).text


def test_who_has_left_keeps_a_basis_that_sleeps(period: Kit, browser_of: Browser) -> None:
    members.leave(period, "mill", "ana")

    text = Page(browser_of("ana").get("/dividend").text).text

    assert "then spent at other co-ops 4.00" in text
    assert "It is for who works at a co-op and has some basis." in text


@pytest.mark.parametrize("how", stopped.HOW)
def test_whose_co_op_was_out_when_the_period_ended_reads_why_there_is_no_line(
    period: Kit, browser_of: Browser, clock: Clock, how: str
) -> None:
    stopped.stop(period, "mill", how)
    clock.advance(days=5)
    stopped.let_go_on(period, "mill", how)
    clock.advance(days=20)
    form = {"ends_on": "2026-05-03", "pot": "1"}
    assert browser_of("gus").post("/federation/dividend", data=form).status_code == 303

    for page in ("/dividend", "/dividend/1"):
        text = Page(browser_of("ana").get(page).text).text
        assert "You have no line in it." in text
        assert "when the period ended, of a co-op that was in then" in text
        assert "count in full in the next one in which you have a line" in text


@pytest.mark.parametrize(("act", "says"), [("suspend", "is suspended."), ("leave", "has left the federation.")])
def test_whose_only_co_op_is_not_in_reads_that_basis_and_hours_wait(
    period: Kit, browser_of: Browser, clock: Clock, act: str, says: str
) -> None:
    gus = browser_of("gus")
    asked = browser_of("fay").post(f"/federation/coops/mill/{act}", data={"reason": "Why"} if act == "suspend" else {})
    assert asked.status_code == 303
    (agree,) = [each for each in Page(gus.get("/federation/coops/mill").text).forms if each.endswith("/agree")]
    assert gus.post(agree).status_code == 303

    text = Page(browser_of("ana").get("/dividend").text).text

    assert f"The Mill {says} A dividend is for who works at a co-op that is in. Your basis stays" in text
    assert "It is for who works at a co-op and has some basis" not in text
    members.join(period, "bakery", "ana")
    clock.advance(minutes=11)
    assert "If the period closed today 2.99 RES" in Page(browser_of("ana").get("/dividend").text).text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"ends_on": "2026-05-01", "pot": "9"}, 403),
        ({"ends_on": "2026-04-01", "pot": "9.01"}, 409),
        ({"ends_on": "1 April", "pot": "9"}, 400),
        ({"ends_on": "0001-01-01", "pot": "9"}, 400),
        ({"ends_on": "9999-12-31", "pot": "9"}, 400),
        ({"ends_on": "2026-04-01", "pot": "0"}, 400),
        ({"ends_on": "2026-04-01"}, 400),
    ],
)
def test_a_draft_that_cannot_be_is_refused(period: Kit, browser_of: Browser, form: dict[str, str], status: int) -> None:
    fay = browser_of("fay")

    assert fay.post("/federation/dividend", data=form).status_code == status
    assert "Draft a run" in Page(fay.get("/federation/dividend").text).text
