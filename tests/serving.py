"""A real gunicorn on a test's database, and a plain client for it."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.imports import ROOT

START_SECONDS = 120
_kept: list[socket.socket] = []


class Browser:
    """Send requests over one connection, with the cookie that a sign-in gave."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Send one request and give the status and the JSON of its answer."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=15)
        headers = {"Accept": "application/json"} | ({"Cookie": self.cookie} if self.cookie else {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            if found := answer.getheader("Set-Cookie"):
                self.cookie = found.partition(";")[0]
            text = answer.read()
        return answer.status, json.loads(text) if text and "json" in (answer.getheader("Content-Type") or "") else text

    def sign_in(self, handle: str) -> "Browser":
        """Sign in as a persona."""
        status, _nothing = self.ask("POST", "/demo/sign-in", {"handle": handle})
        assert status == 204
        return self

    def stream(self, path: str) -> "Stream":
        """Open an event stream."""
        return Stream(self.port, path, self.cookie)


class Stream:
    """Read one event stream, block by block."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("localhost", port, timeout=15)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", "Cookie": cookie})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.headers = dict(self.answer.getheaders())

    def event(self) -> dict[str, str]:
        """Wait for the next event and give its fields; comments are passed over."""
        found: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if line and not line.startswith(":"):
                name, _colon, value = line.partition(": ")
                found[name] = value
            elif not line and "data" in found:
                return found

    def begin(self) -> None:
        """Pass over what the first stream of a server begins with: where it stands, and that somebody listens now."""
        for _each in range(2):
            self.event()

    def event_after(self, rev: int) -> dict[str, str]:
        """Wait for an event that is newer than `rev`, and give its fields."""
        while int((found := self.event())["id"]) <= rev:
            pass
        return found

    def close(self) -> None:
        """Cut the connection, as a browser does that goes elsewhere."""
        self.answer.close()
        self.connection.close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()


@dataclass(frozen=True)
class Server:
    """Hold a gunicorn that serves: where, and the process that minds its workers."""

    port: int
    process: "subprocess.Popen[bytes]"

    def workers(self) -> list[int]:
        """Give the process ids of its workers."""
        minder = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{minder}/task/{minder}/children").read_text().split()]


@contextmanager
def served(
    database_url: str, *, workers: int = 1, threads: int = 8, demo: bool = True, patience: int = START_SECONDS
) -> Iterator[int]:
    """Serve the wallet from its own gunicorn configuration, as a demo or for real people; give the port.

    Units: `patience` in seconds, until the first page is served.
    """
    with server(database_url, workers=workers, threads=threads, demo=demo, patience=patience) as found:
        yield found.port


@contextmanager
def server(
    database_url: str, *, workers: int = 1, threads: int = 8, demo: bool = True, patience: int = START_SECONDS,
    port: int | None = None, home: Path = ROOT, origin: str | None = None,
) -> Iterator[Server]:  # fmt: skip
    """Serve as `served` does, or the version of the wallet in `home`; give what a test needs to kill it, too.

    With an `origin` of its own it stands behind a proxy of this machine, which members reach there.
    """
    port = port or free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "WALLET_DEMO": "1" if demo else "",
        "SECRET_KEY": "" if demo else secrets.token_urlsafe(48),
        "WALLET_ORIGIN": origin or f"http://localhost:{port}",
        "WALLET_TRUSTED_PROXIES": "127.0.0.1" if origin else "",
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": str(threads),
    }
    command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", "app:app"]
    process = subprocess.Popen(command, cwd=home, env=environment)
    try:
        _wait_for(port, process, patience)
        yield Server(port, process)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)


def free_port() -> int:
    """Find a port that nobody listens on, and keep others from finding it, too, before somebody does."""
    probe = socket.socket()
    # Beside one that does not listen, whoever asks for the same may.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _kept.append(probe)
    return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", patience: int) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert process.poll() is None, "gunicorn did not start"
        with suppress(OSError):
            if Browser(port).ask("GET", "/readyz")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError("gunicorn did not answer in time")
