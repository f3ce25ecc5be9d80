"""The worker that gunicorn runs.

What it refuses before the application is asked carries our headers as well. A request that does not arrive, and an
answer that nobody takes, give their thread back: who lost the network amid one would keep it until the next start.
"""

import errno
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from wallet.web.security import safety_headers


class Adding:
    """Be the socket `inner`, and add header lines to the one answer that is sent through it."""

    def __init__(self, inner: Any, lines: str) -> None:
        self._inner = inner
        self._lines = lines.encode("latin-1")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def sendall(self, answer: bytes) -> None:
        """Send a whole answer with our lines after its own headers."""
        head, end, body = answer.partition(b"\r\n\r\n")
        self._inner.sendall(head + self._lines + end + body)


class TimedWorker(ThreadWorker):  # type: ignore[misc]
    """Serve with threads; see the module."""

    # How long a request may take to arrive whole, and how long nothing of its answer may be taken.
    ARRIVAL_SECONDS = 60
    TAKING_SECONDS = 60

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection, which has to arrive in time, and its answer to be taken."""
        if not conn.initialized:
            taking = struct.pack("ll", self.TAKING_SECONDS, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, taking)
        self._arriving[conn] = time.monotonic() + self.ARRIVAL_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._arriving.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request; who takes nothing of it counts as one who has hung up."""
        try:
            return super().handle_request(req, conn)
        except BlockingIOError:
            raise ConnectionResetError(errno.ECONNRESET, "nobody takes the answer") from None

    def murder_pending(self) -> None:
        """End once a second what gunicorn has waited for too long, and read no more of what arrives too slowly."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in self._arriving.copy().items():
            if now >= until:
                self._arriving.pop(conn, None)
                # The thread then finds the request at its end, as if its sender had hung up; an answer still goes out.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is no proper request."""
        headers = [*safety_headers(self.wsgi.extensions["kit"].settings), ("Cache-Control", "no-store")]
        lines = "".join(f"\r\n{name}: {value}" for name, value in headers)
        super().handle_error(req, Adding(client, lines), addr, exc)
