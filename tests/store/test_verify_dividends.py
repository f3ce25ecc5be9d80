"""Verify works a dividend out again, and names whatever of it was tampered with, on both databases."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.tampering import found_in, unguarded
from wallet.kit import Kit
from wallet.services import dividends, members, network, office, sales
from wallet.store import verify

ANA = "(SELECT id FROM people WHERE handle = 'ana')"
DEE = "(SELECT id FROM people WHERE handle = 'dee')"
FIRST = "(SELECT MIN(id) FROM dividend_runs)"
PAID = "(SELECT MIN(id) FROM transfers WHERE kind = 'dividend')"

RUNS, LINES = "UPDATE dividend_runs SET", "UPDATE dividend_lines SET"

# What somebody with the database did, and the table by which it must be named; the invariant is I11, but for keys.
TAMPERED: dict[str, tuple[str, str]] = {
    "more for one": ("dividend_lines", f"{LINES} by_basis_minor = by_basis_minor + 1 WHERE person_id = {ANA}"),
    "more paid than the line says": (
        "dividend_lines", f"UPDATE transfers SET amount_minor = amount_minor + 1 WHERE id = {PAID}",
    ),
    "paid to somebody else": (
        "dividend_lines", f"UPDATE transfers SET credit_id = (SELECT account_id FROM people WHERE handle = 'cy')"
        f" WHERE id = {PAID}",
    ),
    "a dividend of nobody's": ("transfers", f"UPDATE transfers SET ref = 'MINE' WHERE id = {PAID}"),
    "a line slipped in": (
        "dividend_lines", "INSERT INTO dividend_lines (run_id, person_id, basis_minor, minutes, new_minutes,"
        f" by_basis_minor, by_hours_minor) VALUES ({FIRST}, {DEE}, 1, 0, 0, 0, 0)",
    ),
    "a line taken out": ("dividend_lines", f"DELETE FROM dividend_lines WHERE person_id = {ANA}"),
    "hours counted twice": ("dividend_lines", f"{LINES} new_minutes = minutes"),
    "a basis of one's own": ("dividend_lines", f"{LINES} basis_minor = basis_minor + 1"),
    "another pot": ("dividend_runs", f"{RUNS} pot_minor = pot_minor * 2"),
    "more for history": ("dividend_runs", f"{RUNS} history_minor = history_minor + 1"),
    "a later sunset": ("dividend_runs", f"{RUNS} sunset_months = 360"),
    "an older charter": ("dividend_runs", "UPDATE federation SET charter_on = '2020-01-01'"),
    "a period twice": ("dividend_runs", f"{RUNS} ends_on = '2026-01-01' WHERE id <> {FIRST}"),
    "a later cut-off": ("dividend_runs", f"{RUNS} cutoff_at = cutoff_at + 1 WHERE id = {FIRST}"),
    "one person alone": ("dividend_runs", f"{RUNS} approved_by = drafted_by"),
    "an approval afterwards": ("dividend_runs", f"{RUNS} approved_at = closed_at + 1"),
    "a run taken back": ("dividend_lines", f"{RUNS} state = 'withdrawn'"),
    "another name for the period": ("I5 dividend_runs", f"{RUNS} label = 'mine' WHERE id = {FIRST}"),
    "a key for a run that never was": ("I6 keys", "UPDATE keys SET made = 'mine' WHERE act = 'dividend'"),
    "a membership made longer": ("dividend_lines", f"UPDATE member_terms SET from_at = 0 WHERE person_id = {DEE}"),
    "a membership ended twice": (
        "member_terms", f"UPDATE member_terms SET until_at = from_at + 1 WHERE person_id = {ANA}",
    ),
    "a co-op that never was in": ("coop_terms", "DELETE FROM coop_terms"),
    "a suspension that nobody agreed to": (
        "suspensions", "INSERT INTO suspensions (coop_id, from_at, reason) SELECT MIN(id), 1, '' FROM coops",
    ),
}  # fmt: skip


@pytest.fixture
def paid(kit: Kit, clock: Clock) -> Kit:
    """Give books with two posted dividends, and one in which Dee, a member since May, is not eligible yet."""
    cast.build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    members.leave(kit, "mill", "dee")
    sales.sell(kit, "bakery", "ana", 180_00, 0, key="Ana's bread")
    sales.sell(kit, "bakery", "dee", 10_00, 0, key="Dee's bread")
    sales.sell(kit, "mill", "ben", 60_00, 0, key="Ben's flour")
    office.fund(kit, "mill", 900_00, key="pool")
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    members.join(kit, "mill", "dee")
    for ends_on in (date(2026, 4, 1), date(2026, 4, 15)):
        dividends.approve(kit, "eve", dividends.draft(kit, "flo", ends_on, 400_00))
        clock.advance(days=7)
        dividends.post(kit)
    return kit


def test_every_tampering_with_a_dividend_is_named(paid: Kit) -> None:
    assert found_in(paid).breaches == []
    unnamed = []
    for name, (place, statement) in TAMPERED.items():
        with unguarded(paid) as connection:
            for index in ("label", "ends_on", "draft"):
                connection.execute(sa.text(f"DROP INDEX uq_dividend_runs_{index}"))
            touched = connection.execute(sa.text(statement))
            assert touched.rowcount > 0, f"{name} touched nothing"
            breaches = verify.check(connection, paid.charter)
        wanted = place if " " in place else f"I11 {place}"
        if wanted not in {f"{breach.invariant} {breach.table}" for breach in breaches}:
            unnamed.append((name, [str(breach) for breach in breaches]))

    assert unnamed == []
    assert found_in(paid).breaches == [], "the tampering was not undone"


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
        last = connection.execute(sa.text("SELECT MAX(id) FROM transfers")).scalar_one()
    with unguarded(paid) as connection:
        connection.execute(sa.text("UPDATE dividend_lines SET basis_minor = basis_minor + 1"))

        assert verify.check(connection, paid.charter, last) == []
        assert verify.check(connection, paid.charter, last - 1) != []
