"""What waits for a second person: home and notices ask those who can say yes, until one of them has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.resting import rest
from tests.web import paydays
from tests.web.conftest import JSON, new_key
from tests.web.disputes import bought
from tests.web.page import Page
from tests.web.stopped import HOW, stop
from wallet.domain import deployment
from wallet.kit import Kit
from wallet.services import (
    ballots,
    disputes,
    dividends,
    histories,
    members,
    network,
    payments,
    payruns,
    proposals,
    refunds,
    sessions,
    supplies,
)
from wallet.services.refunds import Ask
from wallet.store import people
from wallet.store import proposals as rows
from wallet.store.engine import reading

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def valley(federation: Kit) -> Kit:
    """Give the federation its charter's day, a second facilitator, and the bakery three stewards: Sam, Sol and Pat."""
    network.found_federation(federation, "Valley", charter_on="2020-12-01")
    members.join(federation, "mill", "gus", name="Gus Paz")
    members.grant(federation, "gus", "facilitator")
    paydays.staff(federation)
    return federation


def asked(browser: FlaskClient) -> list[tuple[str, str]]:
    """List, as kind and page, what the viewer's notices still ask for."""
    told = browser.get("/notices", headers=JSON).get_json()["notices"]
    return [(one["kind"], one["page"]) for one in told if one["kind"] != "paid" and one["new"]]


def on_home(browser: FlaskClient) -> list[str]:
    """List where the rows of the card on home lead, which is there only if something waits."""
    page = browser.get("/").text
    card = page.partition('aria-labelledby="approvals"')[2].partition("</section>")[0]
    return [link or "" for link in Page(card).links]


@pytest.mark.parametrize("who", ["fay", "sol"])
def test_home_asks_the_database_as_often_however_much_waits(valley: Kit, browser_of: Browser, who: str) -> None:
    browser, asked_for = browser_of(who), list[str]()
    counts = list[int]()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked_for.append(statement)

    sa.event.listen(valley.engine, "before_cursor_execute", note)
    for number in range(6):
        proposals.invite_to_serve(valley, "sam", "bakery", f"Hal {number}", "cashier")
        browser.get("/")
        asked_for.clear()
        shown = on_home(browser)
        counts.append(len(asked_for))

    assert counts == [counts[0]] * 6
    assert len(shown) == (6 if who == "sol" else 0)


def end_run(kit: Kit, ends: str, run: int) -> None:
    if ends == "approve":
        payruns.approve_and_post(kit, "pat", "bakery", run, 3)
    else:
        payruns.give_back(kit, "sol" if ends == "take back" else "pat", "bakery", run)


@pytest.mark.parametrize("ends", ["approve", "take back", "return"])
def test_a_pay_run_asks_every_other_steward_until_one_of_them_answers(
    valley: Kit, browser_of: Browser, ends: str
) -> None:
    run = paydays.run_for(valley, "payruns.approve")
    pat, page = browser_of("pat"), f"/office/bakery/payday/{run}"
    assert on_home(pat) == on_home(browser_of("sam")) == [page]
    assert "Waits for your yes Pay run of 2 March 2026 sol, Bread & Roses" in Page(pat.get("/").text).text
    assert "Bread & Roses asks: approve a pay run?" in Page(pat.get("/notices").text).text
    assert asked(browser_of("sam")) == [("approve_run", page)]
    for nobody in ("sol", "bea", "gus", "fay"):
        assert (on_home(browser_of(nobody)), asked(browser_of(nobody))) == ([], [])

    end_run(valley, ends, run)

    for who in ("sam", "pat", "sol"):
        told = [("run_returned", page)] if (who, ends) == ("sol", "return") else []
        assert (on_home(browser_of(who)), asked(browser_of(who))) == ([], told)


@pytest.mark.parametrize("ends", ["submit", "drop"])
def test_who_submitted_a_pay_run_is_told_that_a_colleague_sent_it_back_until_it_is_seen_to(
    valley: Kit, browser_of: Browser, clock: Clock, ends: str
) -> None:
    run = paydays.run_for(valley, "payruns.approve")
    payruns.give_back(valley, "pat", "bakery", run)

    notices = Page(browser_of("sol").get("/notices").text)
    assert "A pay run that you submitted was sent back: Bread & Roses" in notices.text
    assert f"/office/bakery/payday/{run}" in notices.links
    clock.advance(minutes=1)
    (payruns.submit if ends == "submit" else payruns.drop)(valley, "sol", "bakery", run, 4)
    told = browser_of("sol").get("/notices", headers=JSON).get_json()["notices"]
    assert [one["until"] is None for one in told if one["kind"] == "run_returned"] == [False]


