"""Event streams under measurement: how late a till hears of a payment, and what idle streams cost."""

import http.client
import re
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.client import Client
from bench.load import Counter, charge_and_pay

# A bill's own event must not be taken for the payment's.
PAUSE_SECONDS = 0.15
LOST_SECONDS = 10
# The server finds at the next heartbeat that a listener is gone.
GONE_SECONDS = 60
TRIES = 5


class Listener:
    """Hold an open event stream of a till and note when each event comes."""

    def __init__(self, port: int, counter: Counter) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
        headers = {"Host": f"localhost:{port}", "Cookie": counter.cashier, "Accept": "text/event-stream"}
        self.connection.request("GET", f"/tills/{counter.till}/events", headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.admitted = self.answer.status == 200
        self.heard: list[float] = []
        if self.admitted:
            threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while line := self.answer.readline():
                if line.startswith(b"data"):
                    self.heard.append(time.monotonic())
        except (OSError, ValueError, AttributeError):
            return  # the bench closed the stream

    def first_since(self, asked: float) -> float:
        """Give the moment of the first event after `asked`, waiting for it if need be."""
        until = asked + LOST_SECONDS
        while time.monotonic() < until:
            after = [heard for heard in self.heard if heard >= asked]
            if after:
                return after[0]
            time.sleep(0.001)
        raise TimeoutError("the till never heard of the payment")

    def close(self) -> None:
        """Hang up, though a thread reads: its reading ends then."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def lateness(port: int, counters: list[Counter], per_second: float, seconds: float) -> list[float]:
    """Give, for payments at an even pace, the seconds from the payer's request to the till's event."""
    listeners = [Listener(port, counter) for counter in counters]
    assert all(listener.admitted for listener in listeners), "a till was not admitted to its stream"
    late: list[float] = []
    end = time.monotonic() + seconds

    def run(place: int) -> None:
        counter, listener = counters[place], listeners[place]
        cashier, phone, purchases = Client(port, counter.cashier), Client(port), counter.purchases()
        period = len(counters) / per_second
        while (begun := time.monotonic()) < end:
            phone.cookie, amount = next(purchases)
            asked = charge_and_pay(counter.till, cashier, phone, amount, PAUSE_SECONDS)
            late.append(listener.first_since(asked) - asked)
            time.sleep(max(0.0, begun + period - time.monotonic()))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(counters))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()
    return late


def percentile(values: list[float], part: int) -> float:
    """Give the value below which `part` per cent of `values` lie."""
    return statistics.quantiles(values, n=100)[part - 1]


@contextmanager
def idle(port: int, counters: list[Counter], number: int) -> Iterator[int]:
    """Hold `number` event streams open; give how many were admitted."""
    listeners: list[Listener] = []
    try:
        # A process with no thread to spare says so; who asks again, as a browser does, may reach another.
        for attempt in range(number * TRIES):
            if len(listeners) == number:
                break
            listener = Listener(port, counters[attempt % len(counters)])
            if listener.admitted:
                listeners.append(listener)
            else:
                listener.close()
        yield len(listeners)
    finally:
        for listener in listeners:
            listener.close()
        until = time.monotonic() + GONE_SECONDS
        while _open(port):
            assert time.monotonic() < until, "streams stayed open after their listeners were gone"
            time.sleep(0.1)


def _open(port: int) -> int:
    found = re.search(rb"^wallet_streams_open (\d+)", Client(port).get("/metrics")[1], re.MULTILINE)
    assert found is not None, "the server does not tell how many streams are open"
    return int(found[1])
