"""Paying a line: what bounds its RES part, how it is split, and what an earlier overpayment takes from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wallet.domain import basis
from wallet.domain.ratio import WHOLE_BP

# There is no negative pay, and none of nothing.
LEAST_MINOR = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what bounds the RES part of somebody's pay; nothing does where a figure is None.

    Units: `entitlement_bp` the pay share of the month, `elected_bp` what the member takes of it at most (0 until they
    have agreed to be paid in RES), `ceiling_bp` the co-op's, `floor_hour_minor` the least cash per hour.
    """

    entitlement_bp: int
    elected_bp: int | None = None
    ceiling_bp: int | None = None
    floor_hour_minor: int | None = None

    @property
    def share_bp(self) -> int:
        """Give the least of share, election and ceiling, in front of the cash floor."""
        bounds = (self.entitlement_bp, self.elected_bp, self.ceiling_bp)
        return min(bound for bound in bounds if bound is not None)

    def under(self, ceiling_bp: int | None) -> "Terms":
        """Give these terms under a further ceiling."""
        return replace(self, ceiling_bp=lower(self.ceiling_bp, ceiling_bp))


@dataclass(frozen=True, slots=True)
class Split:
    """Hold what a line comes to in RES and in cash, at `share_bp`."""

    share_bp: int
    res_minor: int
    cash_minor: int


@dataclass(frozen=True, slots=True)
class Lowered:
    """Hold a line's total after what is kept back of an earlier overpayment, and what of that is carried on."""

    total_minor: int
    kept_back_minor: int
    carried_minor: int


def lower(one: int | None, other: int | None) -> int | None:
    """Give the lower of two bounds, each of which may be none."""
    bounds = [bound for bound in (one, other) if bound is not None]
    return min(bounds, default=None)


def cash_at_least(minutes: int, floor_hour_minor: int | None) -> int:
    """Give the least cash that a co-op's cash floor asks for `minutes` of work, rounded up."""
    return 0 if floor_hour_minor is None else -(-floor_hour_minor * minutes // 60)


def split(total_minor: int, minutes: int, terms: Terms) -> Split:
    """Split what is due for `minutes` of work into RES and cash."""
    res = basis.res_part(total_minor, terms.share_bp)
    res = min(res, max(0, total_minor - cash_at_least(minutes, terms.floor_hour_minor)))
    return Split(terms.share_bp, res, total_minor - res)


def part_bp(res_minor: int, cash_minor: int, share_bp: int) -> int:
    """Give which part of a pay came in RES: the share at which it was paid, or what a cash floor left of that."""
    total = res_minor + cash_minor
    if res_minor >= basis.res_part(total, share_bp):
        return share_bp
    return (WHOLE_BP * res_minor + total // 2) // total


def lowered(due_minor: int, overpaid_minor: int) -> Lowered:
    """Keep back from a line what was paid too much before; what it cannot bear is carried to the next."""
    kept = max(0, min(overpaid_minor, due_minor - LEAST_MINOR))
    return Lowered(due_minor - kept, kept, overpaid_minor - kept)


def settled(overpaid_minor: int, kept_minor: int) -> tuple[int, int]:
    """Settle a sum that was overpaid with what was kept back; give what is left of the one and of the other."""
    paid = min(overpaid_minor, kept_minor)
    return overpaid_minor - paid, kept_minor - paid


def ceiling_that_fits(lines: Sequence[tuple[int, int, Terms]], available_minor: int) -> int | None:
    """Give the highest ceiling, one for all lines (total, minutes, terms), whose RES does not exceed what is available.

    None says that the lines fit as they are.
    """
    if _fits(lines, None, available_minor):
        return None
    return _highest(lambda ceiling: _fits(lines, ceiling, available_minor))


def _fits(lines: Sequence[tuple[int, int, Terms]], ceiling_bp: int | None, available_minor: int) -> bool:
    res = sum(split(total, minutes, terms.under(ceiling_bp)).res_minor for total, minutes, terms in lines)
    # A run that pays no RES always fits.
    return res == 0 or res <= available_minor


def _highest(fits: Callable[[int], bool]) -> int:
    """Give the highest share that fits, where 0 does and less than what fits does too."""
    fitting, not_fitting = 0, WHOLE_BP + 1
    while not_fitting - fitting > 1:
        middle = (fitting + not_fitting) // 2
        fitting, not_fitting = (middle, not_fitting) if fits(middle) else (fitting, middle)
    return fitting
