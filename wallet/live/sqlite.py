"""Hints over SQLite: at once in this process; changes of other processes are seen by looking while somebody watches."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterable

import sqlalchemy as sa

from wallet.live.hub import Hub
from wallet.live.worker import BackgroundThread

LOOK_SECONDS = 0.05
OF_BILL = "SELECT sum(rev), max(opened_at) FROM bills WHERE code = ?"
# Bills live minutes: only a till's newest ones still change.
OF_TILL = """
    SELECT sum(rev), max(opened_at)
    FROM (SELECT rev, opened_at FROM bills WHERE till_id = ? ORDER BY opened_at DESC LIMIT 50)
"""

log = logging.getLogger(__name__)


class SqliteWire:
    """Wake watchers from one thread that knows how each watched topic stood when it last looked."""

    def __init__(self, engine: sa.Engine, hub: Hub) -> None:
        self._hub = hub
        self._path = engine.url.database or ":memory:"
        self._pending: set[str] = set()
        self._lock = threading.Lock()
        self._hinted = threading.Event()
        self._closed = False
        self._looker = BackgroundThread("live-looker", self._look, self._is_needed)

    def hint(self, topics: Iterable[str]) -> None:
        """Wake the watchers of `topics`."""
        if not self._is_needed():
            return
        with self._lock:
            self._pending.update(topics)
        self._hinted.set()
        self._looker.ensure()

    def watch(self) -> None:
        """See to it that changes are seen."""
        self._looker.ensure()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._hinted.set()
        self._looker.join()

    def _is_needed(self) -> bool:
        return not self._closed and bool(self._hub.topics())

    def _look(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            version, stood = -1, dict[str, tuple[int, int]]()
            while self._is_needed():
                self._hinted.wait(LOOK_SECONDS)
                self._hinted.clear()
                with self._lock:
                    pending, self._pending = self._pending, set()
                found = connection.execute("PRAGMA data_version").fetchone()[0]
                watched = self._hub.topics()
                if pending or found != version or stood.keys() != set(watched):
                    stands = {topic: _standing(connection, topic) for topic in watched}
                    # A topic that is new here counts as changed: nobody knows what its watcher has read.
                    changed = {topic for topic, now in stands.items() if stood.get(topic) != now}
                    version, stood = found, stands
                    self._hub.wake(pending | changed)
        except sqlite3.Error as error:
            log.warning("live hints cannot be read: %s", type(error).__name__)
            self._hub.wake_all()
            time.sleep(1)
        finally:
            connection.close()


def _standing(connection: sqlite3.Connection, topic: str) -> tuple[int, int]:
    """Give figures that change with every change of the bills behind `topic`."""
    kind, _colon, name = topic.partition(":")
    row = connection.execute(OF_BILL if kind == "bill" else OF_TILL, (name,)).fetchone()
    return (row[0] or 0, row[1] or 0)
