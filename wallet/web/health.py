"""Health: alive (answered before Flask is asked), ready (database and migrations), and the metrics."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response

from wallet.errors import refuse
from wallet.store import migrate
from wallet.web import metrics
from wallet.web.current import kit, public

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

bp = Blueprint("health", __name__)
log = logging.getLogger(__name__)

ALIVE = b"ok\n"
ALIVE_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(ALIVE))),
    ("Cache-Control", "no-store"),
]


class Alive:
    """Answer /healthz at once and hand everything else to the WSGI application `inner`."""

    def __init__(self, inner: "WSGIApplication", headers: list[tuple[str, str]]) -> None:
        self.inner = inner
        self.headers = ALIVE_HEADERS + headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Say that this process answers."""
        if environ["PATH_INFO"] != "/healthz" or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.inner(environ, start_response)
        start_response("200 OK", self.headers[:])
        return [ALIVE] if environ["REQUEST_METHOD"] == "GET" else []


@bp.get("/healthz")
@public
def alive() -> Response:
    """Say that this process answers; in service the layer in front does."""
    return _plain(ALIVE.decode())


@bp.get("/readyz")
@public
def ready() -> Response:
    """Say whether the database is reached and stands at the newest migration; the log says why not."""
    if fault := migrate.fault(kit().engine):
        log.warning("Not ready: %s", fault)
        raise refuse("busy")
    return _plain("ready\n")


@bp.get("/metrics")
@public
def measured() -> Response:
    """Give the metrics of all workers of this server."""
    return _plain(metrics.as_text(), "text/plain; version=0.0.4; charset=utf-8")


def _plain(text: str, kind: str = "text/plain; charset=utf-8") -> Response:
    response = make_response(text)
    response.headers["Content-Type"] = kind
    return response
