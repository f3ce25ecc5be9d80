"""A browser's window that a test drives by the few words of WebDriver, whatever carries them to the browser."""

import base64
import time
from abc import ABC, abstractmethod
from typing import Any

PATIENCE_SECONDS = 30
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Window(ABC):
    """Hold one window, in which pages of one origin are opened."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    @abstractmethod
    def tell(self, command: str, content: dict[str, Any]) -> Any:
        """Give a command of WebDriver by its name; give its value.

        Raises: AssertionError, for what the browser cannot do.
        """

    def go(self, path: str) -> None:
        """Open a page of ours."""
        self.tell("Navigate", {"url": self.origin + path})

    def run(self, script: str, *given: Any) -> Any:
        """Run a script in the page; a promise that it returns is waited for."""
        return self.tell("ExecuteScript", {"script": script, "args": list(given)})

    def sees(self, words: str) -> str:
        """Wait until the page shows these words; give all of its text.

        Raises: AssertionError with the text, when they do not come.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while words not in (text := str(self.run("return document.body?.innerText ?? ''"))):
            assert time.monotonic() < until, f"{words!r} did not come:\n{text}"
            time.sleep(0.1)
        return text

    def press(self, path: str) -> None:
        """Press what this XPath names, once it is there to be pressed."""
        self._at(path, "ElementClick", {})

    def type(self, path: str, text: str) -> None:
        """Type into the field that this XPath names."""
        self._at(path, "ElementSendKeys", {"text": text})

    def picture(self) -> bytes:
        """Take a picture of what is in sight."""
        return base64.b64decode(self.tell("TakeScreenshot", {"full": False, "hash": False}))

    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in pixels, or as small as the browser lets it be."""
        self.tell("SetWindowRect", {"width": width, "height": height})

    def _at(self, path: str, command: str, content: dict[str, Any]) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                found = self.tell("FindElement", {"using": "xpath", "value": path})
                return self.tell(command, {"id": found[ELEMENT], **content})
            except AssertionError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.1)
