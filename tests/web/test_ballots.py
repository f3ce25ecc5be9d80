"""Ballots on the phone and at the facilitators' desk: from the proposal to the result, by hand and by passkey."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web import polls
from tests.web.conftest import JSON, for_real_people
from tests.web.doors import begin, invited, join, resident
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import ballots, members, network
from wallet.store import confinements, people, tables
from wallet.store.engine import reading, write
from wallet.web import ballots as ballots_web

Browser = Callable[[str], FlaskClient]
VOTED = sa.text("SELECT COUNT(*) FROM ballot_places WHERE voted")


@pytest.fixture
def chartered(federation: Kit) -> Kit:
    return polls.chartered(federation)


def opened(kit: Kit) -> int:
    """Open a ballot."""
    number = ballots.propose(kit, "gus", 156, "Late joiners wait long enough.", 30)
    ballots.agree(kit, "fay", number)
    return number


def test_two_facilitators_open_it_and_members_see_what_it_changes(chartered: Kit, browser_of: Browser) -> None:
    gus, fay, bea = browser_of("gus"), browser_of("fay"), browser_of("bea")
    form = "/federation/ballots/new/sunset_months"
    said = gus.post(form, data={"value": "180", "reason": "Why not", "days": "30"})
    assert (said.status_code, "That is what stands already" in said.text) == (400, True)
    gus.post(
        "/federation/ballots/new/sunset_months", data={"value": "156", "reason": "Late joiners wait.", "days": "30"}
    )
    waiting = Page(fay.get("/federation/ballots").text).text
    assert "on 1 January 2039 instead of 1 January 2041" in waiting
    assert "Late joiners wait." in waiting
    number = int(fay.get("/federation/ballots").text.split("/open")[0].rsplit("/", 1)[1])
    assert bea.get(f"/ballots/{number}").status_code == 404
    assert gus.post(f"/federation/ballots/{number}/open").status_code == 409
    assert fay.post(f"/federation/ballots/{number}/open").status_code == 303

    text = Page(bea.get(f"/ballots/{number}").text).text
    for words in (
        "Shall history stop counting in the Network Builder dividend on 1 January 2039 instead of 1 January 2041?",
        "24 months sooner",
        "keep 1 January 2041",
        "0 of 2 have voted, 2 too few so far",
        "whoever operates the server could link votes to people while the ballot is open",
        "the count itself tells how each voted",
    ):
        assert words in text
    assert "A ballot is open, and you have not voted yet" in bea.get("/").text
    assert "A ballot is open" not in browser_of("cal").get("/").text


def test_a_vote_is_checked_then_cast_once_and_says_no_more_than_that_it_is_stored(
    chartered: Kit, browser_of: Browser
) -> None:
    number, bea = opened(chartered), browser_of("bea")
    address = f"/ballots/{number}/bakery"
    assert "Choose yes, no or blank first" in bea.post(f"{address}/check").text
    checked = Page(bea.post(f"{address}/check", data={"choice": "no"}).text).text
    assert "Cast my vote: No" in checked
    with reading(chartered.engine) as connection:
        assert connection.execute(VOTED).scalar_one() == 0, "a look casts nothing"
    cast = bea.post(address, data={"choice": "no"})

    assert (cast.status_code, cast.headers["Location"]) == (303, f"/ballots/{number}/stored")
    stored = Page(bea.get(f"/ballots/{number}/stored").text).text
    assert "It can be neither found nor changed" in stored
    assert "You have voted as its member. It" in stored
    assert bea.post(address, data={"choice": "yes"}, headers=JSON).get_json()["type"] == "vote_cast"
    assert browser_of("cal").post(address, data={"choice": "yes"}, headers=JSON).get_json()["type"] == "not_allowed"
    assert "A ballot is open" not in bea.get("/").text
    assert "has voted" in browser_of("sam").get(f"/ballots/{number}/roll").text


def test_a_long_roll_is_read_co_op_by_co_op_the_readers_own_first(
    chartered: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, bea = opened(chartered), browser_of("bea")
    roll = f"/ballots/{number}/roll"
    whole = Page(bea.get(roll).text)
    assert "The other co-ops on it" not in whole.text
    monkeypatch.setattr(ballots_web, "ROLL_AT_ONCE", 2)

    own, mill = Page(bea.get(roll).text), Page(bea.get(f"{roll}?coop=mill").text)

    assert ("bea" in own.text, "ana" in own.text, f"{roll}?coop=mill" in own.links) == (True, False, True)
    assert ("bea" in mill.text, "ana" in mill.text, f"{roll}?coop=bakery" in mill.links) == (False, True, True)
    assert all(handle in whole.text for handle in ("ana", "bea"))
    assert bea.get(f"{roll}?coop=nowhere").status_code == 404


def test_a_long_roll_of_one_co_op_leads_to_no_others(
    chartered: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.coop_leaves(chartered, "bakery")
    number = opened(chartered)
    monkeypatch.setattr(ballots_web, "ROLL_AT_ONCE", 1)

    assert "The other co-ops on it" not in Page(browser_of("gus").get(f"/ballots/{number}/roll").text).text


def test_who_came_back_by_a_way_in_person_reads_from_when_they_vote(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    number, ana = opened(chartered), browser_of("ana")
    with reading(chartered.engine) as connection:
        person = people.holder(connection, "ana").id
    write(chartered.engine, lambda connection: confinements.confine(connection, person, clock()))

    page = Page(ana.get(f"/ballots/{number}").text)

    assert "You can cast it from" in page.text
    assert f"/ballots/{number}/mill/check" not in page.forms
    clock.advance(days=3)
    assert f"/ballots/{number}/mill/check" in Page(ana.get(f"/ballots/{number}").text).forms


def test_who_works_at_two_co_ops_is_led_on_to_the_second(chartered: Kit, browser_of: Browser) -> None:
    members.join(chartered, "mill", "bea")
    number, bea = opened(chartered), browser_of("bea")
    asked = bea.get(f"/ballots/{number}?at=mill").text
    assert re.search(r"You vote as a member of <strong>The Mill[^<]*</strong>\.\s<a [^>]*>Vote for \w", asked)
    bea.post(f"/ballots/{number}/bakery", data={"choice": "yes"})

    assert "Vote as a member of The Mill" in bea.get(f"/ballots/{number}/stored").text
    assert bea.post(f"/ballots/{number}/mill", data={"choice": "no"}).status_code == 303
    assert "You have no vote" not in bea.get(f"/ballots/{number}").text


def test_whose_vote_is_asked_reads_until_which_day_and_then_that_it_is_over(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    number, ana, bea = opened(chartered), browser_of("ana"), browser_of("bea")
    assert "your vote is asked Mon 2 Mar, 12:00, until Wed 1 Apr, 13:00 new" in Page(ana.get("/notices").text).text
    bea.post(f"/ballots/{number}/bakery", data={"choice": "yes"})
    assert "your vote is asked Mon 2 Mar, 12:00 over" in Page(bea.get("/notices").text).text

    clock.advance(days=31)

    assert "your vote is asked Mon 2 Mar, 12:00 over" in Page(browser_of("ana").get("/notices").text).text
    told = browser_of("sam").get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["kind"], one["new"]) for one in told] == [("ballot_open", False)]


@pytest.mark.parametrize("who", ["member", "co-op"])
def test_whose_vote_is_asked_again_reads_until_when_once_more(
    chartered: Kit, browser_of: Browser, clock: Clock, who: str
) -> None:
    opened(chartered)
    browser_of("sam").post("/ballots/1/bakery", data={"choice": "yes"})
    if who == "member":
        members.leave(chartered, "bakery", "bea")
    else:
        network.coop_leaves(chartered, "bakery")
    clock.advance(days=1)
    over = "A ballot is open: your vote is asked Mon 2 Mar, 12:00 over"
    assert over in Page(browser_of("bea").get("/notices").text).text
    if who == "member":
        members.join(chartered, "bakery", "bea")
    else:
        network.admit_coop(chartered, "bakery", 100_000)

    bea, sam = browser_of("bea"), browser_of("sam")
    assert "A ballot is open, and you have not voted yet" in Page(bea.get("/").text).text
    assert over not in Page(bea.get("/notices").text).text
    assert over in Page(sam.get("/notices").text).text, "he has voted"
    clock.advance(days=30)
    assert "your vote is asked Mon 2 Mar, 12:00 over" in Page(browser_of("bea").get("/notices").text).text


def test_the_result_counts_each_co_op_but_not_small_ones(chartered: Kit, browser_of: Browser, clock: Clock) -> None:
    for place in range(4):
        members.join(chartered, "mill", f"mill-{place}")
    number = opened(chartered)
    for who, coop in (("bea", "bakery"), ("sam", "bakery"), ("ana", "mill"), ("fay", "mill")):
        browser_of(who).post(f"/ballots/{number}/{coop}", data={"choice": "yes"})
    assert "yes, " not in Page(browser_of("ana").get(f"/ballots/{number}").text).text
    clock.advance(days=30)

    text = Page(browser_of("ana").get(f"/ballots/{number}").text).text
    assert "Not passed. The day stays 1 January 2041." in text
    assert "1 of 2 co-ops reached 75 %; all must." in text
    assert "2 yes, 4 short" in text
    assert "Bread & Roses reached" in text
    assert text.count("Of a co-op with fewer than five members no counts are shown.") == 1
    assert "yes, reached" not in text
    assert "Not passed" in browser_of("ana").get("/ballots").text
    for who in ("ana", "mill-3"):
        notices = Page(browser_of(who).get("/notices").text)
        assert "A ballot is over: not passed" in notices.text
        assert "A ballot is open: your vote is asked" in notices.text
        assert notices.links.count(f"/ballots/{number}") == 2
    assert "A ballot" not in browser_of("cal").get("/notices").text


def test_a_passkey_answers_for_one_ballot_and_co_op_whatever_the_choice(chartered: Kit, clock: Clock) -> None:
    app = for_real_people(chartered, clock)
    browser, key = app.test_client(), Authenticator()
    join(browser, invited(chartered, "worker", coop="bakery"), key)
    with reading(chartered.engine) as connection:
        handle = (
            connection.execute(sa.select(tables.people.c.handle).order_by(tables.people.c.id.desc())).scalars().first()
        )
    assert handle is not None
    members.join(chartered, "mill", handle)
    number = opened(chartered)
    address = f"/ballots/{number}"
    without = browser.post(f"{address}/bakery", json={"choice": "yes"}, headers=JSON)
    assert without.get_json()["type"] == "step_up_required"
    answer = key.prove(begin(browser, f"{address}/bakery/challenge"))
    elsewhere = browser.post(f"{address}/mill", json={"choice": "yes", "credential": answer}, headers=JSON)
    assert elsewhere.get_json()["type"] == "step_up_required"
    assert (
        browser.post(f"{address}/bakery", json={"choice": "no", "credential": answer}, headers=JSON).status_code == 204
    )
    again = browser.post(f"{address}/mill", json={"choice": "no", "credential": answer}, headers=JSON)
    assert again.get_json()["type"] == "challenge_spent"
    late = key.prove(begin(browser, f"{address}/mill/challenge"))
    clock.advance(seconds=61)
    refused = browser.post(f"{address}/mill", json={"choice": "yes", "credential": late}, headers=JSON)
    assert refused.get_json()["type"] == "challenge_spent"


def test_what_has_passed_stands_on_the_dividend_s_page_until_it_holds(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    number = opened(chartered)
    everybody = {"bakery": ("bea", "sam"), "mill": ("ana", "fay", "gus")}
    for coop, who in everybody.items():
        for handle in who:
            browser_of(handle).post(f"/ballots/{number}/{coop}", data={"choice": "yes"})
    assert "A ballot has passed" not in browser_of("ana").get("/dividend").text
    clock.advance(days=30)
    assert "Passed. The day becomes 1 January 2039." in Page(browser_of("ana").get(f"/ballots/{number}").text).text

    text = Page(browser_of("ana").get("/dividend").text).text
    assert "it is 156 months from the charter’s day" in text
    assert "15 years, then equal" in text


def test_who_looks_at_their_vote_or_casts_it_after_the_end_reads_that_it_is_over(
    chartered: Kit, browser_of: Browser, clock: Clock
) -> None:
    number = opened(chartered)
    vote = {"choice": "yes"}
    clock.advance(days=30, seconds=2)
    bea = browser_of("bea")

    for address in (f"/ballots/{number}/bakery/check", f"/ballots/{number}/bakery"):
        late = bea.post(address, data=vote)
        text = Page(late.text).text
        assert late.status_code == 410
        assert "This ballot is over. Your vote was not cast." in text
        assert ("Ballot result" in text, "Cast my vote" in text) == (True, False)
        assert bea.post(address, json=vote, headers=JSON).get_json()["type"] == "ballot_over"
    with reading(chartered.engine) as connection:
        assert connection.execute(VOTED).scalar_one() == 0


def test_the_choice_stands_in_no_address_of_the_last_look(chartered: Kit, browser_of: Browser) -> None:
    number = opened(chartered)

    look = browser_of("bea").post(f"/ballots/{number}/bakery/check", data={"choice": "yes"})

    assert f'<wallet-answered data-address="/ballots/{number}?at=bakery" hidden>' in look.text
    assert not [link for link in Page(look.text).links if "yes" in (link or "")]


def test_a_voter_draws_no_challenges_for_ever(chartered: Kit, clock: Clock) -> None:
    ana = resident(for_real_people(chartered, clock), chartered, kind="person", handle="ana").browser
    address = f"/ballots/{opened(chartered)}/mill/challenge"

    assert [ana.post(address, json={}, headers=JSON).status_code for _turn in range(61)] == [200] * 60 + [429]
