"""Ballots on a member's phone: open, about to be cast, stored, and closed with a result."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests.browser.stage import Stage
from tests.browser.world import World
from tests.services.test_ballots import vote
from wallet.domain.parameter import DIVIDEND, SUNSET
from wallet.kit import Kit, system_clock
from wallet.services import ballots
from wallet.store import ballots as rows
from wallet.store import people
from wallet.store.engine import reading, write
from wallet.store.tables import ballot_places
from wallet.store.views import ballots as ballot_view

PLACES = ballot_places.c
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
REASON = "Whoever joins us now waits long enough until every hour counts the same."


def opened(world: World, value: int = 156, parameter: str = SUNSET) -> int:
    """Open a ballot whose roll holds everybody who works somewhere now."""
    number = proposed(world, value, parameter)
    ballots.agree(world.kit, world.facilitator(), number)
    return number


def proposed(world: World, value: int, parameter: str) -> int:
    """Propose a ballot, once no other one stands."""
    close(world)
    # It takes two to be there.
    first, _second = world.facilitator(), world.facilitator()
    with reading(world.kit.engine) as connection:
        waiting = ballot_view.proposed(connection)
    for one in waiting:
        ballots.withdraw(world.kit, first, one.id)
    return ballots.propose(world.kit, first, value, REASON, 30, parameter=parameter)


def close(world: World) -> None:
    """Let the time of any open ballot be over."""
    later = Kit(world.kit.engine, lambda: system_clock() + timedelta(days=31), world.kit.settings)
    ballots.close_due(later)


def switched(world: World, *, on: bool) -> None:
    """Have switched the dividend off or on by a ballot of years ago in which everybody said yes."""
    kit, at = world.kit, LONG_AGO + timedelta(hours=next(world.numbers))
    makers = [world.facilitator() for _ in range(2)]

    def passed(connection: sa.Connection) -> None:
        first, second = (people.holder(connection, handle).id for handle in makers)
        asks = {"parameter": DIVIDEND, "from_value": int(not on), "to_value": int(on), "reason": REASON}
        number = rows.propose(connection, asks | {"open_days": 30, "proposed_by": first, "proposed_at": at})
        found = rows.find(connection, number)
        assert found is not None
        assert rows.open_with_roll(connection, found, second, at, at + timedelta(days=30))
        for coop, person in connection.execute(
            sa.select(PLACES.coop_id, PLACES.person_id).where(PLACES.ballot_id == number)
        ):
            rows.cast(connection, number, coop, person, "yes", at)
        rows.close_due(connection, at + timedelta(days=30))

    write(kit.engine, passed, keyed=False)


def without_dividend(path: str, who: Callable[[World], str]) -> Callable[[Stage, object], Page]:
    """Look at a page while there is no dividend; for whoever comes later it is on again."""

    def shown(stage: Stage, _cast: object) -> Page:
        switched(stage.world, on=False)
        page = stage.page(who(stage.world))
        page.goto(path)
        switched(stage.world, on=True)
        return page

    return shown


def at_the_desk(path: str) -> Callable[[Stage, object], Page]:
    """Look at the facilitators' ballots while one waits for a second person."""

    def shown(stage: Stage, _cast: object) -> Page:
        proposed(stage.world, 1_500, "floor_bp")
        page = stage.page(stage.world.facilitator())
        page.goto(path)
        return page

    return shown


def of_the_charter(stage: Stage, _cast: object) -> Page:
    """Look at an open ballot on the least pay share."""
    voter = stage.world.member("Ana Moreau")
    number = opened(stage.world, 1_500, "floor_bp")
    page = stage.page(voter)
    page.goto(f"/ballots/{number}")
    return page


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
