"""Ratios of whole numbers, without a float."""


def half_up(part: int, whole: int) -> int | None:
    """Divide and round half up; None where there is nothing to divide by."""
    return (2 * part + whole) // (2 * whole) if whole > 0 else None
