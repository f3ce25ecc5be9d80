"""Each question that verify asks of keys, bills, codes and refunds has a tampering that only it can name."""

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.handset import Handset
from tests.tampering import told, untold
from wallet.domain.dispute import Return
from wallet.kit import Kit
from wallet.services import (
    dispute_returns,
    disputes,
    histories,
    members,
    paybounds,
    payments,
    proposals,
    scans,
    supplies,
)
from wallet.store.verify import acts

BILL = "(SELECT MIN(transfer_id) FROM bills WHERE state = 'paid' AND bound_to IS NULL AND buyer_id IS NULL)"
BOUGHT = "(SELECT MIN(transfer_id) FROM bills WHERE state = 'paid' AND buyer_id IS NOT NULL)"
OTHER_BILL = "(SELECT MIN(code) FROM bills WHERE state = 'cancelled')"
GIFT = "(SELECT MIN(id) FROM transfers WHERE kind = 'gift')"
# One as a history has it, which nobody had to ask for, and one that was asked for at a till.
OF_OLD = "(SELECT MIN(id) FROM transfers WHERE kind = 'refund')"
REFUND = "(SELECT MIN(transfer_id) FROM refunds)"
SALE = "(SELECT MIN(id) FROM transfers WHERE kind = 'sale' AND qualifies)"
CARRIED = "carried_id IS NOT NULL"
OF_MEMBER = "dispute_id IN (SELECT id FROM disputes WHERE carried_id IS NULL)"
OF_CARRIED = "dispute_id IN (SELECT id FROM disputes WHERE carried_id IS NOT NULL)"


def coop(slug: str, column: str = "id") -> str:
    return f"(SELECT {column} FROM coops WHERE slug = '{slug}')"


def person(handle: str, column: str = "id") -> str:
    return f"(SELECT {column} FROM people WHERE handle = '{handle}')"


def paid_bill(what: str) -> str:
    return f"UPDATE bills SET {what} WHERE transfer_id = {BILL}"


def bought(what: str) -> str:
    return f"UPDATE bills SET {what} WHERE transfer_id = {BOUGHT}"


