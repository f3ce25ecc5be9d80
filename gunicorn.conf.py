"""How gunicorn serves the wallet; the environment may say otherwise."""

import gc
import os
import sys
from contextlib import suppress
from typing import Any

from wallet import assets
from wallet.cli import demo
from wallet.config import Settings
from wallet.web import metrics, security

# A request makes a few hundred objects and leaves none: look for rings among them less often than by default.
YOUNG_OBJECTS = 20_000

try:
    _settings = Settings.from_environment()
except ValueError as error:
    # gunicorn would show where in the code it failed, and not what to mend.
    sys.exit(f"Error: {error}")

# The demo signs anyone in as anyone: it answers this machine only.
_host = "127.0.0.1" if _settings.demo else os.environ.get("WEB_HOST", "0.0.0.0")
# An IPv6 address stands in brackets beside its port.
bind = f"[{_host}]:{_settings.port}" if ":" in _host and not _host.startswith("[") else f"{_host}:{_settings.port}"
worker_class = "wallet.web.worker.TimedWorker"
workers = _settings.processes
# A waiting till or payer holds a thread; the wallet admits at most two thirds of them as open event streams.
threads = _settings.threads
timeout = 60
keepalive = 15
# The call that sends a whole file waits for good for who takes nothing of it; web/worker.py gives other answers up.
sendfile = False
graceful_timeout = 10
control_socket_disable = True
# Links carry codes, which web/logs.py masks, and nothing is written for each request.
logger_class = "wallet.web.logs.MaskedLogger"
accesslog = None
errorlog = "-"


def on_starting(_server: Any) -> None:
    """Bring the static files up to date before the first worker reads their version, and fill an empty demo.

    Raises: RuntimeError, for settings that are not safe to serve with.
    """
    # Before the demo is filled: a start that is refused leaves the database as it was.
    security.check_settings(_settings, serving=True)
    with suppress(OSError):  # a read-only disk has them from its set-up
        assets.build()
    demo.prepare(_settings)
    metrics.share(workers)


def pre_fork(_server: Any, worker: Any) -> None:
    """Give the worker a place to count that every worker can read."""
    metrics.lend(worker)


def post_fork(_server: Any, worker: Any) -> None:
    """Count there."""
    metrics.write_to(worker)


def child_exit(_server: Any, worker: Any) -> None:
    """Keep what a worker counted that is gone."""
    metrics.take_back(worker)


def post_worker_init(worker: Any) -> None:
    """Spare the collector what stays for good, and end the event streams as soon as a worker is told to stop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    worker.wsgi.extensions["streams"].end_when(lambda: not worker.alive)