def test_a_pay_run_that_is_submitted_again_asks_again(valley: Kit, browser_of: Browser) -> None:
    run = paydays.run_for(valley, "payruns.approve")
    payruns.give_back(valley, "pat", "bakery", run)
    payruns.submit(valley, "pat", "bakery", run, 4)

    assert len(asked(browser_of("sol"))) == len(on_home(browser_of("sol"))) == 1
    assert on_home(browser_of("pat")) == []


def test_what_asks_until_it_is_done_names_no_end(valley: Kit, browser_of: Browser, clock: Clock) -> None:
    proposals.give_role(valley, "sam", "bakery", "pat", "cashier")
    sol = browser_of("sol")
    assert sol.get("/notices", headers=JSON).get_json()["notices"][0]["until"] is None
    assert "until" not in Page(sol.get("/notices").text).text.partition("waits for your yes")[2][:60]
    clock.advance(days=40)
    assert len(on_home(browser_of("sol"))) == 1


@pytest.mark.parametrize("ends", ["agree", "drop"])
def test_a_proposal_of_a_co_op_asks_its_other_stewards_and_leads_to_their_desk(
    valley: Kit, browser_of: Browser, ends: str
) -> None:
    proposals.give_role(valley, "sam", "bakery", "pat", "cashier")
    (number,) = waiting(valley)
    sol, page = browser_of("sol"), f"/proposals/{number}"
    assert on_home(sol) == [page]
    assert asked(sol) == [("second", page)]
    assert "Sam Vaz proposes something that waits for your yes" in Page(sol.get("/notices").text).text
    assert sol.get(page).location == f"/office/bakery#proposal-{number}"
    assert f'id="proposal-{number}"' in sol.get("/office/bakery").text
    # Nor the one it is about, nor facilitators, who help out only where no steward can.
    for nobody in ("sam", "pat", "fay", "gus", "bea"):
        assert (on_home(browser_of(nobody)), asked(browser_of(nobody))) == ([], [])

    getattr(proposals, ends)(valley, "sol", number)

    assert (on_home(sol), asked(sol)) == ([], [])
    assert f'id="proposal-{number}"' in sol.get("/office/bakery").text


def test_facilitators_are_asked_where_a_co_op_has_no_other_steward(valley: Kit, browser_of: Browser) -> None:
    members.join(valley, "mill", "max", name="Max Roy")
    members.grant(valley, "max", "steward", "mill")
    proposals.give_role(valley, "max", "mill", "gus", "cashier")
    (number,) = waiting(valley)

    assert on_home(browser_of("fay")) == [f"/proposals/{number}"]
    assert browser_of("fay").get(f"/proposals/{number}").location == f"/federation#proposal-{number}"
    # It is about Gus.
    assert (on_home(browser_of("gus")), asked(browser_of("gus"))) == ([], [])


def test_a_way_back_that_its_owner_stops_asks_nobody_any_more(valley: Kit, browser_of: Browser) -> None:
    proposals.recover(valley, "sam", "bakery", "bea")
    assert len(asked(browser_of("sol"))) == 1
    with reading(valley.engine) as connection:
        bea = people.holder(connection, "bea").id
    sessions.stop_way_back(valley, bea)

    assert (on_home(browser_of("sol")), asked(browser_of("sol"))) == ([], [])


@pytest.mark.parametrize("ends", ["approve", "withdraw"])
def test_a_dividends_draft_asks_the_other_facilitators(
    valley: Kit, browser_of: Browser, clock: Clock, ends: str
) -> None:
    histories.fund(valley, "mill", 900, key="pool")
    clock.advance(days=60)
    run = dividends.draft(valley, "fay", date(2026, 4, 1), 900)
    gus = browser_of("gus")
    assert on_home(gus) == ["/federation/dividend"]
    assert asked(gus) == [("approve_dividend", "/federation/dividend")]
    assert on_home(browser_of("fay")) == on_home(browser_of("sam")) == []

    getattr(dividends, ends)(valley, "gus", run)

    assert (on_home(gus), asked(gus)) == ([], [])


