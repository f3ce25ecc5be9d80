"""Who else answers for the wallet, another version of it or a network's own page: a phone keeps one version whole."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.browser.stage import Stage
from tests.imports import ROOT
from wallet import assets

pytestmark = pytest.mark.browser

OTHER = b"0123456789ab"
# What a phone's browser makes of the worker in the end: its own, or none.
INSTALLED = """async () => {
    const { installing, active } = await navigator.serviceWorker.register("/sw.js");
    const worker = installing ?? active;
    while (!["activated", "redundant"].includes(worker.state)) await new Promise((go) => setTimeout(go, 20));
    return worker.state;
}"""

# What kind of file a phone keeps at an address.
KEPT = "async (path) => (await caches.match(path))?.headers.get('Content-Type').split(';')[0] ?? null"


class Balancer(BaseHTTPRequestHandler):
    """Ask the wallet, and answer as its other version would at the addresses that this one has."""

    server: "Balancing"

    def do_GET(self) -> None:
        """Pass one answer on."""
        with closing(http.client.HTTPConnection("localhost", self.server.wallet)) as wallet:
            wallet.request("GET", self.path, headers={"Host": f"localhost:{self.server.wallet}"})
            answer = wallet.getresponse()
            body = answer.read()
        headers = {name: answer.getheader(name) for name in ("Content-Type", "Location", "Cache-Control")}
        if self.path == self.server.of_other:
            body = body.replace(self.server.version, OTHER)
        if self.path == self.server.of_network:
            headers, body = {"Content-Type": "text/html"}, b"<h1>Welcome to our network</h1>"
        self.send_response(answer.status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


class Balancing(ThreadingHTTPServer):
    """Hold where the wallet is, its version, and what of it the other version answers, or the network."""

    def __init__(self, wallet: int, version: bytes) -> None:
        super().__init__(("localhost", 0), Balancer)
        self.wallet, self.version, self.of_other, self.of_network = wallet, version, "", ""


@contextmanager
def balanced(origin: str, version: str) -> Iterator[Balancing]:
    """Stand between phones and the wallet at `origin`."""
    with Balancing(urlsplit(origin).port or 80, version.encode()) as balancing:
        threading.Thread(target=balancing.serve_forever, daemon=True).start()
        yield balancing
        balancing.shutdown()


# At `/sw.js` the worker is the other version's, and all of its files are found at this one's addresses alone.
@pytest.mark.parametrize("path", ["/sw.js", "/offline", "/outage", "/unanswered"])
def test_a_phone_keeps_no_version_whose_files_or_pages_another_answered(stage: Stage, path: str) -> None:
    with balanced(stage.world.origin, assets.version(ROOT / "static")) as balancing:
        phone = stage.page(base_url=f"http://localhost:{balancing.server_port}")
        phone.goto("/healthz")

        balancing.of_other = path
        assert phone.evaluate(INSTALLED) == "redundant"

        balancing.of_other = ""
        assert phone.evaluate(INSTALLED) == "activated", "once one version answers alone"


def test_a_phone_keeps_no_page_of_a_network_in_place_of_a_script(stage: Stage) -> None:
    version = assets.version(ROOT / "static")
    script = f"/static/{version}/js/lib/money.js"
    with balanced(stage.world.origin, version) as balancing:
        phone = stage.page(base_url=f"http://localhost:{balancing.server_port}")
        phone.goto("/healthz")

        balancing.of_network = script
        assert phone.evaluate(INSTALLED) == "redundant"
        assert phone.evaluate(KEPT, script) is None

        balancing.of_network = ""
        assert phone.evaluate(INSTALLED) == "activated", "once the wallet answers"
        assert phone.evaluate(KEPT, script) == "text/javascript"
