"""Members who circle pay and sales as fast as the server allows gain no more basis than their hours allow."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.clock import Clock
from tests.figures import figures
from wallet.domain.charter import Charter
from wallet.domain.period import month_start, next_month
from wallet.kit import Kit
from wallet.services import members, network, payday, sales

# 300 hours at 22.50, of which the floor share is paid in RES.
MONTH_BOUND = 300 * 22_50 // 10
LINE, WAGE = 10_000_00, 1_000_00
Circle = Callable[[Charter, int, int, int], list[int]]


@pytest.fixture
def circle(kit: Kit, clock: Clock) -> Circle:
    """Give a function that circles for some months; it gives each member's basis.

    Member n works at co-op n, is paid there, and spends every bit of RES at the next co-op, which pays its own member
    with it, and so on. Each line claims as many hours as it takes to stay at the reference rate.
    """

    def run(charter: Charter, size: int, months: int, rounds: int) -> list[int]:
        bank = replace(kit, charter=charter)
        network.found_federation(bank, "Ring")
        for number in range(size):
            network.admit_coop(bank, f"coop-{number}", 2 * WAGE)
            members.join(bank, f"coop-{number}", f"member-{number}")
        month = "2026-03"
        for _month in range(months):
            clock.set(month_start(month, "UTC"))
            for turn in range(rounds):
                for number in range(size):
                    key = f"{month} {turn} {number}"
                    coop, member = f"coop-{number}", f"member-{number}"
                    payday.pay_line(bank, coop, member, LINE, LINE * 60 // 15_00, key=f"pay {key}")
                    sales.sell(bank, f"coop-{(number + 1) % size}", member, WAGE, 0, key=f"sale {key}")
            month = next_month(month)
        found = figures(bank)
        return [found[f"member-{number}"][3] for number in range(size)]

    return run


def test_two_coops_that_circle_stay_within_the_effort_bound(circle: Circle) -> None:
    rounds = 40
    bounded = circle(Charter(), 2, 1, rounds)

    # Half a unit for each line may be gained by rounding.
    assert all(0 < basis <= MONTH_BOUND + rounds / 2 for basis in bounded)


# The books of the control are kept by another rule than the one they are verified with.
@pytest.mark.breaks_books
def test_with_the_bound_off_two_coops_that_circle_gain_over_fifty_times_as_much(circle: Circle) -> None:
    rounds = 40
    unbounded = circle(Charter(month_minutes_max=None), 2, 1, rounds)

    assert all(basis == rounds * WAGE for basis in unbounded)
    assert min(unbounded) > 50 * (MONTH_BOUND + rounds / 2)


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3, 10])
def test_over_a_year_a_ring_of_any_size_gains_at_most_its_hours(circle: Circle, size: int) -> None:
    rounds = 20
    bounded = circle(Charter(), size, 12, rounds)

    assert all(0 < basis <= 12 * (MONTH_BOUND + rounds / 2) for basis in bounded)
