"""The stage of a browser test: browsers with and without a camera, and the people who sit before them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Response, ViewportSize

from tests.browser import camera
from tests.browser.world import Counter, World
from tests.chromium import found_chromium, found_shell

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLET: ViewportSize = {"width": 1024, "height": 768}
# The machine may be busy with other things; what takes this long is broken.
PATIENCE_MS = 20_000
# A refusal that the page explains is a failed load to the browser's console; a worker is blocked by a test.
EXPECTED = ("Failed to load resource", "Service Worker registration blocked")
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


# Playwright has pages thrown away that a browser otherwise keeps, as they were, for Back.
THROWN_AWAY = "--disable-back-forward-cache"


def launch(playwright: Playwright, *flags: str, keeps_pages: bool = False) -> Browser:
    """Start the machine's Chromium, the whole one for a camera, which keeps pages for Back if it is to."""
    path = found_shell() if set(CAMERA).isdisjoint(flags) else found_chromium()
    kept = [THROWN_AWAY] if keeps_pages else None
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *flags], ignore_default_args=kept)


def heard_at_once(route: Callable[..., Any]) -> Callable[..., Any]:
    """Have the `route` of pages hear of whatever is asked for after it."""

    def routed(page: Page, *given: Any, **named: Any) -> Any:
        done = route(page, *given, **named)
        # The browser answers before the page itself holds its requests: what a key sends just then would go past. This
        # goes the way of the word to hold them, behind it; a page that reads itself anew meanwhile is asked again.
        page.wait_for_function("() => true")
        return done

    return routed


class Stage:
    """Open pages for people, note what their consoles complain about, and close everything at the end."""

    # Of what passes a service worker Playwright now and then neither sees nor routes anything.
    service_workers = "allow"

    def __init__(self, playwright: Playwright, browser: Browser, world: World, folder: Path) -> None:
        self.playwright, self.browser, self.world, self.folder = playwright, browser, world, folder
        self.contexts: list[BrowserContext] = []
        self.others: list[Browser] = []
        self.complaints: list[str] = []

    def page(
        self, handle: str | None = None, *, sees: bytes | None = None, browser: Browser | None = None, **options: Any
    ) -> Page:
        """Open a page in a browser of its own, signed in as `handle`; its camera sees the picture `sees`."""
        browser = browser or (self.browser if sees is None else self._with_camera(sees))
        usual = {
            "viewport": PHONE,
            "base_url": self.world.origin,
            "locale": "en-GB",
            "service_workers": self.service_workers,
        }
        options = usual | options
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if handle is not None:
            answer = context.request.post("/demo/sign-in", data={"handle": handle})
            assert answer.status == 204, answer.text()
        return self.watched(context.new_page())

    def till(self, counter: Counter, *, sees: bytes | None = None, **options: Any) -> Page:
        """Open a till's page on a tablet, with its cashier signed in."""
        page = self.page(counter.cashier, sees=sees, **({"viewport": TABLET} | options))
        page.goto(counter.path)
        return page

    def watched(self, page: Page) -> Page:
        """Note what the page complains about."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._note_missing)
        return page

    def close(self) -> None:
        """Close every page that this stage opened."""
        for context in self.contexts:
            for page in context.pages:
                # A read that is still held back when the test is over has nobody to wait for it.
                page.unroute_all(behavior="ignoreErrors")
            # A browser of its own goes as a whole: now and then Chromium never says that a camera's pages are closed.
            if context.browser not in self.others:
                context.close()
        for browser in self.others:
            browser.close()
        self.contexts, self.others = [], []

    def _with_camera(self, sees: bytes) -> Browser:
        # The film is fixed when Chromium starts, so each camera is a browser of its own.
        film = camera.film(sees, self.folder / f"camera-{len(self.others)}.y4m")
        browser = launch(self.playwright, *CAMERA, f"--use-file-for-fake-video-capture={film}", keeps_pages=True)
        self.others.append(browser)
        return browser

    def _note_missing(self, response: Response) -> None:
        if response.status >= 400 and "/static/" in response.url:
            self.complaints.append(f"{response.status} {response.url}")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)
