"""Verify asks the terms of memberships whether a sale may count, and is silent about who came first within a moment."""

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from wallet.kit import Kit
from wallet.services import histories, members, payments
from wallet.store import verify
from wallet.store.engine import snapshot

WITHIN = "It qualifies, and yet the payer was a member of the co-op."
SECOND = 1_000_000


@pytest.fixture
def town(kit: Kit, clock: Clock) -> Kit:
    """Give the cast, an hour after their first pay."""
    cast.build(kit)
    clock.advance(hours=1)
    return kit


def found(kit: Kit, since: int | None = None) -> list[str]:
    with snapshot(kit.engine) as connection:
        return [str(breach) for breach in verify.check(connection, kit.charter, since)]


def slip_in(kit: Kit, begins: int, ends: int | None = None) -> None:
    """Make Ana a member of the bakery by hand, so many seconds after her last sale, up to so many after it."""
    term = {"begins": begins * SECOND, "ends": None if ends is None else ends * SECOND, "still": ends is None}
    at = "(SELECT MAX(at) FROM transfers)"
    whose = "(SELECT id FROM people WHERE handle = 'ana'), (SELECT id FROM coops WHERE slug = 'bakery')"
    with kit.engine.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO own_set (person_id, coop_id, is_member) SELECT {whose}, :still"), term)
        connection.execute(
            sa.text(
                "INSERT INTO member_terms (person_id, coop_id, from_at, until_at)"
                f" SELECT {whose}, {at} + :begins, {at} + CAST(:ends AS bigint)"
            ),
            term,
        )


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("begins", "ends", "is_seen"),
    [(-1, None, True), (-1, 1, True), (0, None, False), (-9, 0, False), (0, 9, False), (1, None, False)],
)
def test_a_membership_slipped_in_before_a_sale_of_a_history_is_seen(
    town: Kit, begins: int, ends: int | None, is_seen: bool
) -> None:
    sold = histories.sell(town, "bakery", "ana", 450, 0, key="bread")
    slip_in(town, begins, ends)

    assert sold is not None
    assert sold.qualifies
    assert found(town) == ([f"I9 transfers {sold.id}: {WITHIN}"] if is_seen else [])
    assert found(town, since=sold.id) == []


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("begins", "ends", "is_seen"),
    [(-61, None, True), (-61, 61, True), (-60, None, False), (-99, 60, False), (-9_999, -99, False)],
)
def test_a_payment_at_a_till_may_have_waited_a_minute_beside_the_membership(
    town: Kit, begins: int, ends: int | None, is_seen: bool
) -> None:
    bill = payments.open_bill(town, "bakery-1", "ben", amount_minor=450, key="bread")
    paid = payments.pay_bill(town, bill.code, "ana", key="bread")
    slip_in(town, begins, ends)

    assert paid.qualifies
    assert [WITHIN in breach for breach in found(town)] == [True] * is_seen


def test_who_joins_leaves_and_buys_in_one_instant_leaves_sound_books(town: Kit, clock: Clock) -> None:
    for moment, seconds in enumerate((0, 1, 0)):
        clock.advance(seconds)
        histories.sell(town, "bakery", "ana", 100, 0, key=f"before {moment}")
        members.join(town, "bakery", "ana")
        histories.sell(town, "bakery", "ana", 100, 0, key=f"within {moment}")
        members.leave(town, "bakery", "ana")
        histories.sell(town, "bakery", "ana", 100, 0, key=f"after {moment}")

    assert found(town) == []
