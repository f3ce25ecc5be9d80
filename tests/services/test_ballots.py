"""Ballots: who is asked, once and in secret; what it takes in every co-op; and from when it holds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.races.rush import rush
from wallet.domain import ballot
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import ballots, dividends, histories, members, network
from wallet.store import ballots as rows
from wallet.store import charters, confinements, people, suspensions, tables
from wallet.store import coops as standing
from wallet.store.engine import reading, write
from wallet.store.passkeys import Proof
from wallet.store.tables import coops
from wallet.store.views import ballots as ballot_view

DAYS = timedelta(days=30)


@pytest.fixture
def town(kit: Kit) -> Kit:
    """Give the cast with a charter and two facilitators: Flo, and Eve of the bakery."""
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    return kit


def opened(kit: Kit, months: int = 156) -> int:
    """Open a ballot on another sunset."""
    found = ballots.propose(kit, "flo", months, "Late joiners wait long enough.", 30)
    ballots.agree(kit, "eve", found)
    return found


def vote(kit: Kit, number: int, coop: str, handle: str, choice: str = "yes") -> None:
    """Cast a vote as if a passkey had answered: the answer itself is tried in tests/web."""

    def work(connection: sa.Connection) -> None:
        place = connection.execute(sa.select(coops.c.id).where(coops.c.slug == coop)).scalar_one()
        rows.cast(connection, number, place, people.holder(connection, handle).id, choice, kit.clock())

    write(kit.engine, work, keyed=False)


def closed(kit: Kit, clock: Clock, number: int) -> tuple[str, dict[str, tuple[int | None, str | None]]]:
    """Let the time be over and look: the ballot's state, and yes and outcome of each co-op."""
    clock.advance(days=30)
    ballots.close_due(kit)
    with reading(kit.engine) as connection:
        found = rows.find(connection, number)
        assert found is not None
        rolls = ballot_view.rolls(connection, number)
    return found.state, {roll.slug: (roll.yes, roll.outcome) for roll in rolls}


def told(kit: Kit, kind: str) -> list[tuple[str, str]]:
    """List who was told so of a ballot, and the page to which it leads."""
    statement = "SELECT p.handle, n.link FROM notices n JOIN people p ON p.id = n.person_id WHERE n.kind = :kind"
    with reading(kit.engine) as connection:
        return sorted(tuple(row) for row in connection.execute(sa.text(statement), {"kind": kind}))  # type: ignore[misc]


def asked(kit: Kit) -> dict[str, tuple[bool, datetime | None]]:
    """Tell of everybody who was asked to vote whether that is over, and until when they are or were asked."""
    statement = sa.select(tables.people.c.handle, tables.notices.c.until_at).where(
        tables.notices.c.person_id == tables.people.c.id, tables.notices.c.kind == "ballot_open"
    )
    with reading(kit.engine) as connection:
        return {handle: (until <= kit.clock(), until) for handle, until in connection.execute(statement)}


def crowd(kit: Kit, coop: str, count: int) -> list[str]:
    """Let so many more work at a co-op."""
    handles = [f"{coop}-{number}" for number in range(count)]
    for handle in handles:
        members.join(kit, coop, handle)
    return handles


def many(kit: Kit, coop: str, count: int) -> None:
    """Let so many work at a co-op, quicker than one by one."""
    with kit.engine.connect() as connection:
        place = connection.execute(sa.select(coops.c.id).where(coops.c.slug == coop)).scalar_one()
    since = kit.clock()

    def work(connection: sa.Connection) -> None:
        rows = [{"handle": f"n{n}", "name": f"N{n}", "counter_name": f"N{n}", "joined_at": since} for n in range(count)]
        connection.execute(sa.insert(tables.people), rows)
        new = sa.select(tables.people.c.id, sa.literal(place)).where(tables.people.c.handle.like("n%"))
        connection.execute(
            sa.insert(tables.own_set).from_select(["person_id", "coop_id", "is_member"], new.add_columns(sa.true()))
        )
        since_then = new.add_columns(sa.literal(since, tables.member_terms.c.from_at.type))
        connection.execute(sa.insert(tables.member_terms).from_select(["person_id", "coop_id", "from_at"], since_then))

    write(kit.engine, work, keyed=False)


def fill(kit: Kit, number: int, coop: str, count: int) -> None:
    """Have so many said yes at a co-op, quicker than one by one."""
    of = f"ballot_id = {number} AND coop_id = (SELECT id FROM coops WHERE slug = '{coop}')"
    with kit.engine.begin() as connection:
        for change, key in (("places SET voted = (1 = 1)", "person_id"), ("papers SET choice = 'yes'", "id")):
            some = f"SELECT {key} FROM ballot_{change.split()[0]} WHERE {of} ORDER BY {key} LIMIT {count}"
            connection.execute(sa.text(f"UPDATE ballot_{change} WHERE {of} AND {key} IN ({some})"))


