"""Verify counts a ballot once more, and names whatever of it was tampered with, on both databases."""

import pytest

from tests import cast
from tests.clock import Clock
from tests.services.test_ballots import opened, vote
from tests.tampering import found_in, told, untold
from wallet.kit import Kit
from wallet.services import ballots, members, network
from wallet.store.verify import ballots as asked

MILL = "(SELECT id FROM coops WHERE slug = 'mill')"
BALLOT, COOPS = "UPDATE ballots SET", "UPDATE ballot_coops SET"
PAPERS, PLACES = "UPDATE ballot_papers SET", "UPDATE ballot_places SET"

BAKERY = "(SELECT id FROM coops WHERE slug = 'bakery')"
CLINIC = "(SELECT id FROM coops WHERE slug = 'clinic')"
FIRST = "(SELECT MIN(id) FROM ballots)"
OFF_THE_ROLL = f"DELETE FROM ballot_coops WHERE coop_id = {MILL} AND ballot_id = {FIRST}"

# How each sentence of verify about a ballot begins, and what somebody with the database did of which it tells.
DEEDS: dict[str, tuple[str, ...]] = {
    "One person opened it alone.": (f"{BALLOT} opened_by = proposed_by", f"{BALLOT} opened_by = NULL"),
    "It was opened without an end, or has one and was not opened.": (
        f"{BALLOT} closes_at = NULL",
        f"{BALLOT} opened_at = NULL",
    ),
    "It has come to an end without having been opened.": (
        f"{BALLOT} state = 'passed', opened_at = NULL, closes_at = NULL, roll_hash = NULL, opened_by = NULL",
        f"{BALLOT} opened_at = NULL WHERE state = 'open'",
    ),
    "It is of a co-op that is not on the roll.": (
        f"{OFF_THE_ROLL};DELETE FROM ballot_papers WHERE coop_id = {MILL} AND ballot_id = {FIRST}",
        f"{OFF_THE_ROLL};DELETE FROM ballot_places WHERE coop_id = {MILL} AND ballot_id = {FIRST}",
    ),
    "No ballot changes": (f"{BALLOT} parameter = 'everything'",),
    "It would change": (f"{BALLOT} from_value = 120",),
    "The charter allows no": (f"{BALLOT} to_value = 0", f"{BALLOT} to_value = 1201"),
    "It was not open for": (
        f"{BALLOT} closes_at = closes_at - 1", f"{BALLOT} opened_at = opened_at + 1", f"{BALLOT} open_days = 7",
        # Beyond any calendar.
        f"{BALLOT} opened_at = -9000000000000000000",
        f"{BALLOT} closes_at = 9000000000000000000, state = 'passed', parameter = 'dividend_on'",
    ),
    "What it asks, its times or its roll": (
        f"{BALLOT} to_value = 360",
        f"{BALLOT} opened_at = opened_at + 1, closes_at = closes_at + 1",
        f"{PLACES} person_id = (SELECT id FROM people WHERE handle = 'cy') WHERE coop_id = {MILL} AND voted",
        f"{BALLOT} roll_hash = 'mine'",
    ),
    "2 eligible, 2 places, 3 papers.": (
        "INSERT INTO ballot_papers (id, ballot_id, coop_id, choice)"
        f" SELECT 'x', MIN(id), {MILL}, 'yes' FROM ballots",
    ),
    "2 eligible, 1 places, 2 papers.": (f"DELETE FROM ballot_places WHERE coop_id = {MILL} AND voted",),
    "1 eligible, 2 places, 2 papers.": (f"{COOPS} eligible = eligible - 1 WHERE coop_id = {MILL}",),
    "2 votes of 1 people.": (f"{PAPERS} choice = 'yes' WHERE choice IS NULL",),
    "0 votes of 1 people.": (f"{PAPERS} choice = NULL WHERE choice = 'no'",),
    "1 votes of 2 people.": (f"{PLACES} voted = (1 = 1)",),
    "It had not left when the ballot closed.": (f"{COOPS} outcome = 'left' WHERE coop_id = {MILL}",),
    "It had left when the ballot closed.": (
        "UPDATE coops SET status = 'left', left_at = (SELECT MIN(closes_at) - 60000001 FROM ballots)"
        f" WHERE id = {MILL}",
        f"UPDATE coops SET status = 'left', left_at = NULL WHERE id = {MILL}",
    ),
    "It comes to": (
        f"{COOPS} outcome = 'passed'",
        f"{COOPS} outcome = NULL",
        f"{COOPS} yes = yes + 1",
        f"{PAPERS} choice = 'yes' WHERE choice = 'no'",
        # Three quarters are enough for another sunset, and more than a half for all else.
        f"INSERT INTO ballot_papers (id, ballot_id, coop_id, choice) SELECT 'x', MIN(id), {BAKERY}, 'yes' FROM ballots;"
        f"{COOPS} eligible = 4, yes = 3, outcome = 'failed' WHERE coop_id = {BAKERY} AND ballot_id = {FIRST}",
        f"{BALLOT} parameter = 'floor_bp' WHERE id = {FIRST};"
        f"{COOPS} eligible = 3, outcome = 'failed' WHERE coop_id = {BAKERY} AND ballot_id = {FIRST}",
        # Nothing is told of a ballot while it is open.
        f"{COOPS} yes = 0 WHERE ballot_id <> {FIRST}",
    ),
    "It is called": (
        f"{BALLOT} state = 'passed'",
        # It needs every co-op for another sunset, and more than a half of them for all else.
        f"{BALLOT} parameter = 'floor_bp' WHERE id = {FIRST}",
        f"{BALLOT} parameter = 'floor_bp', state = 'passed' WHERE id = {FIRST};"
        f"{COOPS} outcome = 'left' WHERE coop_id = {CLINIC} AND ballot_id = {FIRST}",
        # A ballot of nobody is none that passed.
        f"{COOPS} outcome = 'left';{BALLOT} state = 'passed' WHERE state = 'failed'",
    ),
}  # fmt: skip


@pytest.fixture
def counted(kit: Kit, clock: Clock) -> Kit:
    """Give books with a ballot that failed, at the mill one said no and one nothing, and one that is open."""
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
    opened(kit)
    return kit


def test_every_tampering_with_a_ballot_is_told_in_each_of_its_sentences(counted: Kit) -> None:
    assert untold(counted, DEEDS) == []


def test_no_question_about_ballots_is_without_a_tampering() -> None:
    assert {question.sentence for question in asked.QUESTIONS} <= DEEDS.keys()


def test_a_co_op_that_came_back_after_a_ballot_had_left_when_it_closed(counted: Kit) -> None:
    came_back = (
        f"{COOPS} outcome = 'left' WHERE coop_id = {MILL} AND ballot_id = {FIRST};"
        f"UPDATE coop_terms SET from_at = (SELECT MIN(closes_at) + 1 FROM ballots) WHERE coop_id = {MILL}"
    )
    assert "It had not left when the ballot closed." not in told(counted, came_back)


@pytest.mark.parametrize("months", [1, 1200])
def test_the_least_and_the_most_that_the_charter_allows_may_be_asked(counted: Kit, months: int) -> None:
    said = told(counted, f"{BALLOT} to_value = {months}")
    assert [sentence for sentence in said if sentence.startswith("The charter allows no")] == []
