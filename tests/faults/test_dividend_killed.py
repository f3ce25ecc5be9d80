"""A dividend is killed wherever it stands: everybody's line is paid or nobody's, and a second start pays them once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.faults.killed import killed_at
from wallet.domain.period import month_start, next_month
from wallet.kit import Kit
from wallet.services import dividends, gifts, histories, members, network
from wallet.services.dividends import PaidDividend
from wallet.store.engine import reading
from wallet.store.views import dividends as dividend_view

FIRST, POT = "2026-03", 10_00
PAID = sa.text("SELECT COUNT(*) FROM transfers WHERE kind = 'dividend'")
POINTS = 12


def town(kit: Kit) -> Kit:
    """Let Ana, Ben and Dee have basis, two facilitate, and the pool hold enough for every month."""
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    for number, (coop, buyer) in enumerate((("bakery", "ana"), ("mill", "ben"), ("bakery", "dee"))):
        histories.sell(kit, coop, buyer, 60_00 + number, 0, key=f"sale {number}")
    histories.fund(kit, "mill", 1_000_00, key="pool")
    return kit


def paid(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(PAID).scalar_one())


def due(kit: Kit, clock: Clock, number: int) -> int:
    """Have the run of another month approved and seen by everybody; tell what it gives."""
    ends_at: datetime = month_start(next_month(FIRST, number), "UTC")
    clock.set(ends_at + timedelta(days=15))
    dividends.approve(kit, "eve", dividends.draft(kit, "flo", ends_at.date(), POT))
    clock.advance(days=7)
    with reading(kit.engine) as connection:
        found = dividend_view.draft(connection)
    assert found is not None
    return found.given_minor


def test_wherever_a_dividend_is_killed_everybody_is_paid_or_nobody_and_then_once(
    kit: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    town(kit)
    # From the second on each posting passes the same points.
    for number in (1, 2):
        due(kit, clock, number)
        points = killed_at(kit, 0, dividends.post)
    assert points is not None
    assert paid(kit) == 6
    step, ends = max(1, points // POINTS), []
    for number, point in enumerate(range(points, 0, -step), start=3):
        given = due(kit, clock, number)
        before, pool = paid(kit), balances()["pool"]

        assert killed_at(kit, point, dividends.post) is None

        ends.append(came := paid(kit) - before)
        assert came in (0, 3), f"killed at point {point}: {came} of 3 lines are paid"
        assert balances()["pool"] == pool - (given if came else 0)
        assert dividends.post(kit) == (None if came else PaidDividend(3))
        assert dividends.post(kit) is None
        assert (paid(kit) - before, balances()["pool"]) == (3, pool - given)

    assert len(ends) >= POINTS
    assert set(ends) == {0, 3}, "it was killed before and after its commit"


def test_gifts_one_after_another_are_caught_with_some_of_them_sent(kit: Kit) -> None:
    """The control: with a transaction for each line, the same points leave a round of payments in pieces."""
    town(kit)
    found = set()
    for point in range(1, 90, 11):

        def one_by_one(killed: Kit, point: int = point) -> None:
            for handle in ("ben", "dee", "eve"):
                gifts.send(killed, "ana", handle, 1, key=f"{point} {handle}")

        before = sent(kit)
        killed_at(kit, point, one_by_one)
        found.add(sent(kit) - before)

    assert found - {0, 3}


def sent(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT COUNT(*) FROM transfers WHERE kind = 'gift'")).scalar_one())
