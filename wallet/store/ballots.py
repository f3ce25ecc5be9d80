"""Ballots: proposing, opening with a frozen roll, casting onto a paper without a name, closing."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from wallet.domain import ballot
from wallet.domain.ballot import Majority
from wallet.domain.parameter import PARAMETERS
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import bulk, federation, notices
from wallet.store.tables import ballot_coops, ballot_papers, ballot_places, ballots, coops, own_set, people

PAPER_BYTES = 16
PLACE = ("ballot_id", "coop_id", "person_id", "voted")
PAPER = ("id", "ballot_id", "coop_id", "choice")

_at = ballots.c.closes_at.type
_now = sa.bindparam("now", type_=_at)
_this = ballots.c.id == sa.bindparam("of_ballot")
_insert = sa.insert(ballots).returning(ballots.c.id)
_find = sa.select(ballots).where(_this)
_places = sa.select(*(ballot_places.c[name] for name in PLACE))
_papers = sa.select(*(ballot_papers.c[name] for name in PAPER))
_withdraw = sa.update(ballots).where(_this, ballots.c.state == "proposed").values(state="withdrawn")
_withdraw_of = (
    sa.update(ballots)
    .where(ballots.c.state == "proposed", ballots.c.proposed_by == sa.bindparam("of_person"))
    .values(state="withdrawn")
    .returning(ballots.c.id)
)
_open = (
    sa.update(ballots)
    .where(_this, ballots.c.state == "proposed", ballots.c.proposed_by != sa.bindparam("to_person"))
    .values(
        state="open",
        opened_by=sa.bindparam("to_person"),
        opened_at=_now,
        closes_at=sa.bindparam("to_close", type_=_at),
        roll_hash=sa.bindparam("to_hash"),
    )
)
# A suspended co-op counts; who has left a co-op, or whose co-op has left, is not on the roll.
_roll = (
    sa.select(coops.c.id, coops.c.slug, people.c.id, people.c.handle)
    .select_from(own_set.join(coops, coops.c.id == own_set.c.coop_id).join(people, people.c.id == own_set.c.person_id))
    .where(own_set.c.is_member, coops.c.status != "left")
    .order_by(coops.c.id, people.c.id)
)
# Whoever casts holds the ballot open; who closes it waits for them, and they for who closes it.
_held = sa.select(ballots.c.id).where(_this, ballots.c.state == "open", ballots.c.closes_at > _now)
_held_open = _held.with_for_update(read=True)
_place = sa.and_(
    ballot_places.c.ballot_id == sa.bindparam("of_ballot"),
    ballot_places.c.coop_id == sa.bindparam("of_coop"),
    ballot_places.c.person_id == sa.bindparam("of_person"),
)
_has_voted = sa.select(ballot_places.c.voted).where(_place)
_mark = sa.update(ballot_places).where(_place, ~ballot_places.c.voted).values(voted=True)
# The free paper next after a random point, from the first one again after the last.
_point: sa.BindParameter[str] = sa.bindparam("point", type_=sa.Text)
_free = (
    sa.select(ballot_papers.c.id)
    .where(
        ballot_papers.c.ballot_id == sa.bindparam("of_ballot"),
        ballot_papers.c.coop_id == sa.bindparam("of_coop"),
        ballot_papers.c.choice.is_(None),
    )
    .order_by(sa.case((ballot_papers.c.id >= _point, 0), else_=1), ballot_papers.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_fill = (
    sa.update(ballot_papers)
    .where(ballot_papers.c.id == sa.bindparam("of_paper"), ballot_papers.c.choice.is_(None))
    .values(choice=sa.bindparam("to_choice"))
)
_due = (
    sa.select(ballots.c.id, ballots.c.parameter)
    .where(ballots.c.state == "open", ballots.c.closes_at <= _now)
    .order_by(ballots.c.id)
    .with_for_update()
)
_rolls = (
    sa.select(ballot_coops.c.coop_id, ballot_coops.c.eligible, coops.c.status)
    .join(coops, coops.c.id == ballot_coops.c.coop_id)
    .where(ballot_coops.c.ballot_id == sa.bindparam("of_ballot"))
    .order_by(ballot_coops.c.coop_id)
)
_count = (
    sa.update(ballot_coops)
    .where(ballot_coops.c.ballot_id == sa.bindparam("of_ballot"), ballot_coops.c.coop_id == sa.bindparam("of_coop"))
    .values(yes=sa.bindparam("to_yes"), outcome=sa.bindparam("to_outcome"))
)
_close = sa.update(ballots).where(_this, ballots.c.state == "open").values(state=sa.bindparam("to_state"))
_is_due = sa.select(ballots.c.id).where(ballots.c.state == "open", ballots.c.closes_at <= _now).limit(1)


@dataclass(frozen=True, slots=True)
class Ballot:
    """Hold a ballot; `proposed_by` is the key of a person, the instants are None before it is opened."""

    id: int
    parameter: str
    from_value: int
    to_value: int
    reason: str
    open_days: int
    state: str
    proposed_by: int
    proposed_at: datetime
    opened_at: datetime | None
    closes_at: datetime | None
    roll_hash: str | None

    @property
    def asks(self) -> str:
        """Give what is asked as it is hashed."""
        return f"{self.parameter} {self.from_value} {self.to_value}"


def page(ballot_id: int) -> str:
    """Name where a ballot that was proposed is opened."""
    return f"/federation/ballots#ballot-{ballot_id}"


def propose(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    """Keep a proposal; give its key.

    Raises: Refusal already_waiting, when another one stands.
    """
    try:
        with connection.begin_nested():
            return int(connection.execute(_insert, {"state": "proposed", **row}).scalar_one())
    except exc.IntegrityError:
        raise refuse("already_waiting") from None


def find(connection: sa.Connection, ballot_id: int) -> Ballot | None:
    """Give a ballot."""
    row = connection.execute(_find, {"of_ballot": ballot_id}).first()
    return None if row is None else read(row)


def read(row: Any) -> Ballot:
    """Read a row of `ballots`."""
    values = row._mapping
    return Ballot(**{name: values[name] for name in Ballot.__slots__})


def withdraw(connection: sa.Connection, ballot_id: int) -> bool:
    """Withdraw a ballot that is not open yet; tell whether it was one."""
    return connection.execute(_withdraw, {"of_ballot": ballot_id}).rowcount == 1


def withdraw_of(connection: sa.Connection, person_id: int) -> list[int]:
    """Withdraw what a person proposed and nobody has opened; give the keys."""
    return list(connection.execute(_withdraw_of, {"of_person": person_id}).scalars())


def open_with_roll(
    connection: sa.Connection, found: Ballot, person_id: int, now: datetime, closes_at: datetime
) -> bool:
    """Open a proposed ballot: freeze the roll, lay out a blank paper for each place; tell whether it waited.

    Everybody on the roll gets a notice.

    Raises: Refusal not_allowed, when nobody is there to be asked.
    Locks:  the federation, until commit: who leaves at this moment is on no roll, or is asked no more.
    """
    federation.lock(connection)
    places = connection.execute(_roll).all()
    if not places:
        raise refuse("not_allowed", _("There is no worker-member to ask yet. Nothing was changed."))
    digest = ballot.roll_digest(found.asks, now, closes_at, ((slug, handle) for _coop, slug, _id, handle in places))
    asked = {"of_ballot": found.id, "to_person": person_id, "now": now, "to_close": closes_at, "to_hash": digest}
    if connection.execute(_open, asked).rowcount != 1:
        return False
    eligible: dict[int, int] = defaultdict(int)
    for coop, _slug, _person, _handle in places:
        eligible[coop] += 1
    rolls = [{"ballot_id": found.id, "coop_id": coop, "eligible": count} for coop, count in eligible.items()]
    connection.execute(sa.insert(ballot_coops), rolls)
    of_people = ((found.id, coop, person, False) for coop, _slug, person, _handle in places)
    bulk.load(connection, ballot_places, PLACE, of_people)
    blank = ((secrets.token_hex(PAPER_BYTES), found.id, coop, None) for coop, *_rest in places)
    bulk.load(connection, ballot_papers, PAPER, sorted(blank, key=itemgetter(0)))
    notices.tell_of_ballot(connection, found.id, "ballot_open", now, closes_at)
    return True


def cast(connection: sa.Connection, ballot_id: int, coop_id: int, person_id: int, choice: str, now: datetime) -> None:
    """Mark a place as voted and fill a random free paper of its co-op; nothing says which.

    Raises: Refusal ballot_over, not_allowed without a place, vote_cast.
    Locks:  the ballot against its close, the place and the paper until commit.
    """
    if connection.execute(_held_open, {"of_ballot": ballot_id, "now": now}).first() is None:
        raise refuse("ballot_over")
    place = {"of_ballot": ballot_id, "of_coop": coop_id, "of_person": person_id}
    if connection.execute(_has_voted, place).first() is None:
        raise refuse("not_allowed")
    if connection.execute(_mark, place).rowcount != 1:
        raise refuse("vote_cast")
    asked = {"of_ballot": ballot_id, "of_coop": coop_id, "point": secrets.token_hex(PAPER_BYTES)}
    paper = connection.execute(_free, asked).scalar_one()
    filled = connection.execute(_fill, {"of_paper": paper, "to_choice": choice}).rowcount
    assert filled == 1, "a paper that is free and locked is filled"
    notices.ask_no_vote(connection, person_id, now)


def close_due(connection: sa.Connection, now: datetime) -> dict[int, str]:
    """Count and close every ballot whose time is over, and tell everybody on its roll; give what came of each.

    Locks:  each until commit.
    """
    return {
        ballot_id: _count_and_close(connection, ballot_id, PARAMETERS[parameter].majority, now)
        for ballot_id, parameter in connection.execute(_due, {"now": now}).all()
    }


def is_due(connection: sa.Connection, now: datetime) -> bool:
    """Tell whether a ballot's time is over that nobody has closed yet."""
    return connection.execute(_is_due, {"now": now}).first() is not None