# A question's sentence, and what somebody with the database did of which it alone can tell.
TAMPERED: dict[str, tuple[str, ...]] = {
    "It answers with a transfer that does not exist, or that is something else.": (
        "UPDATE keys SET made = 'NOWHERE' WHERE act = 'gift'",
        "UPDATE keys SET act = 'fund' WHERE act = 'gift'",
    ),
    "It answers with a bill that does not exist.": ("UPDATE keys SET made = 'NOWHERE' WHERE act = 'bill'",),
    "It answers with a refund that nobody asked for.": ("UPDATE keys SET made = 'NOWHERE' WHERE act = 'refund'",),
    "It answers with a question to a second steward that nobody asked.": (
        "UPDATE keys SET made = '9999' WHERE act = 'proposal'",
        "UPDATE proposals SET kind = 'lift' WHERE kind = 'fund'",
    ),
    "It answers with an overpayment that nobody noted.": ("UPDATE keys SET made = '9999' WHERE act = 'overpayment'",),
    "No key asked for it.": (
        "DELETE FROM keys WHERE act = 'refund'",
        *(f"DELETE FROM keys WHERE act = '{kind}'" for kind in ("pay", "sale", "gift", "supply", "fund")),
    ),
    "More than one key made this.": (
        "INSERT INTO keys (scope, key, digest, act, made, at)"
        " SELECT scope, 'again', digest, act, made, at FROM keys WHERE act = 'gift'",
    ),
    "It is paid by a transfer that is not the sale it asks for.": (
        paid_bill("transfer_id = NULL"),
        paid_bill("transfer_id = 9999"),
        paid_bill("till_id = 'clinic-1'"),
        paid_bill("shift_id = shift_id + 1"),
        paid_bill("cashier_id = NULL"),
        paid_bill(f"cashier_id = {person('dee')}"),
        paid_bill("amount_minor = amount_minor + 1"),
        paid_bill("amount_minor = amount_minor + 1, cash_minor = cash_minor + 1"),
        f"UPDATE transfers SET kind = 'supply' WHERE id = {BILL}",
        f"UPDATE transfers SET kind = 'sale' WHERE id = {BOUGHT}",
        f"UPDATE transfers SET bill = NULL WHERE id = {BILL}",
        f"UPDATE transfers SET bill = {OTHER_BILL} WHERE id = {BILL}",
    ),
    "It is paid by a co-op that does not stand on it, or by its own.": (
        bought("buyer_id = NULL"),
        bought(f"buyer_id = {coop('clinic')}"),
        f"UPDATE transfers SET debit_id = {coop('clinic', 'account_id')} WHERE id = {BOUGHT}",
        f"UPDATE transfers SET credit_id = {coop('clinic', 'account_id')} WHERE id = {BOUGHT}",
        f"UPDATE transfers SET debit_id = {coop('mill', 'account_id')} WHERE id = {BOUGHT};"
        + bought(f"buyer_id = {coop('mill')}"),
    ),
    "It is bound to one member and paid by another.": (
        f"UPDATE bills SET bound_to = {person('flo')} WHERE bound_to IS NOT NULL AND state = 'paid'",
        f"UPDATE bills SET bound_to = {person('ben')} WHERE bound_to IS NOT NULL AND state = 'paid'",
        "UPDATE people SET account_id = NULL WHERE handle = 'ana'",
    ),
    "It is not paid, and yet has a transfer.": (paid_bill("state = 'cancelled'"),),
    "It names a bill that it did not pay.": (
        f"UPDATE transfers SET bill = {OTHER_BILL} WHERE id = {GIFT}",
        paid_bill("state = 'open', transfer_id = NULL"),
    ),
    "It charged a member code of which no attempt is known.": (
        "DELETE FROM code_attempts",
        "UPDATE code_attempts SET outcome = 'asked'",
        f"UPDATE code_keys SET person_id = {person('ben')}",
        "UPDATE code_attempts SET till_id = 'mill-1'",
        "UPDATE code_attempts SET key = 'of another charge'",
    ),
    "It says that it paid, and no sale is known.": (
        "DELETE FROM keys WHERE act = 'sale' AND scope LIKE 'till:%'",
        "UPDATE transfers SET means = 'phone' WHERE means = 'code'",
        "UPDATE code_attempts SET outcome = 'paid'",
    ),
    "More than one code was used up for one charge.": (
        "INSERT INTO code_attempts (device, step, till_id, key, outcome, at)"
        " SELECT device, step - 1, till_id, key, outcome, at FROM code_attempts WHERE outcome = 'paid'",
    ),
    "The phone's code of this step was tried, and could be tried again.": (
        "UPDATE code_keys SET last_step = last_step - 1",
        "DELETE FROM code_keys",
    ),
    "It answers to no sale.": (
        f"UPDATE transfers SET answers_id = {GIFT} WHERE id = {REFUND}",
        f"UPDATE transfers SET answers_id = NULL WHERE id = {REFUND}",
    ),
    "It does not say what the sale's refunds come to.": (
        "UPDATE sale_refunds SET refunded_minor = refunded_minor + 1",
        "UPDATE sale_refunds SET cash_refunded_minor = cash_refunded_minor + 1",
    ),
    "It was refunded, and nothing counts its refunds.": ("DELETE FROM sale_refunds",),
    "It was given back by a transfer that is not what was asked for.": (
        "UPDATE refunds SET transfer_id = NULL WHERE state = 'posted' AND lapses_at IS NULL",
        "UPDATE refunds SET transfer_id = -transfer_id WHERE state = 'posted' AND lapses_at IS NULL",
        f"UPDATE refunds SET transfer_id = {OF_OLD} WHERE state = 'waiting'",
        "UPDATE refunds SET ref = ref || 'X' WHERE state = 'posted'",
        f"UPDATE transfers SET kind = 'sweep' WHERE id = {REFUND}",
        f"UPDATE transfers SET answers_id = {GIFT} WHERE id = {REFUND}",
        "UPDATE refunds SET asked_by = asked_by + 1 WHERE state = 'posted' AND dispute_id IS NULL",
        f"UPDATE transfers SET cashier_id = {person('dee')} WHERE id IN (SELECT carried_id FROM disputes)",
        f"UPDATE refunds SET transfer_id = -transfer_id WHERE {OF_CARRIED}",
        "UPDATE refunds SET amount_minor = amount_minor + 1 WHERE state = 'posted'",
        "UPDATE refunds SET cash_minor = cash_minor + 1 WHERE state = 'posted'",
    ),
    "It was given back, and nobody asked for it.": (
        "DELETE FROM refunds WHERE lapses_at IS NULL AND dispute_id IS NULL",
        f"DELETE FROM refunds WHERE {OF_CARRIED}",
    ),
    "It left another account than that of the till which it names.": (
        f"UPDATE transfers SET debit_id = {coop('bakery', 'account_id')} WHERE id = {REFUND}",
    ),
    "It waited for a steward, and none but its asker or its payer agreed, or too late.": (
        "UPDATE refunds SET approved_by = NULL WHERE lapses_at IS NOT NULL AND state = 'posted'",
        "UPDATE refunds SET approved_at = NULL WHERE lapses_at IS NOT NULL AND state = 'posted'",
        "UPDATE refunds SET approved_at = lapses_at WHERE lapses_at IS NOT NULL AND state = 'posted'",
        "UPDATE refunds SET approved_by = asked_by WHERE lapses_at IS NOT NULL AND state = 'posted'",
        f"UPDATE refunds SET approved_by = {person('ana')} WHERE lapses_at IS NOT NULL AND state = 'posted'",
    ),
    "Who asked for it had paid the sale.": (
        f"UPDATE refunds SET asked_by = {person('ana')} WHERE dispute_id IS NULL",
        f"UPDATE refunds SET dispute_id = NULL WHERE {OF_MEMBER}",
    ),
    "It was withdrawn or declined, and had not waited, had lapsed, or was posted.": (
        "UPDATE refunds SET ended_at = NULL WHERE state = 'withdrawn'",
        "UPDATE refunds SET ended_at = NULL WHERE state = 'declined'",
        "UPDATE refunds SET ended_at = lapses_at WHERE state = 'withdrawn'",
        "UPDATE refunds SET lapses_at = NULL WHERE state = 'withdrawn'",
        "UPDATE refunds SET ended_by = NULL WHERE state = 'withdrawn'",
        f"UPDATE refunds SET transfer_id = {OF_OLD} WHERE state = 'withdrawn'",
        "UPDATE refunds SET ended_at = asked_at WHERE state = 'waiting'",
    ),
    "Its asker, or its payer, declined it.": (
        "UPDATE refunds SET ended_by = asked_by WHERE state = 'declined'",
        f"UPDATE refunds SET ended_by = {person('ana')} WHERE state = 'declined'",
    ),
    "A dispute ordered it that is about another sale, or of another member.": (
        f"UPDATE refunds SET sale_id = {GIFT} WHERE {OF_MEMBER}",
        f"UPDATE refunds SET coop_id = {coop('clinic')} WHERE {OF_MEMBER}",
        f"UPDATE refunds SET asked_by = {person('ben')} WHERE {OF_MEMBER}",
        f"UPDATE refunds SET lapses_at = asked_at WHERE {OF_MEMBER}",
        f"UPDATE refunds SET approved_by = asked_by WHERE {OF_MEMBER}",
        f"UPDATE refunds SET approved_by = NULL WHERE {OF_MEMBER}",
        f"UPDATE disputes SET carried_id = NULL WHERE {CARRIED}",
        f"UPDATE refunds SET transfer_id = NULL WHERE {OF_CARRIED}",
    ),
    "It is carried by a transfer that does not give back what is disputed.": (
        f"UPDATE disputes SET carried_id = 9999 WHERE {CARRIED}",
        f"UPDATE disputes SET carried_id = {REFUND} WHERE {CARRIED}",
        f"UPDATE transfers SET kind = 'sweep' WHERE id IN (SELECT carried_id FROM disputes WHERE {CARRIED})",
        f"UPDATE disputes SET opened_at = opened_at - 1 WHERE {CARRIED}",
    ),
    "It is about a transfer between others.": (
        f"UPDATE disputes SET person_id = {person('ben')} WHERE {CARRIED}",
        f"UPDATE disputes SET coop_id = {coop('clinic')} WHERE {CARRIED}",
        f"UPDATE disputes SET transfer_id = {GIFT} WHERE {CARRIED}",
        f"UPDATE disputes SET person_id = {person('dee')} WHERE kind = 'line'",
        f"UPDATE disputes SET coop_id = {coop('clinic')} WHERE kind = 'line'",
    ),
    "It qualifies, and yet the payer was a member of the co-op.": (
        f"INSERT INTO member_terms (person_id, coop_id, from_at) VALUES ({person('ana')}, {coop('bakery')}, 0)",
        # The lines of a history wait for no lock.
        "INSERT INTO member_terms (person_id, coop_id, from_at, until_at) SELECT p.id, c.id, t.at - 1, t.at + 1"
        " FROM transfers t JOIN people p ON p.account_id = t.debit_id JOIN coops c ON c.account_id = t.credit_id"
        " WHERE t.kind = 'sale' AND t.qualifies AND t.means = 'history'",
        "INSERT INTO member_terms (person_id, coop_id, from_at, until_at) SELECT p.id, c.id, 0, t.at + 60000001"
        f" FROM people p, coops c, transfers t WHERE p.handle = 'ana' AND c.slug = 'bakery' AND t.id = {SALE}",
        "INSERT INTO member_terms (person_id, coop_id, from_at) SELECT p.id, c.id, t.at - 60000001"
        f" FROM people p, coops c, transfers t WHERE p.handle = 'ana' AND c.slug = 'bakery' AND t.id = {SALE}",
    ),
    "It is a running row of somebody without a wallet.": tuple(
        f"UPDATE {table} SET person_id = person_id + 9999"
        for table in ("patronage_months", "basis_months", "work_months", "code_days", "shares")
    ),
    "It says when somebody without a wallet was paid.": (
        "UPDATE people SET account_id = NULL WHERE id = (SELECT MIN(person_id) FROM own_set WHERE last_paid_at > 0)",
    ),
}