def test_the_yes_that_are_needed_are_those_of_the_rule() -> None:
    assert {n: ballot.EVERY.needed(n) for n in (1, 2, 4, 5, 6, 7, 10, 12, 25, 400)} == {
        1: 1, 2: 2, 4: 3, 5: 4, 6: 5, 7: 6, 10: 8, 12: 9, 25: 19, 400: 300,
    }  # fmt: skip
    for eligible in range(1, 500):
        needed = ballot.EVERY.needed(eligible)
        assert [ballot.EVERY.reached(yes, eligible) for yes in (needed - 1, needed)] == [False, True]
    assert (ballot.EVERY.reached(299, 400), ballot.EVERY.reached(300, 400)) == (False, True)
    assert not ballot.EVERY.passed([]), "when every co-op has left nothing is decided"
    assert not ballot.EVERY.passed([(4, 4), (4, 4), (4, 4), (4, 4), (7, 10)])


def test_a_ballot_takes_two_facilitators_and_one_stands_at_a_time(town: Kit) -> None:
    number = ballots.propose(town, "flo", 156, "Sooner.", 30)

    with pytest.raises(Refusal, match="second_person"):
        ballots.agree(town, "flo", number)
    with pytest.raises(Refusal, match="not_allowed"):
        ballots.agree(town, "ben", number)
    with pytest.raises(Refusal, match="already_waiting"):
        ballots.propose(town, "eve", 120, "Much sooner.", 30)
    for months, days in ((180, 30), (0, 30), (1_201, 30), (156, 29), (156, 366)):
        with pytest.raises(Refusal, match="bad_form"):
            ballots.propose(town, "eve", months, "?", days)
    ballots.agree(town, "eve", number)
    with pytest.raises(Refusal, match="already_decided"):
        ballots.withdraw(town, "flo", number)


