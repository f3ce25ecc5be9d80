"""Live: hints that wake the screens watching a topic, in this process and in the others.

A topic is `till:<till id>` or `bill:<code>`. A hint says only that something changed: whoever is woken reads the truth
anew, so a hint too many costs a little and a hint lost costs a moment.
"""

import sqlalchemy as sa

from wallet.live.hub import Hub, Subscription
from wallet.live.postgres import PostgresWire
from wallet.live.sqlite import SqliteWire
from wallet.store.engine import is_postgresql

__all__ = ["Live", "Subscription"]


class Live:
    """Carry hints between those who change something and those who watch it."""

    def __init__(self, engine: sa.Engine) -> None:
        self.hub = Hub()
        self._wire = PostgresWire(engine, self.hub) if is_postgresql(engine) else SqliteWire(engine, self.hub)

    def hint(self, *topics: str) -> None:
        """Wake whoever watches `topics`; call it after the commit, it never waits and never fails."""
        self._wire.hint(topics)

    def subscribe(self, topic: str) -> Subscription:
        """Watch `topic` until the subscription is closed."""
        subscription = self.hub.add(topic)
        self._wire.watch()
        return subscription

    def close(self) -> None:
        """Stop the threads and let go of their connections."""
        self._wire.close()
