"""A relay before the server: it counts what the server sends, and can be as slow as a phone's network.

A browser's own emulation of a network slows its pages and not its service workers, which fetch a page for them.
"""

import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer

PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """Say how long a piece is on its way in one direction, and how many bytes a second go in each."""

    way_seconds: float = 0.0
    up: float = math.inf
    down: float = math.inf


class Relay(ThreadingTCPServer):
    """Stand before the server on a port of its own, for everything that a browser asks."""

    daemon_threads = True

    def __init__(self, server_port: int, line: Line) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.server_port = server_port
        self.line = line
        self.sent = 0

    @property
    def port(self) -> int:
        """Give the port at which a browser reaches the server through this relay."""
        return int(self.server_address[1])

    def count(self, sent: int) -> None:
        """Add what the server sent to what it sent before."""
        self.sent += sent


@contextmanager
def relayed(server_port: int, line: Line | None = None) -> Iterator[Relay]:
    """Lend a relay to the server at `server_port`; without a line it passes everything on at once."""
    with Relay(server_port, line or Line()) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield relay
        relay.shutdown()


class _Passing(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        """Pass one connection on until both sides have closed it."""
        line = self.server.line
        with socket.create_connection(("127.0.0.1", self.server.server_port)) as server:
            down = (server, self.request, line.way_seconds, line.down, self.server.count)
            back = threading.Thread(target=_carry, args=down, daemon=True)
            back.start()
            _carry(self.request, server, line.way_seconds, line.up, lambda _sent: None)
            back.join()


def _carry(
    source: socket.socket, target: socket.socket, way_seconds: float, rate: float, passed: Callable[[int], None]
) -> None:
    under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
    arrival = threading.Thread(target=_deliver, args=(under_way, target), daemon=True)
    arrival.start()
    sent = 0.0
    while piece := _received(source):
        passed(len(piece))
        sent = max(sent, time.monotonic()) + len(piece) / rate
        under_way.put((sent + way_seconds, piece))
    under_way.put((time.monotonic() + way_seconds, b""))
    arrival.join()


def _deliver(under_way: queue.SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
    # Whoever waits for an answer is not to wait for the next piece as well.
    with suppress(OSError):
        target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            due, piece = under_way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not piece:
                break
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(PIECE)
    except OSError:
        return b""
