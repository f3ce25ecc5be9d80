"""A dividend as a whole: what everybody reads of it, what the desk reads, and what neither shows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def bread(federation: Kit) -> str:
    """Let Ana spend 8.00 at the bakery in March; give the receipt."""
    network.found_federation(federation, "Valley", charter_on="2020-12-01")
    sale = histories.sell(federation, "bakery", "ana", 800, 0, key="bread")
    assert sale is not None
    return sale.ref


@pytest.fixture
def period(federation: Kit, bread: str, clock: Clock) -> Kit:
    """Let Bea spend 6.00 at the mill in March, too; the bakery puts 10.00 in, and May begins."""
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    histories.pay(federation, "bakery", "bea", 20_000, 960, key="first pay of bea")
    histories.sell(federation, "mill", "bea", 600, 0, key="flour")
    histories.fund(federation, "bakery", 1000, key="pool")
    clock.advance(days=60)
    return federation


def posted(kit: Kit, clock: Clock, pot_minor: int = 900) -> int:
    """Let Fay draft, Gus approve a day later, and the run be posted."""
    run = dividends.draft(kit, "fay", date(2026, 4, 1), pot_minor)
    clock.advance(days=1)
    dividends.approve(kit, "gus", run)
    clock.advance(days=6, hours=1)
    assert dividends.post(kit) is not None
    return run


def text_of(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return Page(answer.text).text.replace("\u202f", " ")


def test_the_whole_tells_pool_parts_people_and_how_it_came_about(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = posted(period, clock)

    text = text_of(browser_of("fay"), f"/federation/dividend/{run}")

    assert "Shared out 9.00 RES Paid on 8 May 2026" in text
    assert "By history, month 64 of 180 5.80 for 100.00 RES of basis, about 41.42 By new hours 3.20" in text
    assert "Eligible members 2 Of them got something 2" in text
    assert "Lay in it before 10.00 To share out 9.00 Left in it after that 1.00" in text
    assert "Beginning of the period 1 December 2020 End of the period 1 April 2026" in text
    assert "Drafted by Fay Cruz 1 May 2026, 13:00 Approved by Gus Orth 2 May 2026, 13:00 Paid 8 May 2026, 14:00" in text


def test_after_the_sunset_a_dividend_is_of_its_last_month(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    network.found_federation(federation, "Valley", charter_on="2005-01-01")
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    histories.sell(federation, "bakery", "ana", 800, 0, key="bread")
    histories.fund(federation, "bakery", 1000, key="pool")
    clock.advance(days=60)
    run = dividends.draft(federation, "fay", date(2026, 4, 1), 900)
    fay, ana, ended = browser_of("fay"), browser_of("ana"), "By history, month 180 of 180 0.00"
    assert ended in text_of(fay, "/federation/dividend")
    dividends.approve(federation, "gus", run)
    clock.advance(days=7)
    assert dividends.post(federation) is not None

    assert ended in text_of(ana, f"/dividend/{run}/whole")
    assert ended in text_of(ana, f"/dividend/{run}")


def test_members_read_the_same_without_names_of_who_made_it_and_how_few_they_are(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = posted(period, clock)

    text = text_of(browser_of("ana"), f"/dividend/{run}/whole")

    assert "Drafted by a facilitator 1 May 2026, 13:00 Approved by another 2 May 2026, 13:00" in text
    assert "Eligible members fewer than 5 Of them got something fewer than 5" in text
    assert "Lay in it before 10.00 To share out 9.00 Left in it after that 1.00" in text
    assert "How lines spread is shown from five on" in text
    assert not any(name in text for name in ("Fay", "Gus", "Bea", "The line in the middle"))
    assert "Eligible members fewer than 5" in text_of(browser_of("ana"), f"/dividend/{run}")


def test_dues_stay_as_they_stood_when_the_dividend_was_paid(
    period: Kit, bread: str, browser_of: Browser, clock: Clock
) -> None:
    run = posted(period, clock)
    stood = text_of(browser_of("ana"), f"/dividend/{run}/whole")
    assert "The Mill asked for 0.06, put in 0.00 0.06 open Bread & Roses asked for 0.08, put in 10.00 paid" in stood
    assert "Asked for in all 0.14 Put in 10.00" in stood
    assert "of it more than was asked of those who put it in 9.92 Open 0.06" in stood

    clock.advance(days=1)
    histories.fund(period, "mill", 600, key="late due")
    refund_sale(period, bread, 800, 0)
    network.admit_coop(period, "orchard", 100_000, name="The Orchard")
    dividends.draft(period, "fay", date(2026, 4, 2), 100)

    assert text_of(browser_of("ana"), f"/dividend/{run}/whole") == stood
    assert "The Mill asked for 0.00, put in 6.00" in text_of(browser_of("ana"), "/dividend/2/whole")


def test_a_draft_is_shown_as_a_whole_with_what_lies_in_the_pool_now(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = dividends.draft(period, "fay", date(2026, 4, 1), 900)

    text = text_of(browser_of("ana"), f"/dividend/{run}/whole")

    assert "Will be shared out 9.00 RES A draft: nothing has moved yet" in text
    assert "Lies in it now 10.00 To share out 9.00 Left in it after that 1.00" in text
    assert "For sales of this period, as it stands now." in text
    assert "Approved by" not in text
    assert "Can be paid from 1 May 2026" in text
    dividends.withdraw(period, "fay", run)
    assert browser_of("ana").get(f"/dividend/{run}/whole").status_code == 404
    assert browser_of("fay").get(f"/federation/dividend/{run}").status_code == 404


def test_what_a_draft_asked_of_a_co_op_that_is_stopped_is_said_as_the_pool_says_it(
    period: Kit, browser_of: Browser
) -> None:
    run = dividends.draft(period, "fay", date(2026, 4, 1), 900)
    network.coop_leaves(period, "mill")
    ana = browser_of("ana")

    for path in ("/dividend/pool", f"/dividend/{run}/whole"):
        assert "The Mill asked for 0.06, put in 0.00 has left" in text_of(ana, path)


def test_a_dividend_that_is_paid_says_what_was_open_then_of_a_co_op_that_has_left_since(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    run = posted(period, clock)
    network.coop_leaves(period, "mill")

    assert "The Mill asked for 0.06, put in 0.00 0.06 open" in text_of(browser_of("ana"), f"/dividend/{run}/whole")


def test_one_that_a_history_brought_in_says_that_nobody_made_it_here(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    dividends.pay(period, "old", date(2026, 4, 1), 900)

    text = text_of(browser_of("ana"), "/dividend/1/whole")

    assert "nobody drafted or approved it here" in text
    assert "Drafted by" not in text


def test_a_dividend_among_the_movements_bears_no_initials_as_a_person_does(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    posted(period, clock)

    text = text_of(browser_of("ana"), "/activity")

    assert "Network Builder dividend" in text
    assert "ND" not in text


def test_who_has_no_line_in_a_dividend_finds_it_all_the_same(period: Kit, browser_of: Browser, clock: Clock) -> None:
    run = posted(period, clock)
    cal = browser_of("cal")

    found = Page(cal.get("/dividend").text)

    assert "Dividend March 2026 paid 8 May 2026; you have no line in it" in found.text
    assert f"/dividend/{run}/whole" in found.links
    assert f"/dividend/{run}/whole" in Page(cal.get("/dividend/pool").text).links
    assert "Your statement You have no line in it." in text_of(cal, f"/dividend/{run}/whole")
    assert cal.get(f"/federation/dividend/{run}").status_code == 404
    assert f"/dividend/{run}/whole" in Page(browser_of("ana").get(f"/dividend/{run}").text).links
    assert f"/federation/dividend/{run}" in Page(browser_of("fay").get("/federation/dividend").text).links


def test_the_receipt_of_a_dividend_leads_to_how_it_comes_about(period: Kit, browser_of: Browser, clock: Clock) -> None:
    run, ana = posted(period, clock), browser_of("ana")
    (receipt,) = [link for link in Page(ana.get(f"/dividend/{run}").text).links if link and "/receipts/" in link]

    shown = Page(ana.get(receipt).text)

    assert "How it comes about Statement March 2026" in shown.text
    assert f"/dividend/{run}" in shown.links


def test_two_dividends_of_one_instant_are_two_movements_of_the_pool(
    period: Kit, browser_of: Browser, clock: Clock
) -> None:
    dividends.pay(period, "one", clock().date() - timedelta(days=2), 300)
    dividends.pay(period, "two", clock().date() - timedelta(days=1), 100)

    text = text_of(browser_of("ana"), "/dividend/pool")

    # Of the second nobody has new hours: by history alone, 64 of 180 months on.
    assert "Dividend two 1 May 2026 −0.64" in text
    assert "Dividend one 1 May 2026 −3.00" in text
