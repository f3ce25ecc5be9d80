"""One bill is paid once, however many pay it, and in however many processes."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.synchronize import Barrier

import pytest

from tests.clock import Clock
from tests.figures import coop_balances, figures
from tests.races.conftest import Meets
from tests.races.rush import most_at_once, rush
from wallet.config import Settings
from wallet.kit import Kit
from wallet.services import payments, stickers
from wallet.store.bills import BillView
from wallet.store.engine import make_engine
from wallet.store.sales import Paid

PAYERS = 64
# Until the last of several processes has begun.
PATIENCE_SECONDS = 180


@pytest.fixture
def bill(town: Kit) -> BillView:
    """Open a bill of 12.50, 2.50 of it in cash."""
    return payments.open_bill(town, "bakery-1", "cy", amount_minor=12_50, cash_minor=2_50, key="the bill")


def pay(kit: Kit, code: str, payer: str, key: str) -> Paid:
    return payments.pay_bill(kit, code, payer, key=key)


def test_a_bill_that_64_members_pay_at_once_is_paid_by_one(
    town: Kit, bill: BillView, give_res: Callable[[str, int], str]
) -> None:
    payers = [give_res(f"payer-{number}", 20_00) for number in range(PAYERS)]

    met = rush([partial(pay, town, bill.code, payer, f"key of {payer}") for payer in payers])

    assert (len(met.answers), met.refused) == (1, {"bill_already_paid": PAYERS - 1})
    assert coop_balances(town)["bakery"] == 10_00
    assert sorted(figures(town)[payer][0] for payer in payers) == [10_00] + [20_00] * (PAYERS - 1)


def test_a_bill_that_one_member_pays_in_64_tabs_is_paid_once(
    town: Kit, bill: BillView, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 100_00)

    met = rush([partial(pay, town, bill.code, "ana", f"tab {number}") for number in range(PAYERS)])

    assert (len(met.answers), met.refused.total()) == (1, PAYERS - 1)
    assert set(met.refused) <= {"bill_already_paid", "looks_repeated"}
    assert figures(town)["ana"][0] == 90_00


def test_two_bills_of_one_sum_that_one_member_pays_at_once_look_repeated(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    give_res("ana", 100_00)
    codes = [
        payments.open_bill(town, "bakery-1", "cy", amount_minor=1_00, key=f"bill {number}").code for number in range(8)
    ]

    met = rush([partial(pay, town, code, "ana", f"key {code}") for code in codes])

    assert (len(met.answers), met.refused) == (1, {"looks_repeated": 7})


@pytest.mark.only_on("postgresql")
def test_of_two_sums_that_a_member_sends_at_once_from_one_sticker_the_second_stands(pairs: Kit, meets: Meets) -> None:
    payments.open_bill(pairs, "bakery-1", "ben", amount_minor=1_00, key="the shift's first")
    ask = partial(stickers.make_bill, pairs, "bakery-1", "ana")
    sums = [partial(ask, amount_minor=minor, key=f"{minor}") for minor in (2_00, 3_00)]

    made = meets("wallet.store.stickers.take_back", *sums)

    ended = [payments.show_bill(pairs, bill.code, "ana").state == "declined" for bill in made]
    assert ended == [True, False]


def test_a_bill_is_either_paid_or_cancelled_when_both_meet(town: Kit, give_res: Callable[[str, int], str]) -> None:
    give_res("ana", 1_000_00)
    ends = set()
    for trial in range(12):
        code = payments.open_bill(town, "bakery-1", "cy", amount_minor=100 + trial, key=f"bill {trial}").code
        before = figures(town)["ana"][0]

        met = rush(
            [partial(pay, town, code, "ana", f"{trial} {number}") for number in range(4)]
            + [partial(payments.cancel_bill, town, code, "cy")] * 4
        )

        paid = before - figures(town)["ana"][0]
        state = payments.show_bill(town, code, "cy").state
        assert (state, paid) in {("paid", 100 + trial), ("cancelled", 0)}
        assert met.refused["bill_already_paid" if state == "paid" else "bill_cancelled"] >= 3
        ends.add(state)
    assert ends, "no bill ended"


STARTS: list[Barrier] = []


def start_with(barrier: Barrier) -> None:
    """Remember in a new process what it waits for."""
    STARTS.append(barrier)


def pay_in_a_process(database_url: str, code: str, payers: list[str]) -> tuple[list[str], tuple[float, float]]:
    """Pay the bill from a process of its own, with a thread for each payer; give the ends, and from when to when."""
    engine = make_engine(database_url)
    kit = Kit(engine=engine, clock=Clock(), settings=Settings(database_url=database_url))
    payments.show_bill(kit, code, None)
    STARTS[0].wait(PATIENCE_SECONDS)
    try:
        met = rush([partial(pay, kit, code, payer, f"key of {payer}") for payer in payers])
    finally:
        engine.dispose()
    span = min(began for began, _ in met.spans), max(ended for _, ended in met.spans)
    return [answer.ref for answer in met.answers] + list(met.refused.elements()), span


def test_a_bill_that_four_processes_pay_at_once_is_paid_once(
    town: Kit, bill: BillView, database_url: str, give_res: Callable[[str, int], str]
) -> None:
    groups = [[give_res(f"payer-{group}-{number}", 20_00) for number in range(8)] for group in range(4)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, spawn, start_with, (spawn.Barrier(4),)) as pool:
        jobs = [pool.submit(pay_in_a_process, database_url, bill.code, payers) for payers in groups]
        done = [job.result(2 * PATIENCE_SECONDS) for job in jobs]

    ends = [end for found, _ in done for end in found]
    assert len(ends) == 32
    assert ends.count("bill_already_paid") == 31
    assert coop_balances(town)["bakery"] == 10_00
    assert most_at_once(span for _, span in done) >= 2, "the processes did not meet"
