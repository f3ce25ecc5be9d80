"""Who stands on which side of a dispute: nobody is said to answer or to decide who cannot, and who can is shown it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.resting import rest
from tests.web.disputes import bought, charged, disputed, does
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import members

Browser = Callable[[str], FlaskClient]

NOBODY_DECIDES = "No facilitator stands outside this at present: another one has to be invited, who then decides."
NOBODY_ANSWERS = "No steward of Bread & Roses can answer this at present."


def says(browser: FlaskClient, page: str) -> str:
    return Page(browser.get(page, follow_redirects=True).text).text


@pytest.mark.parametrize("outside", [True, False])
def test_a_facilitator_is_said_to_decide_only_where_one_stands_outside(
    federation: Kit, browser_of: Browser, outside: bool
) -> None:
    if not outside:
        members.grant(federation, "fay", "steward", "bakery")
    ana, ref = browser_of("ana"), bought(federation)
    new = says(ana, f"/receipts/{ref}/dispute")
    sent = Page(ana.post(f"/receipts/{ref}/dispute", data={"words": "It was hard"}, follow_redirects=True).text)
    page = next(form for form in sent.forms if form.endswith("/pass")).removesuffix("/pass")
    passed = Page(ana.post(f"{page}/pass", data={}, follow_redirects=True).text).text

    for said in (new, sent.text):
        assert ("After a week without an answer a facilitator takes it up." in said) is outside
        assert (NOBODY_DECIDES in said) is not outside
    assert ("It is with a facilitator now" in passed) is outside
    for said in (passed, says(ana, page), says(browser_of("sam"), page)):
        assert ("A facilitator reads this and decides." in said) is outside
        assert (NOBODY_DECIDES in said) is not outside
        assert ("with a facilitator" in said, "waits for a facilitator" in said) == (outside, not outside)
        assert "Both sides can still write." in said
    assert ("Write to the stewards and the facilitator" in passed) is outside


def test_whose_own_it_is_is_no_facilitator_outside(federation: Kit, browser_of: Browser) -> None:
    members.grant(federation, "ana", "facilitator")
    members.end_facilitator(federation, "fay")
    ana = browser_of("ana")
    made = disputed(ana, bought(federation))
    does(ana, made, "pass")

    assert NOBODY_DECIDES in says(ana, f"/disputes/{made['dispute']}")


def test_the_only_steward_who_disputes_at_their_own_co_op_is_not_told_that_stewards_answer(
    federation: Kit, browser_of: Browser
) -> None:
    members.grant(federation, "ana", "steward", "bakery")
    members.leave(federation, "bakery", "sam")
    ana, ref = browser_of("ana"), bought(federation)
    new = says(ana, f"/receipts/{ref}/dispute")
    sent = Page(ana.post(f"/receipts/{ref}/dispute", data={"words": "It was hard"}, follow_redirects=True).text).text

    for said in (new, sent):
        assert NOBODY_ANSWERS in said
        assert "Pass it to a facilitator, or one takes it up after a week." in said
        assert "to the stewards" not in said


def on_home(browser: FlaskClient) -> list[str]:
    """List the disputes that home shows as waiting for the viewer's decision."""
    return [link for link in Page(browser.get("/").text).links if link and link.startswith("/disputes/")]


def test_what_no_steward_answered_for_a_week_stands_on_the_home_of_who_can_decide_it(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    for handle, coop in (("gus", "bakery"), ("nia", "mill")):
        members.join(federation, coop, handle, name=handle.title())
        members.grant(federation, handle, "facilitator")
    members.grant(federation, "gus", "steward", "bakery")
    members.grant(federation, "ana", "facilitator")
    ana, fay = browser_of("ana"), browser_of("fay")
    made = disputed(ana, bought(federation))
    page = f"/disputes/{made['dispute']}"
    clock.advance(days=7, seconds=-1)
    assert on_home(fay) == []
    clock.advance(1)

    assert [on_home(browser_of(who)) for who in ("fay", "nia")] == [[page]] * 2
    # Its member and a steward of the co-op decide nothing of it.
    assert [on_home(browser_of(who)) for who in ("ana", "gus", "sam", "cal")] == [[]] * 4
    home = Page(fay.get("/").text).text
    assert "Waits for your decision" in home
    assert "Waits for your yes" not in home
    rest(federation, "nia")
    assert on_home(browser_of("nia")) == []

    does(fay, made, "decide", words="Give it back", for_member=True)
    assert on_home(fay) == []
    clock.advance(days=7)
    assert on_home(fay) == [page], "not given back in a week it comes again"


def test_who_facilitates_only_since_then_finds_what_was_passed_on_to_nobody(
    federation: Kit, browser_of: Browser
) -> None:
    members.grant(federation, "fay", "steward", "bakery")
    made = disputed(browser_of("ana"), bought(federation))
    does(browser_of("ana"), made, "pass")
    members.join(federation, "mill", "nia", name="Nia Roth")
    members.grant(federation, "nia", "facilitator")

    assert on_home(browser_of("nia")) == [f"/disputes/{made['dispute']}"]
    assert on_home(browser_of("fay")) == []


def test_what_came_back_at_once_and_was_passed_on_waits_for_a_facilitator_too(
    federation: Kit, browser_of: Browser
) -> None:
    made = disputed(browser_of("ana"), charged(federation))
    does(browser_of("ana"), made, "pass")

    assert f"/disputes/{made['dispute']}" in Page(browser_of("fay").get("/federation/disputes").text).links
    assert on_home(browser_of("fay")) == [f"/disputes/{made['dispute']}"]
