"""The split of a dividend among many: `domain/dividend.split` and `new_minutes` said once more, over whole columns.

A million members as one object each take minutes, as columns of numbers a second. One table of cases holds both equal.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from wallet.domain.dividend import Clock, draw
from wallet.store import people
from wallet.store.bulk import Figures

# What fits into 64 bits is divided there, which is quicker by far; what does not, exactly too, as Python's integers.
FITS = 2**63


@dataclass(frozen=True, slots=True)
class Weights:
    """Hold what members count with, column by column: the figures of one stand at the same place in each."""

    person_id: Figures
    basis_minor: Figures
    minutes: Figures
    # The most minutes that an earlier run counted.
    counted_minutes: Figures

    @property
    def new_minutes(self) -> Figures:
        """Give the minutes that no run has counted."""
        left: Figures = self.minutes - self.counted_minutes
        return left.clip(min=0)


def split(
    connection: sa.Connection, weights: Weights, pot_minor: int, label: str, clock: Clock
) -> tuple[Figures, Figures]:
    """Split the pot of the period `label`: give what comes to each by basis, and what by hours."""
    history = clock.by_basis(pot_minor)
    by_basis = _parted(connection, weights.person_id, history, weights.basis_minor, label)
    return by_basis, _parted(connection, weights.person_id, pot_minor - history, weights.new_minutes, label)


def _parted(connection: sa.Connection, person_id: Figures, minor: int, weights: Figures, label: str) -> Figures:
    """Give what of a part comes to each: the quota rounded down, and for the largest remainders one more."""
    most = int(weights.max(initial=0))
    if most == 0:
        return np.zeros_like(weights)
    exact: NDArray[Any] = weights if max(minor, len(weights)) * most < FITS else weights.astype(object)
    whole = int(exact.sum())
    products = minor * exact
    quotas = products // whole
    remainders = products - quotas * whole
    given: Figures = quotas.astype(np.int64)
    left = minor - int(given.sum())
    if left:
        last = np.sort(remainders)[-left]
        ahead = remainders > last
        tied = np.flatnonzero(remainders == last)
        given += ahead
        given[_first(connection, person_id, tied, label)[: left - int(ahead.sum())]] += 1
    return given


def _first(connection: sa.Connection, person_id: Figures, tied: NDArray[np.intp], label: str) -> NDArray[np.intp]:
    """Put those with equal remainders into the order that the hash of label and handle decides."""
    ids = person_id[tied].tolist()
    handles = people.handles_of(connection, ids)
    return tied[sorted(range(len(ids)), key=lambda place: draw(label, handles[ids[place]]))]
