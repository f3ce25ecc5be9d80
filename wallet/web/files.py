"""The static files, in front of Flask: whoever reads gets them, and nobody else."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OF_A_VERSION = re.compile(r"/static/[0-9a-f]+/")
YEAR_SECONDS = 365 * 24 * 60 * 60


class Files(WhiteNoise):  # type: ignore[misc]
    """Serve files to whoever reads; what else is asked of their addresses is the application's to refuse."""

    def __init__(self, application: "WSGIApplication", root: Path, version: str) -> None:
        super().__init__(
            application,
            root=str(root),
            prefix=f"static/{version}/",
            max_age=YEAR_SECONDS,
            immutable_file_test=lambda _path, _url: True,
            charset="utf-8",
        )
        self.current = f"/static/{version}/"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer with a file, with the way to it, or as the application does."""
        reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if reads and (moved := self._moved(environ["PATH_INFO"])):
            start_response("302 Found", [("Location", moved), ("Cache-Control", "no-store"), ("Content-Length", "0")])
            return []
        answer = super().__call__ if reads else self.application
        found: Iterable[bytes] = answer(environ, start_response)
        return found

    def _moved(self, path: str) -> str | None:
        """Give the address at which a file of another version is now: a page may outlive an upgrade, and loads late."""
        named = OF_A_VERSION.match(path)
        found = self.current + path[named.end() :] if named and named[0] != self.current else None
        return found if found in self.files else None
