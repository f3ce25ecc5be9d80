"""The races can be lost: careless ways to move money fail the very same rush."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa

from tests.figures import figures
from tests.giving_back import refund_sale
from tests.races.rush import rush
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services import histories, members, payments, refunds
from wallet.services.refunds import Ask
from wallet.store.engine import reading, write
from wallet.store.views import refunds as refund_view

# What these do to the books is their point.
pytestmark = pytest.mark.breaks_books
BALANCE = sa.text("SELECT a.balance_minor FROM accounts a JOIN people p ON p.account_id = a.id WHERE p.handle = :who")
TAKE = sa.text(
    "UPDATE accounts SET balance_minor = balance_minor - :by"
    " WHERE id = (SELECT account_id FROM people WHERE handle = :who) AND balance_minor >= :by"
)
SPENT = sa.text(
    "SELECT COALESCE(SUM(amount_minor), 0) FROM transfers"
    " WHERE debit_id = (SELECT account_id FROM people WHERE handle = :who)"
)
REFUNDED = sa.text("SELECT COALESCE(SUM(amount_minor), 0) FROM transfers WHERE answers_id = :sale")


def test_spends_that_read_before_they_write_are_caught_granting_too_much(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 24_00)
    all_have_read = threading.Barrier(40)

    def spend() -> int:
        with reading(town.engine) as connection:
            balance = int(connection.execute(BALANCE, {"who": "ana"}).scalar_one())
        all_have_read.wait(60)
        if balance < 1_00:
            raise refuse("insufficient_funds")
        write(town.engine, lambda connection: connection.execute(TAKE, {"who": "ana", "by": 50}))
        return 1_00

    granted = rush([spend] * 40)

    assert len(granted.answers) == 40, "24 are affordable"
    assert figures(town)["ana"][0] >= 0


def test_a_bill_that_is_looked_at_before_it_is_paid_is_caught_being_paid_twice(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    payers = [give_res(f"payer-{number}", 20_00) for number in range(16)]
    code = payments.open_bill(town, "bakery-1", "cy", amount_minor=10_00, key="the bill").code
    all_have_looked = threading.Barrier(len(payers))

    def pay(payer: str) -> str:
        bill = payments.show_bill(town, code, None)
        all_have_looked.wait(60)
        if bill.state == "paid":
            raise refuse("bill_already_paid")
        sold = histories.sell(town, "bakery", payer, 10_00, 0, key=payer)
        assert sold is not None
        return sold.ref

    met = rush([partial(pay, payer) for payer in payers])

    assert len(met.answers) == len(payers), "one is right"


def test_refunds_that_add_up_before_they_give_are_caught_exceeding_the_sale(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 10_00)
    sold = histories.sell(town, "bakery", "ana", 10_00, 0, key="the sale")
    assert sold is not None
    sale_id, all_have_added_up = sold.id, threading.Barrier(16)

    def refund() -> int:
        with reading(town.engine) as connection:
            before = int(connection.execute(REFUNDED, {"sale": sale_id}).scalar_one())
        all_have_added_up.wait(60)
        if before + 90 > 10_00:
            raise refuse("refund_exceeds_sale")
        return 90

    assert sum(int(str(answer)) for answer in rush([refund] * 16).answers) > 10_00


def test_a_refund_that_is_looked_at_before_it_is_ended_is_caught_ending_in_every_way_at_once(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 200_00)
    for handle, role in (("ed", "steward"), ("flo", "steward")):
        members.accept_customer(town, handle)
        members.grant(town, handle, role, "bakery")
    bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=200_00, key="the bill")
    sale = payments.pay_bill(town, bill.code, "ana", key="the bill").ref
    asked = refunds.give_back(town, Ask(sale, "cy", 150_00, 0, "returned", None, "large")).ref
    before, all_have_looked = figures(town)["ana"][0], threading.Barrier(6)

    def end(state: str) -> str:
        with reading(town.engine) as connection:
            found = refund_view.find(connection, asked, town.clock())
        assert found is not None
        all_have_looked.wait(60)
        if found.state != "waiting":
            raise refuse(f"refund_{found.state}")
        if state == "posted":
            refund_sale(town, sale, 150_00, 0)
        return state

    met = rush([partial(end, state) for state in ("posted", "withdrawn", "declined") * 2][::-1])

    assert len(set(met.answers)) > 1, "one is right"
    assert figures(town)["ana"][0] == before + 150_00, "and the till was told that no money moved"


def test_a_limit_that_is_added_up_before_it_is_used_is_caught_being_exceeded(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 480_00)
    sold = histories.sell(town, "bakery", "ana", 480_00, 0, key="the sale")
    assert sold is not None
    sale_id, all_have_added_up = sold.id, threading.Barrier(16)

    def refund() -> str:
        with reading(town.engine) as connection:
            before = int(connection.execute(REFUNDED, {"sale": sale_id}).scalar_one())
        all_have_added_up.wait(60)
        if before + 30_00 > 100_00:
            return "waiting"
        refund_sale(town, sold.ref, 30_00, 0)
        return "posted"

    assert rush([refund] * 16).answers == ["posted"] * 16, "three are right"


def test_a_day_that_is_added_up_before_it_is_spent_is_caught_exceeding_its_limit(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 400_00)
    bills = [
        payments.open_bill(town, "bakery-1", "cy", amount_minor=10_00 + more, key=f"bill {more}").code
        for more in range(16)
    ]
    all_have_added_up = threading.Barrier(len(bills))

    def pay(code: str) -> int:
        with reading(town.engine) as connection:
            before = int(connection.execute(SPENT, {"who": "ana"}).scalar_one())
        all_have_added_up.wait(60)
        if before + 10_00 > 150_00:
            raise refuse("step_up_required")
        return payments.pay_bill(town, code, "ana", key=code).amount_minor

    paid = rush([partial(pay, code) for code in bills])

    assert sum(paid.answers) > 150_00, "the day's limit"


def test_a_supply_that_is_looked_at_before_it_is_agreed_to_is_caught_being_paid_by_each_and_cancelled(
    town: Kit,
) -> None:
    code = payments.open_bill(town, "bakery-1", "cy", amount_minor=600_00, key="the bill").code
    all_have_looked = threading.Barrier(5)

    def agree(steward: str) -> str:
        bill = payments.show_bill(town, code, None)
        all_have_looked.wait(60)
        if bill.state != "open":
            raise refuse("already_decided")
        histories.supply(town, "farm", "bakery", 600_00, key=steward)
        return "paid"

    def cancel() -> str:
        all_have_looked.wait(60)
        return payments.cancel_bill(town, code, "cy").state

    met = rush([*[partial(agree, who) for who in ("ed", "flo", "gil", "hal")], cancel])

    assert sorted(met.answers) == ["cancelled", "paid", "paid", "paid", "paid"], "one of these is right"


def test_tries_that_are_counted_before_they_are_added_are_caught_being_too_many(town: Kit) -> None:
    tries, all_have_counted = list[int](), threading.Barrier(16)

    def attempt(number: int) -> int:
        counted = len(tries)
        all_have_counted.wait(60)
        if counted >= 7:
            raise refuse("too_many")
        tries.append(number)
        return number

    made = rush([partial(attempt, number) for number in range(16)])

    assert len(made.answers) == 16, "7 are allowed"
