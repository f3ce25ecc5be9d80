"""Ballots on a member's phone: open, about to be cast, stored, and closed with a result."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.stage import Stage
from tests.browser.world import World
from tests.services.test_ballots import vote
from wallet.kit import Kit, system_clock
from wallet.services import ballots

REASON = "Whoever joins us now waits long enough until every hour counts the same."


def opened(world: World) -> int:
    """Open a ballot whose roll holds everybody who works somewhere now."""
    close(world)
    first, second = world.facilitator(), world.facilitator()
    number = ballots.propose(world.kit, first, 156, REASON, 30)
    ballots.agree(world.kit, second, number)
    return number


def close(world: World) -> None:
    """Let the time of any open ballot be over."""
    later = Kit(world.kit.engine, lambda: system_clock() + timedelta(days=31), world.kit.settings)
    ballots.close_due(later)


def asked(path: str = "") -> Callable[[Stage, object], Page]:
    """Look at an open ballot as somebody who has not voted yet."""

    def shown(stage: Stage, _cast: object) -> Page:
        voter = stage.world.member("Ana Moreau")
        number = opened(stage.world)
        vote_as_all(stage.world.kit, number, 2)
        page = stage.page(voter)
        page.goto(f"/ballots/{number}{path}" if path != "all" else "/ballots")
        return page

    return shown


def reminded(stage: Stage, _cast: object) -> Page:
    """Be told on one's home screen that a ballot is open."""
    voter = stage.world.member("Ana Moreau")
    opened(stage.world)
    page = stage.page(voter)
    page.goto("/")
    return page


def checked(stage: Stage, cast: object) -> Page:
    """Look at one's vote once more before it is cast."""
    page = asked()(stage, cast)
    page.locator('.choice input[value="yes"]').check()
    page.get_by_role("button", name="Check my vote").click()
    expect(page.get_by_role("heading", name="Check your vote")).to_be_visible()
    return page


def stored(stage: Stage, cast: object) -> Page:
    """Have just voted."""
    page = checked(stage, cast)
    page.get_by_role("button", name="Cast my vote: Yes").click()
    expect(page.get_by_role("heading", name="Your vote is stored")).to_be_visible()
    return page


def counted(stage: Stage, cast: object) -> Page:
    """Look at what came of a ballot."""
    page = stored(stage, cast)
    close(stage.world)
    page.goto(page.url.removesuffix("/stored"))
    return page


def vote_as_all(kit: Kit, number: int, most: int | None = None) -> None:
    """Let those of the roll who have not voted say yes, or only so many of them."""
    statement = (
        "SELECT p.handle, c.slug FROM ballot_places b JOIN coops c ON c.id = b.coop_id"
        f" JOIN people p ON p.id = b.person_id WHERE b.ballot_id = {number} AND NOT b.voted ORDER BY b.person_id"
    )
    with kit.engine.connect() as connection:
        waiting = connection.exec_driver_sql(statement).all()
    for row in waiting[:most]:
        vote(kit, number, row.slug, row.handle)