@pytest.mark.parametrize("ends", ["agree", "withdraw"])
def test_a_ballot_that_is_proposed_asks_the_other_facilitators(valley: Kit, browser_of: Browser, ends: str) -> None:
    number = ballots.propose(valley, "gus", 156, "Late joiners wait long enough.", 30)
    fay, page = browser_of("fay"), f"/federation/ballots#ballot-{number}"
    assert on_home(fay) == [page]
    assert asked(fay) == [("open_ballot", page)]
    assert f'id="ballot-{number}"' in fay.get("/federation/ballots").text
    assert on_home(browser_of("gus")) == []

    getattr(ballots, ends)(valley, "fay", number)

    assert on_home(fay) == []
    assert "open_ballot" not in [kind for kind, _page in asked(fay)]


def test_a_ballot_that_would_be_open_too_briefly_by_now_waits_for_nobodys_yes(
    valley: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ballots.propose(valley, "gus", 156, "Sooner", 30)
    fay = browser_of("fay")
    assert on_home(fay) == [f"/federation/ballots#ballot-{number}"]
    monkeypatch.setattr(deployment, "DEMO", replace(deployment.DEMO, ballot_waits=timedelta(days=60)))
    assert fay.post(f"/federation/ballots/{number}/open").status_code == 409

    assert on_home(fay) == []
    page = Page(fay.get("/federation/ballots").text)
    assert "Ballots are open for longer by now. Withdraw it and propose it anew." in page.text
    assert "once a second facilitator opens it" not in page.text
    assert f"/federation/ballots/{number}/open" not in page.forms
    assert fay.post(f"/federation/ballots/{number}/withdraw").status_code == 303


def test_what_is_for_a_co_ops_stewards_alone_stands_on_no_facilitators_desk(valley: Kit, browser_of: Browser) -> None:
    proposals.put_in(valley, "sam", "bakery", 12_550, key=new_key())

    assert "125.50" in browser_of("sol").get("/office/bakery/pool").text
    for path in ("/federation", "/federation/coops/bakery"):
        page = browser_of("fay").get(path)
        assert (page.status_code, "125.50" in page.text, "/drop" in page.text) == (200, False, False)


@pytest.mark.parametrize("ends", ["role", "work"])
def test_who_serves_no_more_is_asked_for_no_yes(valley: Kit, browser_of: Browser, ends: str) -> None:
    histories.pay(valley, "mill", "ana", 290_000, 9_600, key="second pay of ana")
    members.grant(valley, "fay", "cashier", "mill")
    paydays.run_for(valley, "payruns.approve")
    proposals.give_role(valley, "sam", "bakery", "bea", "steward")
    supplied = payments.open_bill(valley, "mill-1", "fay", amount_minor=600_00, key=new_key()).code
    supplies.pay(valley, "sam", "bakery", supplied, key=new_key())
    bill = payments.open_bill(valley, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    sale = payments.pay_bill(valley, bill.code, "ana", key=new_key()).ref
    refunds.give_back(valley, Ask(sale, "bea", 150_00, 0, "returned", None, new_key()))
    if ends == "work":
        members.leave(valley, "bakery", "pat")
    else:
        proposals.end_role(valley, "sam", "bakery", "pat", "steward")
        proposals.agree(valley, "sol", max(waiting(valley)))

    assert asked(browser_of("pat")) == []
    assert "waits for your yes" not in Page(browser_of("pat").get("/").text).text
    others = {kind for kind, _page in asked(browser_of("sam"))} | {kind for kind, _page in asked(browser_of("sol"))}
    assert others == {"approve_run", "second", "agree", "approve"}, "the others are asked as before"


@pytest.mark.parametrize("facilitates", [False, True])
@pytest.mark.parametrize("ends", ["role", "work"])
def test_who_serves_no_more_is_led_by_their_notices_to_nothing_that_is_no_longer_theirs(
    valley: Kit, browser_of: Browser, clock: Clock, ends: str, facilitates: bool
) -> None:
    histories.pay(valley, "mill", "ana", 290_000, 9_600, key="second pay of ana")
    if facilitates:
        members.grant(valley, "pat", "facilitator")
    paid = paydays.run_for(valley, "payruns.approve")
    payruns.approve_and_post(valley, "sam", "bakery", paid, 3)
    paydays.run_for(valley, "payruns.approve")
    proposals.give_role(valley, "sam", "bakery", "bea", "steward")
    proposals.agree(valley, "sol", max(waiting(valley)))
    bill = payments.open_bill(valley, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    sale = payments.pay_bill(valley, bill.code, "ana", key=new_key()).ref
    refunds.give_back(valley, Ask(sale, "bea", 150_00, 0, "returned", None, new_key()))
    disputes.begin(valley, "ana", sale, "It was another.")
    passed = disputes.begin(valley, "ana", bought(valley), "It is passed on.").ref
    clock.advance(hours=1)
    over = disputes.begin(valley, "ana", bought(valley), "It is over by now.").ref
    for each in (passed, over):
        disputes.pass_on(valley, "ana", each)
    disputes.take_back(valley, "ana", over)
    if ends == "work":
        members.leave(valley, "bakery", "pat")
    else:
        proposals.end_role(valley, "sam", "bakery", "pat", "steward")
        proposals.agree(valley, "sol", max(waiting(valley)))

    pat = browser_of("pat")
    page = Page(pat.get("/notices").text)

    assert page.text.count("Bread & Roses asks: approve a pay run?") == 2
    assert page.text.count("Something is said to be wrong") >= 2
    led = {
        link for link in page.links if link and link.startswith(("/office/", "/disputes/", "/refunds/", "/proposals/"))
    }
    assert {link: pat.get(link, follow_redirects=True).status_code for link in led} == dict.fromkeys(led, 200)
    assert [f"/disputes/{each}" in led for each in (passed, over)] == [facilitates] * 2


def test_who_facilitates_no_more_is_led_to_the_disputes_of_their_own_co_op_alone(
    valley: Kit, browser_of: Browser, clock: Clock
) -> None:
    members.grant(valley, "pat", "facilitator")
    passed = disputes.begin(valley, "ana", bought(valley), "It is passed on.").ref
    clock.advance(hours=1)
    disputes.pass_on(valley, "ana", passed)

    for handle in ("fay", "pat"):
        members.end_facilitator(valley, handle)

    of_fay, of_pat = (browser_of(each).get("/notices", headers=JSON).get_json()["notices"] for each in ("fay", "pat"))
    assert [(one["kind"], one["page"]) for one in of_fay] == [("disputed", None)]
    assert {one["page"] for one in of_pat} == {f"/disputes/{passed}"}, "she is a steward of the bakery, too"


@pytest.mark.parametrize("kind", ["disputed", "approve"])
def test_whose_role_rests_reads_that_where_a_notice_leads_them(valley: Kit, browser_of: Browser, kind: str) -> None:
    histories.pay(valley, "mill", "ana", 290_000, 9_600, key="second pay of ana")
    bill = payments.open_bill(valley, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    sale = payments.pay_bill(valley, bill.code, "ana", key=new_key()).ref
    refunds.give_back(valley, Ask(sale, "bea", 150_00, 0, "returned", None, new_key()))
    disputes.begin(valley, "ana", sale, "It was another.")
    rest(valley, "pat")
    pat, stranger = browser_of("pat"), browser_of("cal")
    (page,) = (one["page"] for one in pat.get("/notices", headers=JSON).get_json()["notices"] if one["kind"] == kind)

    assert pat.get(page, headers=JSON).get_json()["type"] == "confined"
    # Whatever is not theirs reads alike.
    assert pat.get(f"{page[:-1]}!", headers=JSON).get_json()["type"] == "confined"
    assert stranger.get(page, headers=JSON).get_json()["type"].startswith("unknown_")


def test_who_serves_elsewhere_too_is_asked_there_as_before(valley: Kit, browser_of: Browser) -> None:
    members.join(valley, "bakery", "gus")
    for handle, coop in (("gus", "bakery"), ("gus", "mill"), ("ana", "mill")):
        members.grant(valley, handle, "steward", coop)
    proposals.give_role(valley, "sam", "bakery", "bea", "steward")
    proposals.put_in(valley, "sam", "bakery", 1_00, key=new_key())
    proposals.give_role(valley, "ana", "mill", "fay", "cashier")
    ballots.propose(valley, "fay", 156, "Late joiners wait long enough.", 30)
    at_bakery, pool, at_mill = (f"/proposals/{number}" for number in waiting(valley))

    members.leave(valley, "bakery", "gus")

    # A facilitator still may say yes at the bakery, but to nothing that is for its stewards alone.
    left = asked(browser_of("gus"))
    assert [kind for kind, _page in left] == ["open_ballot", "second", "second"]
    assert {page for _kind, page in left} >= {at_bakery, at_mill}
    assert pool not in {page for _kind, page in left}
    assert browser_of("gus").get(at_bakery).status_code == 303


def test_a_cashier_whose_role_ends_is_asked_as_a_steward_as_before(valley: Kit, browser_of: Browser) -> None:
    members.grant(valley, "pat", "cashier", "bakery")
    paydays.run_for(valley, "payruns.approve")
    proposals.end_role(valley, "sam", "bakery", "pat", "cashier")
    proposals.agree(valley, "sol", max(waiting(valley)))

    assert [kind for kind, _page in asked(browser_of("pat"))] == ["approve_run"]


def test_a_stranger_to_a_proposal_is_led_nowhere(valley: Kit, browser_of: Browser) -> None:
    proposals.give_role(valley, "sam", "bakery", "pat", "cashier")
    (number,) = waiting(valley)

    for path in (f"/proposals/{number}", "/proposals/999"):
        answer = browser_of("bea").get(path, headers=JSON)
        assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_proposal")


@pytest.mark.parametrize("how", HOW)
def test_an_invitation_to_a_co_op_that_has_stopped_meanwhile_asks_nobody_and_says_why(
    valley: Kit, browser_of: Browser, how: str
) -> None:
    proposals.invite_to_serve(valley, "sam", "bakery", "Nia Roth", "steward")
    (number,) = waiting(valley)
    sol = browser_of("sol")
    assert on_home(sol) == [f"/proposals/{number}"]
    assert f"/proposals/{number}/agree" in Page(sol.get("/office/bakery").text).forms

    stop(valley, "bakery", how)

    page = Page(sol.get("/office/bakery").text)
    assert on_home(sol) == []
    assert f"/proposals/{number}/agree" not in page.forms
    assert {
        "suspended": "Bread & Roses is suspended and takes nobody in, so nobody can agree to it now.",
        "left": "Proposed by Sam Vaz, over since 2 March 2026 no longer applies",
    }[how] in page.text


def test_another_credit_line_of_a_co_op_that_is_suspended_meanwhile_asks_nobody_and_says_why(
    valley: Kit, browser_of: Browser
) -> None:
    proposals.change_line(valley, "fay", "bakery", 500_00)
    (number,) = waiting(valley)
    gus = browser_of("gus")
    assert on_home(gus) == [f"/proposals/{number}"]

    stop(valley, "bakery", "suspended")

    page = Page(gus.get("/federation").text)
    assert on_home(gus) == []
    assert f"/proposals/{number}/agree" not in page.forms
    assert "Bread & Roses is suspended, so nobody can agree to it now." in page.text


def test_what_is_proposed_about_whoever_has_left_waits_for_nobody_s_yes(valley: Kit, browser_of: Browser) -> None:
    proposals.give_role(valley, "sam", "bakery", "pat", "cashier")
    (number,) = waiting(valley)
    sol = browser_of("sol")
    assert on_home(sol) == [f"/proposals/{number}"]

    members.leave(valley, "bakery", "pat")

    assert on_home(sol) == []
    assert [kind for kind, _page in asked(sol)] == []
    assert "no longer applies" in Page(sol.get("/office/bakery").text).text
    assert sol.post(f"/proposals/{number}/agree", headers=JSON).get_json()["type"] == "already_decided"


def waiting(kit: Kit) -> list[int]:
    with reading(kit.engine) as connection:
        return [one.id for one in rows.waiting(connection, kit.clock())]
