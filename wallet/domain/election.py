"""Elections: the part of their pay that a member takes in RES at most, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Election:
    """Hold what somebody takes at most from a month on, until a later one; None is the whole share."""

    from_month: str
    elected_bp: int | None


def in_force(elections: Sequence[Election], month: str) -> Election | None:
    """Give the election that holds in `month`; None if none was ever made for it."""
    begun = [one for one in elections if one.from_month <= month]
    return max(begun, key=lambda one: one.from_month, default=None)


def coming(elections: Sequence[Election], month: str) -> Election | None:
    """Give the election that will hold after `month`, if that changes anything."""
    now = in_force(elections, month)
    later = max((one for one in elections if one.from_month > month), key=lambda one: one.from_month, default=None)
    same = later is not None and later.elected_bp == (None if now is None else now.elected_bp)
    return None if same else later
