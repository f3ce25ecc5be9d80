"""A network on which some answers take long, those too that a service worker asks for, whom no test can slow down."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Playwright

from tests.browser.stage import launch


@contextmanager
def on_slow_network(playwright: Playwright, origin: str, path: str, seconds: float) -> Iterator[Browser]:
    """Start a browser that reaches `origin`, but reads what is below `path` so many seconds late."""
    port = urlsplit(origin).port or 80
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=_accept, args=(listening, port, path.encode(), seconds), daemon=True).start()
        relay = f"127.0.0.1:{listening.getsockname()[1]}"
        browser = launch(playwright, f"--host-resolver-rules=MAP localhost:{port} {relay}")
        try:
            yield browser
        finally:
            browser.close()


def _accept(listening: socket.socket, port: int, path: bytes, seconds: float) -> None:
    with suppress(OSError):
        while True:
            near, _address = listening.accept()
            far = socket.create_connection(("localhost", port))
            threading.Thread(target=_relay, args=(near, far, path, seconds), daemon=True).start()
            threading.Thread(target=_relay, args=(far, near, None, 0), daemon=True).start()


def _relay(come: socket.socket, go: socket.socket, path: bytes | None, seconds: float) -> None:
    with suppress(OSError), come, go:
        while part := come.recv(65536):
            if path and part.split(b" ", 2)[1:2] and part.split(b" ", 2)[1].startswith(path):
                time.sleep(seconds)
            go.sendall(part)
        go.shutdown(socket.SHUT_WR)