def test_it_passes_in_every_co_op_or_not_at_all(town: Kit, clock: Clock) -> None:
    crowd(town, "mill", 2)
    number = opened(town)
    for coop, handle in (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo"), ("mill", "ana"), ("mill", "dee")):
        vote(town, number, coop, handle)
    vote(town, number, "mill", "mill-0")

    assert closed(town, clock, number) == (
        "passed",
        {"bakery": (2, "passed"), "clinic": (1, "passed"), "mill": (3, "passed")},
    )


@pytest.mark.parametrize(
    ("votes", "ends"),
    [
        ({"ana": "yes", "dee": "yes", "mill-0": "blank"}, "failed"),
        ({"ana": "yes", "dee": "yes", "mill-0": "no", "mill-1": "yes"}, "passed"),
        ({}, "failed"),
    ],
)
def test_blank_no_and_silence_all_count_as_no(town: Kit, clock: Clock, votes: dict[str, str], ends: str) -> None:
    crowd(town, "mill", 2)
    number = opened(town)
    for coop, handle in (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo")):
        vote(town, number, coop, handle)
    for handle, choice in votes.items():
        vote(town, number, "mill", handle, choice)

    state, each = closed(town, clock, number)
    assert (state, each["mill"][1]) == (ends, ends)


def test_299_of_400_in_one_of_five_co_ops_keep_the_day_and_300_move_it(town: Kit, clock: Clock) -> None:
    for slug in ("hall", "yard"):
        network.admit_coop(town, slug, 0)
    members.join(town, "yard", "gus")
    many(town, "hall", 399)
    members.join(town, "hall", "ida")
    for yes, ends in ((299, "failed"), (300, "passed")):
        number = opened(town)
        for handle, coop in (cast.WORKERS | {"gus": "yard"}).items():
            vote(town, number, coop, handle)
        fill(town, number, "hall", yes - 1)
        vote(town, number, "hall", "ida")

        state, each = closed(town, clock, number)
        assert (state, each.pop("hall")) == (ends, (yes, ends))
        assert {outcome for _yes, outcome in each.values()} == {"passed"}


def test_who_works_at_two_votes_twice_and_nobody_twice_in_one(town: Kit, clock: Clock) -> None:
    members.join(town, "clinic", "ana")
    number = opened(town)
    members.join(town, "mill", "ben")
    vote(town, number, "mill", "ana")
    vote(town, number, "clinic", "ana", "no")

    with pytest.raises(Refusal, match="vote_cast"):
        vote(town, number, "mill", "ana", "no")
    with pytest.raises(Refusal, match="not_allowed"):
        vote(town, number, "mill", "ben")
    clock.advance(days=30)
    with pytest.raises(Refusal, match="ballot_over"):
        vote(town, number, "mill", "dee")


def test_who_left_may_not_vote_there_and_their_place_stays(town: Kit, clock: Clock) -> None:
    number = opened(town)
    members.leave(town, "mill", "dee")
    with reading(town.engine) as connection:
        dee = people.holder(connection, "dee").id
        assert [place.stands for place in ballot_view.places(connection, number, dee)] == [False]
        assert ballot_view.waiting_for(connection, dee, town.clock()) == []
    answer = Proof({}, "", town.site)
    with pytest.raises(Refusal, match="not_allowed"):
        ballots.cast(town, number, "mill", dee, "yes", answer)
    for coop, handle in (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo"), ("mill", "ana")):
        vote(town, number, coop, handle)

    assert closed(town, clock, number)[1]["mill"] == (1, "failed")


def test_who_left_before_a_ballot_opens_has_no_place_on_its_roll(town: Kit, clock: Clock) -> None:
    members.leave(town, "mill", "dee")
    number = opened(town)
    with pytest.raises(Refusal, match="not_allowed"):
        vote(town, number, "mill", "dee")
    vote(town, number, "mill", "ana")

    assert closed(town, clock, number)[1]["mill"] == (1, "passed")


@pytest.mark.parametrize("choice", ["maybe", "", "YES"])
def test_a_vote_is_yes_no_or_blank(town: Kit, choice: str) -> None:
    number = opened(town)
    with reading(town.engine) as connection:
        dee = people.holder(connection, "dee").id
    with pytest.raises(Refusal, match="bad_form"):
        ballots.cast(town, number, "mill", dee, choice, Proof({}, "", town.site))


def test_a_vote_without_a_passkey_is_no_vote_outside_the_demo(town: Kit) -> None:
    number = opened(town)
    with reading(town.engine) as connection:
        dee = people.holder(connection, "dee").id

    with pytest.raises(Refusal, match="step_up_required"):
        ballots.cast(town, number, "mill", dee, "yes", None)


def test_a_co_op_that_leaves_drops_out_and_a_suspended_one_counts(town: Kit, clock: Clock) -> None:
    with town.engine.begin() as connection:
        bakery = standing.known(connection, "bakery")
        suspensions.begin(connection, bakery.id, bakery.account_id, "Its books are open.", town.clock())
    number = opened(town)
    network.coop_leaves(town, "mill")
    vote(town, number, "clinic", "flo")
    demo = replace(town, settings=replace(town.settings, demo=True))
    with reading(town.engine) as connection:
        ben, ana = (people.holder(connection, handle).id for handle in ("ben", "ana"))
    ballots.cast(demo, number, "bakery", ben, "yes", None)
    with pytest.raises(Refusal, match="not_allowed"):
        ballots.cast(demo, number, "mill", ana, "yes", None)

    state, each = closed(town, clock, number)
    assert (state, each["mill"][1], each["bakery"]) == ("failed", "left", (1, "failed"))


def test_a_co_op_that_leaves_after_the_end_is_counted(town: Kit, clock: Clock) -> None:
    number = opened(town)
    clock.advance(days=31)
    network.coop_leaves(town, "mill")

    with reading(town.engine) as connection:
        assert {roll.slug: roll.outcome for roll in ballot_view.rolls(connection, number)}["mill"] == "failed"


def test_of_many_votes_of_one_person_at_once_one_is_cast_and_all_of_many_people_are(town: Kit, clock: Clock) -> None:
    handles = crowd(town, "clinic", 11)
    number = opened(town)
    met = rush([lambda: vote(town, number, "clinic", "flo") for _ in range(12)])
    assert (len(met.answers), met.refused) == (1, {"vote_cast": 11})
    everybody: list[Callable[[], None]] = [lambda who=who: vote(town, number, "clinic", who) for who in handles]  # type: ignore[misc]
    assert len(rush(everybody).answers) == 11

    assert closed(town, clock, number)[1]["clinic"] == (12, "passed")


def test_everybody_on_the_roll_is_told_once_that_it_opens_and_once_what_came_of_it(town: Kit, clock: Clock) -> None:
    members.join(town, "clinic", "ana")
    number = ballots.propose(town, "flo", 156, "Sooner.", 30)
    assert told(town, "ballot_open") == []
    ballots.agree(town, "eve", number)
    everybody = [(handle, f"/ballots/{number}") for handle in ("ana", "ben", "dee", "eve", "flo")]
    assert told(town, "ballot_open") == everybody
    members.join(town, "mill", "cy")
    vote(town, number, "mill", "ana")
    app = create_app(town.settings, engine=town.engine, clock=clock)

    def closes() -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["ballots"])
        return done.exit_code, done.output

    clock.advance(days=30, seconds=-1)
    assert closes() == (0, "No ballot is over.\n")
    assert told(town, "ballot_failed") == []
    clock.advance(seconds=1)
    assert closes() == (0, f"Ballot {number} did not pass.\n")
    assert closes() == (0, "No ballot is over.\n")
    assert told(town, "ballot_failed") == everybody
    assert told(town, "ballot_passed") == []


def test_a_passed_change_starts_with_the_next_period_and_the_past_stays(town: Kit, clock: Clock) -> None:
    histories.sell(town, "bakery", "ana", 180_00, 0, key="Ana's bread")
    histories.fund(town, "mill", 900_00, key="pool")

    def paid(ends_on: date) -> tuple[int, int]:
        number = dividends.draft(town, "flo", ends_on, 100_00)
        dividends.approve(town, "eve", number)
        clock.advance(days=7)
        dividends.post(town)
        with reading(town.engine) as connection:
            row = connection.execute(sa.text(f"SELECT months, sunset_months FROM dividend_runs WHERE id = {number}"))
            return tuple(row.one())  # type: ignore[return-value]

    number = opened(town, 60)
    for coop, handle in (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo"), ("mill", "ana"), ("mill", "dee")):
        vote(town, number, coop, handle)
    closed(town, clock, number)
    clock.set(datetime(2027, 1, 20, tzinfo=UTC))
    assert paid(date(2027, 1, 1)) == (12, 180), "the period in which it closed goes by what stood before"
    before = _lines(town)
    clock.set(datetime(2028, 1, 20, tzinfo=UTC))
    assert paid(date(2028, 1, 1)) == (24, 60)
    assert _lines(town)[: len(before)] == before, "past payouts never change"
    with reading(town.engine) as connection:
        hand = charters.in_hand(connection, town.charter, town.clock())
    assert hand is not None
    assert (hand.charter.sunset_months, hand.history.latest.sunset_months) == (60, 60)


def _lines(kit: Kit) -> list[tuple[object, ...]]:
    with reading(kit.engine) as connection:
        found = connection.execute(sa.text("SELECT * FROM dividend_lines ORDER BY run_id, person_id"))
        return [tuple(row) for row in found]


@pytest.mark.parametrize(("day", "refused"), [(20, True), (26, True), (27, False), (28, False)])
def test_who_came_back_in_person_votes_after_their_three_days_unless_the_ballot_is_over_by_then(
    town: Kit, clock: Clock, day: int, refused: bool
) -> None:
    demo = replace(town, settings=replace(town.settings, demo=True))
    number = opened(town)
    clock.advance(days=day)
    with reading(town.engine) as connection:
        ana = people.holder(connection, "ana").id
    write(town.engine, lambda connection: confinements.confine(connection, ana, clock()))

    if refused:
        with pytest.raises(Refusal, match="confined"):
            ballots.cast(demo, number, "mill", ana, "yes", None)
        clock.advance(days=3)

    ballots.cast(demo, number, "mill", ana, "yes", None)


def test_a_vote_is_asked_for_until_it_is_cast_everywhere_and_nothing_tells_when_it_was(town: Kit, clock: Clock) -> None:
    members.join(town, "clinic", "ana")
    number, since = opened(town), clock()
    clock.advance(days=1)
    vote(town, number, "clinic", "ana")
    vote(town, number, "mill", "dee", "no")

    assert asked(town)["ana"] == (False, since + DAYS), "she has a second place"
    assert asked(town)["dee"] == (True, since)
    vote(town, number, "mill", "ana")
    assert asked(town) == {
        "ana": (True, since), "ben": (False, since + DAYS), "dee": (True, since), "eve": (False, since + DAYS),
        "flo": (False, since + DAYS),
    }  # fmt: skip


def test_whoever_may_not_vote_any_more_is_asked_no_more(town: Kit) -> None:
    members.join(town, "clinic", "ana")
    members.join(town, "clinic", "eve")
    opened(town)
    members.leave(town, "mill", "dee")
    members.leave(town, "mill", "ana")
    network.coop_leaves(town, "bakery")

    assert {handle: over for handle, (over, _until) in asked(town).items()} == {
        "ana": False, "ben": True, "dee": True, "eve": False, "flo": False,
    }  # fmt: skip


@pytest.mark.parametrize(("what", "outcome"), [("leaves", "failed"), ("comes back", "left")])
def test_a_co_op_that_leaves_or_comes_back_in_the_instant_a_ballot_ends_stood_as_before(
    town: Kit, clock: Clock, what: str, outcome: str
) -> None:
    number, ends = opened(town), clock.now + DAYS
    if what == "comes back":
        network.coop_leaves(town, "mill")
    clock.set(ends)
    if what == "comes back":
        network.admit_coop(town, "mill", 10)
    else:
        network.coop_leaves(town, "mill")
    ballots.close_due(town)

    with reading(town.engine) as connection:
        assert {roll.slug: roll.outcome for roll in ballot_view.rolls(connection, number)}["mill"] == outcome
