"""A browser of another make: the machine's Firefox, or Debian's, driven over its Marionette protocol.

Mozilla's client for it brings fifteen packages; drivers that speak for it are no packages of Debian, PyPI or npm.
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.debian import found
from tests.window import Window

NAMES = ("firefox-esr", "firefox")
MISSING = "Firefox is missing: install it with `apt-get install firefox-esr` as root, or put a Firefox on PATH."
PREFERENCES = {
    # A free port, which it writes into its profile.
    "marionette.port": 0,
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.aboutwelcome.enabled": False,
    "intl.accept_languages": "en-GB, en",
}


class Firefox(Window):
    """Drive one window of a Firefox with a profile of its own."""

    def __init__(self, wire: socket.socket, origin: str) -> None:
        super().__init__(origin)
        self._wire, self._numbers = wire.makefile("rwb"), count(1)
        self._heard()
        self.tell("NewSession", {})

    def tell(self, command: str, content: dict[str, Any]) -> Any:
        """Give a command of WebDriver; give its value.

        Raises: AssertionError, for what Firefox cannot do.
        """
        return self._told(f"WebDriver:{command}", content)

    def run(self, script: str, *given: Any) -> Any:
        """Run a script in the page itself, so that what it changes stays; a promise is waited for."""
        return self.tell("ExecuteScript", {"script": script, "args": list(given), "sandbox": None})

    def hold_passkeys(self) -> None:
        """Give it a lock of its own, as a phone has, which always knows its person."""
        lock = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        self._told("WebAuthn:AddVirtualAuthenticator", lock | {"isUserVerified": True, "isUserConsenting": True})

    def _told(self, command: str, content: dict[str, Any]) -> Any:
        frame = json.dumps([0, next(self._numbers), command, content]).encode()
        self._wire.write(b"%d:%b" % (len(frame), frame))
        self._wire.flush()
        _kind, _number, error, value = self._heard()
        assert error is None, f"{command}: {error['error']}: {error['message']}"
        return value.get("value", value) if isinstance(value, dict) else value

    def _heard(self) -> Any:
        length = b""
        while (one := self._wire.read(1)) != b":":
            assert one, "Firefox has hung up"
            length += one
        return json.loads(self._wire.read(int(length)))


@contextmanager
def firefox(profile: Path, origin: str) -> Iterator[Firefox]:
    """Start a Firefox without a window on the screen; end it afterwards."""
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [
        found(NAMES, ("firefox-esr",), MISSING),
        "--headless",
        "--no-remote",
        "--marionette",
        "--profile",
        str(profile),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with socket.create_connection(("127.0.0.1", _port(profile)), timeout=60) as wire:
            yield Firefox(wire, origin)
    finally:
        process.kill()
        process.wait()


def _port(profile: Path) -> int:
    told, until = profile / "MarionetteActivePort", time.monotonic() + 60
    while not (told.is_file() and told.read_text()):
        assert time.monotonic() < until, "Firefox did not start"
        time.sleep(0.1)
    return int(told.read_text())
