"""Verify works out the charter once more from its ballots, and names whatever of it was tampered with."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.services.test_ballots import town
from tests.services.test_charter import opened, paid, passed
from tests.tampering import found_in, unguarded
from wallet.kit import Kit
from wallet.services import histories
from wallet.store import verify

__all__ = ["town"]

FLOOR, CAP = "parameter = 'floor_bp'", "parameter = 'cap_bp'"


# What somebody with the database did to the charter, and the invariant and table by which it must be named.
TAMPERED: dict[str, tuple[str, str, str]] = {
    "another value": ("I12", "ballots", f"UPDATE ballots SET to_value = 3000 WHERE {FLOOR}"),
    "a value that the charter does not allow": ("I12", "ballots", f"UPDATE ballots SET to_value = 9999 WHERE {FLOOR}"),
    "another value before": ("I12", "ballots", f"UPDATE ballots SET from_value = 500 WHERE {FLOOR}"),
    "another parameter": ("I12", "ballots", f"UPDATE ballots SET parameter = 'fall_bp' WHERE {FLOOR}"),
    "the sunset's majority": ("I12", "ballots", f"UPDATE ballots SET parameter = 'sunset_months' WHERE {FLOOR}"),
    "from another month": (
        "I12", "ballots",
        f"UPDATE ballots SET opened_at = opened_at - 5000000000, closes_at = closes_at - 5000000000 WHERE {FLOOR}",
    ),
    "passed though it had failed": ("I12", "ballots", f"UPDATE ballots SET state = 'passed' WHERE {CAP}"),
    "failed though it had passed": ("I12", "ballots", f"UPDATE ballots SET state = 'failed' WHERE {FLOOR}"),
    "half of a roll is enough": (
        "I12", "ballot_coops", "UPDATE ballot_coops SET outcome = 'passed' WHERE outcome = 'failed'",
    ),
    "a ballot that nobody was asked in": (
        "I12", "ballots", "INSERT INTO ballots (parameter, from_value, to_value, reason, open_days, state, proposed_by,"
        " proposed_at, opened_by, opened_at, closes_at, roll_hash) SELECT 'rise_bp', 1000, 2000, reason, open_days,"
        f" 'passed', proposed_by, proposed_at, opened_by, opened_at, closes_at, roll_hash FROM ballots WHERE {FLOOR}",
    ),
    "its effect on shares, without its ballot": (
        "I10", "shares", "UPDATE shares SET share_bp = share_bp + 1 WHERE charter_version > 1",
    ),
    "another version of a share": ("I10", "shares", "UPDATE shares SET charter_version = charter_version + 1"),
    "another version of a run": ("I11", "dividend_runs", "UPDATE dividend_runs SET charter_version = 7"),
    "a dividend of a time without": (
        "I11", "dividend_runs", "UPDATE dividend_runs SET ends_on = '2027-02-01'",
    ),
}  # fmt: skip


@pytest.fixture
def changed(town: Kit, clock: Clock) -> Kit:
    """Give books with a floor that was raised, a cap that was not, and a dividend that is off."""
    histories.fund(town, "mill", 900_00, key="pool")
    opened(town, "cap_bp", 9_000, (("bakery", "ben"), ("clinic", "flo"), ("mill", "ana")))
    passed(town, clock, floor_bp=2_500, dividend_on=0)
    clock.set(datetime(2026, 8, 3, 12, tzinfo=UTC))
    histories.pay(town, "mill", "dee", 1_000_00, 600, key="August")
    clock.set(datetime(2027, 1, 20, tzinfo=UTC))
    paid(town, clock, date(2027, 1, 1))
    return town


def test_every_tampering_with_the_charter_is_named(changed: Kit) -> None:
    assert found_in(changed).breaches == []
    unnamed = []
    for name, (invariant, table, statement) in TAMPERED.items():
        with unguarded(changed) as connection:
            assert connection.execute(sa.text(statement)).rowcount > 0, f"{name} touched nothing"
            breaches = verify.check(connection, changed.charter)
        if (invariant, table) not in {(breach.invariant, breach.table) for breach in breaches}:
            unnamed.append((name, [str(breach) for breach in breaches]))

    assert unnamed == []
    assert found_in(changed).breaches == [], "the tampering was not undone"
