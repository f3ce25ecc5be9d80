"""A pay run that was tampered with is named by verify, whoever could write to the database."""

import pytest
import sqlalchemy as sa

from tests import cast
from tests.services.test_payruns import approved, bakery, due
from tests.tampering import told, untold
from wallet.kit import Kit
from wallet.services import histories, payruns
from wallet.store import verify
from wallet.store.engine import is_postgresql, snapshot, write
from wallet.store.verify import payruns as asked

__all__ = ["bakery"]
BEN = "(SELECT id FROM people WHERE handle = 'ben')"
ANA = "(SELECT id FROM people WHERE handle = 'ana')"
LINES, RUNS = "UPDATE pay_lines SET", "UPDATE pay_runs SET"
PAID = "UPDATE transfers SET {} WHERE ref IN (SELECT ref FROM pay_lines)"
NOTED = (
    "INSERT INTO overpayments (coop_id, person_id, amount_minor, note, noted_by, noted_at)"
    " SELECT c.id, p.id, 5, '', p.id, 1 FROM coops c, people p WHERE c.slug = '{}' AND p.handle = '{}'"
)
# How each sentence of verify about a run begins, and what somebody with the database did of which it tells.
DEEDS: dict[str, tuple[str, ...]] = {
    "It is split": (
        f"{LINES} res_minor = res_minor + 1, cash_minor = cash_minor - 1",
        f"{LINES} cash_minor = cash_minor + 1",
        f"{LINES} entitlement_bp = 2000, share_bp = 2000",
        f"{LINES} share_bp = share_bp + 1",
    ),
    "It was signed without its split.": (f"{LINES} res_minor = NULL", f"{LINES} entitlement_bp = NULL"),
    "It says that the member takes": (
        f"{LINES} elected_bp = 900, share_bp = 900",
        "DELETE FROM agreements",
        "UPDATE agreements SET agreed_at = agreed_at + 1",
        f"INSERT INTO elections (person_id, from_month, elected_bp, chosen_at) VALUES ({BEN}, '2026-03', 700, 1)",
    ),
    "It is bounded by": (
        f"{LINES} ceiling_bp = 5000",
        f"{LINES} floor_hour_minor = 1",
        "UPDATE cash_floors SET hour_minor = 7",
        "INSERT INTO pay_ceilings (coop_id, ceiling_bp, set_by, set_at) SELECT id, 300, 1, 1 FROM coops",
    ),
    "It names the line of a run, and there is none.": (f"DELETE FROM pay_lines WHERE person_id = {BEN}",),
    "Its run is posted, and this line is not, or not as it was signed.": (
        "INSERT INTO pay_lines (run_id, person_id, number, ref, minutes, due_minor, entitlement_bp, elected_bp,"
        f" share_bp, res_minor, cash_minor) VALUES (1, {ANA}, 9, 'MADEUP', 0, 1, 1000, 0, 0, 0, 1)",
        *(
            PAID.format(each)
            for each in (
                "kind = 'gift'", "debit_id = debit_id + 1", "credit_id = credit_id + 1", "at = at + 1",
                "amount_minor = amount_minor + 1", "cash_minor = cash_minor + 1", "total_minor = total_minor + 1",
                "minutes = minutes + 1", "share_bp = share_bp + 1", "ref = ref || 'X'",
            )
        ),
    ),
    "It is paid, and its run is not posted.": (f"{RUNS} state = 'submitted', posted_at = NULL",),
    "It is signed or posted, and does not say when, or for which month.": tuple(
        f"{RUNS} {column} = NULL" for column in ("posted_at", "submitted_at", "month")
    ),
    "It is posted without a line.": ("DELETE FROM pay_lines",),
    "It was not signed by two people, one after the other, and posted then.": (
        f"{RUNS} submitted_by = NULL",
        f"{RUNS} approved_by = NULL",
        f"{RUNS} approved_by = submitted_by",
        f"{RUNS} submitted_at = approved_at + 1",
        f"{RUNS} approved_at = posted_at + 1",
    ),
    "It was submitted by somebody who was not a steward of the co-op then.": (
        f"{RUNS} submitted_by = {ANA}",
        "UPDATE roles SET coop_id = (SELECT id FROM coops WHERE slug = 'mill') WHERE role = 'steward'",
        "UPDATE roles SET role = 'cashier' WHERE role = 'steward'",
        "UPDATE roles SET granted_at = (SELECT submitted_at + 1 FROM pay_runs)",
        "UPDATE roles SET granted_at = 1, revoked_at = (SELECT submitted_at - 1 FROM pay_runs)",
    ),
    "It was approved by somebody who was not a steward of the co-op then.": (
        f"{RUNS} approved_by = {ANA}",
        "UPDATE roles SET granted_at = (SELECT approved_at + 1 FROM pay_runs)",
        "UPDATE roles SET granted_at = 1, revoked_at = (SELECT approved_at - 1 FROM pay_runs)",
    ),
    "It was posted on": (f"{RUNS} pay_on = '2026-03-03'",),
    "It was posted in": (f"{RUNS} month = '2026-02'",),
    "More was kept back than was overpaid.": (
        f"{LINES} due_minor = due_minor + 5, kept_back_minor = 5",
        f"{NOTED.format('mill', 'ben')};{LINES} kept_back_minor = 5 WHERE person_id = {BEN}",
        f"{NOTED.format('bakery', 'eve')};{LINES} kept_back_minor = 5 WHERE person_id = {BEN}",
        f"{NOTED.format('bakery', 'ben')};{LINES} kept_back_minor = 6 WHERE person_id = {BEN}",
    ),
    # Of PostgreSQL alone, which knows its transactions: it has a test of its own below.
    "Its lines were posted in more than one transaction.": (),
}  # fmt: skip


def test_every_tampering_with_a_run_is_told_in_each_of_its_sentences(bakery: Kit) -> None:
    number = approved(bakery, due("ben"), due("eve", 100_000))
    payruns.post(bakery, "bakery", number)
    assert untold(bakery, DEEDS) == []


def test_no_question_about_runs_is_without_a_tampering() -> None:
    assert {question.sentence for question in asked.QUESTIONS} <= DEEDS.keys()


def test_a_sum_that_was_overpaid_may_be_kept_back(bakery: Kit) -> None:
    number = approved(bakery, due("ben"))
    payruns.post(bakery, "bakery", number)

    kept_back = f"{NOTED.format('bakery', 'ben')};{LINES} kept_back_minor = 5 WHERE person_id = {BEN}"
    assert "More was kept back than was overpaid." not in told(bakery, kept_back)


def test_a_check_since_a_transfer_leaves_the_runs_before_it_alone(bakery: Kit) -> None:
    payruns.post(bakery, "bakery", approved(bakery, due("ben")))
    with bakery.engine.connect() as connection:
        last = connection.execute(sa.text("SELECT MAX(id) FROM transfers")).scalar_one()

    moved = f"{RUNS} pay_on = '2026-03-03'"
    assert (told(bakery, moved, last), told(bakery, moved, last - 1)) == (
        set(), {"It was posted on 2026-03-02, before its pay date."},
    )  # fmt: skip


@pytest.mark.breaks_books
@pytest.mark.only_on("postgresql")
def test_a_run_in_more_than_one_transaction_is_named(bakery: Kit) -> None:
    assert is_postgresql(bakery.engine)
    number = approved(bakery, due("ben"))
    histories.pay(bakery, "bakery", "eve", cast.WAGE_MINOR, cast.WAGE_MINUTES, key="beside the run")
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
