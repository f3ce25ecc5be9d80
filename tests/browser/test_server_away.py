"""The wallet is away behind its proxy, as while it is upgraded: browsers show what they keep, and come back."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser import world as worlds
from tests.browser.stage import Stage
from tests.browser.world import World
from tests.serving import free_port, server
from wallet.config import Settings
from wallet.kit import Kit
from wallet.store.engine import make_engine

pytestmark = pytest.mark.browser


class Proxy(BaseHTTPRequestHandler):
    """Answer in place of the wallet, as a proxy does that cannot reach it."""

    def do_GET(self) -> None:
        self.refuse()

    def do_POST(self) -> None:
        self.refuse()

    def refuse(self) -> None:
        """Read what came, and answer with a page that is not the wallet's."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"<h1>502 Bad Gateway</h1>"
        self.send_response(502)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


@contextmanager
def away(port: int) -> Iterator[None]:
    """Have a proxy answer at `port` that the wallet is away."""
    with ThreadingHTTPServer(("localhost", port), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield
        proxy.shutdown()


def test_what_a_browser_keeps_comes_up_while_the_wallet_is_away_and_its_page_once_it_is_back(
    playwright: Playwright, chromium: Browser, migrated_sqlite: Path, tmp_path: Path
) -> None:
    path, port = tmp_path / "wallet.sqlite3", free_port()
    shutil.copyfile(migrated_sqlite, path)
    url = f"sqlite:///{path}"
    kit = Kit(make_engine(url), settings=Settings(database_url=url))
    worlds.build(kit)
    stage = Stage(playwright, chromium, World(f"http://localhost:{port}", kit), tmp_path)
    counter = stage.world.counter()
    with server(url, port=port):
        phone = stage.page(counter.cashier)
        phone.goto("/")
        phone.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        phone.goto("/you")

    with away(port):
        phone.locator('form[action="/you/theme"]').evaluate("(form) => form.submit()")
        expect(phone.get_by_role("heading", name="No answer came")).to_be_visible()
        phone.goto(counter.path)
        expect(phone.get_by_role("heading", name="Check payments without a network")).to_be_visible()
        phone.goto("/activity")
        expect(phone.get_by_text("No connection.")).to_be_visible()
    with server(url, port=port):
        expect(phone.get_by_role("heading", name=re.compile("Activity"))).to_be_visible()
    stage.close()
    kit.engine.dispose()
    assert stage.complaints == []
