"""A process that is killed in the middle of an act: at the nth point where it speaks to the database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from wallet.kit import Kit
from wallet.store import bulk
from wallet.store.engine import make_engine

FAILED, KILLED = 1, 9
# A process that comes to its end tells by its status how many points it passed.
PASSED = 64
Act = Callable[[Kit], object]


def killed_at(kit: Kit, point: int, act: Act) -> int | None:
    """Let a process of its own do `act` and be killed at `point`; give how many points it has if it is not killed."""
    kit.engine.dispose()
    child = os.fork()
    if child == 0:
        seen = Seen(point)
        try:
            with points_of(make_engine(kit.settings.database_url), seen) as engine:
                act(replace(kit, engine=engine))
        except BaseException:  # noqa: BLE001 - the parent is told by the status
            os._exit(FAILED)
        os._exit(PASSED + seen.number)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == KILLED or status >= PASSED, f"the act failed by itself: {status}"
    return None if status == KILLED else status - PASSED


@dataclass
class Seen:
    """Count points, and leave at once at the `last`."""

    last: int
    number: int = 0

    def pass_by(self, *_: Any) -> None:
        """Pass one point."""
        self.number += 1
        if self.number == self.last:
            os._exit(KILLED)


@contextmanager
def points_of(engine: sa.Engine, seen: Seen) -> Iterator[sa.Engine]:
    """Pass a point before and after each statement and each load of rows, before each commit, and at the end."""

    for name in ("before_cursor_execute", "after_cursor_execute", "begin", "commit"):
        sa.event.listen(engine, name, seen.pass_by)
    load = bulk.load

    def loaded(*given: Any) -> None:
        seen.pass_by()
        load(*given)
        seen.pass_by()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "load", loaded)
        yield engine
    # After the last commit.
    seen.pass_by()
