"""A pay run that was tampered with is named by verify, whoever could write to the database."""

import pytest
import sqlalchemy as sa

from tests import cast
from tests.services.test_payruns import approved, bakery, due
from wallet.kit import Kit
from wallet.services import payday, payruns
from wallet.store import verify
from wallet.store.engine import is_postgresql, snapshot, write

pytestmark = pytest.mark.breaks_books
__all__ = ["bakery"]
BEN = "(SELECT id FROM people WHERE handle = 'ben')"
# What was done to the database, and the table that is named for it.
DEEDS = {
    "a line is given another split": (
        "UPDATE pay_lines SET res_minor = res_minor + 1, cash_minor = cash_minor - 1", "pay_lines",
    ),
    "a line is signed at another share": ("UPDATE pay_lines SET entitlement_bp = 2000, share_bp = 2000", "pay_lines"),
    "a member is made to have elected less": ("UPDATE pay_lines SET elected_bp = 900, share_bp = 900", "pay_lines"),
    "an agreement is taken away": ("DELETE FROM agreements", "pay_lines"),
    "a ceiling is made up": ("UPDATE pay_lines SET ceiling_bp = 5000", "pay_lines"),
    "a line is hidden": (f"DELETE FROM pay_lines WHERE person_id = {BEN}", "keys"),
    "a line is added": (
        "INSERT INTO pay_lines (run_id, person_id, number, ref, minutes, due_minor, entitlement_bp, elected_bp,"
        " share_bp, res_minor, cash_minor)"
        " SELECT 1, id, 9, 'MADEUP', 0, 1, 1000, 0, 0, 0, 1 FROM people WHERE handle = 'ana'",
        "pay_lines",
    ),
    "the run is said not to be posted": ("UPDATE pay_runs SET state = 'submitted', posted_at = NULL", "pay_lines"),
    "the approver never was a steward": (
        "UPDATE pay_runs SET approved_by = (SELECT id FROM people WHERE handle = 'ana')", "pay_runs",
    ),
    "it was approved after it was paid": ("UPDATE pay_runs SET approved_at = posted_at + 1", "pay_runs"),
    "its pay date had not come": ("UPDATE pay_runs SET pay_on = '2026-03-03'", "pay_runs"),
    "it took the shares of another month": ("UPDATE pay_runs SET month = '2026-02'", "pay_runs"),
    "more was kept back than was overpaid": (
        "UPDATE pay_lines SET due_minor = due_minor + 5, kept_back_minor = 5", "overpayments",
    ),
}  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("deed", DEEDS)
def test_tampering_with_a_run_is_named(bakery: Kit, deed: str) -> None:
    number = approved(bakery, due("ben"), due("eve", 100_000))
    payruns.post(bakery, "bakery", number)
    assert broken(bakery) == set()
    statement, table = DEEDS[deed]

    write(bakery.engine, lambda connection: connection.execute(sa.text(statement)))

    assert ("I10", table) in broken(bakery)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_run_in_more_than_one_transaction_is_named(bakery: Kit) -> None:
    assert is_postgresql(bakery.engine)
    number = approved(bakery, due("ben"))
    payday.pay_line(bakery, "bakery", "eve", cast.WAGE_MINOR, cast.WAGE_MINUTES, key="beside the run")
    payruns.post(bakery, "bakery", number)
    smuggled = (
        "INSERT INTO pay_lines (run_id, person_id, number, ref, minutes, due_minor, entitlement_bp, share_bp,"
        " res_minor, cash_minor)"
        " SELECT :run, p.id, 9, t.ref, t.minutes, t.total_minor, 1000, 1000, t.amount_minor, t.cash_minor"
        " FROM transfers t JOIN people p ON p.account_id = t.credit_id WHERE p.handle = 'eve'"
    )

    write(bakery.engine, lambda connection: connection.execute(sa.text(smuggled), {"run": number}))

    assert ("I10", "pay_runs") in broken(bakery)


def broken(kit: Kit) -> set[tuple[str, str]]:
    with snapshot(kit.engine) as connection:
        return {(breach.invariant, breach.table) for breach in verify.check(connection)}
