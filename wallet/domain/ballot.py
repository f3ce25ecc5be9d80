"""Ballots: what is asked, how many must say yes, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from wallet.domain.dividend import Clock
from wallet.domain.ratio import WHOLE_BP

CHOICES = ("yes", "no", "blank")
# Groups below it are told whether they passed, without counts.
COUNTED_FROM = 5
LONGEST_DAYS = 365
_LATER = (0, 12, 36, 60, 120)


@dataclass(frozen=True, slots=True)
class Majority:
    """Say what it takes: three quarters of the roll in every co-op, or over half of it in over half of them."""

    in_every: bool

    def needed(self, eligible: int) -> int:
        """Give how many yes a roll needs, and never less."""
        return -(-3 * eligible // 4) if self.in_every else eligible // 2 + 1

    def reached(self, yes: int, eligible: int) -> bool:
        """Tell whether a co-op has passed it; who did not vote counts as no."""
        return 4 * yes >= 3 * eligible if self.in_every else 2 * yes > eligible

    def passed(self, counts: Iterable[tuple[int, int]]) -> bool:
        """Tell whether it passed, by the yes and the roll of every co-op that is still in."""
        each = [self.reached(yes, eligible) for yes, eligible in counts]
        return bool(each) and all(each) if self.in_every else 2 * sum(each) > len(each)


EVERY, MOST = Majority(in_every=True), Majority(in_every=False)


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Hold what part of a period that ends in some month goes by history, as it is and as proposed."""

    months: int
    before_bp: int
    after_bp: int


def roll_digest(asked: str, opened_at: datetime, closes_at: datetime, roll: Iterable[tuple[str, str]]) -> str:
    """Give the digest of what is asked, from when to when, and of whom: pairs of co-op and handle.

    Source: docs/ballots.md
    """
    head = f"{asked} {opened_at.isoformat()} {closes_at.isoformat()}"
    lines = sorted(f"{coop}:{handle}" for coop, handle in roll)
    return sha256("\n".join([head, *lines]).encode()).hexdigest()


def digest_of_vote(ballot: int, coop: str) -> str:
    """Give what a passkey's answer to a vote is bound to: the ballot and the co-op, never the choice."""
    return sha256(f"vote:{ballot}:{coop}".encode()).hexdigest()


def changes(months: int, before: int, after: int) -> tuple[HistoryPart, ...]:
    """Give what a new sunset would change, `months` from the charter and some years later."""
    points = sorted({months + later for later in _LATER} | {max(months, before), max(months, after)})
    return tuple(
        HistoryPart(point, Clock(point, before).by_basis(WHOLE_BP), Clock(point, after).by_basis(WHOLE_BP))
        for point in points
    )
