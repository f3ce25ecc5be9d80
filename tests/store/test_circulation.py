"""What is outstanding, now and at instants that are over, and how often it is spent in a year."""

from datetime import UTC, datetime, timedelta

from tests import cast
from tests.clock import Clock
from wallet.domain.circulation import turns_hundredths
from wallet.kit import Kit
from wallet.services import gifts, office, sales
from wallet.store import circulation, report
from wallet.store.engine import snapshot


def test_what_was_outstanding_is_what_the_report_said_at_that_instant(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    instants, said = [clock()], [0]
    for act in (
        lambda: sales.sell(kit, "bakery", "ana", 90_00, 0, key="bread"),
        lambda: sales.sell(kit, "bakery", "dee", 200_00, 0, key="cakes"),
        lambda: gifts.send(kit, "ana", "cy", 30_00, key="a gift"),
        lambda: office.supply(kit, "bakery", "mill", 120_00, key="flour"),
        lambda: office.fund(kit, "mill", 50_00, key="pool"),
        lambda: sales.sell(kit, "clinic", "cy", 30_00, 0, key="a visit"),
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
        assert circulation.sold_since(connection, instants[2]) == 230_00
        assert circulation.sold_since(connection, instants[1]) == 320_00
        assert (circulation.places(connection), circulation.first_at(connection)) == (3, instants[0])
    # Bakery and mill stand at or below nothing for most of it: not all of what moved was outstanding.
    assert said[1] == 3 * cast.WAGE_RES_MINOR
    assert len(set(said[2:])) > 2


def test_an_empty_ledger_has_nothing_outstanding(kit: Kit) -> None:
    with snapshot(kit.engine) as connection:
        assert circulation.outstanding(connection) == 0
        assert circulation.outstanding_at(connection, []) == []
        assert circulation.outstanding_at(connection, [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1)]) == [0]
        assert circulation.first_at(connection) is None


def test_turns_are_sales_by_the_mean_of_the_month_ends_half_up() -> None:
    assert turns_hundredths(340_00, [100_00, 100_00]) == 340
    assert turns_hundredths(1, [2, 1]) == 67
    assert turns_hundredths(1, [200]) == 1
    assert turns_hundredths(1, [201]) == 0
    assert turns_hundredths(500, [0, 0]) is None
    assert turns_hundredths(500, []) is None
