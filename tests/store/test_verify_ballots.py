"""Verify counts a ballot once more, and names whatever of it was tampered with, on both databases."""

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.services.test_ballots import opened, vote
from tests.tampering import found_in, unguarded
from wallet.kit import Kit
from wallet.services import ballots, members, network
from wallet.store import verify

MILL = "(SELECT id FROM coops WHERE slug = 'mill')"
BALLOT, COOPS = "UPDATE ballots SET", "UPDATE ballot_coops SET"
PAPERS, PLACES = "UPDATE ballot_papers SET", "UPDATE ballot_places SET"

# What somebody with the database did to a closed ballot, and the table by which it must be named.
TAMPERED: dict[str, tuple[str, str]] = {
    "another sunset": ("ballots", f"{BALLOT} to_value = 360"),
    "another sunset before": ("ballots", f"{BALLOT} from_value = 120"),
    "closed sooner": ("ballots", f"{BALLOT} closes_at = closes_at - 1"),
    "opened and closed at another time": ("ballots", f"{BALLOT} opened_at = opened_at + 1, closes_at = closes_at + 1"),
    "opened alone": ("ballots", f"{BALLOT} opened_by = proposed_by"),
    "called passed": ("ballots", f"{BALLOT} state = 'passed'"),
    "a ballot that was never opened": (
        "ballots", f"{BALLOT} state = 'passed', opened_at = NULL, closes_at = NULL, roll_hash = NULL, opened_by = NULL",
    ),
    "a lower threshold": ("ballot_coops", f"{COOPS} outcome = 'passed'"),
    "another count": ("ballot_coops", f"{COOPS} yes = yes + 1"),
    "a smaller roll": ("ballot_coops", f"{COOPS} eligible = eligible - 1 WHERE coop_id = {MILL}"),
    "a co-op that did not leave": ("ballot_coops", f"{COOPS} outcome = 'left' WHERE coop_id = {MILL}"),
    "a co-op off the roll": ("ballot_places", f"DELETE FROM ballot_coops WHERE coop_id = {MILL}"),
    "another person on the roll": (
        "ballots", f"{PLACES} person_id = (SELECT id FROM people WHERE handle = 'cy') WHERE coop_id = {MILL} AND voted",
    ),
    "a vote turned": ("ballot_coops", f"{PAPERS} choice = 'yes' WHERE choice = 'no'"),
    "a vote more": ("ballot_papers", f"{PAPERS} choice = 'yes' WHERE choice IS NULL"),
    "a vote taken out": ("ballot_papers", f"{PAPERS} choice = NULL WHERE choice = 'no'"),
    "a paper more": (
        "ballot_coops", f"INSERT INTO ballot_papers (id, ballot_id, coop_id, choice) SELECT 'x', MIN(id), {MILL}, 'yes'"
        " FROM ballots",
    ),
    "a person marked": ("ballot_papers", f"{PLACES} voted = (1 = 1)"),
}  # fmt: skip


@pytest.fixture
def counted(kit: Kit, clock: Clock) -> Kit:
    """Give books with a ballot that failed: at the mill one said no and one nothing."""
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    number = opened(kit)
    for coop, handle in (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo")):
        vote(kit, number, coop, handle)
    vote(kit, number, "mill", "ana", "no")
    assert found_in(kit).breaches == [], "an open ballot is sound"
    clock.advance(days=30)
    assert found_in(kit).breaches == [], "one that nobody has closed yet is, too"
    ballots.close_due(kit)
    return kit


def test_every_tampering_with_a_ballot_is_named(counted: Kit) -> None:
    assert found_in(counted).breaches == []
    unnamed = []
    for name, (table, statement) in TAMPERED.items():
        with unguarded(counted) as connection:
            assert connection.execute(sa.text(statement)).rowcount > 0, f"{name} touched nothing"
            breaches = verify.check(connection, counted.charter)
        if ("I12", table) not in {(breach.invariant, breach.table) for breach in breaches}:
            unnamed.append((name, [str(breach) for breach in breaches]))

    assert unnamed == []
    assert found_in(counted).breaches == [], "the tampering was not undone"
