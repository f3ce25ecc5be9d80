"""A pay slip: what one pay came to, and what made its RES part less than the member's share of it."""

from wallet.domain import basis
from wallet.domain.payline import Terms, cash_at_least

ELECTION, CEILING, FLOOR = "election", "ceiling", "floor"


def lowered_by(total_minor: int, minutes: int, terms: Terms) -> tuple[str, ...]:
    """Name what lowered the RES part of a line below the share: what bound it most, and then the cash floor."""
    share, found = terms.share_bp, []
    if share < terms.entitlement_bp:
        # Of two bounds that are alike the member's own is named.
        found.append(ELECTION if share == terms.elected_bp else CEILING)
    if basis.res_part(total_minor, share) > max(0, total_minor - cash_at_least(minutes, terms.floor_hour_minor)):
        found.append(FLOOR)
    return tuple(found)
