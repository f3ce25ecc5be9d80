"""Ratios of whole numbers, without a float."""

# A whole in basis points, the unit of every name that ends in `_bp`.
WHOLE_BP = 10_000


def half_up(part: int, whole: int) -> int | None:
    """Divide and round half up; None where there is nothing to divide by."""
    return (2 * part + whole) // (2 * whole) if whole > 0 else None
