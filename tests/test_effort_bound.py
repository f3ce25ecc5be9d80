"""Members who circle pay and sales as fast as the server allows gain no more basis than their hours allow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.clock import Clock
from tests.figures import figures
from wallet.domain.charter import Charter
from wallet.domain.period import month_start, next_month
from wallet.kit import Kit
from wallet.services import histories, members, network

# 300 hours at 22.50: of it, a month's basis is at most the share that is paid in RES.
MONTH_COVERED = 300 * 22_50
LINE = 10_000_00
Circle = Callable[[Charter, int, int, int], list["Gain"]]


@dataclass
class Gain:
    """Hold what a member gained, what was paid in RES, and what the hours of the months allow."""

    basis: int = 0
    wages: int = 0
    allowed: float = 0


@pytest.fixture
def circle(kit: Kit, clock: Clock) -> Circle:
    """Give a function that circles for some months; it gives each member's gain.

    Member n works at co-op n, is paid there, and spends every bit of RES at the next co-op, which pays its own member
    with it, and so on. Each line claims as many hours as it takes to stay at the reference rate.
    """

    def run(charter: Charter, size: int, months: int, rounds: int) -> list[Gain]:
        bank = replace(kit, charter=charter)
        network.found_federation(bank, "Ring")
        for number in range(size):
            network.admit_coop(bank, f"coop-{number}", 2 * LINE)
            members.join(bank, f"coop-{number}", f"member-{number}")
        gains, month = [Gain() for _member in range(size)], "2026-03"
        for _month in range(months):
            clock.set(month_start(month, "UTC"))
            for turn in range(rounds):
                for number in range(size):
                    key = f"{month} {turn} {number}"
                    coop, member = f"coop-{number}", f"member-{number}"
                    line = histories.pay(bank, coop, member, LINE, LINE * 60 // 15_00, key=f"pay {key}")
                    assert line is not None
                    histories.sell(bank, f"coop-{(number + 1) % size}", member, line.res_minor, 0, key=f"sale {key}")
                    gains[number].wages += line.res_minor
                    # Half a unit for each line may be gained by rounding.
                    gains[number].allowed += 0.5 + (MONTH_COVERED * line.res_minor / LINE if turn == 0 else 0)
            month = next_month(month)
        found = figures(bank)
        for number, gain in enumerate(gains):
            gain.basis = found[f"member-{number}"][3]
        return gains

    return run


def test_the_hours_of_a_month_are_one_persons_over_all_co_ops_and_end_with_it(kit: Kit, clock: Clock) -> None:
    network.found_federation(kit, "Valley")
    for coop in ("mill", "farm"):
        network.admit_coop(kit, coop, LINE)
        for who in ("ana", "ben"):
            members.join(kit, coop, who)

    def counts(coop: str, who: str, minutes: int) -> bool:
        had = figures(kit)[who]
        histories.pay(kit, coop, who, 15_00 * minutes // 60, minutes, key=f"{coop} {who} {clock()}")
        has = figures(kit)[who]
        return has[1] - had[1] == has[0] - had[0] > 0 and has[2] > had[2]

    assert counts("mill", "ana", 300 * 60)
    clock.advance(1)
    assert not counts("mill", "ana", 600)
    assert not counts("farm", "ana", 600)
    assert counts("farm", "ben", 600)
    clock.set(month_start("2026-04", "UTC"))
    assert counts("mill", "ana", 600)
    assert counts("mill", "ben", 600)


def test_two_coops_that_circle_stay_within_the_effort_bound(circle: Circle) -> None:
    rounds = 40
    bounded = circle(Charter(), 2, 1, rounds)

    assert all(0 < gain.basis <= gain.allowed for gain in bounded)


# The books of the control are kept by another rule than the one they are verified with.
@pytest.mark.breaks_books
def test_with_the_bound_off_two_coops_that_circle_gain_over_fifty_times_as_much(circle: Circle) -> None:
    rounds = 40
    unbounded = circle(Charter(month_minutes_max=None), 2, 1, rounds)

    assert all(gain.basis == gain.wages for gain in unbounded)
    assert all(gain.basis > 50 * gain.allowed for gain in unbounded)


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3, 10])
def test_over_a_year_a_ring_of_any_size_gains_at_most_its_hours(circle: Circle, size: int) -> None:
    rounds = 20
    bounded = circle(Charter(), size, 12, rounds)

    assert all(0 < gain.basis <= gain.allowed for gain in bounded)
