"""A browser of Safari's make: Debian's WebKit, driven over HTTP by the WebDriver that comes with it.

It has no passkeys, and wants a screen to draw on: one that nobody sees. Selenium speaks to it as well, not to Firefox
without a driver that is no package of Debian, PyPI or npm, and brings fifteen packages.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.debian import found
from tests.serving import free_port
from tests.window import Window

PACKAGES = ("webkit2gtk-driver", "xvfb")
MISSING = "WebKit is missing: install it with `apt-get install webkit2gtk-driver xvfb` as root."
SCREEN = "1400x1000x24"
START_SECONDS = 30
ANSWER_SECONDS = 60
# Where a command stands below its session; each is posted, but for a picture.
PLACES = {
    "Navigate": "url",
    "ExecuteScript": "execute/sync",
    "FindElement": "element",
    "ElementClick": "element/{id}/click",
    "ElementSendKeys": "element/{id}/value",
    "TakeScreenshot": "screenshot",
    "SetWindowRect": "window/rect",
}


class WebKit(Window):
    """Drive one window of a WebKit that remembers nothing of other windows."""

    def __init__(self, driver: str, origin: str) -> None:
        super().__init__(origin)
        self._session = f"{driver}/session"
        self._session += "/" + _asked("POST", self._session, {"capabilities": {}})["sessionId"]

    def tell(self, command: str, content: dict[str, Any]) -> Any:
        """Give a command of WebDriver; give its value.

        Raises: AssertionError, for what WebKit cannot do.
        """
        address = f"{self._session}/{PLACES[command].format_map(content)}"
        if command == "TakeScreenshot":
            return _asked("GET", address)
        return _asked("POST", address, content)

    def close(self) -> None:
        """Close the window."""
        _asked("DELETE", self._session)


@contextmanager
def webkit(folder: Path, origin: str) -> Iterator[WebKit]:
    """Start a WebKit on a screen of its own; end both afterwards."""
    folder.mkdir()
    programs = [found((name,), PACKAGES, MISSING) for name in ("Xvfb", "WebKitWebDriver")]
    with _screen(programs[0]) as display, (folder / "log").open("wb") as log:
        port = free_port()
        environment = os.environ | {"DISPLAY": display, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        command = [programs[1], f"--port={port}", "--host=127.0.0.1"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            driver = f"http://127.0.0.1:{port}"
            _wait_for(driver)
            window = WebKit(driver, origin)
            yield window
            window.close()
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _screen(program: str) -> Iterator[str]:
    """Start a screen that nobody sees, by a number that is free; give its name."""
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "no screen for WebKit: Xvfb did not start"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def _asked(method: str, address: str, content: dict[str, Any] | None = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    request = Request(address, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return json.load(answer)["value"]
    except HTTPError as refused:
        raise AssertionError(f"{method} {address}: {refused.read().decode()}") from refused


def _wait_for(driver: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _asked("GET", f"{driver}/status")
        except URLError:
            assert time.monotonic() < until, "WebKit's driver did not start"
            time.sleep(0.1)
        else:
            return
