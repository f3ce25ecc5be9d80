"""The worker that gunicorn runs: what it refuses before the application is asked carries our headers as well."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from wallet.web.security import safety_headers


class Adding:
    """Be the socket `inner`, and add header lines to the one answer that is sent through it."""

    def __init__(self, inner: Any, lines: str) -> None:
        self._inner = inner
        self._lines = lines.encode("latin-1")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def sendall(self, answer: bytes) -> None:
        """Send a whole answer with our lines after its own headers."""
        head, end, body = answer.partition(b"\r\n\r\n")
        self._inner.sendall(head + self._lines + end + body)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Serve with threads; see the module."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what is no proper request."""
        headers = [*safety_headers(self.wsgi.extensions["kit"].settings), ("Cache-Control", "no-store")]
        lines = "".join(f"\r\n{name}: {value}" for name, value in headers)
        super().handle_error(req, Adding(client, lines), addr, exc)
