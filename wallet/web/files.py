"""The static files, in front of Flask: whoever reads gets them, and nobody else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Files(WhiteNoise):  # type: ignore[misc]
    """Serve files to whoever reads; what else is asked of their addresses is the application's to refuse."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer with a file, or as the application does."""
        answer = super().__call__ if environ["REQUEST_METHOD"] in ("GET", "HEAD") else self.application
        found: Iterable[bytes] = answer(environ, start_response)
        return found
