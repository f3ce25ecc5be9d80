"""Hints over PostgreSQL: NOTIFY on a connection of its own after the commit, LISTEN on one connection a process.

A NOTIFY inside the payment's transaction would make commits queue for one lock of the whole server.
"""

import logging
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import sqlalchemy as sa

from wallet.live.hub import Hub
from wallet.live.worker import BackgroundThread

CHANNEL = "wallet_live"
# PostgreSQL takes up to 8,000 bytes a message.
MESSAGE_BYTES = 7_000
# More than this waits only while the database is away; then the screens look for themselves.
PENDING_TOPICS = 2_000
# Hints of this long go out as one: at a busy counter a message for each would cost more than the payment's own SQL.
GATHER_SECONDS = 0.01
LOOK_SECONDS = 1.0
IDLE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 5.0

log = logging.getLogger(__name__)


class PostgresWire:
    """Wake this process at once and the others through the database."""

    def __init__(self, engine: sa.Engine, hub: Hub) -> None:
        self._hub = hub
        self._engine = engine
        # By its mark a process knows its own messages, whose watchers it has woken already.
        self._mark = secrets.token_hex(8)
        self._pending: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._sender = BackgroundThread("live-sender", self._send, lambda: bool(self._pending) and not self._closed)
        self._listener = BackgroundThread("live-listener", self._listen, lambda: not self._is_idle())

    def hint(self, topics: Iterable[str]) -> None:
        """Wake the watchers of `topics` here, and send the hint on."""
        topics = tuple(topics)
        self._hub.wake(topics)
        with self._changed:
            if self._closed or len(self._pending) > PENDING_TOPICS:
                return
            self._pending.update(topics)
            self._changed.notify()
        self._sender.ensure()

    def watch(self) -> None:
        """See to it that hints of other processes arrive."""
        self._listener.ensure()

    def close(self) -> None:
        """End both threads."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._sender.join()
        self._listener.join()

    def _connect(self) -> psycopg.Connection[Any]:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        return psycopg.connect(*arguments, **{**options, "autocommit": True, "application_name": "res-wallet live"})

    def _send(self) -> None:
        pause = _Pause()
        while topics := self._next_batch():
            try:
                # One connection carries batch after batch until nothing came for a while.
                with self._connect() as connection:
                    while topics:
                        for message in _messages(self._mark, topics):
                            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, message))
                        pause.reset()
                        topics = self._next_batch()
            except psycopg.Error as error:
                log.warning("live hints cannot be sent: %s", type(error).__name__)
                with self._changed:
                    self._pending |= topics
                if self._closed:
                    return
                pause.rest()

    def _next_batch(self) -> set[str]:
        """Wait for topics and take all of them; none when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closed, timeout=IDLE_SECONDS)
        if not self._closed:
            time.sleep(GATHER_SECONDS)
        with self._changed:
            topics, self._pending = self._pending, set()
            return topics

    def _listen(self) -> None:
        pause = _Pause()
        while not self._is_idle():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    # What changed before we listened was not told to us.
                    self._hub.wake_all()
                    pause.reset()
                    self._receive(connection)
            except psycopg.Error as error:
                log.warning("live hints are cut off: %s", type(error).__name__)
                if self._closed:
                    return
                pause.rest()

    def _receive(self, connection: psycopg.Connection[Any]) -> None:
        last_watched = time.monotonic()
        while time.monotonic() - last_watched < IDLE_SECONDS and not self._closed:
            for note in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                mark, *topics = note.payload.split("\n")
                if mark != self._mark:
                    self._hub.wake(topics)
            if self._hub.topics():
                last_watched = time.monotonic()

    def _is_idle(self) -> bool:
        return self._closed or not self._hub.topics()


class _Pause:
    """Wait longer after each failure in a row."""

    def __init__(self) -> None:
        self._seconds = 0.1

    def rest(self) -> None:
        time.sleep(self._seconds)
        self._seconds = min(self._seconds * 2, LONGEST_PAUSE_SECONDS)

    def reset(self) -> None:
        self._seconds = 0.1


def _messages(mark: str, topics: set[str]) -> Iterator[str]:
    """Pack topics into messages that PostgreSQL takes."""
    lines = [mark]
    size = len(mark)
    for topic in sorted(topics):
        length = len(topic.encode()) + 1
        if size + length > MESSAGE_BYTES:
            yield "\n".join(lines)
            lines, size = [mark], len(mark)
        lines.append(topic)
        size += length
    yield "\n".join(lines)
