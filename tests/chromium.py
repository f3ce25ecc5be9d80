"""The browser of the browser tests: the machine's Chromium, or Debian's when it may be installed."""

from tests.debian import found

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "Chromium is missing: install it with `apt-get install chromium` as root, or put a Chromium or Chrome on PATH."
)


def found_chromium() -> str:
    """Give the path of Chromium.

    Raises: ProgramMissing.
    """
    return found(NAMES, ("chromium", "fonts-liberation"), MISSING)
