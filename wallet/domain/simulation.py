"""Is this a pyramid? A network that grows for years, and a ring that pays itself, under the rules that are in force."""

from dataclasses import dataclass, replace
from functools import lru_cache

from wallet.domain import basis, dividend
from wallet.domain.basis import Standing, counted_minutes, res_part
from wallet.domain.charter import Charter
from wallet.domain.dividend import Clock, Weight
from wallet.domain.ratio import WHOLE_BP, half_up

MONTHS = 12
# A full-time member: 150 hours a month at the reference rate of 15.00 an hour, all RES of it spent at other co-ops.
FULL_MINUTES = 150 * 60
FULL_PAY_MINOR = 2_250_00
# A ring without a bound turns once an hour with what its two co-ops may owe.
RING, HONEST = 10, 490
TURNS_A_MONTH = 30 * 24
LINE_MINOR = 1_000_00


@dataclass(frozen=True, slots=True)
class Network:
    """Say how a network grows: founders, by how much more each year, for how long, and the part of pay in RES."""

    founders: int = 20
    growth_bp: int = 2_000
    years: int = 15
    share_bp: int = 3_000


@dataclass(frozen=True, slots=True)
class Cohort:
    """Hold what a member who joined in a year gets for each year worked, with the phase-out and without it."""

    year: int
    members: int
    with_minor: int
    without_minor: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Hold a year's dividend of a member of a ring and of an honest full-time member, with the bound and without it."""

    bound_minor: int
    bound_honest_minor: int
    unbound_minor: int
    unbound_honest_minor: int

    @property
    def bound_times(self) -> int | None:
        """Give how many times as much the ring's member gets, with the bound, in hundredths; None against nothing."""
        return half_up(100 * self.bound_minor, self.bound_honest_minor)

    @property
    def unbound_times(self) -> int | None:
        """Give how many times as much the ring's member gets without it, in hundredths; None against nothing."""
        return half_up(100 * self.unbound_minor, self.unbound_honest_minor)


@lru_cache(maxsize=8)
def grown(network: Network, charter: Charter) -> tuple[Cohort, ...]:
    """Let a network grow, and give what each year's joiners get for a year of work."""
    joined = [joining(network, year) for year in range(1, network.years + 1)]
    phased = _per_year(network, charter, joined, phase_out=True)
    forever = _per_year(network, charter, joined, phase_out=False)
    return tuple(
        Cohort(year, count, *sums) for year, (count, *sums) in enumerate(zip(joined, phased, forever, strict=True), 1)
    )


def joining(network: Network, year: int) -> int:
    """Tell how many join in a year."""
    if year == 1:
        return network.founders
    before = sum(joining(network, earlier) for earlier in range(1, year))
    return max(1, before * network.growth_bp // WHOLE_BP)


def _per_year(network: Network, charter: Charter, joined: list[int], *, phase_out: bool) -> list[int]:
    """Give for each cohort what its first member gets in all the years, divided by the years worked."""
    month = res_part(FULL_PAY_MINOR, network.share_bp)
    minutes = FULL_MINUTES * month // FULL_PAY_MINOR * MONTHS
    got = [0] * network.years
    for year in range(1, network.years + 1):
        weights, pot = {}, 0
        for first, count in enumerate(joined[:year], 1):
            worked = year - first + 1
            weight = Weight(worked * MONTHS * month, worked * minutes, minutes)
            weights.update({f"{first}-{number}": weight for number in range(count)})
            pot += count * MONTHS * month * charter.pool_rate_bp // WHOLE_BP
        clock = Clock(MONTHS * year if phase_out else 0, charter.sunset_months)
        # Without a phase-out all goes by history, always.
        total = dividend.split(pot, weights, str(year), clock).total
        for first in range(1, year + 1):
            got[first - 1] += total.get(f"{first}-0", 0)
    return [sum_minor // (network.years - first) for first, sum_minor in enumerate(got)]


def against(cohorts: tuple[Cohort, ...], *, phase_out: bool) -> int | None:
    """Give how a founder stands to the member who gets least, in hundredths: 200 is twice as much; None against 0."""
    sums = [cohort.with_minor if phase_out else cohort.without_minor for cohort in cohorts]
    return 100 * sums[0] // min(sums) if min(sums) else None


@lru_cache(maxsize=8)
def ringed(network: Network, charter: Charter) -> Ring:
    """Let a ring of two co-ops pay its members as much as counts, among honest full-time members."""
    unbound = replace(charter, month_minutes_max=None)
    return Ring(*_ring_year(network, charter, 1), *_ring_year(network, unbound, TURNS_A_MONTH))


def _ring_year(network: Network, charter: Charter, turns: int) -> tuple[int, int]:
    """Give the dividend of a colluder and of an honest member for a year, in the middle of the phase-out."""
    honest = _year_of(network, charter, FULL_PAY_MINOR, FULL_MINUTES, turns=1)
    most = charter.month_minutes_max
    if most is None:
        # Invented hours cost nothing: each turn books what the credit line pays, at the highest rate.
        colluder = _year_of(network, charter, LINE_MINOR, LINE_MINOR * 60 // charter.rate_max_minor, turns=turns)
    else:
        colluder = _year_of(network, charter, charter.rate_max_minor * most // 60, most, turns=turns)
    weights = {f"honest-{number}": honest for number in range(HONEST)}
    weights |= {f"ring-{number}": colluder for number in range(RING)}
    # The pool holds what honest co-ops put in: a ring keeps its own back.
    pot = HONEST * honest.basis_minor * charter.pool_rate_bp // WHOLE_BP
    total = dividend.split(pot, weights, "ring", Clock(charter.sunset_months // 2, charter.sunset_months)).total
    return total.get("ring-0", 0), total.get("honest-0", 0)


def _year_of(network: Network, charter: Charter, pay_minor: int, minutes: int, *, turns: int) -> Weight:
    """Pay and spend at another co-op, turn by turn, for a year, through the rule of the basis itself."""
    standing = Standing()
    for _month in range(MONTHS):
        counted_before = 0
        for _turn in range(turns):
            counted = counted_minutes(minutes, counted_before, charter)
            counted_before += counted
            res = res_part(pay_minor, network.share_bp)
            standing = basis.paid(standing, res, pay_minor, counted, charter)
            standing = basis.spent(standing, standing.balance_minor, qualifies=True).after
    return Weight(standing.basis_minor, standing.qualified_minutes, standing.qualified_minutes)
