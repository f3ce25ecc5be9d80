"""The browser of the browser tests: the machine's Chromium, or Debian's when it may be installed."""

import shutil

from tests.debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "Chromium is missing: install it with `apt-get install chromium` as root, or put a Chromium or Chrome on PATH."
)


class ChromiumMissing(RuntimeError):
    """Say in one line that there is no Chromium and how to get one."""


def found_chromium() -> str:
    """Give the path of Chromium; as root, install Debian's package when there is none.

    Raises: ChromiumMissing.
    """
    found = _on_path()
    if found is None:
        install("chromium", "fonts-liberation")
        found = _on_path()
    if found is None:
        raise ChromiumMissing(MISSING)
    return found


def _on_path() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)
