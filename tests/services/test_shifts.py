"""A shift is closed once, against the register; its totals are those of what is stamped with it; the till is swept."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.races.rush import deadlocks, rush, wait_until_it_waits
from wallet.domain.shift import Register, Totals
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import network, office, payments, refunds, shifts
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import accounts, bills, coops, counter
from wallet.store.counter import Payment
from wallet.store.engine import is_postgresql, reading, write
from wallet.store.sales import Paid
from wallet.store.shifts import totals
from wallet.store.tables import bills as bill_rows
from wallet.store.tables import closings, tills
from wallet.store.tables import shifts as shift_rows
from wallet.store.tills import at_till, shift_of

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
        opened = connection.execute(sa.select(shift_rows.c.opened_at).where(shift_rows.c.id == shift)).scalar_one()
        return totals(connection, account, shift, opened)


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
    office.fund(valley, "bakery", 1_00, key="swept in between")
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


def test_a_shift_that_eight_people_close_at_once_is_closed_and_swept_once(
    valley: Kit, balances: Callable[[], dict[str, int]]
) -> None:
    sell(valley, 5_00)
    shift, before = open_shift(valley), balances()["bakery"]

    met = rush([partial(close, valley, shift, Register(5_00, 0), key=f"press {n // 2}") for n in range(8)])

    # One press is sent twice: the second of that pair is told that it was done.
    assert sorted(met.answers) in ([False], [False, True])
    assert set(met.refused) == {"shift_closed"}
    assert (balances()["bakery-1"], balances()["bakery"]) == (0, before + 5_00)


def charged(kit: Kit) -> int:
    code = payments.open_bill(kit, "bakery-2", "ben", amount_minor=1_00, key="at once").code
    with reading(kit.engine) as connection:
        return connection.execute(sa.select(bill_rows.c.shift_id).filter_by(code=code)).scalar_one()


def come_to(kit: Kit) -> int:
    """Find the till's shift as a scan and a refund do."""
    return write(
        kit.engine, lambda connection: shift_of(connection, at_till(connection, "bakery-2", "ben"), kit.clock())
    )


@pytest.mark.parametrize("way", [charged, come_to])
def test_whoever_meets_the_opening_of_a_shift_waits_and_is_in_it(valley: Kit, way: Callable[[Kit], int]) -> None:
    found: list[int] = []
    meeting = threading.Thread(target=lambda: found.append(way(valley)))

    def opened(connection: sa.Connection) -> int:
        shift = shift_of(connection, at_till(connection, "bakery-2", "ben"), valley.clock())
        meeting.start()
        wait_until_it_waits(valley)
        return shift

    shift = write(valley.engine, opened)
    meeting.join(20)

    assert found == [shift]


def test_a_closing_that_meets_a_payday_locks_the_till_first_and_so_neither_blocks_the_other(valley: Kit) -> None:
    sell(valley, 5_00)
    closing = threading.Thread(target=close, args=(valley, open_shift(valley), Register(5_00, 0)))

    def swept(connection: sa.Connection) -> None:
        place = coops.known(connection, "bakery")
        accounts.lock_tills(connection, place.id)
        closing.start()
        wait_until_it_waits(valley)
        accounts.lock(connection, [place.account_id])

    write(valley.engine, swept)
    closing.join(20)

    assert deadlocks(valley) == 0


def test_sales_and_closings_that_meet_never_leave_a_sale_out(valley: Kit, clock: Clock) -> None:
    def sold(number: int) -> None:
        bill = payments.open_bill(valley, "bakery-1", "ben", amount_minor=1 + number % 100, key=f"bill {number}")
        clock.advance(minutes=4 * (number % 3 == 0))
        payments.pay_bill(valley, bill.code, "ana", key=f"key {number}", confirm=True)

    def closed(number: int) -> None:
        with reading(valley.engine) as connection:
            asked = sa.select(shift_rows.c.id).where(shift_rows.c.closed_at.is_(None))
            shift = connection.execute(asked).scalar()
        if shift is not None:
            close(valley, shift, EVEN, key=f"closing {number}", reason="a race")

    def closed_so_far() -> int:
        with reading(valley.engine) as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(closings)).scalar_one()

    sell(valley, 1)
    rounds = 0
    # Every closing of a round may have met an open bill; then the next round tells.
    while rounds < 3 or (rounds < 30 and not closed_so_far()):
        met = rush(
            [partial(sold, 100 * rounds + number) for number in range(12)]
            + [partial(closed, 100 * rounds + number) for number in range(6)]
        )
        assert set(met.refused) <= {"shift_closed", "bill_open", "bill_expired", "busy"}
        rounds += 1

    # Books in which a sale is in no closing are not sound, which every test looks at in the end.
    assert closed_so_far() > 0


