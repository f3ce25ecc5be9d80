"""A bare WSGI application: what this machine's gunicorn can do at most."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b"hello\n"


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer hello."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
    return [BODY]
