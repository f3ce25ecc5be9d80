"""What is summed over the whole federation, kept for some minutes by each worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from flask import current_app

from wallet.web.current import kit

# It sums all balances and a part of the journal, so it may be as old as this.
KEPT = timedelta(minutes=10)


class Stamped(Protocol):
    """Describe what knows of which instant it is."""

    @property
    def at(self) -> datetime:
        """Give the instant."""


Summed = TypeVar("Summed", bound=Stamped)


def some_minutes_old(
    name: str, summed: Callable[[datetime], Summed], fits: Callable[[Summed], bool] = lambda _known: True
) -> Summed:
    """Give what is kept under `name` as long as it `fits`, or sum it for this instant."""
    now, known = kit().clock(), current_app.extensions.get(name)
    if known is None or not known.at <= now < known.at + KEPT or not fits(known):
        known = current_app.extensions[name] = summed(now)
    return cast(Summed, known)