def meets_a_closing(kit: Kit, shift: int, act: Callable[[], object]) -> None:
    """Close a shift, and act while it is being closed."""
    looks, locked, go = count(), threading.Event(), threading.Event()

    def slow_clock() -> datetime:
        # It is asked once before the shift is locked, and then while it is.
        if next(looks) == 1:
            locked.set()
            assert go.wait(20)
        return kit.clock()

    closing = threading.Thread(target=close, args=(replace(kit, clock=slow_clock), shift, Register(5_00, 0)))
    closing.start()
    assert locked.wait(20)
    acting = threading.Thread(target=act)
    acting.start()
    acting.join(0.5)
    assert acting.is_alive(), "it did not wait for the closing"
    go.set()
    closing.join(20)
    acting.join(20)


def met_by_a_bill(kit: Kit, shift: int) -> int:
    """Close a shift and open a bill while it is being closed; give the shift of the bill."""
    made: list[str] = []
    charge = partial(payments.open_bill, kit, "bakery-1", "ben", amount_minor=1_00, key="late")
    meets_a_closing(kit, shift, lambda: made.append(charge().code))
    with reading(kit.engine) as connection:
        return int(connection.execute(sa.select(bill_rows.c.shift_id).where(bill_rows.c.code == made[0])).scalar_one())


def test_a_bill_that_meets_a_closing_waits_and_is_in_the_next_shift(valley: Kit) -> None:
    sell(valley, 5_00)
    shift = open_shift(valley)

    assert met_by_a_bill(valley, shift) == open_shift(valley) != shift


def test_a_refund_that_meets_a_closing_waits_and_is_in_the_next_shift(valley: Kit) -> None:
    sold = sell(valley, 5_00)
    shift = open_shift(valley)

    meets_a_closing(valley, shift, partial(give_back, valley, sold, 1_00))

    assert open_shift(valley) != shift
    assert held(valley, open_shift(valley)).refunds_minor == 1_00


def test_a_closing_that_meets_a_payment_waits_for_it_and_counts_it(valley: Kit) -> None:
    bill = payments.open_bill(valley, "bakery-1", "ben", amount_minor=5_00, key="bread")
    closing = threading.Thread(target=close, args=(valley, open_shift(valley), Register(5_00, 0)))

    asked = Payment(bill.code, "ana", "bread", True)

    def paid(connection: sa.Connection) -> None:
        # A function is called in a transaction that has begun.
        bills.row(connection, bill.code, lock=True)
        counter.pay_bill(connection, asked, valley.clock(), valley.charter, demo=False)
        closing.start()
        wait_until_it_waits(valley)

    write(valley.engine, paid)
    closing.join(20)

    with reading(valley.engine) as connection:
        assert connection.execute(sa.select(closings.c.sales_minor, closings.c.reason)).all() == [(5_00, None)]


def test_a_bill_that_meets_the_closing_of_its_till_waits_and_opens_no_shift_there(valley: Kit) -> None:
    locked, go = threading.Event(), threading.Event()
    said: list[str] = []

    def slow_clock() -> datetime:
        # It is asked once the till is locked and no shift was found open there.
        locked.set()
        assert go.wait(20)
        return valley.clock()

    def charge() -> None:
        try:
            said.append(payments.open_bill(valley, "bakery-2", "ben", amount_minor=1_00, key="late").state)
        except Refusal as refusal:
            said.append(refusal.code)

    slow = replace(valley, clock=slow_clock)
    closing = threading.Thread(target=network.close_till, args=(slow, "bakery", "bakery-2"))
    closing.start()
    assert locked.wait(20)
    opening = threading.Thread(target=charge)
    opening.start()
    opening.join(0.5)
    assert opening.is_alive(), "it did not wait for the closing"
    go.set()
    closing.join(20)
    opening.join(20)

    assert said == ["account_not_open"]
    with reading(valley.engine) as connection:
        assert connection.execute(sa.select(shift_rows.c.id).where(shift_rows.c.till_id == "bakery-2")).first() is None


@pytest.mark.breaks_books
def test_without_the_guard_it_would_be_in_the_shift_that_is_closed(valley: Kit) -> None:
    # SQLite has one writer at a time, and so nothing to guard against.
    if is_postgresql(valley.engine):
        with valley.engine.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER bills_in_open_shift ON bills"))
        sell(valley, 5_00)
        shift = open_shift(valley)

        assert met_by_a_bill(valley, shift) == shift
