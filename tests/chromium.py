"""The browser of the browser tests: the machine's Chromium, or Debian's when it may be installed."""

import shutil

from tests.debian import found, install

SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "Chromium is missing: install it with `apt-get install chromium` as root, or put a Chromium or Chrome on PATH."
)


def found_chromium() -> str:
    """Give the path of Chromium.

    Raises: ProgramMissing.
    """
    return found(NAMES, ("chromium", "fonts-liberation"), MISSING)


def bring_shell() -> None:
    """Install Debian's shell of Chromium where there is none and it may be installed."""
    if shutil.which(SHELL) is None:
        install(SHELL)


def found_shell() -> str:
    """Give the path of the shell, a Chromium that has no window, no camera, and half the work; else of the whole one.

    Raises: ProgramMissing.
    """
    return shutil.which(SHELL) or found_chromium()
