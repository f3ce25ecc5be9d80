"""Many threads that begin together, take turns at each statement, and proof that they really met."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.store.engine import is_postgresql, reading

Answer = TypeVar("Answer")
# For how long an act steps aside before each of its statements.
PAUSE_SECONDS = 0.0005
BLOCKED = sa.text(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@dataclass
class Rush(Generic[Answer]):
    """What came of it: the answers, the refusals by code, and how many acts were under way at one moment."""

    answers: list[Answer] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    spans: list[tuple[float, float]] = field(default_factory=list)

    @property
    def together(self) -> int:
        """Count how many acts were under way at one moment, at the most."""
        return most_at_once(self.spans)


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """Count how many spans of time cover one and the same moment, at the most."""
    edges = sorted(edge for began, ended in spans for edge in ((began, 1), (ended, -1)))
    most = now = 0
    for _at, step in edges:
        now += step
        most = max(most, now)
    return most


def rush(acts: Iterable[Callable[[], Answer]]) -> Rush[Answer]:
    """Let every act begin at the same moment in a thread of its own; only refusals are expected noes."""
    acts = list(acts)
    found: Rush[Answer] = Rush()
    threads = list[threading.Thread]()
    # Lists, because what two threads add to one counter at a time may count once.
    barrier, broken, refused = threading.Barrier(len(acts)), list[BaseException](), list[str]()
    begun, all_under_way = list[float](), threading.Event()

    def run(act: Callable[[], Answer]) -> None:
        barrier.wait(60)
        began = time.perf_counter()
        begun.append(began)
        if len(begun) == len(acts):
            all_under_way.set()
        try:
            found.answers.append(act())
        except Refusal as refusal:
            refused.append(refusal.code)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            broken.append(error)
        found.spans.append((began, time.perf_counter()))

    def meet(*_connection: Any) -> None:
        if threading.current_thread() in threads:
            all_under_way.wait(60)

    def step_aside(*_statement: Any) -> None:
        if threading.current_thread() in threads:
            time.sleep(PAUSE_SECONDS)

    threads += [threading.Thread(target=run, args=(act,)) for act in acts]
    # A busy machine may let one act run to its end before the next: none takes a connection until all are under way.
    sa.event.listen(sa.Pool, "checkout", meet)
    sa.event.listen(sa.Engine, "before_cursor_execute", step_aside)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", step_aside)
        sa.event.remove(sa.Pool, "checkout", meet)
    assert not any(thread.is_alive() for thread in threads), "stuck"
    if broken:
        raise broken[0]
    found.refused.update(refused)
    assert len(found.answers) + found.refused.total() == len(acts)
    assert found.together >= 2, "the acts did not meet"
    return found


def somebody_waits(town: Kit) -> bool:
    """Tell whether somebody waits for a lock of PostgreSQL."""
    with reading(town.engine) as connection:
        return bool(connection.execute(BLOCKED).scalar_one())


def wait_until_it_waits(town: Kit) -> None:
    """Wait until somebody waits for a lock; SQLite has one writer, who is waited for from the start."""
    deadline = time.monotonic() + 30
    while is_postgresql(town.engine) and time.monotonic() < deadline:
        if somebody_waits(town):
            return
        time.sleep(0.01)
    assert not is_postgresql(town.engine), "nobody came to wait"


def deadlocks(kit: Kit) -> int:
    """Count the deadlocks that PostgreSQL had to break; SQLite has one writer and knows none."""
    if not is_postgresql(kit.engine):
        return 0
    with kit.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_stat_force_next_flush()"))
        found = connection.execute(sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
        return int(found.scalar_one())