def _count_and_close(connection: sa.Connection, ballot_id: int, majority: Majority, now: datetime) -> str:
    asked = {"of_ballot": ballot_id}
    of_this = ballot_papers.c.ballot_id == ballot_id
    papers = connection.execute(_papers.where(of_this).order_by(ballot_papers.c.id)).all()
    yes: dict[int, int] = defaultdict(int)
    for paper in papers:
        yes[paper.coop_id] += paper.choice == "yes"
    counts = []
    for coop, eligible, status in connection.execute(_rolls, asked).all():
        outcome = "left" if status == "left" else "passed" if majority.reached(yes[coop], eligible) else "failed"
        if outcome != "left":
            counts.append((yes[coop], eligible))
        connection.execute(_count, asked | {"of_coop": coop, "to_yes": yes[coop], "to_outcome": outcome})
    came = "passed" if majority.passed(counts) else "failed"
    connection.execute(_close, asked | {"to_state": came})
    _rewrite(connection, ballot_papers, ballot_id, PAPER, papers)
    of_these = ballot_places.c.ballot_id == ballot_id
    ordered = (ballot_places.c.coop_id, ballot_places.c.person_id)
    places = connection.execute(_places.where(of_these).order_by(*ordered)).all()
    _rewrite(connection, ballot_places, ballot_id, PLACE, places)
    notices.tell_of_ballot(connection, ballot_id, f"ballot_{came}", now)
    return came


def _rewrite(
    connection: sa.Connection, table: sa.Table, ballot_id: int, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows anew in their order: where a row lies and who wrote it last told which were written together."""
    connection.execute(sa.delete(table).where(table.c.ballot_id == ballot_id))
    bulk.load(connection, table, columns, rows)
