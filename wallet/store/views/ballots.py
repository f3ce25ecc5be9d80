"""Ballots as pages show them: what is asked, who is on the roll, who has voted, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import ballot
from wallet.domain.parameter import PARAMETERS
from wallet.store.ballots import Ballot, read
from wallet.store.tables import ballot_coops, ballot_places, ballots, coops, own_set, people

_all = (
    sa.select(ballots)
    .where(ballots.c.state.in_(["open", "passed", "failed"]))
    .order_by(ballots.c.opened_at.desc(), ballots.c.id.desc())
)
_standing = sa.select(ballots).where(ballots.c.state == "proposed").order_by(ballots.c.id)
_of_ballot: sa.BindParameter[int] = sa.bindparam("of_ballot", type_=sa.BigInteger)
_voted = sa.func.sum(sa.cast(ballot_places.c.voted, sa.Integer)).label("voted")
_rolls = (
    sa.select(
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        ballot_coops.c.eligible,
        _voted,
        ballot_coops.c.yes,
        ballot_coops.c.outcome,
        ballots.c.parameter,
    )
    .select_from(
        ballot_coops.join(ballots, ballots.c.id == ballot_coops.c.ballot_id)
        .join(coops, coops.c.id == ballot_coops.c.coop_id)
        .join(
            ballot_places,
            sa.and_(
                ballot_places.c.ballot_id == ballot_coops.c.ballot_id, ballot_places.c.coop_id == ballot_coops.c.coop_id
            ),
        )
    )
    .where(ballot_coops.c.ballot_id == _of_ballot)
    .group_by(
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        ballot_coops.c.eligible,
        ballot_coops.c.yes,
        ballot_coops.c.outcome,
        ballots.c.parameter,
    )
    .order_by(coops.c.name)
)
_on_roll = (
    sa.select(coops.c.slug, people.c.name, people.c.handle, ballot_places.c.voted)
    .select_from(
        ballot_places.join(coops, coops.c.id == ballot_places.c.coop_id).join(
            people, people.c.id == ballot_places.c.person_id
        )
    )
    .where(ballot_places.c.ballot_id == _of_ballot)
    .order_by(coops.c.name, people.c.name, people.c.handle)
)
_mine = (
    sa.select(
        ballots.c.id,
        coops.c.slug,
        coops.c.name,
        ballot_places.c.voted,
        ballots.c.closes_at,
        sa.and_(sa.func.coalesce(own_set.c.is_member, sa.false()), coops.c.status != "left").label("stands"),
        (coops.c.status == "left").label("coop_left"),
    )
    .select_from(
        ballot_places.join(ballots, ballots.c.id == ballot_places.c.ballot_id)
        .join(coops, coops.c.id == ballot_places.c.coop_id)
        .outerjoin(
            own_set,
            sa.and_(own_set.c.person_id == ballot_places.c.person_id, own_set.c.coop_id == ballot_places.c.coop_id),
        )
    )
    .where(ballot_places.c.person_id == sa.bindparam("of_person"))
    .order_by(coops.c.name)
)
_open_ones = _mine.where(
    ballots.c.state == "open", ballots.c.closes_at > sa.bindparam("now", type_=ballots.c.closes_at.type)
)
_of_this = _mine.where(ballots.c.id == _of_ballot)


@dataclass(frozen=True, slots=True)
class Roll:
    """Hold a co-op on the roll: how many are on it, how many have voted, and, once closed, yes and outcome."""

    slug: str
    name: str
    mark: str
    eligible: int
    voted: int
    yes: int | None
    outcome: str | None
    parameter: str

    @property
    def needed(self) -> int:
        """Give the yes that it takes."""
        return PARAMETERS[self.parameter].majority.needed(self.eligible)

    @property
    def is_counted(self) -> bool:
        """Tell whether the group is large enough for its counts to be shown."""
        return self.eligible >= ballot.COUNTED_FROM


@dataclass(frozen=True, slots=True)
class RollPlace:
    """Hold a place of the viewer on the roll: whether they may still vote there, and whether that co-op has left."""

    ballot: int
    slug: str
    name: str
    voted: bool
    closes_at: datetime
    stands: bool
    coop_left: bool


def opened(connection: sa.Connection) -> list[Ballot]:
    """List the ballots that were opened, the newest first."""
    return [read(row) for row in connection.execute(_all)]


def proposed(connection: sa.Connection) -> list[Ballot]:
    """List the ballots that wait for a second facilitator."""
    return [read(row) for row in connection.execute(_standing)]


def rolls(connection: sa.Connection, ballot_id: int) -> list[Roll]:
    """List the co-ops on the roll."""
    return [Roll(*row) for row in connection.execute(_rolls, {"of_ballot": ballot_id})]


def people_on(
    connection: sa.Connection, ballot_id: int, coop: str | None = None
) -> dict[str, list[tuple[str, str, bool]]]:
    """Give the names and handles on the roll, of one `coop` or of all, with whether they have voted, by co-op."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    on_roll = _on_roll if coop is None else _on_roll.where(coops.c.slug == coop)
    for slug, name, handle, voted in connection.execute(on_roll, {"of_ballot": ballot_id}):
        found.setdefault(slug, []).append((name, handle, bool(voted)))
    return found


def places(connection: sa.Connection, ballot_id: int, person_id: int) -> list[RollPlace]:
    """List the places of a person on a roll."""
    asked = {"of_ballot": ballot_id, "of_person": person_id}
    return [_place(row) for row in connection.execute(_of_this, asked)]


def waiting_for(connection: sa.Connection, person_id: int, now: datetime) -> list[RollPlace]:
    """List where a person may vote and has not."""
    found = [_place(row) for row in connection.execute(_open_ones, {"of_person": person_id, "now": now})]
    return [place for place in found if place.stands and not place.voted]


def _place(row: Any) -> RollPlace:
    number, slug, name, voted, closes_at, stands, coop_left = row
    return RollPlace(number, slug, name, bool(voted), closes_at, bool(stands), bool(coop_left))
