"""Votes meet each other and the close: a vote is counted or refused in words, and nobody has two."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.races.conftest import Meets
from tests.races.rush import rush
from tests.services.test_ballots import DAYS, asked, crowd, opened, town, vote
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import ballots, members, network
from wallet.store import ballots as rows
from wallet.store.engine import reading, write

__all__ = ["town"]

TRIALS, MOST_TRIALS = 4, 40
VOTERS, EACH, CLOSERS = 4, 5, 2
# So many votes are in before anybody closes: some will be counted, and most of the others come too late.
FIRST = 6
MARKED = sa.text(
    "SELECT p.handle FROM ballot_places b JOIN people p ON p.id = b.person_id WHERE b.ballot_id = :ballot AND b.voted"
)
PAPERS = sa.text("SELECT id, coop_id, choice FROM ballot_papers WHERE ballot_id = :ballot ORDER BY id")
COUNTED = sa.text("SELECT SUM(yes) FROM ballot_coops WHERE ballot_id = :ballot")
FILL = sa.text("UPDATE ballot_papers SET choice = 'yes' WHERE id = :paper")
MARK = sa.text(
    "UPDATE ballot_places SET voted = (1 = 1) WHERE ballot_id = :ballot"
    " AND person_id = (SELECT id FROM people WHERE handle = :who)"
)
COUNT = sa.text(
    "UPDATE ballot_coops SET outcome = 'failed', yes = :yes WHERE ballot_id = :ballot AND"
    " coop_id = (SELECT id FROM coops WHERE slug = 'clinic')"
)
EMPTY = sa.text("DELETE FROM ballot_papers WHERE ballot_id = :ballot")
WRITE = sa.text("INSERT INTO ballot_papers (id, ballot_id, coop_id, choice) VALUES (:id, :ballot, :coop_id, :choice)")


@dataclass
class Votes:
    """Let people say yes, and note who was told that it is cast and who that it is over."""

    kit: Kit
    number: int
    cast: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    some: threading.Event = field(default_factory=threading.Event)

    def by(self, people: list[str]) -> None:
        """Vote as each of these, one after another."""
        for who in people:
            try:
                vote(self.kit, self.number, "clinic", who)
            except Refusal as refusal:
                if refusal.code != "ballot_over":
                    raise
                self.over.append(who)
            else:
                self.cast.append(who)
            if len(self.cast) >= FIRST:
                self.some.set()

    def faults(self) -> list[str]:
        """List what does not fit to what the voters were told."""
        asked = {"ballot": self.number}
        with reading(self.kit.engine) as connection:
            marked = sorted(connection.execute(MARKED, asked).scalars())
            filled = sum(paper.choice is not None for paper in connection.execute(PAPERS, asked))
            counted = int(connection.execute(COUNTED, asked).scalar_one())
        told = {
            "marked": (marked, sorted(self.cast)),
            "filled": (filled, len(self.cast)),
            "counted": (counted, len(self.cast)),
        }
        return [f"{what}: {was}, told {said}" for what, (was, said) in told.items() if was != said]


def at(kit: Kit, now: datetime) -> Kit:
    """Give a kit whose clock stands."""
    return replace(kit, clock=lambda: now)


def test_a_vote_that_meets_the_close_is_counted_or_refused_and_never_lost(town: Kit, clock: Clock) -> None:
    people, over, trial = crowd(town, "clinic", VOTERS * EACH), 0, 0
    # Everybody may have voted before the close got its turn; then the next ballot tells.
    while trial < TRIALS or (trial < MOST_TRIALS and over == 0):
        number, end = opened(town, 100 + trial), clock() + DAYS
        votes, closes = Votes(at(town, end - timedelta(microseconds=1)), number), at(town, end)

        def close(votes: Votes = votes, closes: Kit = closes) -> None:
            assert votes.some.wait(60)
            ballots.close_due(closes)

        acts: list[Callable[[], None]] = [partial(votes.by, people[place::VOTERS]) for place in range(VOTERS)]
        rush([*acts, *[close] * CLOSERS])

        assert votes.faults() == []
        assert len(votes.cast) + len(votes.over) == len(people)
        over += len(votes.over)
        trial += 1
    assert over > 0, "no vote ever came too late"


def test_of_two_who_close_at_once_one_counts_and_everybody_is_told_once(town: Kit, clock: Clock) -> None:
    number = opened(town)
    closes = at(town, clock() + DAYS)

    met = rush([partial(write, town.engine, lambda one: rows.close_due(one, closes.clock()))] * 8)

    assert sorted(map(len, met.answers)) == [0] * 7 + [1]
    told = sa.text("SELECT COUNT(*) FROM notices WHERE kind = 'ballot_failed' AND link = :page")
    with reading(town.engine) as connection:
        assert connection.execute(told, {"page": f"/ballots/{number}"}).scalar_one() == 5


@pytest.mark.breaks_books
def test_a_close_that_counts_before_it_closes_is_caught_losing_a_vote(town: Kit, clock: Clock) -> None:
    """The control: between its count and its close somebody is told that their vote is cast."""
    number = opened(town)
    votes, has_counted, has_voted = Votes(town, number), threading.Event(), threading.Event()
    asked = {"ballot": number}

    def careless() -> None:
        with reading(town.engine) as connection:
            papers = [dict(row._mapping) | asked for row in connection.execute(PAPERS, asked)]
        has_counted.set()
        assert has_voted.wait(60)

        def close(connection: sa.Connection) -> None:
            connection.execute(sa.text("UPDATE ballots SET state = 'failed'"))
            connection.execute(COUNT, asked | {"yes": sum(paper["choice"] == "yes" for paper in papers)})
            connection.execute(EMPTY, asked)
            connection.execute(WRITE, papers)

        write(town.engine, close)

    def late() -> None:
        assert has_counted.wait(60)
        votes.by(["flo"])
        has_voted.set()

    rush([careless, late])

    assert votes.cast == ["flo"]
    assert [fault.partition(":")[0] for fault in votes.faults()] == ["filled", "counted"]


@pytest.mark.breaks_books
def test_votes_that_look_before_they_are_cast_are_caught_filling_many_papers(town: Kit) -> None:
    """The control: whoever looks first and fills afterwards votes as often as they press."""
    crowd(town, "clinic", 11)
    number = opened(town)
    all_have_looked = threading.Barrier(8)

    def careless(paper: str) -> None:
        with reading(town.engine) as connection:
            has_voted = "flo" in set(connection.execute(MARKED, {"ballot": number}).scalars())
        all_have_looked.wait(60)
        assert not has_voted

        def cast(connection: sa.Connection) -> None:
            connection.execute(MARK, {"ballot": number, "who": "flo"})
            connection.execute(FILL, {"paper": paper})

        write(town.engine, cast)

    with reading(town.engine) as connection:
        papers = [paper.id for paper in connection.execute(PAPERS, {"ballot": number})]
    acts: list[Callable[[], None]] = [partial(careless, paper) for paper in papers[:8]]
    rush(acts)

    with reading(town.engine) as connection:
        filled = sum(paper.choice is not None for paper in connection.execute(PAPERS, {"ballot": number}))
    assert filled == 8, "one is right"


@pytest.mark.parametrize("who", ["ben alone", "the bakery"])
@pytest.mark.parametrize("ballot_is_first", [True, False])
@pytest.mark.only_on("postgresql")
def test_who_leaves_while_a_ballot_opens_is_asked_for_no_vote(
    town: Kit, meets: Meets, ballot_is_first: bool, who: str
) -> None:
    found = ballots.propose(town, "flo", 156, "Late joiners wait long enough.", 30)
    opens = partial(ballots.agree, town, "eve", found)
    if who == "ben alone":
        leaves, last_step = partial(members.leave, town, "bakery", "ben"), "wallet.store.notices.ask_no_vote"
    else:
        leaves, last_step = partial(network.coop_leaves, town, "bakery"), "wallet.store.notices.ask_no_vote_at"
    if ballot_is_first:
        meets("wallet.domain.ballot.roll_digest", opens, leaves)
    else:
        meets(last_step, leaves, opens)

    still = {handle for handle, (is_over, _until) in asked(town).items() if not is_over}
    assert still == {"ana", "dee", "flo"} | ({"eve"} if who == "ben alone" else set())
