"""The wallet behind nginx, by the lines of the documents: the same screens, live, and nothing that weakens them."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser import world as worlds
from tests.browser.counter import charge, expect_paid, pay, screen, words_of
from tests.browser.stage import TABLET, Stage, launch
from tests.browser.world import World
from tests.nginx import in_front, trusting
from tests.serving import free_port, server
from wallet.config import Settings
from wallet.kit import Kit
from wallet.store.engine import make_engine

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A stream that nginx held back would bring its first word only when the wallet ends it, after three minutes.
AT_ONCE_SECONDS = 60


@dataclass(frozen=True)
class Front:
    """Hold a federation behind nginx, and the ports at which nginx listens."""

    world: World
    https: int
    http: int

    def ask(
        self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send one request and give status, headers and body as they came."""
        connection = HTTPSConnection("localhost", self.https, timeout=30, context=trusting())
        connection.request("GET" if body is None else "POST", path, body, headers or {})
        answer = connection.getresponse()
        found = answer.status, answer.getheaders(), answer.read()
        connection.close()
        return found


@pytest.fixture(scope="module")
def front(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Serve a federation behind nginx; its origin is nginx's."""
    folder = tmp_path_factory.mktemp("nginx")
    path, inside, https, http = folder / "wallet.sqlite3", free_port(), free_port(), free_port()
    shutil.copyfile(migrated_sqlite, path)
    url, origin = f"sqlite:///{path}", f"https://localhost:{https}"
    engine = make_engine(url)
    worlds.build(Kit(engine))
    with server(url, threads=24, port=inside, origin=origin), in_front(inside, https, http, folder):
        yield Front(World(origin, Kit(engine, settings=Settings(database_url=url))), https, http)
    engine.dispose()


@pytest.fixture
def stage(playwright: Playwright, front: Front, tmp_path: Path) -> Iterator[Stage]:
    """Give a stage whose browser takes the certificate that nobody has signed."""
    browser = launch(playwright, "--ignore-certificate-errors")
    made = Stage(playwright, browser, front.world, tmp_path)
    yield made
    made.close()
    browser.close()
    assert made.complaints == []


@pytest.mark.without_worker
def test_a_payment_goes_through_and_both_screens_are_told_by_streams(stage: Stage) -> None:
    counter, ana = stage.world.counter(), stage.world.member()
    till = stage.page(counter.cashier, viewport=TABLET, ignore_https_errors=True)
    streams: list[int] = []
    till.on("response", lambda answer: streams.append(answer.status) if answer.url.endswith("/events") else None)
    till.goto(counter.path)
    code = charge(till)
    phone = stage.page(ana, ignore_https_errors=True)
    phone.goto(f"/b/{code}")
    expect(till.locator(".claim")).to_contain_text("Ana")
    pay(phone)
    expect_paid(phone)
    expect(screen(till, "paid")).to_contain_text("Ana")

    assert words_of(till) == words_of(phone)
    assert streams
    assert set(streams) == {200}


def test_a_stream_is_not_held_back(front: Front) -> None:
    counter = front.world.counter()
    who = f'{{"handle": "{counter.cashier}"}}'.encode()
    _status, headers, _body = front.ask("/demo/sign-in", {"Content-Type": "application/json"}, who)
    cookie = dict(headers)["Set-Cookie"].partition(";")[0]
    connection = HTTPSConnection("localhost", front.https, timeout=AT_ONCE_SECONDS, context=trusting())
    began = time.monotonic()
    connection.request("GET", f"/tills/{counter.till}/events", headers={"Cookie": cookie})
    answer = connection.getresponse()

    assert answer.status == 200
    assert answer.readline()
    assert time.monotonic() - began < AT_ONCE_SECONDS
    connection.close()


def test_the_app_is_kept_for_a_phone_without_a_network(stage: Stage) -> None:
    phone = stage.page(stage.world.member(), ignore_https_errors=True)
    phone.goto("/")
    phone.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.goto("/activity")

    expect(phone.get_by_role("heading", name="No connection")).to_be_attached()


def test_pages_come_uncompressed_and_each_header_of_safety_stands_once(front: Front) -> None:
    status, headers, body = front.ask("/", {"Accept-Encoding": "gzip"})
    named = [name.lower() for name, _value in headers]

    assert (status, b"<title>" in body) == (200, True)
    assert "content-encoding" not in named
    for once in ("content-security-policy", "strict-transport-security", "x-content-type-options", "cache-control"):
        assert named.count(once) == 1, once


def test_static_files_come_compressed(front: Front) -> None:
    page = front.ask("/")[2].decode()
    sheet = next(part for part in page.split('"') if part.endswith(".css"))
    status, headers, _body = front.ask(sheet, {"Accept-Encoding": "gzip"})

    assert (status, dict(headers).get("Content-Encoding")) == (200, "gzip")


def test_what_is_too_large_is_refused_by_the_wallet_in_words(front: Front) -> None:
    status, headers, body = front.ask(
        "/sign-in/recovery", {"Content-Type": "application/x-www-form-urlencoded"}, b"code=" + b"a" * 2_000_000
    )

    assert status == 413
    assert b"This request is too large" in body
    assert "Content-Security-Policy" in dict(headers)


def test_what_the_wallet_counted_is_told_to_no_stranger(front: Front) -> None:
    assert front.ask("/readyz")[0] == 200
    assert front.ask("/metrics")[0] == 404


class Cut(BaseHTTPRequestHandler):
    """Live, and cut every other request off, as a wallet does that is killed."""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self.send_response(200)
            self.end_headers()

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


def test_addresses_stay_out_of_the_logs_also_those_of_plain_http_and_of_requests_without_an_answer(
    tmp_path: Path,
) -> None:
    https, http = free_port(), free_port()
    with ThreadingHTTPServer(("127.0.0.1", 0), Cut) as wallet:
        threading.Thread(target=wallet.serve_forever, daemon=True).start()
        with in_front(wallet.server_port, https, http, tmp_path):
            statuses = []
            for asked in (
                HTTPSConnection("localhost", https, timeout=30, context=trusting()),
                HTTPConnection("localhost", http, timeout=30),
            ):
                asked.request("GET", "/join/an-invitation-that-nobody-has-used")
                statuses.append(asked.getresponse().status)
                asked.close()
        wallet.shutdown()

    assert statuses == [502, 301]
    assert "an-invitation" not in "".join(file.read_text() for file in tmp_path.glob("*.log"))


def test_plain_http_leads_to_the_same_page_by_https(front: Front) -> None:
    connection = HTTPConnection("localhost", front.http, timeout=30)
    connection.request("GET", "/pay?from=home")
    answer = connection.getresponse()

    assert (answer.status, answer.getheader("Location")) == (301, "https://localhost/pay?from=home")
    connection.close()
