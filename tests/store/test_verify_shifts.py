"""Each sentence of verify about closed shifts, their sweeps and closed tills has a tampering that it tells of."""

import pytest

from tests.clock import Clock
from tests.closing_up import close
from tests.tampering import untold
from wallet.kit import Kit
from wallet.services import payments, refunds, supplies
from wallet.services.refunds import Ask
from wallet.store.verify import shifts as asked

CLOSINGS = "UPDATE closings SET"
SWEEPS = "UPDATE transfers SET {} WHERE kind = 'sweep'"
# Of a till that had taken more than it gave back, and of one that had given back more.
TAKEN, GIVEN = (
    f"UPDATE transfers SET {{}} WHERE kind = 'sweep' AND shift_id IS NOT NULL AND {side}_id IN"
    " (SELECT account_id FROM tills)"
    for side in ("debit", "credit")
)

TAMPERED: dict[str, tuple[str, ...]] = {
    "Its totals are not those of the sales and refunds of its shift.": (
        *(
            f"{CLOSINGS} {cash}{kind}{unit} = {cash}{kind}{unit} + 1"
            for kind in ("sales", "refunds")
            for cash in ("", "cash_")
            for unit in ("", "_minor")
        ),
        "UPDATE transfers SET shift_id = NULL WHERE kind = 'sale'",
        "UPDATE transfers SET shift_id = NULL WHERE kind = 'supply' AND shift_id IS NOT NULL",
        "UPDATE transfers SET shift_id = NULL WHERE kind = 'refund'",
    ),
    "Its sweep did not empty the till into its co-op's account.": (
        f"{CLOSINGS} till_seq = till_seq - 1 WHERE sweep_id IS NOT NULL",
        f"{CLOSINGS} sweep_id = 9999 WHERE sweep_id = (SELECT MIN(sweep_id) FROM closings)",
        SWEEPS.format("kind = 'gift'"),
        SWEEPS.format("shift_id = shift_id + 1"),
        *(
            each.format(f"{change}")
            for each, till, place in ((TAKEN, "debit", "credit"), (GIVEN, "credit", "debit"))
            for change in (
                f"{till}_balance_minor = 1", f"{till}_seq = {till}_seq + 1", f"{till}_id = {till}_id + 1",
                f"{place}_id = (SELECT account_id FROM coops WHERE slug = 'clinic')",
            )
        ),
    ),
    "Nothing was swept, and the till did not stand at 0.": (
        f"{CLOSINGS} till_seq = 1 WHERE sweep_id IS NULL",
        f"{CLOSINGS} till_seq = 9999 WHERE sweep_id IS NULL",
    ),
    "It is closed and nobody has signed it, or it is signed and open.": (
        "UPDATE shifts SET closed_at = NULL WHERE till_id = 'bakery-1'",
        "UPDATE shifts SET closed_at = closed_at + 1",
        "DELETE FROM closings",
    ),
    "It can still be paid, and its shift is closed.": ("UPDATE bills SET state = 'open' WHERE state = 'cancelled'",),
    "It is a sweep of a shift that was never closed with it.": (
        f"{CLOSINGS} sweep_id = NULL",
        f"{CLOSINGS} shift_id = shift_id + 900",
    ),
    "It is closed, and not empty or with a shift that is open.": (
        "UPDATE tills SET closed_at = 1 WHERE id = 'bakery-2'",
        "UPDATE tills SET closed_at = 1 WHERE id = 'clinic-1';"
        "UPDATE accounts SET balance_minor = 1 WHERE id = (SELECT account_id FROM tills WHERE id = 'clinic-1')",
    ),
    "It answers with a shift that nobody has closed.": (
        "UPDATE keys SET made = '9999' WHERE act = 'shift'",
        "DELETE FROM closings",
    ),
}  # fmt: skip


@pytest.fixture
def closed(books: Kit, clock: Clock) -> Kit:
    """Give books with shifts that were closed with more taken, with more given back, and with as much of both."""
    bill = payments.open_bill(books, "mill-1", "dee", amount_minor=900, cash_minor=100, key="seeds")
    seeds = payments.pay_bill(books, bill.code, "ben", key="seeds")
    sacks = payments.open_bill(books, "mill-1", "dee", amount_minor=1200, key="sacks")
    supplies.pay(books, "eve", "bakery", sacks.code, key="sacks")
    close(books, "mill-1", "dee", 20_00, 1_00)
    clock.advance(minutes=1)
    refunds.give_back(books, Ask(seeds.ref, "dee", 300, 0, "mouldy", None, "seeds back"))
    close(books, "mill-1", "dee", -3_00)
    return books


def test_every_tampering_with_a_shift_is_told(closed: Kit) -> None:
    assert untold(closed, TAMPERED) == []


def test_no_question_about_shifts_is_without_a_tampering() -> None:
    assert TAMPERED.keys() == {question.sentence for question in asked.QUESTIONS}
