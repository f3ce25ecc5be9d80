"""What a co-op is asked to put into the pool for a period: its edges, and at which of its places it sold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests import cast
from tests.clock import Clock
from tests.giving_back import refund_sale
from wallet.domain.period import day_start
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network, payments
from wallet.store import charters, dues
from wallet.store.columns import MICROSECOND
from wallet.store.dues import Due, Dues, DuesPeriod, Sunset
from wallet.store.engine import snapshot


@pytest.fixture
def valley(kit: Kit) -> Kit:
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    return cast.build(kit)


def listed(kit: Kit, period: DuesPeriod) -> list[Due]:
    with snapshot(kit.engine) as connection:
        hand = charters.in_hand(connection, kit.charter, kit.clock())
        assert hand is not None
        return dues.of_all(connection, period, hand, "UTC")


def asked(kit: Kit) -> Dues:
    with snapshot(kit.engine) as connection:
        return dues.asked(connection, kit.charter, kit.clock())


def due_of(kit: Kit, coop: str, period: DuesPeriod) -> Due:
    return next(one for one in listed(kit, period) if one.slug == coop)


def test_of_two_periods_that_meet_a_sale_at_their_edge_is_in_the_second_alone(valley: Kit, clock: Clock) -> None:
    edge = clock() + timedelta(days=10)
    for at, minor in ((edge - MICROSECOND, 10_00), (edge, 20_00), (edge + MICROSECOND, 40_00)):
        clock.set(at)
        histories.sell(valley, "bakery", "ana", minor, 0, key=f"bread for {minor}")
    month = timedelta(days=30)

    before = due_of(valley, "bakery", DuesPeriod(edge - month, edge, edge - month, None))
    after = due_of(valley, "bakery", DuesPeriod(edge, edge + month, edge - month, None))

    assert (before.sold_minor, after.sold_minor) == (10_00, 60_00)
    assert (before.due_minor, after.due_minor) == (10, 60)


def test_of_two_periods_that_meet_what_is_put_in_at_the_moment_of_the_dividend_counts_for_the_second_alone(
    valley: Kit, clock: Clock
) -> None:
    edge, month = clock() + timedelta(days=10), timedelta(days=30)
    for at, minor in ((edge - month - MICROSECOND, 8), (edge - MICROSECOND, 1), (edge, 2), (edge + MICROSECOND, 4)):
        clock.set(at)
        histories.fund(valley, "bakery", minor, key=f"a part of {minor}")

    before = due_of(valley, "bakery", DuesPeriod(edge - month, edge, edge - month, None, as_of=edge))
    after = due_of(valley, "bakery", DuesPeriod(edge, edge + month, edge, None))

    assert (before.paid_minor, after.paid_minor) == (1, 6)


def test_what_goes_back_from_the_moment_of_its_dividend_on_lowers_a_period_no_more(valley: Kit, clock: Clock) -> None:
    bread = histories.sell(valley, "bakery", "ana", 50_00, 0, key="bread")
    assert bread is not None
    sold_at, posted_at = clock(), clock() + timedelta(days=10)
    for at, minor in ((posted_at - MICROSECOND, 1_00), (posted_at, 2_00), (posted_at + MICROSECOND, 4_00)):
        clock.set(at)
        refund_sale(valley, bread.ref, minor, 0)
    period = DuesPeriod(sold_at, posted_at, sold_at, None)

    assert due_of(valley, "bakery", period).sold_minor == 43_00
    assert due_of(valley, "bakery", replace(period, as_of=posted_at)).sold_minor == 49_00


def test_what_was_sold_at_a_counter_is_asked_for_like_the_rest(valley: Kit, clock: Clock) -> None:
    histories.sell(valley, "bakery", "ana", 50_00, 0, key="bread of a history")
    bill = payments.open_bill(valley, "bakery-1", "ben", amount_minor=80_00, cash_minor=30_00, note=None, key="bill")
    payments.pay_bill(valley, bill.code, "ana", key="bread at the counter", confirm=True)

    asked = due_of(valley, "bakery", DuesPeriod(clock(), clock() + MICROSECOND, clock(), None))

    assert (asked.sold_minor, asked.due_minor) == (100_00, 1_00)


def test_a_co_op_that_has_left_is_listed_only_where_something_is_due_or_was_put_in(valley: Kit, clock: Clock) -> None:
    histories.sell(valley, "bakery", "ana", 50_00, 0, key="bread")
    histories.fund(valley, "mill", 1, key="a part")
    for coop in ("bakery", "clinic", "mill"):
        network.coop_leaves(valley, coop)
    network.admit_coop(valley, "grocer", 0)

    found = listed(valley, DuesPeriod(clock(), clock() + MICROSECOND, clock(), None))
    assert {one.slug for one in found} == {"bakery", "grocer", "mill"}


@pytest.mark.parametrize(("until", "asked_minor"), [("2040-12-31", 1_00), ("2041-01-01", 0)])
def test_a_period_that_ends_with_the_month_of_the_sunset_is_the_first_for_which_nothing_is_asked(
    valley: Kit, clock: Clock, until: str, asked_minor: int
) -> None:
    clock.set(datetime(2040, 12, 30, tzinfo=UTC))
    histories.sell(valley, "bakery", "ana", 100_00, 0, key="bread")

    asked = due_of(valley, "bakery", DuesPeriod(clock(), day_start(date.fromisoformat(until), "UTC"), clock(), None))

    assert (asked.sold_minor, asked.due_minor) == (100_00, asked_minor)


def test_before_there_is_a_charter_nothing_is_asked(kit: Kit) -> None:
    cast.build(kit)

    assert asked(kit) == Dues(None, [], kit.charter, Sunset(at_begin=False, at_end=False), goes_on=False)


def test_only_what_is_open_of_co_ops_that_are_in_can_come_in(valley: Kit, clock: Clock) -> None:
    histories.sell(valley, "bakery", "ana", 50_00, 0, key="bread")
    histories.sell(valley, "clinic", "ana", 20_00, 0, key="a visit")
    histories.fund(valley, "bakery", 10, key="a part")
    assert (asked(valley).open_minor, asked(valley).out_minor) == (40 + 20, 0)

    network.coop_leaves(valley, "clinic")

    assert (asked(valley).open_minor, asked(valley).out_minor) == (40, 20)


def test_beside_a_draft_its_own_period_is_asked_for_and_the_next_one_goes_on(valley: Kit, clock: Clock) -> None:
    members.grant(valley, "eve", "facilitator")
    histories.sell(valley, "bakery", "ana", 50_00, 0, key="bread")
    histories.fund(valley, "mill", 9_00, key="pool")
    ends_on = (clock() + timedelta(days=1)).date()
    clock.set(day_start(ends_on, "UTC"))
    histories.sell(valley, "bakery", "ana", 20_00, 0, key="bread of the next period")
    assert (asked(valley).open_minor, asked(valley).goes_on) == (70, False)
    clock.advance(days=20)

    dividends.draft(valley, "flo", ends_on, 5_00)

    found = asked(valley)
    assert found.period is not None
    assert (found.period.ends_on, found.open_minor, found.goes_on) == (ends_on, 50, True)


def test_the_period_in_hand_is_that_of_the_new_day_in_the_hour_that_shows_the_old_one_again(
    kit: Kit, clock: Clock
) -> None:
    clock.set(day_start(date(2009, 11, 1), "America/St_Johns") + timedelta(minutes=1))
    network.found_federation(kit, "Alder Valley", zone="America/St_Johns", charter_on="2009-06-01")

    with snapshot(kit.engine) as connection:
        hand = charters.in_hand(connection, kit.charter, kit.clock())

    assert hand is not None
    assert hand.today == date(2009, 11, 1)
