"""A network on which answers take long, or none comes: to a service worker too, whom no test can slow down."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Playwright

from tests.browser.stage import launch

# What becomes of a part of what is sent; a connection has one for each direction, to the server and back.
Bend = Callable[[bytes], bytes]
Bends = Callable[[], tuple[Bend, Bend]]


@contextmanager
def on_slow_network(playwright: Playwright, origin: str, path: str, seconds: float) -> Iterator[Browser]:
    """Start a browser that reaches `origin`, but reads what is at `path` so many seconds late."""

    def late(part: bytes) -> bytes:
        if _asked_in(part) == path:
            time.sleep(seconds)
        return part

    with _through(playwright, origin, lambda: (late, bytes)) as browser:
        yield browser


class BrokenOff(Exception):
    """A connection ends with what is given."""


class Line:
    """Carry all until it is dead, which nobody is told: it takes what is sent, and brings nothing any more.

    Before, the page at `begun` alone may have begun to come, and its connection ends if it `hangs_up`.
    """

    def __init__(self) -> None:
        self.is_dead = False
        self.begun = ""
        self.hangs_up = False

    def bends(self) -> tuple[Bend, Bend]:
        """Give what becomes of what one connection sends and is sent."""
        asked = ""

        def sent(part: bytes) -> bytes:
            nonlocal asked
            asked = _asked_in(part) or asked
            return part if asked == self.begun or not self.is_dead else b""

        def answered(part: bytes) -> bytes:
            if asked != self.begun:
                return b"" if self.is_dead else part
            head, end, _body = part.partition(b"\r\n\r\n")
            if self.hangs_up:
                raise BrokenOff(head + end)
            return head + end if head.startswith(b"HTTP/") else b""

        return sent, answered


@contextmanager
def on_line(playwright: Playwright, origin: str) -> Iterator[tuple[Browser, Line]]:
    """Start a browser that reaches `origin` over a line."""
    line = Line()
    with _through(playwright, origin, line.bends) as browser:
        yield browser, line


@contextmanager
def _through(playwright: Playwright, origin: str, bends: Bends) -> Iterator[Browser]:
    port = urlsplit(origin).port or 80
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=_accept, args=(listening, port, bends), daemon=True).start()
        relay = f"127.0.0.1:{listening.getsockname()[1]}"
        browser = launch(playwright, f"--host-resolver-rules=MAP localhost:{port} {relay}")
        try:
            yield browser
        finally:
            browser.close()


def _accept(listening: socket.socket, port: int, bends: Bends) -> None:
    with suppress(OSError):
        while True:
            near, _address = listening.accept()
            far = socket.create_connection(("localhost", port))
            there, back = bends()
            threading.Thread(target=_relay, args=(near, far, there), daemon=True).start()
            threading.Thread(target=_relay, args=(far, near, back), daemon=True).start()


def _relay(come: socket.socket, go: socket.socket, bend: Bend) -> None:
    with suppress(OSError), come, go:
        try:
            while part := come.recv(65536):
                go.sendall(bend(part))
        except BrokenOff as last:
            go.sendall(*last.args)
        go.shutdown(socket.SHUT_WR)


def _asked_in(part: bytes) -> str:
    """Give the path that a request asks for at whose beginning this is; none of anything else."""
    words = part.partition(b"\r\n")[0].split(b" ")
    return words[1].decode().partition("?")[0] if len(words) == 3 and words[2].startswith(b"HTTP/") else ""
