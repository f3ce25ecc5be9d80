"""Circulation: how often the RES that is outstanding is spent in a year."""

from collections.abc import Sequence


def turns_hundredths(sold_minor: int, outstanding_minor: Sequence[int]) -> int | None:
    """Divide the RES sales of a year by the mean of what was outstanding at its month ends; None if that is nothing.

    Units: hundredths of a turn, half up.
    """
    whole = sum(outstanding_minor)
    return (200 * sold_minor * len(outstanding_minor) + whole) // (2 * whole) if whole > 0 else None
