"""Take a picture of every screen, light and dark, from the demo federation.

python -m tests.browser.shots [--docs] [NAME …]: into shots/, or only the screens named; with --docs the pictures that
the README and a phone's installation dialog show, into static/screenshots/.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect, sync_playwright

from tests.browser.screens import SCREENS
from tests.browser.screens.screen import Screen, cast_for
from tests.browser.stage import PATIENCE_MS, PHONE, TABLET, Stage, launch
from tests.browser.world import World
from tests.imports import ROOT
from tests.serving import served
from wallet.config import Settings
from wallet.kit import Kit
from wallet.store.engine import make_engine

SHOTS = ROOT / "shots"
SCREENSHOTS = ROOT / "static" / "screenshots"
# As the manifest says.
HANDSET = {"width": 390, "height": 700}
# The demo's own counters have the first numbers.
FIRST_NUMBER = 3
PAYER = "ana"
LONGEST = 1_600
# The demo is filled first, with a year of payments; on a busy machine that takes minutes.
FILL_SECONDS = 600


def main(arguments: list[str]) -> None:
    """Take the pictures that the command line asks for."""
    names = [name for name in arguments if not name.startswith("--")]
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, staged(playwright) as stage:
        if "--docs" in arguments:
            pictures_for_readers(stage)
            return
        SHOTS.mkdir(exist_ok=True)
        cast = cast_for(stage.world, PAYER)
        for screen in SCREENS:
            if names and screen.name not in names:
                continue
            page = screen.opens(stage, cast)
            picture(page, screen)
            stage.close()


def picture(page: Page, screen: Screen) -> None:
    """Take the screen's pictures on the phone and, for a till, on a tablet."""
    for device, size in (("phone", PHONE), ("tablet", TABLET)) if screen.till else (("phone", PHONE),):
        page.set_viewport_size(size)
        # A window as long as the page: what is fixed to the window's edge then stands where the page ends.
        height = int(page.evaluate("() => document.scrollingElement.scrollHeight"))
        page.set_viewport_size({"width": size["width"], "height": min(height, LONGEST)})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=SHOTS / f"{screen.name}-{device}-{scheme}.png")


def pictures_for_readers(stage: Stage) -> None:
    """Take the pictures outside of the wallet: a till that shows a bill, the sheet on which it is paid, and home."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    counter = stage.world.counter()
    bill = stage.world.bill(counter)
    for name, who, path, size in (
        ("till", counter.cashier, f"{counter.path}?bill={bill.code}", TABLET),
        ("bill", PAYER, f"/b/{bill.code}", HANDSET),
        ("home", PAYER, "/", HANDSET),
    ):
        page = stage.page(who, viewport=size)
        page.goto(path)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


@contextmanager
def staged(playwright: Playwright) -> Iterator[Stage]:
    """Serve a demo federation of its own, and set the stage for it."""
    with tempfile.TemporaryDirectory(prefix="res-shots-") as folder:
        url = f"sqlite:///{folder}/wallet.sqlite3"
        with served(url, threads=24, patience=FILL_SECONDS) as port:
            engine = make_engine(url)
            world = World(f"http://localhost:{port}", Kit(engine, settings=Settings(url)), count(FIRST_NUMBER))
            browser = launch(playwright)
            try:
                yield Stage(playwright, browser, world, Path(folder))
            finally:
                browser.close()
                engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
