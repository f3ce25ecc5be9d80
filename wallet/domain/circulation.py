"""Circulation: how often the RES that is outstanding is spent in a year."""

from collections.abc import Sequence

from wallet.domain.ratio import half_up


def turns_hundredths(sold_minor: int, outstanding_minor: Sequence[int]) -> int | None:
    """Divide the RES sales of a year by the mean of what was outstanding at its month ends; None if that is nothing.

    Units: hundredths of a turn, half up.
    """
    return half_up(100 * sold_minor * len(outstanding_minor), sum(outstanding_minor))
