"""Visits under measurement: what the server sends a phone that has never been here, and one that comes again."""

import socket
import threading
from socketserver import BaseRequestHandler, ThreadingTCPServer

from playwright.sync_api import Page, expect, sync_playwright

from bench.robot import at
from tests.browser.stage import PHONE, launch

PIECE = 64 * 1024


class Relay(ThreadingTCPServer):
    """Stand before the server on a port of its own and count what the server sends, of the service worker too."""

    daemon_threads = True

    def __init__(self, server_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.server_port = server_port
        self.sent = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Passing(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        """Pass one connection on until either side closes it."""
        with socket.create_connection(("127.0.0.1", self.server.server_port)) as server:
            threading.Thread(target=self._back, args=(server,), daemon=True).start()
            _pass(self.request, server)

    def _back(self, server: socket.socket) -> None:
        while piece := _received(server):
            self.server.sent += len(piece)
            self.request.sendall(piece)


def weighed(port: int, cookie: str, path: str) -> tuple[int, int]:
    """Give what a first and a repeated visit of `path` make the server send, headers included.

    Units: bytes.
    """
    with Relay(port) as relay, sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            with at(browser, relay.server_address[1], cookie, PHONE) as page:
                first = _visited(page, path, relay)
                return first, _visited(page, path, relay) - first
        finally:
            browser.close()
            relay.shutdown()


def _visited(page: Page, path: str, relay: Relay) -> int:
    page.goto(path)
    expect(page.locator("h1").first).to_be_attached()
    # The worker that keeps the static files is there before anybody comes again.
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_load_state("networkidle")
    page.goto("about:blank")
    return relay.sent


def _pass(source: socket.socket, target: socket.socket) -> None:
    while piece := _received(source):
        target.sendall(piece)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(PIECE)
    except OSError:
        return b""
