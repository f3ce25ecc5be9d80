"""What is outstanding, now and at instants that are over, and how often it is spent in a year."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.tampering import found_in, unguarded
from wallet.domain import period
from wallet.kit import Kit
from wallet.services import circulation as acts
from wallet.services import gifts, histories, network, payments
from wallet.store import circulation, verify
from wallet.store.circulation import Uncovered
from wallet.store.engine import snapshot, write
from wallet.store.views import circulation as circulation_view
from wallet.store.views import office, report


def test_what_was_outstanding_is_what_the_report_said_at_that_instant(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    instants, said = [clock()], [0]
    for act in (
        lambda: histories.sell(kit, "bakery", "ana", 90_00, 0, key="bread"),
        lambda: histories.sell(kit, "bakery", "dee", 200_00, 0, key="cakes"),
        lambda: gifts.send(kit, "ana", "cy", 30_00, key="a gift"),
        lambda: histories.supply(kit, "bakery", "mill", 120_00, key="flour"),
        lambda: histories.fund(kit, "mill", 50_00, key="pool"),
        lambda: histories.sell(kit, "clinic", "cy", 30_00, 0, key="a visit"),
    ):
        with snapshot(kit.engine) as connection:
            now = circulation.outstanding(connection)
            assert now == report.standing(connection, "UTC", None, kit.charter)["outstanding"]
        clock.advance(days=1)
        instants.append(clock())
        said.append(now)
        act()
    clock.advance(days=1)

    with snapshot(kit.engine) as connection:
        assert circulation.outstanding_at(connection, instants) == said
        assert circulation.sold(connection, instants[2], clock()) == 230_00
        assert circulation.sold(connection, instants[1], clock()) == 320_00
        assert circulation.sold(connection, instants[0], instants[2]) == 90_00
        assert (circulation.places(connection), circulation.first_at(connection)) == (3, instants[0])
    # Bakery and mill stand at or below nothing for most of it: not all of what moved was outstanding.
    assert said[1] == 3 * cast.WAGE_RES_MINOR
    assert len(set(said[2:])) > 2


def test_two_who_keep_a_month_at_once_keep_it_once(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    over = [period.month_of(clock(), "UTC")]
    clock.advance(days=40)

    # Both have read that it is not kept yet.
    for _each in range(2):
        write(kit.engine, lambda connection: circulation.keep(connection, over, (), "UTC"))

    with snapshot(kit.engine) as connection:
        assert list(circulation.months(connection)) == over


def test_what_lies_in_a_till_of_a_co_op_that_owes_is_neither_outstanding_nor_uncovered(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=200_00, cash_minor=0, note=None, key="bill")
    payments.pay_bill(kit, bill.code, "ana", key="bread", confirm=True)
    clock.advance(days=1)
    network.coop_leaves(kit, "bakery")

    # Ben and Dee hold their wages and Ana what is left of hers: the bakery owes Ben's, less what lies in its till.
    with snapshot(kit.engine) as connection:
        now = circulation.outstanding(connection)
        assert (now, circulation.outstanding_at(connection, [clock()])) == (3 * cast.WAGE_RES_MINOR - 200_00, [now])
        assert circulation.uncovered(connection) == (Uncovered("Kneading Table Bakery", cast.WAGE_RES_MINOR - 200_00),)


def bought(kit: Kit, key: str) -> None:
    """Let something happen that changes nothing of what is outstanding or sold in RES."""
    histories.sell(kit, "bakery", "ana", 0, 1_00, key=key)


def test_a_month_is_kept_an_hour_after_its_end_and_is_what_was(kit: Kit, clock: Clock) -> None:
    network.found_federation(kit, "Valley", zone="Asia/Kathmandu")
    cast.build(kit)
    histories.sell(kit, "bakery", "ana", 90_00, 0, key="in the cast's month")
    with snapshot(kit.engine) as connection:
        stood = [circulation.outstanding(connection)]
    month = period.month_of(clock(), "Asia/Kathmandu")
    ends = [period.month_start(period.next_month(month, steps), "Asia/Kathmandu") for steps in (1, 2)]
    clock.set(ends[0])
    histories.sell(kit, "bakery", "dee", 200_00, 0, key="at the first instant of the next")
    with snapshot(kit.engine) as connection:
        stood.append(circulation.outstanding(connection))

    clock.set(ends[0] + timedelta(minutes=59, seconds=59))
    bought(kit, "before the hour is over")
    assert acts.keep_months(kit) == []
    clock.advance(seconds=1)
    bought(kit, "after it")
    assert acts.keep_months(kit) == [month]
    clock.set(ends[1] + timedelta(days=9))
    bought(kit, "in the month after")
    assert acts.keep_months(kit) == [period.next_month(month)]
    assert acts.keep_months(kit) == []

    with snapshot(kit.engine) as connection:
        kept = circulation.months(connection)
    assert [(one.outstanding_minor, one.sold_minor) for one in kept.values()] == [(stood[0], 90_00), (stood[1], 200_00)]


def test_no_month_is_kept_of_which_only_the_clock_says_that_it_is_over(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    today, month = clock(), period.month_of(clock(), "UTC")
    clock.advance(days=40)
    assert acts.keep_months(kit) == []

    clock.set(today)
    histories.sell(kit, "bakery", "ana", 3_00, 0, key="bread")
    clock.advance(days=70)
    histories.sell(kit, "bakery", "ana", 2_00, 0, key="cake")

    assert acts.keep_months(kit) == [month, period.next_month(month)]
    assert found_in(kit).breaches == []


@pytest.mark.parametrize("posts", [True, False])
def test_a_month_is_open_again_once_the_clock_that_called_it_over_is_set_back(
    kit: Kit, clock: Clock, posts: bool
) -> None:
    cast.build(kit)
    today, month = clock(), period.month_of(clock(), "UTC")
    clock.advance(days=40)
    histories.sell(kit, "bakery", "ana", 3_00, 0, key="too early")
    assert acts.keep_months(kit) == [month]

    clock.set(today)
    if posts:
        histories.sell(kit, "bakery", "ana", 4_00, 0, key="bread")
        clock.advance(days=40)
    assert acts.keep_months(kit) == []
    with snapshot(kit.engine) as connection:
        assert circulation.months(connection) == {}
    clock.advance(days=80)
    histories.sell(kit, "bakery", "ana", 2_00, 0, key="cake")

    assert month in acts.keep_months(kit)
    assert found_in(kit).breaches == []


def test_a_month_that_is_kept_otherwise_is_named(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    histories.sell(kit, "bakery", "ana", 90_00, 0, key="bread")
    clock.advance(days=60)
    bought(kit, "two months later")
    months = acts.keep_months(kit)
    assert len(months) >= 1
    assert found_in(kit).breaches == []
    for figure in ("outstanding_minor", "sold_minor"):
        with unguarded(kit) as connection:
            connection.execute(sa.text(f"UPDATE circulation_months SET {figure} = {figure} + 1"))
            breaches = verify.check(connection, kit.charter)
        assert [(one.invariant, one.row) for one in breaches] == [("I9", month) for month in months]


def test_the_figures_from_kept_months_are_those_from_the_journal_alone(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    for number, days in enumerate((1, 20, 31, 100, 200, 40)):
        clock.advance(days=days)
        histories.sell(kit, "bakery", "ana", 10_00 + number, 0, key=f"bread {number}")
    for days in (0, 0.5, 20, 200, 300):
        clock.advance(days=days)
        with snapshot(kit.engine) as connection:
            alone = circulation_view.summed(connection, clock())
        acts.keep_months(kit)
        with snapshot(kit.engine) as connection:
            assert circulation_view.summed(connection, clock()) == alone
        with kit.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM circulation_months"))


def test_an_empty_ledger_has_nothing_outstanding(kit: Kit) -> None:
    with snapshot(kit.engine) as connection:
        assert circulation.outstanding(connection) == 0
        assert circulation.outstanding_at(connection, []) == []
        assert circulation.outstanding_at(connection, [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1)]) == [0]
        assert circulation.first_at(connection) is None
    assert acts.keep_months(kit) == []


def test_what_a_co_op_owes_that_has_left_is_uncovered_until_it_is_back(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    histories.sell(kit, "bakery", "dee", 10_00, 0, key="bread")

    def uncovered() -> list[tuple[str, int]]:
        with snapshot(kit.engine) as connection:
            return [(each.coop, each.minor) for each in circulation.uncovered(connection)]

    assert uncovered() == []
    with snapshot(kit.engine) as connection:
        owed = {row.name: -row.balance_minor for row in office.all_coops(connection) if row.balance_minor < 0}
        names = {row.slug: row.name for row in office.all_coops(connection)}
    assert len(owed) > 1
    for slug in ("bakery", "mill", "clinic"):
        network.coop_leaves(kit, slug)

    # A till's takings are taken off what its co-op owes.
    assert uncovered() == sorted(owed.items(), key=lambda one: -one[1])
    network.admit_coop(kit, "bakery", owed[names["bakery"]])
    assert dict(uncovered()) == {name: minor for name, minor in owed.items() if name != names["bakery"]}
