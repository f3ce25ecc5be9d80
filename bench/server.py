"""Servers under measurement: gunicorn with the wallet or with hello world, and what they burn."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Client
from tests.serving import free_port

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30
# A server that uses less than this part of a core for this long has started.
CALM_SECONDS, CALM_PART = 1.0, 0.1
WALLET = "app:app"


@dataclass(frozen=True, slots=True)
class Server:
    """Hold a running gunicorn: its port and its first process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Give the CPU time that the master and its workers have used."""
        return sum(_cpu(pid) for pid in [self.pid, *_children(self.pid)])


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def gunicorn(app: str, workers: int, database_url: str = "", threads: int = 64) -> Iterator[Server]:
    """Serve `app` as the project's own gunicorn configuration does; a bare one knows nothing of the wallet."""
    port = free_port()
    environment = os.environ | {
        "PORT": str(port),
        "WEB_THREADS": str(threads),
        "WEB_CONCURRENCY": str(workers),
        "WALLET_DEMO": "1",
        "WALLET_ORIGIN": f"http://localhost:{port}",
    }
    if database_url:
        environment["DATABASE_URL"] = database_url
    command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", app]
    if app != WALLET:
        # Settings are looked for in the application's own module, which has none, instead of in ours.
        command += ["--config", f"python:{app.partition(':')[0]}", "--bind", f"127.0.0.1:{port}"]
        command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
        command += ["--keep-alive", "15", "--no-control-socket"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        server = Server(port, process.pid)
        _wait_for_calm(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for_calm(server: Server) -> None:
    """Wait until no worker is still starting: clients that come earlier would all stay with the first one."""
    before = -1.0
    while (now := server.cpu_seconds()) - before > CALM_SECONDS * CALM_PART:
        before = now
        time.sleep(CALM_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "gunicorn did not start"
        try:
            Client(port).get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("gunicorn did not answer")
