"""Verify works a dividend out again, and names whatever of it was tampered with, on both databases."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.tampering import found_in, told, untold
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network
from wallet.store.verify import dividends as asked

ANA = "(SELECT id FROM people WHERE handle = 'ana')"
DEE = "(SELECT id FROM people WHERE handle = 'dee')"
FIRST = "(SELECT MIN(id) FROM dividend_runs)"
PAID = "(SELECT MIN(id) FROM transfers WHERE kind = 'dividend')"

RUNS, LINES = "UPDATE dividend_runs SET", "UPDATE dividend_lines SET"
PAY, KEYS = "UPDATE transfers SET", "UPDATE keys SET"
OF_FIRST = f"made = (SELECT label FROM dividend_runs WHERE id = {FIRST})"

# How each sentence of verify about a dividend begins, and what somebody with the database did of which it tells.
DEEDS: dict[str, tuple[str, ...]] = {
    "It is a dividend that no posted run gives.": (
        f"{PAY} ref = 'MINE' WHERE id = {PAID}",
        f"DELETE FROM dividend_lines WHERE person_id = {ANA}",
        f"{RUNS} state = 'withdrawn'",
    ),
    "It is not paid by a dividend of its sum to its member at its run's time.": (
        f"{PAY} amount_minor = amount_minor + 1 WHERE id = {PAID}",
        f"{PAY} credit_id = (SELECT account_id FROM people WHERE handle = 'cy') WHERE id = {PAID}",
        f"{PAY} at = at + 1 WHERE id = {PAID}",
        f"{PAY} kind = 'gift' WHERE id = {PAID}",
        f"{PAY} ref = 'MINE' WHERE id = {PAID}",
    ),
    "It is paid, and its run is not posted.": (f"{RUNS} state = 'withdrawn'",),
    "It was posted without a second person.": (
        f"{RUNS} approved_by = drafted_by",
        f"{RUNS} approved_by = NULL",
        f"{RUNS} approved_at = closed_at + 1",
    ),
    "No key asked for it.": (
        f"{RUNS} label = 'mine' WHERE id = {FIRST}",
        f"{KEYS} scope = 'mine' WHERE act = 'dividend'",
        f"{KEYS} key = 'mine' WHERE {OF_FIRST}",
        f"{KEYS} act = 'gift' WHERE act = 'dividend'",
        f"{KEYS} made = 'mine' WHERE act = 'dividend'",
    ),
    "It answers with a dividend that was not posted.": (
        f"{KEYS} made = 'mine' WHERE act = 'dividend'",
        f"{RUNS} state = 'withdrawn'",
    ),
    "A membership and its term say two things.": (
        f"UPDATE member_terms SET until_at = from_at + 1 WHERE person_id = {ANA}",
        f"UPDATE own_set SET is_member = (1 = 0) WHERE person_id = {ANA}",
        f"DELETE FROM own_set WHERE person_id = {ANA}",
    ),
    "A co-op and its term say two things.": (
        "DELETE FROM coop_terms",
        "UPDATE coop_terms SET until_at = from_at + 1",
        "UPDATE coops SET status = 'left' WHERE slug = 'bakery'",
    ),
    "A co-op and its suspension say two things.": (
        "INSERT INTO suspensions (coop_id, from_at, reason) SELECT MIN(id), 1, '' FROM coops",
        # Neither a suspension that is over nor another co-op's is its own.
        "INSERT INTO suspensions (coop_id, from_at, until_at, reason) SELECT MIN(id), 1, 2, '' FROM coops"
        ";UPDATE coops SET status = 'suspended' WHERE slug = 'bakery'",
        "INSERT INTO suspensions (coop_id, from_at, reason) SELECT MIN(id), 1, '' FROM coops"
        ";UPDATE coops SET status = 'suspended'",
    ),
    "Its period ends on": (f"{RUNS} ends_on = '2026-03-01' WHERE id <> {FIRST}",),
    "Its cut-off is not that of its period.": (
        f"{RUNS} cutoff_at = cutoff_at + 1 WHERE id = {FIRST}",
        # A history's: the instant of its line, never before the period's end.
        f"{RUNS} drafted_by = NULL, approved_by = NULL WHERE id = {FIRST}",
        f"{RUNS} drafted_by = NULL, approved_by = NULL, drafted_at = 1, cutoff_at = 1 WHERE id = {FIRST}",
    ),
    "It says version": (f"{RUNS} charter_version = 7",),
    "In month": (
        f"{RUNS} pot_minor = pot_minor * 2",
        f"{RUNS} history_minor = history_minor + 1",
        f"{RUNS} months = months + 1",
        # A run that paid nobody is asked too.
        f"{LINES} ref = NULL;{RUNS} history_minor = history_minor + 1",
        f"{RUNS} sunset_months = 360",
        "UPDATE federation SET charter_on = '2020-01-01'",
    ),
    "It is of somebody who is not eligible.": (
        "INSERT INTO dividend_lines (run_id, person_id, basis_minor, minutes, new_minutes, by_basis_minor,"
        f" by_hours_minor) VALUES ({FIRST}, {DEE}, 1, 0, 0, 0, 0)",
        f"UPDATE member_terms SET until_at = 1 WHERE person_id = {ANA}",
        f"UPDATE member_terms SET from_at = from_at + 7776000000000 WHERE person_id = {ANA}",
    ),
    "Somebody eligible has no line.": (
        f"DELETE FROM dividend_lines WHERE person_id = {ANA}",
        f"UPDATE member_terms SET from_at = 0 WHERE person_id = {DEE}",
        "UPDATE coop_terms SET until_at = until_at + 7776000000000 WHERE until_at IS NOT NULL",
        "UPDATE coop_terms SET from_at = 0 WHERE until_at IS NULL",
    ),
    "Its by_basis_minor is beyond what any books hold.": (
        f"{LINES} by_basis_minor = 9223372036854775807 WHERE person_id = {ANA}",
    ),
    "Its ends_on is no day.": (f"{RUNS} ends_on = '2026-4-1' WHERE id = {FIRST}", f"{RUNS} ends_on = '' WHERE id = 2"),
    "There is no day of the charter,": ("UPDATE federation SET charter_on = NULL", "DELETE FROM federation"),
    "Basis": (f"{LINES} basis_minor = basis_minor + 1",),
    "Minutes": (f"{LINES} minutes = minutes + 1",),
    "New minutes": (f"{LINES} new_minutes = minutes",),
    "Part by history": (f"{LINES} by_basis_minor = by_basis_minor + 1 WHERE person_id = {ANA}",),
    "Part by hours": (f"{LINES} by_hours_minor = by_hours_minor + 1 WHERE person_id = {ANA}",),
}  # fmt: skip


@pytest.fixture
def paid(kit: Kit, clock: Clock) -> Kit:
    """Give books with two posted dividends, of which a sale after the period and one given back are no part.

    Dee, a member since May, is not eligible yet; Flo is not, whose co-op had left and came back in May; Eve bought at
    her own co-op alone.
    """
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    members.leave(kit, "mill", "dee")
    histories.pay(kit, "clinic", "flo", cast.WAGE_MINOR, cast.WAGE_MINUTES, key="first pay of flo")
    for coop, handle, res, cash in (
        ("bakery", "ana", 180_00, 0), ("bakery", "dee", 10_00, 0), ("mill", "ben", 60_00, 0),
        ("bakery", "flo", 20_00, 0), ("bakery", "eve", 0, 30_00),
    ):  # fmt: skip
        histories.sell(kit, coop, handle, res, cash, key=f"what {handle} buys")
    histories.fund(kit, "mill", 900_00, key="pool")
    network.coop_leaves(kit, "clinic")
    clock.set(datetime(2026, 4, 20, tzinfo=UTC))
    histories.sell(kit, "bakery", "ana", 15_00, 0, key="after the period")
    for key, minor in (("after the period", 5_00), ("what ana buys", 7_00)):
        histories.refund(kit, key, minor, 0)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    network.admit_coop(kit, "clinic", cast.CREDIT_LINE_MINOR)
    members.join(kit, "mill", "dee")
    for ends_on in (date(2026, 4, 1), date(2026, 4, 15)):
        dividends.approve(kit, "eve", dividends.draft(kit, "flo", ends_on, 400_00))
        clock.advance(days=7)
        dividends.post(kit)
    return kit


def test_every_tampering_with_a_dividend_is_told_in_each_of_its_sentences(paid: Kit) -> None:
    assert untold(paid, DEEDS) == []


def test_no_question_about_dividends_is_without_a_tampering() -> None:
    assert {question.sentence for question in asked.QUESTIONS} <= DEEDS.keys()


def test_a_draft_is_checked_before_anything_is_paid(paid: Kit, clock: Clock) -> None:
    dividends.draft(paid, "eve", date(2026, 4, 20), 100_00)
    assert found_in(paid).breaches == []
    with paid.engine.begin() as connection:
        move = "UPDATE dividend_lines SET by_basis_minor = by_basis_minor {} 1 WHERE person_id = {} AND run_id = 3"
        connection.execute(sa.text(move.format("+", ANA)))

    assert [(one.invariant, one.table) for one in found_in(paid).breaches] == [("I11", "dividend_lines")]
    with paid.engine.begin() as connection:
        connection.execute(sa.text(move.format("-", ANA)))


def test_a_check_since_a_transfer_leaves_runs_before_it_alone(paid: Kit) -> None:
    with paid.engine.connect() as connection:
        paid_by = (
            "SELECT MAX(t.id) FROM transfers t JOIN dividend_lines l ON l.ref = t.ref GROUP BY l.run_id ORDER BY 1"
        )
        first, last = connection.execute(sa.text(paid_by)).scalars().all()
    of_first, of_any = f"{LINES} basis_minor = basis_minor + 1 WHERE run_id = {FIRST}", f"{LINES} ref = NULL"

    assert (told(paid, of_first, first), bool(told(paid, of_first, first - 1))) == (set(), True)
    assert (told(paid, of_any, last), bool(told(paid, of_any, last - 1))) == (set(), True)


def test_a_draft_is_checked_whatever_was_moved_before(paid: Kit) -> None:
    number = dividends.draft(paid, "eve", date(2026, 4, 20), 100_00)
    more = f"{LINES} by_basis_minor = by_basis_minor + 1 WHERE person_id = {ANA} AND run_id = {number}"

    assert any(sentence.startswith("Part by history") for sentence in told(paid, more, since=2**40))
