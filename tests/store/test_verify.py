"""Verify finds sound books sound, and names what was tampered with, on both databases."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.imports import imports, modules
from tests.tampering import found_in, unguarded
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import gifts, histories, network
from wallet.store import verify

SALE = "(SELECT MIN(id) FROM transfers WHERE kind = 'sale' AND qualifies AND basis_minor > 0)"
PAY = "(SELECT MIN(id) FROM transfers WHERE kind = 'pay')"
REFUND = "(SELECT MIN(id) FROM transfers WHERE kind = 'refund' AND basis_minor > 0)"
GIFT = "(SELECT MIN(id) FROM transfers WHERE kind = 'gift')"
LAST = "(SELECT MAX(id) FROM transfers)"
COPIED = (
    "kind, at, debit_id, credit_id, amount_minor, cash_minor, debit_seq, credit_seq, debit_balance_minor,"
    " credit_balance_minor"
)

# What somebody with the database did, and the invariant and table by which it must be named. Keys, bills, codes,
# refunds and shifts have files of their own.
TAMPERED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a balance raised": ("I2", "accounts", ("UPDATE accounts SET balance_minor = balance_minor + 1 WHERE id = {ana}",)),
    "RES made from nothing": (
        "I3", "accounts", ("UPDATE accounts SET balance_minor = balance_minor + 1 WHERE id = {ana}",),
    ),
    "an amount changed": (
        "I2", "transfers", (f"UPDATE transfers SET amount_minor = amount_minor + 1 WHERE id = {GIFT}",),
    ),
    "a transfer deleted": ("I2", "transfers", (f"DELETE FROM transfers WHERE id = {GIFT}",)),
    "the last transfer deleted": ("I2", "accounts", (f"DELETE FROM transfers WHERE id = {LAST}",)),
    "a transfer slipped in": (
        "I5", "transfers",
        (f"INSERT INTO transfers (id, ref, {COPIED}) SELECT 9999, 'SLIPPED', {COPIED} FROM transfers"
         f" WHERE id = {GIFT}",),
    ),
    "two postings with one number": (
        "I2", "transfers", (f"UPDATE transfers SET credit_seq = credit_seq + 1 WHERE id = {GIFT}",),
    ),
    "a balance after a posting changed": (
        "I2", "transfers", (f"UPDATE transfers SET debit_balance_minor = debit_balance_minor + 1 WHERE id = {SALE}",),
    ),
    "a gift out of a co-op": ("I1", "transfers", (f"UPDATE transfers SET kind = 'gift' WHERE id = {PAY}",)),
    "a negative amount": ("I1", "transfers", (f"UPDATE transfers SET amount_minor = -1 WHERE id = {GIFT}",)),
    "a gift of nothing": ("I1", "transfers", (f"UPDATE transfers SET amount_minor = 0 WHERE id = {GIFT}",)),
    "a sale at a till that is not there": (
        "I1", "transfers", (f"UPDATE transfers SET till_id = 'nowhere-1' WHERE id = {SALE}",),
    ),
    "a shift of another till": (
        "I1", "transfers", ("UPDATE shifts SET till_id = 'clinic-1' WHERE till_id = 'bakery-1'",),
    ),
    "an account of nobody": (
        "I1", "accounts", ("INSERT INTO accounts (id, kind, rank) VALUES (9999, 'coop', 2)",),
    ),
    "a wallet below zero": (
        "I4", "transfers",
        (f"UPDATE transfers SET amount_minor = amount_minor + 999999 WHERE id = {GIFT}",),
    ),
    "a gift of somebody who has nothing": (
        "I4", "transfers", (f"UPDATE transfers SET debit_id = {{cy}}, credit_id = {{ana}} WHERE id = {GIFT}",),
    ),
    "a co-op brought below its floor": ("I4", "transfers", ("UPDATE credit_lines SET floor_minor = 0",)),
    "a credit line raised by hand": (
        "I4", "accounts", ("UPDATE accounts SET floor_minor = -9999999 WHERE kind = 'coop'",),
    ),
    "a credit line that is nobody's": ("I4", "accounts", ("UPDATE credit_lines SET account_id = -account_id",)),
    "a wallet that may owe": ("I4", "accounts", ("UPDATE accounts SET floor_minor = -1 WHERE id = {ana}",)),
    "a pool that may owe": ("I4", "accounts", ("UPDATE accounts SET floor_minor = NULL WHERE kind = 'pool'",)),
    "a till that refunds nothing": ("I4", "accounts", ("UPDATE accounts SET floor_minor = 0 WHERE kind = 'till'",)),
    "a refund that keeps the basis": (
        "I8", "transfers", (f"UPDATE transfers SET basis_minor = basis_minor - 1 WHERE id = {REFUND}",),
    ),
    "a refund to another": (
        "I8", "transfers", (f"UPDATE transfers SET credit_id = {{ben}} WHERE id = {REFUND}",),
    ),
    "basis given away": ("I9", "accounts", ("UPDATE accounts SET basis_minor = basis_minor + 1 WHERE id = {ana}",)),
    "hours given away": (
        "I9", "accounts", ("UPDATE accounts SET qualified_minutes = qualified_minutes + 60 WHERE id = {ana}",),
    ),
    "eligible RES given away": (
        "I9", "accounts", ("UPDATE accounts SET eligible_minor = eligible_minor + 1 WHERE id = {ana}",),
    ),
    "a sale that moved more basis": (
        "I9", "transfers", (f"UPDATE transfers SET basis_minor = basis_minor + 1 WHERE id = {SALE}",),
    ),
    "hours of a line counted twice": (
        "I9", "transfers", (f"UPDATE transfers SET counted_minutes = counted_minutes + 1 WHERE id = {PAY}",),
    ),
    "spending of a month": ("I9", "patronage_months", ("UPDATE patronage_months SET spend_minor = spend_minor + 1",)),
    "basis of a month": ("I9", "basis_months", ("UPDATE basis_months SET basis_minor = basis_minor + 1",)),
    "work of a month": ("I9", "work_months", ("DELETE FROM work_months",)),
    "a day's charges by code": ("I9", "code_days", ("UPDATE code_days SET spent_minor = 0",)),
    "a last pay forgotten": ("I9", "own_set", ("UPDATE own_set SET last_paid_at = NULL WHERE person_id = 1",)),
    "a last pay long ago": ("I9", "own_set", ("UPDATE own_set SET last_paid_at = 0 WHERE last_paid_at IS NOT NULL",)),
    "a last pay forgotten with its row": ("I9", "own_set", ("DELETE FROM own_set WHERE last_paid_at IS NOT NULL",)),
    "a pay that never was": ("I9", "own_set", ("UPDATE own_set SET last_paid_at = 0 WHERE last_paid_at IS NULL",)),
    "a share given away": ("I10", "shares", ("UPDATE shares SET share_bp = share_bp + 500",)),
    "a share that follows from more spending": ("I10", "shares", ("UPDATE shares SET spend_minor = spend_minor + 1",)),
    "a share of another window": ("I10", "shares", ("UPDATE shares SET window_from = '2020-01'",)),
    "a share of no month": (
        "I10", "shares", ("UPDATE shares SET month = 'x' WHERE month = (SELECT MAX(month) FROM shares)",),
    ),
    "a share nobody kept": ("I10", "shares", ("DELETE FROM shares",)),
    "a line paid at another share": ("I10", "transfers", (f"UPDATE transfers SET share_bp = 2000 WHERE id = {PAY}",)),
}  # fmt: skip


def test_books_in_which_everything_happened_are_sound(books: Kit) -> None:
    checked = found_in(books)

    assert checked.breaches == []
    assert (checked.transfers, checked.accounts) == (21, 14)


def test_every_tampering_is_named_by_its_invariant(books: Kit) -> None:
    of = sa.text("SELECT handle, account_id FROM people")
    with books.engine.connect() as connection:
        accounts = {row.handle: row.account_id for row in connection.execute(of)}
    unnamed = []
    for name, (invariant, table, statements) in TAMPERED.items():
        with unguarded(books) as connection:
            for statement in statements:
                touched = connection.execute(sa.text(statement.format(**accounts)))
                assert touched.rowcount > 0, f"{name} touched nothing"
            breaches = verify.check(connection, books.charter)
        if (invariant, table) not in {(breach.invariant, breach.table) for breach in breaches}:
            unnamed.append((name, [str(breach) for breach in breaches]))

    assert unnamed == []
    assert found_in(books).breaches == [], "the tampering was not undone"


def test_verify_imports_nothing_of_what_wrote_the_books() -> None:
    known = modules()
    imported = {
        found.module
        for name, path in known.items()
        if name.startswith("wallet.store.verify")
        for found in imports(name, path, known)
        if found.module.startswith("wallet")
    }

    # What a table says of itself is no code that wrote anything.
    assert {name for name in imported if not name.startswith("wallet.store.verify")} == {
        "wallet.domain.charter",
        "wallet.store.columns",
        "wallet.store.tables",
    }


def test_a_line_that_is_lowered_leaves_what_was_posted_before_alone(books: Kit) -> None:
    network.coop_leaves(books, "mill")
    network.admit_coop(books, "mill", 100)

    assert found_in(books).breaches == []
    with pytest.raises(Refusal):
        histories.fund(books, "mill", 1, key="below the new line")


def test_a_check_since_a_transfer_looks_at_what_was_touched_since(books: Kit) -> None:
    with books.engine.connect() as connection:
        before = connection.execute(sa.text("SELECT MAX(id) FROM transfers")).scalar_one()
    gifts.send(books, "dee", "cy", 100, key="a coffee")

    checked = found_in(books, since=before)

    assert (checked.transfers, checked.accounts, checked.breaches) == (1, 2, [])


def test_the_command_says_how_much_is_sound(books: Kit, app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["verify"])

    assert answer.exit_code == 0, answer.output
    assert "sound: 21 transfers and 14 accounts" in answer.output


@pytest.mark.breaks_books
def test_the_command_names_the_first_wrong_row(books: Kit, app: Flask) -> None:
    with books.engine.begin() as connection:
        connection.execute(sa.text("UPDATE accounts SET basis_minor = 9999 WHERE kind = 'wallet'"))

    spoken = app.test_cli_runner().invoke(args=["verify"])
    written = app.test_cli_runner().invoke(args=["verify", "--json"])

    assert (spoken.exit_code, written.exit_code) == (1, 1)
    assert "I9 accounts" in spoken.output
    answer = json.loads(written.output)
    assert (answer["sound"], answer["breaches"][0]["invariant"]) == (False, "I9")


@pytest.mark.breaks_books
def test_what_cannot_be_checked_is_never_called_sound(kit: Kit, app: Flask) -> None:
    with kit.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE code_days"))

    spoken = app.test_cli_runner().invoke(args=["verify"])
    written = app.test_cli_runner().invoke(args=["verify", "--json"])

    assert (spoken.exit_code, written.exit_code) == (2, 2)
    assert json.loads(written.output)["sound"] is None
    assert "sound" not in spoken.output
