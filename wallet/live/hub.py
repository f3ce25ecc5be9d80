"""The hub: who in this process watches what."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable


def revision() -> int:
    """Give a number that grows with time, alike in all processes of a machine.

    Units: milliseconds since 1970 UTC.
    """
    return time.time_ns() // 1_000_000


class Subscription:
    """Wait for hints about one topic; hints that come close together are one."""

    def __init__(self, hub: "Hub", topic: str) -> None:
        self.topic = topic
        self._hub = hub
        self._woken = threading.Event()
        self.rev = revision()

    def wake(self, rev: int) -> None:
        """Tell that the topic changed."""
        self.rev = max(self.rev + 1, rev)
        self._woken.set()

    def wait(self, seconds: float) -> int | None:
        """Wait for a hint; give its revision, or None when none came in time."""
        if not self._woken.wait(seconds):
            return None
        self._woken.clear()
        return self.rev

    def close(self) -> None:
        """Watch no longer."""
        self._hub.remove(self)


class Hub:
    """Keep the subscriptions of this process by topic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: defaultdict[str, set[Subscription]] = defaultdict(set)
        # This process is about to end: whoever waits should go.
        self.is_over = False

    def add(self, topic: str) -> Subscription:
        """Begin to watch `topic`."""
        subscription = Subscription(self, topic)
        with self._lock:
            self._watchers[topic].add(subscription)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        """End a subscription; ending it twice is no error."""
        with self._lock:
            watchers = self._watchers.get(subscription.topic)
            if watchers is None:
                return
            watchers.discard(subscription)
            if not watchers:
                del self._watchers[subscription.topic]

    def topics(self) -> list[str]:
        """List what is watched."""
        with self._lock:
            return list(self._watchers)

    def wake(self, topics: Iterable[str]) -> None:
        """Wake whoever watches one of `topics`."""
        rev = revision()
        with self._lock:
            found = [one for topic in topics for one in self._watchers.get(topic, ())]
        for subscription in found:
            subscription.wake(rev)

    def end(self) -> None:
        """Wake everyone to say that this process is about to end."""
        self.is_over = True
        self.wake_all()

    def wake_all(self) -> None:
        """Wake everyone: something may have been missed."""
        self.wake(self.topics())
