"""What is summed over the whole federation, kept for some minutes by each worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, TypeVar, cast

from flask import current_app

from wallet.web.current import kit

# It sums all balances and a part of the journal, so it may be as old as this; and twice as old while one sums anew.
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
    """Give what is kept under `name` as long as it `fits`, or sum it for this instant.

    Locks: the name within this worker, so that of many who look at once one sums; the others are given what was kept
    before, or wait.
    """
    kept = current_app.extensions

    def known(age: timedelta) -> Summed | None:
        found, now = cast("Summed | None", kept.get(name)), kit().clock()
        return found if found is not None and found.at <= now < found.at + age and fits(found) else None

    found = known(KEPT)
    if found is not None:
        return found
    turn, before = kept.setdefault(f"turn of {name}", Lock()), known(2 * KEPT)
    if before is None:
        turn.acquire()
    elif not turn.acquire(blocking=False):
        return before
    try:
        found = known(KEPT)
        if found is None:
            found = kept[name] = summed(kit().clock())
        return found
    finally:
        turn.release()
