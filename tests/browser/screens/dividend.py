"""The dividend, its pool and its rule."""

from playwright.sync_api import Page

from tests.browser.screens.screen import Cast, Screen, at
from tests.browser.stage import Stage


def dividend(stage: Stage, cast: Cast) -> Page:
    """Have been paid a dividend, and look at the statement."""
    run = stage.world.dividend(cast.payer)
    return at(f"/dividend/{run}")(stage, cast)


def whole(stage: Stage, cast: Cast) -> Page:
    """Have been paid a dividend, and look at it as a whole."""
    run = stage.world.dividend(cast.payer)
    return at(f"/dividend/{run}/whole")(stage, cast)


SCREENS = (
    Screen("dividend", at("/dividend"), "Dividend", "a.row", "dl.facts div"),
    Screen("dividend-new", at("/dividend", "newcomer"), "Dividend", "a.row", "dl.facts div"),
    Screen("dividend-statement", dividend, "Dividend", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-whole", whole, "as a whole", "a.row", "dl.facts div"),
    Screen("dividend-basis", at("/dividend/basis"), "Behind your basis", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-pool", at("/dividend/pool"), "The pool", ".topbar .icon-button", "ul.rows li"),
    Screen("dividend-pyramid", at("/dividend/pyramid"), "Is this a pyramid?", ".topbar .icon-button", "dl.facts div"),
    Screen("dividend-rule", at("/dividend/rule"), "The rule of the dividend", ".topbar .icon-button", "dl.facts div"),
)
