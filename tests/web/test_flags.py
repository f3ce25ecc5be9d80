"""What facilitators should look at: each pattern at its edge, and what is next to it and none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.services.test_ballots import vote
from tests.web import polls
from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.domain import flag
from wallet.kit import Kit
from wallet.services import ballots, gifts, histories, members, network
from wallet.store.engine import reading
from wallet.store.views import flags

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def town(federation: Kit) -> Kit:
    """Give Ana 100.00 RES for her work, and Bea, who works at the bakery, 100.00 of it for hers."""
    histories.pay(federation, "mill", "ana", 90_000, 9_600, key="second pay of ana")
    histories.pay(federation, "bakery", "bea", 100_000, 9_600, key="pay of bea")
    network.admit_coop(federation, "farm", 1_000, name="Long Field")
    return federation


def give(kit: Kit, giver: str, taker: str, minor: int) -> None:
    """Let somebody give RES to somebody."""
    gifts.send(kit, giver, taker, minor, key=new_key())


def back(kit: Kit) -> list[tuple[str, str, int, int]]:
    """List who paid whom how much, and how much came back."""
    now = kit.clock()
    with reading(kit.engine) as connection:
        found = flags.flowed_back(connection, now - flag.LOOKED_AT, now)
    return [(one.payer, one.coop, one.amount_minor, one.back_minor) for one in found]


def at_one(kit: Kit) -> list[tuple[str, str, int, int]]:
    """List members whose basis is of one co-op, with how much of it."""
    with reading(kit.engine) as connection:
        return [(one.member, one.coop, one.there_minor, one.basis_minor) for one in flags.at_one_coop(connection)]


def circles(kit: Kit) -> list[tuple[str, str]]:
    """List the pairs of co-ops that live off each other."""
    now = kit.clock()
    with reading(kit.engine) as connection:
        return [(one.one, one.two) for one in flags.circles(connection, now - flag.LOOKED_AT, now)]


@pytest.mark.parametrize(("minor", "found"), [(500, 0), (501, 1)])
def test_more_than_half_of_a_sale_that_comes_back_is_flagged(town: Kit, clock: Clock, minor: int, found: int) -> None:
    histories.sell(town, "bakery", "ana", 1_000, 0, key="a cake")
    clock.advance(hours=1)
    give(town, "bea", "ana", minor - 1)
    give(town, "bea", "ana", 1)

    assert back(town) == [("Ana Reis", "Bread & Roses", 1_000, minor)] * found


@pytest.mark.parametrize(("passed", "found"), [(timedelta(hours=72), 1), (timedelta(hours=72, microseconds=1), 0)])
def test_what_comes_back_later_than_in_72_hours_is_not(town: Kit, clock: Clock, passed: timedelta, found: int) -> None:
    histories.sell(town, "bakery", "ana", 1_000, 0, key="a cake")
    clock.set(clock() + passed)
    give(town, "bea", "ana", 900)

    assert len(back(town)) == found


def test_what_comes_back_in_the_sales_own_instant_is_flagged_and_what_went_before_is_not(town: Kit) -> None:
    give(town, "bea", "ana", 900)
    histories.sell(town, "bakery", "ana", 1_000, 0, key="a cake")
    assert back(town) == []

    give(town, "bea", "ana", 600)

    assert back(town) == [("Ana Reis", "Bread & Roses", 1_000, 600)]


def test_gifts_of_people_who_do_not_work_there_are_none_of_it(town: Kit, clock: Clock) -> None:
    histories.sell(town, "bakery", "ana", 1_000, 0, key="a cake")
    clock.advance(hours=1)
    members.leave(town, "bakery", "bea")
    clock.advance(hours=1)
    give(town, "bea", "ana", 900)
    histories.pay(town, "mill", "fay", 100_000, 9_600, key="pay of fay")
    give(town, "fay", "ana", 900)

    assert back(town) == []


def test_more_than_sixty_percent_of_a_basis_at_one_co_op_are_flagged_net_of_refunds(town: Kit) -> None:
    histories.sell(town, "bakery", "ana", 600, 0, key="a cake")
    histories.sell(town, "farm", "ana", 400, 0, key="eggs")
    assert at_one(town) == []

    histories.sell(town, "bakery", "ana", 1, 0, key="a crumb")
    assert at_one(town) == [("Ana Reis", "Bread & Roses", 601, 1_001)]

    histories.refund(town, "a cake", 300, 0)
    assert at_one(town) == []
    # What does not count is no part of it: her own mill.
    histories.sell(town, "mill", "ana", 2_000, 0, key="flour")
    assert at_one(town) == []


def test_two_co_ops_that_each_sell_mostly_to_the_other_s_members_are_flagged(town: Kit, clock: Clock) -> None:
    histories.sell(town, "bakery", "ana", 500, 0, key="a cake")
    histories.sell(town, "mill", "bea", 500, 0, key="flour")
    assert circles(town) == [("Bread & Roses", "The Mill")]

    # As much again to somebody else is half, and no more.
    give(town, "ana", "cal", 1_000)
    histories.sell(town, "bakery", "cal", 500, 0, key="bread for cal")
    assert circles(town) == []
    histories.sell(town, "bakery", "ana", 1, 0, key="a crumb")
    assert circles(town) == [("Bread & Roses", "The Mill")]

    clock.set(clock() + flag.LOOKED_AT)
    assert circles(town) == []


def test_who_is_paid_for_more_hours_of_a_month_than_count_is_flagged_over_all_co_ops(
    town: Kit, browser_of: Browser, clock: Clock
) -> None:
    fay = browser_of("fay")
    histories.pay(town, "farm", "ana", 100, 18_000 - 9_600 - 480, key="the rest of 300 hours")
    assert "Nobody was paid for more." in Page(fay.get("/federation/flags").text).text

    histories.pay(town, "bakery", "ana", 100, 60, key="an hour more")

    assert "Ana Reis March 301 h" in Page(fay.get("/federation/flags").text).text
    clock.set(clock().replace(month=5, day=31))
    assert "Ana Reis March 301 h" in Page(browser_of("fay").get("/federation/flags").text).text
    clock.set(clock().replace(month=6, day=1))
    assert "Nobody was paid for more." in Page(browser_of("fay").get("/federation/flags").text).text


def test_a_month_of_much_work_is_judged_by_what_counted_in_it(town: Kit, browser_of: Browser, clock: Clock) -> None:
    polls.chartered(town)
    number = ballots.propose(town, "gus", 6_000, "So that work is shared.", 30, parameter="month_minutes_max")
    ballots.agree(town, "fay", number)
    for coop, handle in (("bakery", "bea"), ("bakery", "sam"), ("mill", "ana"), ("mill", "fay"), ("mill", "gus")):
        vote(town, number, coop, handle)
    clock.set(clock().replace(month=4, day=2))
    ballots.close_due(town)
    histories.pay(town, "mill", "ana", 100, 9_600, key="pay of April")
    clock.set(clock().replace(month=5))
    histories.pay(town, "mill", "ana", 100, 6_060, key="pay of May")

    text = Page(browser_of("fay").get("/federation/flags").text).text

    # March and April were judged by 300 hours: the ballot ended in April, and holds from May on.
    assert "Ana Reis May 101 h" in text
    assert "April" not in text
    assert "March" not in text


def test_the_page_tells_all_of_them_in_words_and_is_for_facilitators(
    town: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.sell(town, "bakery", "ana", 1_000, 0, key="a cake")
    histories.sell(town, "mill", "bea", 500, 0, key="flour")
    clock.advance(hours=1)
    give(town, "bea", "ana", 900)

    text = Page(browser_of("fay").get("/federation/flags").text).text

    assert "Ana Reis at Bread & Roses 2 March 2026: 10.00 RES paid, 9.00 came back as gifts" in text
    assert "Bread & Roses and The Mill Bread & Roses: 10.00 of 10.00. The Mill: 5.00 of 5.00." in text
    assert "Ana Reis Bread & Roses 10.00 of 10.00" in text
    assert browser_of("sam").get("/federation/flags").status_code == 404
