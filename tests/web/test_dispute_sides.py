"""Who stands on which side of a dispute: nobody is said to answer or to decide who cannot, and who can is shown it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.disputes import bought, disputed, does
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
