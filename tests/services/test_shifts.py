"""A shift is closed once, against the register; its totals are those of what is stamped with it; the till is swept."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from wallet.domain.shift import Register, Totals
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, payments, refunds, shifts
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store.engine import reading
from wallet.store.sales import Paid
from wallet.store.shifts import totals
from wallet.store.tables import closings, tills
from wallet.store.tables import shifts as shift_rows

EVEN = Register(0, 0)


@pytest.fixture
def valley(kit: Kit) -> Kit:
    return cast.build(kit)


def sell(kit: Kit, total: int, cash: int = 0, *, till: str = "bakery-1", who: str = "ana", note: str = "") -> Paid:
    bill = payments.open_bill(
        kit, till, cashier(till), amount_minor=total, cash_minor=cash, note=note or None, key=f"bill {kit.clock()}"
    )
    return payments.pay_bill(kit, bill.code, who, key=f"key {bill.code}", confirm=True)


def cashier(till: str) -> str:
    return "ben" if till.startswith("bakery") else "dee"


def give_back(kit: Kit, sale: Paid, res: int, cash: int = 0) -> None:
    refunds.give_back(kit, Ask(sale.ref, "ben", res, cash, "returned", None, key=f"back {kit.clock()}"))


def open_shift(kit: Kit, till: str = "bakery-1") -> int:
    with reading(kit.engine) as connection:
        asked = sa.select(shift_rows.c.id).where(shift_rows.c.till_id == till, shift_rows.c.closed_at.is_(None))
        return int(connection.execute(asked).scalar_one())


def held(kit: Kit, shift: int, till: str = "bakery-1") -> Totals:
    with reading(kit.engine) as connection:
        account = connection.execute(sa.select(tills.c.account_id).where(tills.c.id == till)).scalar_one()
        return totals(connection, account, shift)


def close(
    kit: Kit, shift: int, register: Register, *, key: str = "the key", who: str = "ben", reason: str = ""
) -> bool:
    return shifts.close_shift(kit, "bakery-1", who, shift, Closing(register, reason), key=key)


def test_a_shift_sums_up_what_is_stamped_with_it_whatever_a_payday_swept(
    valley: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    sold = sell(valley, 12_50, 2_50, note="slip 7")
    clock.advance(minutes=1)
    sell(valley, 3_00, 3_00)
    sell(valley, 9_00, till="mill-1", who="ben")
    histories.fund(valley, "bakery", 1_00, key="swept in between")
    give_back(valley, sold, 1_00, 50)
    shift, expected = open_shift(valley), Totals(1, 10_00, 1, 1_00, 2, 5_50, 1, 50)

    assert held(valley, shift) == expected
    assert (expected.res_minor, expected.cash_minor) == (9_00, 5_00)
    assert close(valley, shift, Register(9_00, 5_00)) is False
    # The refund left the till below zero after the sweep of the fund; its closing settled that.
    assert (balances()["bakery-1"], balances()["mill-1"]) == (0, 9_00)
    assert balances()["bakery"] == -cast.WAGE_RES_MINOR + 10_00 - 1_00 - 1_00


def test_a_refund_after_the_closing_is_in_the_next_shift(valley: Kit, balances: Callable[[], dict[str, int]]) -> None:
    sold = sell(valley, 12_50)
    first = open_shift(valley)
    close(valley, first, Register(12_50, 0))

    give_back(valley, sold, 2_00)
    second = open_shift(valley)

    assert balances()["bakery-1"] == -2_00
    assert (held(valley, first).res_minor, held(valley, second).res_minor) == (12_50, -2_00)
    close(valley, second, Register(-2_00, 0), key="the next key")
    assert balances()["bakery-1"] == 0


def test_an_open_bill_blocks_and_one_that_ran_out_does_not(valley: Kit, clock: Clock) -> None:
    made = payments.open_bill(valley, "bakery-1", "ben", amount_minor=5_00, key="a bill")
    shift = open_shift(valley)
    with pytest.raises(Refusal, match="bill_open"):
        close(valley, shift, EVEN)

    clock.advance(minutes=3)
    close(valley, shift, EVEN)

    assert payments.show_bill(valley, made.code, "ben").state == "expired"
    # A payer whose clock is behind that of the closing pays it no more.
    late = replace(valley, clock=lambda: made.opened_at)
    with pytest.raises(Refusal, match="bill_expired"):
        payments.pay_bill(late, made.code, "ana", key="late")


def test_a_difference_takes_a_reason(valley: Kit) -> None:
    sell(valley, 5_00, 1_00)
    shift = open_shift(valley)
    for register in (Register(4_01, 1_00), Register(4_00, 99)):
        with pytest.raises(Refusal, match="difference"):
            close(valley, shift, register)

    close(valley, shift, Register(4_01, 1_00), reason="rung up wrongly")
    with reading(valley.engine) as connection:
        signed = connection.execute(sa.select(closings)).one()
    assert (signed.reason, signed.register_minor, signed.sales_minor) == ("rung up wrongly", 4_01, 4_00)


def test_where_both_agree_no_reason_is_kept(valley: Kit) -> None:
    sell(valley, 5_00, 1_00)

    close(valley, open_shift(valley), Register(4_00, 1_00), reason="left from what was typed before")

    with reading(valley.engine) as connection:
        assert connection.execute(sa.select(closings.c.reason)).scalar_one() is None


def test_the_same_closing_is_answered_again_and_another_is_told_that_it_is_closed(valley: Kit) -> None:
    sell(valley, 5_00)
    shift = open_shift(valley)

    assert close(valley, shift, Register(5_00, 0)) is False
    assert close(valley, shift, Register(5_00, 0)) is True
    for other in (Register(5_01, 0), Register(5_00, 1)):
        with pytest.raises(Refusal, match="key_reused"):
            close(valley, shift, other)
    with pytest.raises(Refusal, match="key_reused"):
        close(valley, shift, Register(5_00, 0), reason="why not")
    with pytest.raises(Refusal, match="shift_closed"):
        close(valley, shift, Register(5_00, 0), key="another key")


def test_the_key_of_a_closing_closes_no_other_shift(valley: Kit, clock: Clock) -> None:
    sell(valley, 5_00)
    close(valley, open_shift(valley), Register(5_00, 0))
    clock.advance(minutes=1)
    sell(valley, 5_00)

    with pytest.raises(Refusal, match="key_reused"):
        close(valley, open_shift(valley), Register(5_00, 0))


def test_only_the_staff_of_its_co_op_closes_a_shift(valley: Kit) -> None:
    sell(valley, 5_00)
    shift = open_shift(valley)
    for stranger in ("dee", "ana", "flo"):
        with pytest.raises(Refusal, match="unknown_till"):
            close(valley, shift, Register(5_00, 0), who=stranger)
    with pytest.raises(Refusal, match="unknown_shift"):
        close(valley, shift + 1, Register(5_00, 0))

    close(valley, shift, Register(5_00, 0), who="eve")
