"""One background thread that starts when it is needed, also after a fork, and ends when it is not."""

import logging
import os
import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


class BackgroundThread:
    """Run `work` in one daemon thread of this process, again and again while it is `needed`."""

    def __init__(self, name: str, work: Callable[[], None], needed: Callable[[], bool]) -> None:
        self._name = name
        self._work = work
        self._needed = needed
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = 0

    def ensure(self) -> None:
        """Start the thread unless it runs already; what makes it needed must be in place before.

        One that the machine does not give is asked for again by who needs it next.
        """
        with self._lock:
            if self._thread is None or self._process != os.getpid():
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    log.exception("%s cannot start", self._name)
                    return
                self._thread, self._process = thread, os.getpid()

    def join(self) -> None:
        """Wait for the thread to end."""
        thread = self._thread
        if thread is not None and self._process == os.getpid():
            thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except Exception:
                log.exception("%s was cut off", self._name)
                time.sleep(PAUSE_SECONDS)
            # Under the lock nobody can come to need a thread that is about to go.
            with self._lock:
                if not self._needed():
                    self._thread = None
                    return
