"""The pool on screen: dues by co-op, what was paid of them, and the estimate if all were."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def busy(federation: Kit) -> Kit:
    """Let Ana spend 8.00 at the bakery, 1.99 of it given back, and Sam spend some at his own."""
    network.found_federation(federation, "Valley", charter_on="2026-01-01")
    bread = histories.sell(federation, "bakery", "ana", 800, 0, key="bread")
    histories.sell(federation, "mill", "ana", 100, 0, key="her own mill's flour")
    assert bread is not None
    refund_sale(federation, bread.ref, 199, 0)
    return federation


def test_a_due_is_a_hundredth_of_what_others_members_spent_there_rounded_down(busy: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("cal").get("/dividend/pool").text).text

    assert "Each co-op is asked for 1 %" in text.replace("\u202f", " ")
    assert "Bread & Roses asked for 0.06, put in 0.00 0.06 open" in text
    assert "The Mill asked for 0.00, put in 0.00 nothing due" in text


def test_what_was_put_in_is_taken_off_and_stands_in_the_pool_s_history(busy: Kit, browser_of: Browser) -> None:
    histories.fund(busy, "bakery", 4, key="a part")
    assert "0.02 open" in Page(browser_of("ana").get("/dividend/pool").text).text
    histories.fund(busy, "bakery", 6, key="more than that")

    text = Page(browser_of("ana").get("/dividend/pool").text).text

    assert "Lies in it now 0.10 RES" in text
    assert "asked for 0.06, put in 0.10 paid" in text
    assert "Bread & Roses 2 March 2026 +0.06" in text


def test_what_was_sold_may_be_some_minutes_old_but_not_what_was_put_in(
    busy: Kit, browser_of: Browser, clock: Clock
) -> None:
    cal, sam = browser_of("cal"), browser_of("sam")

    def read() -> tuple[str, str]:
        return Page(cal.get("/dividend/pool").text).text, Page(sam.get("/office/bakery/pool").text).text

    first = read()
    histories.sell(busy, "bakery", "ana", 200, 0, key="more bread")
    histories.fund(busy, "bakery", 4, key="a part")
    soon = read()
    clock.advance(minutes=11)
    late = read()

    for pages, still_open in ((first, "0.06"), (soon, "0.02"), (late, "0.04")):
        assert f"{still_open} open" in pages[0]
        assert f"Still to put in {still_open}" in pages[1]


def test_a_dividend_opens_a_new_period_and_leaves_the_pool_as_one_movement(
    busy: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.fund(busy, "bakery", 6, key="all of it")
    members.join(busy, "mill", "gus")
    members.grant(busy, "gus", "facilitator")
    clock.advance(days=60)
    run = dividends.draft(busy, "fay", clock().date().replace(month=4, day=1), 5)
    dividends.approve(busy, "gus", run)
    clock.advance(days=7)
    dividends.post(busy)

    text = Page(browser_of("ana").get("/dividend/pool").text).text

    assert "Dues since 1 April 2026" in text
    assert "asked for 0.00, put in 0.00 nothing due" in text
    assert "Dividend March 2026 8 May 2026 −0.05" in text


def test_a_draft_ends_the_time_of_the_dues_and_the_pages_say_so(busy: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.fund(busy, "bakery", 6, key="all of it")
    members.join(busy, "mill", "gus")
    members.grant(busy, "gus", "facilitator")
    clock.advance(days=60)
    histories.sell(busy, "bakery", "ana", 200, 0, key="bread in May")
    sam, ana = browser_of("sam"), browser_of("ana")
    before = Page(sam.get("/office/bakery/pool").text).text
    assert "Since 1 January 2026 Sold to members of others, in RES 8.01" in before

    dividends.draft(busy, "fay", clock().date().replace(month=4, day=1), 5)

    told = "The draft of a dividend ends there. What is sold from that day on is asked for once the draft is paid."
    after = Page(sam.get("/office/bakery/pool").text).text
    assert f"From 1 January 2026 to 1 April 2026 {told} Sold to members of others, in RES 6.01" in after
    assert f"Dues from 1 January 2026 to 1 April 2026 {told}" in Page(ana.get("/dividend/pool").text).text


def test_the_estimate_is_told_twice_with_the_pool_as_it_is_and_with_all_dues_paid(
    busy: Kit, browser_of: Browser
) -> None:
    assert (
        "If every co-op put in what it is asked for, it would be 0.06."
        in Page(browser_of("ana").get("/dividend").text).text
    )
    histories.fund(busy, "bakery", 4, key="a part")

    text = Page(browser_of("ana").get("/dividend").text).text

    assert "If every co-op puts in what it is asked for 0.06" in text
    assert "0.02 more are asked for and still open." in text


def test_what_is_open_of_a_co_op_that_has_left_is_not_expected_to_come_in(
    busy: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.fund(busy, "bakery", 4, key="a part")
    histories.pay(busy, "bakery", "bea", 20_000, 960, key="first pay of bea")
    histories.sell(busy, "mill", "bea", 700, 0, key="flour")
    ana = browser_of("ana")
    assert "0.09 more are asked for and still open." in Page(ana.get("/dividend").text).text

    network.coop_leaves(busy, "bakery")
    clock.advance(minutes=11)

    text = Page(ana.get("/dividend").text).text
    assert "0.07 more are asked for and still open." in text
    assert "What is open of co-ops that are suspended or have left, 0.02, is left out: they put nothing in." in text
    dues = Page(ana.get("/dividend/pool").text).text
    assert "Bread & Roses asked for 0.06, put in 0.04 has left" in dues
    assert "The Mill asked for 0.07, put in 0.00 0.07 open" in dues


def test_two_stewards_put_in_what_is_open_and_nobody_else_can(
    busy: Kit, browser_of: Browser, balances: Callable[[], dict[str, int]]
) -> None:
    sam, sol, fay = browser_of("sam"), browser_of("bea"), browser_of("fay")
    assert sam.post("/office/bakery/pool", data={"amount": "0.06", "key": new_key()}).status_code == 409, (
        "there is one steward only"
    )
    members.grant(busy, "bea", "steward", "bakery")
    before = balances()
    assert 'value="0.06"' in sam.get("/office/bakery/pool").text
    assert sam.post("/office/bakery/pool", data={"amount": "0.06", "key": new_key()}).status_code == 303
    assert sam.post("/office/bakery/pool", data={"amount": "0.06", "key": new_key()}).status_code == 409, (
        "it waits already"
    )
    (agree,) = [form for form in Page(sol.get("/office/bakery/pool").text).forms if form.endswith("/agree")]
    assert sam.post(agree).status_code == 409, "it takes a second person"
    assert fay.post(agree).status_code == 404, "a facilitator is no steward of it"
    assert balances() == before

    once, again = sol.post(agree), sol.post(agree)
    assert (again.status_code, again.location) == (once.status_code, once.location) == (303, once.location)
    assert again.headers["Idempotent-Replay"] == "true"

    assert (balances()["pool"], balances()["bakery"]) == (before["pool"] + 6, before["bakery"] - 6)
    text = Page(sam.get("/office/bakery/pool").text).text
    assert "Put in 0.06 Still to put in 0.00" in text
    assert "Bread & Roses puts 0.06 RES into the pool" in text


def test_who_agreed_and_serves_no_more_is_not_told_that_nothing_was_changed(busy: Kit, browser_of: Browser) -> None:
    members.grant(busy, "bea", "steward", "bakery")
    browser_of("sam").post("/office/bakery/pool", data={"amount": "0.06", "key": new_key()})
    bea = browser_of("bea")
    (agree,) = [form for form in Page(bea.get("/office/bakery/pool").text).forms if form.endswith("/agree")]
    assert bea.post(agree).status_code == 303
    members.leave(busy, "bakery", "bea")
    again = bea.post(agree)
    assert again.status_code == 404
    assert "This try changed nothing; what was done before stands." in Page(again.text).text


def test_nobody_is_asked_for_what_the_co_op_cannot_pay(busy: Kit, browser_of: Browser) -> None:
    members.grant(busy, "bea", "steward", "bakery")
    sam = browser_of("sam")

    answer = sam.post("/office/bakery/pool", data={"amount": "99999", "key": new_key()})

    assert answer.status_code == 409
    assert "The account of Bread & Roses does not reach that far" in Page(answer.text).text
    assert not [form for form in Page(browser_of("bea").get("/office/bakery/pool").text).forms if "/agree" in form]


def test_what_a_co_op_cannot_pay_any_more_stays_a_proposal_and_moves_nothing(
    busy: Kit, browser_of: Browser, balances: Callable[[], dict[str, int]]
) -> None:
    members.grant(busy, "bea", "steward", "bakery")
    sam, sol = browser_of("sam"), browser_of("bea")
    assert sam.post("/office/bakery/pool", data={"amount": "1000", "key": new_key()}).status_code == 303
    (agree,) = [form for form in Page(sol.get("/office/bakery/pool").text).forms if form.endswith("/agree")]
    histories.fund(busy, "bakery", 10_00, key="meanwhile")
    before = balances()

    answer = sol.post(agree)

    assert (answer.status_code, "does not reach that far" in answer.text) == (409, True)
    assert balances() == before
    assert agree in Page(sol.get("/office/bakery/pool").text).forms


def test_from_the_sunset_on_nothing_is_asked_for(busy: Kit, browser_of: Browser, clock: Clock) -> None:
    clock.advance(days=365 * 15)

    for page in (browser_of("ana").get("/dividend/pool"), browser_of("sam").get("/office/bakery/pool")):
        text = Page(page.text).text
        assert "Every hour counts the same now" in text
        assert "is asked for 1" not in text.replace("\u202f", " "), "that was said beside dues of nothing"
        assert "Only the draft of a period that ended before asks for what was sold in it." in text
    text = Page(browser_of("ana").get("/dividend/pool").text).text
    assert "asked for 0.00" in text
    assert "open" not in text.replace("opened", "")


def test_of_a_period_that_begins_after_the_sunset_no_draft_asks_for_anything(
    busy: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.fund(busy, "bakery", 4, key="a part")
    clock.advance(days=365 * 16)
    dividends.pay(busy, "all", clock().date().replace(month=1, day=1), 1)

    text = Page(browser_of("ana").get("/dividend/pool").text).text
    assert "Every hour counts the same now" in text
    assert "Only the draft" not in text


def test_after_the_sunset_the_draft_of_a_period_before_it_asks_for_what_was_sold(
    busy: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.fund(busy, "bakery", 4, key="a part")
    members.join(busy, "mill", "gus")
    members.grant(busy, "gus", "facilitator")
    clock.advance(days=365 * 15)

    dividends.draft(busy, "fay", clock().date().replace(year=2040, month=12, day=1), 4)

    for page in (browser_of("ana").get("/dividend/pool"), browser_of("sam").get("/office/bakery/pool")):
        text = Page(page.text).text.replace("\u202f", " ")
        assert "Every hour counts the same now" not in text
        assert "is asked for 1 %" in text
        assert "from that day on" not in text, "nothing is asked for that, once the draft is paid"
    assert "asked for 0.06, put in 0.04 0.02 open" in Page(browser_of("ana").get("/dividend/pool").text).text
