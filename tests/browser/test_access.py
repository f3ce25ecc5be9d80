"""Every screen is there, free of errors and of barriers, in light and dark, and fits 320 pixels."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.screens import SCREENS
from tests.browser.screens.screen import Cast, Screen, cast_for
from tests.browser.stage import PHONE, Stage
from tests.browser.world import World

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# All that the colours decide; the rest is the same in both schemes.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ALIKE = """() => {
    const does = new Map();
    const doing = ({ form, name, value, href, dataset }) => {
        if (!form) return href ?? dataset.act;
        const fields = [...form.elements].filter((field) => field.name !== "key");
        return `${form.action} ${name} ${value} ${fields.map((field) => field.value)}`;
    };
    for (const button of document.querySelectorAll("main button, main a.button")) {
        if (!button.checkVisibility()) continue;
        const about = document.getElementById(button.getAttribute("aria-describedby"))?.textContent ?? "";
        const said = `${button.ariaLabel ?? button.innerText} ${about}`.replace(/\\s+/g, " ").trim();
        does.set(said, (does.get(said) ?? new Set()).add(doing(button)));
    }
    return [...does].filter(([, what]) => what.size > 1).map(([said, what]) => `${said}: ${[...what].join(" or ")}`);
}"""
# Links that stand alone on their line, and are lower than a finger.
LOW = """() => [...document.querySelectorAll("main p > a")]
    .filter((link) => link.checkVisibility() && link.textContent.trim() === link.parentElement.textContent.trim())
    .filter((link) => link.getBoundingClientRect().height < 48)
    .map((link) => link.outerHTML)"""


@pytest.fixture(scope="module")
def cast(world: World) -> Iterator[Cast]:
    """Gather the cast once for all screens."""
    return cast_for(world)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_whole_without_barriers_and_fits_a_small_phone(stage: Stage, cast: Cast, screen: Screen) -> None:
    page = screen.opens(stage, cast)
    expect(page.locator("h1").first).to_contain_text(screen.heading)
    expect(page.locator(screen.action).first).to_be_visible()
    if screen.row:
        expect(page.locator(screen.row).first).to_be_visible()

    # Axe takes what the dock covers before one scrolls for out of reach: the window is as long as the page.
    page.set_viewport_size({**(page.viewport_size or PHONE), "height": long_as(page)})
    found = {"barriers": barriers(page)}
    page.set_viewport_size({"width": 320, "height": 640})
    found["wider than"] = [str(width)] if (width := width_of(page)) > 320 else []
    found["sound alike"] = alike(page)
    found["lower than a finger"] = list(page.evaluate(LOW))
    assert found == {"barriers": [], "wider than": [], "sound alike": [], "lower than a finger": []}


def barriers(page: Page) -> list[str]:
    """List what axe finds on the page in light and in dark."""
    # A page that is on its way is looked at in part, and without its styles.
    page.wait_for_load_state()
    found = []
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [
            f"{scheme}, {violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for violation in Axe().run(page, options=rules).response["violations"]
            for node in violation["nodes"]
        ]
    return found


def alike(page: Page) -> list[str]:
    """List what is said of several buttons that do different things, such as those of the rows of a list."""
    return list(page.evaluate(ALIKE))


def long_as(page: Page) -> int:
    """Measure how long the page is."""
    # A page that is on its way has nothing to scroll yet.
    page.wait_for_load_state()
    return int(page.evaluate("() => document.scrollingElement.scrollHeight"))


def width_of(page: Page) -> int:
    """Measure how wide the page is, whatever is in sight."""
    return int(page.evaluate("() => document.scrollingElement.scrollWidth"))


def test_the_way_to_a_shift_is_as_wide_as_a_finger_before_anything_is_sold(stage: Stage) -> None:
    till = stage.till(stage.world.counter())
    box = till.locator(".last-five .running").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48
