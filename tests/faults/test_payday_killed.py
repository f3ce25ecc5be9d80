"""Payday is killed wherever it stands: all lines are paid or none, and a second start pays them once."""

import sqlalchemy as sa

from tests import cast
from tests.faults.killed import killed_at
from tests.services.test_payruns import agree, approved, due
from wallet.kit import Kit
from wallet.services import histories, members, paybounds, payruns

CREW = tuple(f"worker-{number}" for number in range(5))
WAGE_MINOR = 10_000
PAYS = sa.text("SELECT COUNT(*) FROM transfers WHERE kind = 'pay' AND total_minor = 10000")
POINTS = 20


def staffed(kit: Kit) -> Kit:
    cast.build(kit)
    members.grant(kit, "ben", "steward", "bakery")
    paybounds.answer_floor(kit, "eve", "bakery", None, "Eve Sato")
    for handle in CREW:
        members.join(kit, "bakery", handle)
        agree(kit, handle)
    return kit


def pays(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(PAYS).scalar_one())


def run_of(kit: Kit, name: object) -> int:
    """Have a run of the crew approved, with something in a till, so that the sweep is among the points."""
    histories.sell(kit, "bakery", "ana", 10, 0, key=f"bread {name}")
    return approved(kit, *(due(handle, WAGE_MINOR, 60) for handle in CREW))


def test_wherever_a_payday_is_killed_all_lines_are_paid_or_none_and_then_once(kit: Kit) -> None:
    staffed(kit)
    # The first pay of all takes a way of its own; from the second on each posting passes the same points.
    for name in ("first", "second"):
        run_of(kit, name)
        points = killed_at(kit, 0, payruns.post_due)
    assert points is not None
    assert pays(kit) == 2 * len(CREW)
    ends = []
    for point in range(points, 0, -(points // POINTS)):
        number, before = run_of(kit, point), pays(kit)

        assert killed_at(kit, point, payruns.post_due) is None

        ends.append(paid := pays(kit) - before)
        assert paid in (0, len(CREW)), f"killed at point {point}: {paid} of {len(CREW)} lines are paid"
        assert payruns.post_due(kit) == ([] if paid else [("bakery", number, payruns.POSTED)])
        assert pays(kit) - before == len(CREW)

    assert len(ends) >= POINTS
    assert set(ends) == {0, len(CREW)}, "it was killed before and after its commit"


def test_a_payday_that_pays_line_by_line_is_caught_with_some_of_them_paid(kit: Kit) -> None:
    """The control: with a transaction for each line, the same points leave a run in pieces."""
    staffed(kit)
    found = set()
    for point in range(1, 120, 13):

        def line_by_line(killed: Kit, point: int = point) -> None:
            for handle in CREW:
                histories.pay(killed, "bakery", handle, WAGE_MINOR, 60, key=f"{point} {handle}")

        before = pays(kit)
        killed_at(kit, point, line_by_line)
        found.add(pays(kit) - before)

    assert found - {0, len(CREW)}
