"""What meets the opening or the closing of a shift waits for it, and is in the one shift that it belongs to."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.races.rush import deadlocks, rush, wait_until_it_waits
from tests.services.test_shifts import EVEN, close, give_back, held, open_shift, sell, valley
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import network, payments
from wallet.store import accounts, bills, coops
from wallet.store.engine import is_postgresql, reading, write
from wallet.store.payments import Payment, pay_bill
from wallet.store.tables import bills as bill_rows
from wallet.store.tables import closings
from wallet.store.tables import shifts as shift_rows
from wallet.store.tills import at_till, shift_of

__all__ = ["valley"]


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


def meets(kit: Kit, closing: Callable[[Kit], object], act: Callable[[], object], *, locked_at: int) -> None:
    """Act while `closing` holds its lock: its clock stands still when it is asked for the time number `locked_at`."""
    looks, locked, go = count(), threading.Event(), threading.Event()

    def slow_clock() -> datetime:
        if next(looks) == locked_at:
            locked.set()
            assert go.wait(20)
        return kit.clock()

    first = threading.Thread(target=closing, args=(replace(kit, clock=slow_clock),))
    first.start()
    assert locked.wait(20)
    acting = threading.Thread(target=act)
    acting.start()
    acting.join(0.5)
    assert acting.is_alive(), "it did not wait for the closing"
    go.set()
    first.join(20)
    acting.join(20)


def meets_a_closing(kit: Kit, shift: int, act: Callable[[], object]) -> None:
    """Act while a shift is being closed, which asks for the time once before it locks the shift."""
    meets(kit, lambda slow: close(slow, shift, Register(5_00, 0)), act, locked_at=1)


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
        pay_bill(connection, asked, valley.clock(), valley.charter, valley.deployment)
        closing.start()
        wait_until_it_waits(valley)

    write(valley.engine, paid)
    closing.join(20)

    with reading(valley.engine) as connection:
        assert connection.execute(sa.select(closings.c.sales_minor, closings.c.reason)).all() == [(5_00, None)]


def test_a_bill_that_meets_the_closing_of_its_till_waits_and_opens_no_shift_there(valley: Kit) -> None:
    said: list[str] = []

    def charge() -> None:
        with pytest.raises(Refusal) as refused:
            payments.open_bill(valley, "bakery-2", "ben", amount_minor=1_00, key="late")
        said.append(refused.value.code)

    meets(valley, partial(network.close_till, coop="bakery", till="bakery-2"), charge, locked_at=0)

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
