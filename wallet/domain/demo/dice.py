"""Dice that fall alike on every machine: a seed gives the same throws for ever."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throw numbers that follow from `seed` alone."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.thrown = 0

    def below(self, end: int) -> int:
        """Throw a number from 0 to `end` - 1."""
        self.thrown += 1
        return int.from_bytes(sha256(f"{self.seed}:{self.thrown}".encode()).digest()[:8], "big") % end

    def between(self, least: int, most: int) -> int:
        """Throw a number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def one_in(self, many: int) -> bool:
        """Throw yes once in so many times."""
        return self.below(many) == 0

    def pick(self, things: Sequence[T]) -> T:
        """Pick one of `things`."""
        return things[self.below(len(things))]
