"""A sheet on the bottom edge while its page is still arriving: nothing is drawn whose button would move away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

WAITS_FOR_ALL = '<link rel="expect" href="#end" blocking="render">'
DRAWN = "() => performance.getEntriesByType('paint').length > 0"
STYLED = "() => [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet)"
HEIGHT = "() => document.querySelector('form[data-act=pay] button').getBoundingClientRect().top"


@contextmanager
def arriving(page: str, cut: str, origin: str) -> Iterator[tuple[str, threading.Event]]:
    """Serve `page` up to `cut`, and the rest of it when the event is set; the files it needs are those of `origin`."""
    first, rest = (part.encode() for part in page.split(cut, 1))
    go_on = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":
                with urlopen(f"{origin}{self.path}") as file:
                    self._begin(file.headers["Content-Type"])
                    self.wfile.write(file.read())
                return
            self._begin("text/html; charset=utf-8")
            self.wfile.write(first)
            go_on.wait()
            self.wfile.write(cut.encode() + rest)

        def _begin(self, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", go_on
        finally:
            go_on.set()
            server.shutdown()


def half_there(phone: Page, address: str) -> None:
    """Open a page of which the form that pays has come, with its styles, and what stands below it has not."""
    phone.goto(address, wait_until="commit")
    expect(phone.locator('form[data-act="pay"] button')).to_be_attached()
    # What is not drawn has no frames to look in.
    phone.wait_for_function(STYLED, polling=50)


@pytest.mark.parametrize("waits", [True, False], ids=["as it is", "control"])
def test_a_bill_is_drawn_when_all_of_it_is_there_so_its_button_does_not_move(stage: Stage, waits: bool) -> None:
    phone = stage.page(stage.world.member())
    bill = stage.world.bill(stage.world.counter())
    page = phone.context.request.get(f"/b/{bill.code}").text()
    assert page.count(WAITS_FOR_ALL) == 1
    if not waits:
        page = page.replace(WAITS_FOR_ALL, "")
    # Its scripts would talk to a server that is not there.
    page = page.replace('type="module"', 'type="text/plain"')
    below = f'<form method="post" action="/b/{bill.code}/decline"'

    with arriving(page, below, stage.world.origin) as (address, go_on):
        half_there(phone, address)
        if waits:
            phone.wait_for_timeout(500)
            assert not phone.evaluate(DRAWN)
        else:
            phone.wait_for_function(DRAWN)
        before = phone.evaluate(HEIGHT)
        go_on.set()
        expect(phone.get_by_role("button", name="Do not pay")).to_be_visible()
        phone.wait_for_function(DRAWN)
        assert phone.evaluate(HEIGHT) < before, "what comes last moves the button up"