@pytest.fixture
def acted(books: Kit, clock: Clock) -> Kit:
    """Give books with what two stewards and those who dispute do besides."""
    members.grant(books, "ben", "steward", "bakery")
    bill = payments.open_bill(books, "mill-1", "dee", amount_minor=120_00, key="sacks")
    supplies.pay(books, "eve", "bakery", bill.code, key="sacks")
    proposals.put_in(books, "eve", "bakery", 1_00, key="for the pool")
    paybounds.note_overpayment(books, "eve", "bakery", "ben", 1_00, "twice", key="twice")
    dee = Handset(books, "dee")
    asked = scans.scan_code(books, "bakery-2", "ben", token=dee.shows(clock()), amount_minor=9_00, key="never had")
    sold = histories.sell(books, "bakery", "ana", 40_00, 0, key="stale")
    disputes.begin(books, "dee", asked.ref, "I never had it")
    stale = disputes.begin(books, "ana", sold.ref, "It was stale")
    dispute_returns.give_back(books, "eve", stale.ref, Return(15_00, 0, "It was", "stale"))
    with books.engine.connect() as connection:
        of_pay = "SELECT t.ref FROM transfers t JOIN people p ON p.account_id = t.credit_id"
        line = sa.text(f"{of_pay} WHERE t.kind = 'pay' AND p.handle = 'ana' ORDER BY t.id DESC LIMIT 1")
        pay = connection.execute(line).scalar_one()
    disputes.begin(books, "ana", pay, "Too little")
    return books


def test_every_question_tells_of_each_way_to_break_what_it_asks(acted: Kit) -> None:
    assert untold(acted, TAMPERED) == []


def test_who_was_a_member_for_less_than_payments_may_wait_is_not_taken_for_one(acted: Kit) -> None:
    term = (
        "INSERT INTO member_terms (person_id, coop_id, from_at, until_at) SELECT p.id, c.id, t.at - 60000000, t.at + 1"
        f" FROM people p, coops c, transfers t WHERE p.handle = 'ana' AND c.slug = 'bakery' AND t.id = {SALE}"
    )

    assert "It qualifies, and yet the payer was a member of the co-op." not in told(acted, term)


def test_no_question_is_without_a_way_to_break_what_it_asks() -> None:
    assert TAMPERED.keys() == {question.sentence for question in acts.QUESTIONS}
