"""Event streams: a waiting till and a waiting payer are told at once that there is something new to read.

An event carries no data but a revision; the page reads the truth anew. A stream takes a thread of this process for as
long as it is open, so at most two thirds of them may stream: the rest belongs to payments, and the client polls. Of
these a person has a quarter at most, and so has a shop's tablet: nobody takes them all.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from flask import Blueprint, Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from wallet.kit import Kit
from wallet.live import Live, Subscription
from wallet.services import payments, sessions
from wallet.services.tablets import MEANS
from wallet.store.engine import reading
from wallet.store.sessions import Bearer
from wallet.store.views import tills
from wallet.web import metrics
from wallet.web.addresses import read_code
from wallet.web.current import asker, kit, signed_in
from wallet.web.policy import needs

bp = Blueprint("events", __name__)

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 180.0
LOOK_AGAIN_SECONDS = 2
LOOK_FOR_END_SECONDS = 0.2
# One who watches two tills and two bills has as many, however few there are.
LEAST_OF_ONE = 4


class Streams:
    """Admit streams up to a number, and up to a share of it for each who watches, and give each its subscription."""

    def __init__(self, live: Live, threads: int) -> None:
        self.live = live
        self._most = max(1, threads * 2 // 3)
        self._most_of_one = max(LEAST_OF_ONE, self._most // 4)
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def open(self, topic: str, whose: str, may_hear: Callable[[], bool]) -> "Stream | None":
        """Open a stream about `topic`, or none when this process has no thread to spare, or none more for `whose`.

        It ends when whoever watches may hear no more.
        """
        with self._lock:
            if self._open.total() >= self._most or self._open[whose] >= self._most_of_one:
                return None
            self._open[whose] += 1
        metrics.stream_opened()
        return Stream(self.live.subscribe(topic), self, whose, may_hear)

    def end_when(self, is_over: Callable[[], bool]) -> None:
        """End every stream as soon as `is_over`, so that a stopping server need not wait for them."""

        def look() -> None:
            while not is_over():
                time.sleep(LOOK_FOR_END_SECONDS)
            self.live.hub.end()

        threading.Thread(target=look, name="streams-end", daemon=True).start()

    def release(self, whose: str) -> None:
        """Take back the place of a stream that ended."""
        with self._lock:
            # Whoever has none is forgotten.
            self._open -= Counter((whose,))
        metrics.stream_closed()


class Stream:
    """Write one stream; the server closes it also when the first byte was never asked for."""

    def __init__(self, subscription: Subscription, streams: Streams, whose: str, may_hear: Callable[[], bool]) -> None:
        self._subscription = subscription
        self._streams = streams
        self._whose = whose
        self._may_hear = may_hear
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        """Give an event for each hint, beginning with one for whatever happened before, and a heartbeat in silence."""
        end = time.monotonic() + LONGEST_SECONDS
        yield b"retry: 1500\n" + _event(self._subscription.rev)
        while (left := end - time.monotonic()) > 0 and not self._streams.live.hub.is_over:
            rev = self._subscription.wait(min(HEARTBEAT_SECONDS, left))
            if not self._may_hear():
                return
            yield b": still here\n\n" if rev is None else _event(rev)

    def close(self) -> None:
        """Give the place back, once."""
        if not self._closed:
            self._closed = True
            self._subscription.close()
            self._streams.release(self._whose)


def install(app: Flask, live: Live, threads: int) -> None:
    """Let `app` stream what `live` hints at, with two thirds of its `threads`."""
    app.extensions["streams"] = Streams(live, threads)


@bp.get("/tills/<till>/events")
@needs("cashier", of="till")
def of_till(till: str) -> Response:
    """Stream hints about a till to one of its cashiers."""
    with reading(kit().engine) as connection:
        found = tills.known_till(connection, till, signed_in().handle)
    return stream(f"till:{found.id}")


@bp.get("/b/<code>/events")
@needs("signed_in")
def of_bill(code: str) -> Response:
    """Stream hints about a bill to whoever is signed in and holds its code."""
    bill = payments.show_bill(kit(), read_code(code), signed_in().handle)
    return stream(f"bill:{bill.code}")


def stream(topic: str) -> Response:
    """Answer with a stream about `topic`, or with 204 when the client should poll instead."""
    streams: Streams = current_app.extensions["streams"]
    opened = streams.open(topic, _watcher(), partial(_is_live, kit(), asker()))
    if opened is None:
        return Response(status=204, headers={"Retry-After": str(LOOK_AGAIN_SECONDS)})
    response = Response(opened, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(opened.close)
    return response


def _is_live(here: Kit, asked: Bearer) -> bool:
    """Tell whether nobody has ended a session meanwhile; a database that does not answer has not."""
    try:
        return sessions.look_up(here, asked) is not None
    except SQLAlchemyError:
        return True


def _watcher() -> str:
    """Name who watches: a person, or a shop's tablet whoever works there."""
    who = signed_in()
    return f"session {who.session_id}" if who.means == MEANS else f"person {who.person_id}"


def _event(rev: int) -> bytes:
    return f'id: {rev}\ndata: {{"rev":{rev}}}\n\n'.encode()
