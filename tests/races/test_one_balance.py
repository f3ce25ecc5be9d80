"""One balance, spent by many at once, is never overspent; a sale, refunded by many at once, never exceeded."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.figures import figures
from tests.giving_back import refund_sale
from tests.races.rush import rush
from wallet.kit import Kit
from wallet.services import gifts, histories, network

SPENDS = 64


def overspend(
    town: Kit, balances: Callable[[], dict[str, int]], give_res: Callable[[str, int], str], trial: int
) -> None:
    """Let 64 spends of 1.00 meet on a balance that affords 24 of them, with some change left over."""
    payer, friend = give_res(f"payer-{trial}", 24_99), give_res(f"friend-{trial}", 1)
    before = balances()

    def act(number: int) -> object:
        key = f"{trial}-{number}"
        if number % 4 == 0:
            return gifts.send(town, payer, friend, 100, key=key)
        return histories.sell(town, ("bakery", "farm")[number % 2], payer, 100, 0, key=key)

    met = rush([partial(act, number) for number in range(SPENDS)])

    after = balances()
    assert (len(met.answers), met.refused) == (24, {"insufficient_funds": 40})
    assert after[payer] == 99
    assert sum(after[name] - before[name] for name in (friend, "bakery", "farm")) == 24_00


def test_64_spends_at_once_take_exactly_what_is_there(
    town: Kit, balances: Callable[[], dict[str, int]], give_res: Callable[[str, int], str]
) -> None:
    for trial in range(20):
        overspend(town, balances, give_res, trial)


@pytest.mark.slow
def test_64_spends_at_once_take_exactly_what_is_there_two_hundred_times(
    town: Kit, balances: Callable[[], dict[str, int]], give_res: Callable[[str, int], str]
) -> None:
    for trial in range(200):
        overspend(town, balances, give_res, trial)


def test_a_coop_is_never_brought_below_its_floor(
    town: Kit, balances: Callable[[], dict[str, int]], give_res: Callable[[str, int], str]
) -> None:
    network.admit_coop(town, "kiosk", 10_00)

    def act(number: int) -> object:
        key = f"debit-{number}"
        if number % 3 == 0:
            return histories.fund(town, "kiosk", 100, key=key)
        if number % 3 == 1:
            return histories.supply(town, "kiosk", "farm", 100, key=key)
        return histories.pay(town, "kiosk", f"worker-{number}", 1000, 1, key=key)

    met = rush([partial(act, number) for number in range(SPENDS)])

    assert (len(met.answers), met.refused) == (10, {"insufficient_funds": 54})
    assert balances()["kiosk"] == -10_00


def test_32_partial_refunds_at_once_never_exceed_the_sale(
    town: Kit, balances: Callable[[], dict[str, int]], give_res: Callable[[str, int], str]
) -> None:
    payer = give_res("ana", 10_00)
    sold = histories.sell(town, "bakery", payer, 10_00, 5_00, key="the sale")
    assert sold is not None

    met = rush([partial(refund_sale, town, sold.ref, 90, 40)] * 32)

    assert (len(met.answers), met.refused) == (11, {"refund_exceeds_sale": 21})
    assert balances()[payer] == 11 * 90


def test_the_hours_of_a_month_are_counted_once_when_many_coops_pay_at_once(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    def act(number: int) -> object:
        coop = ("bakery", "farm", "mint")[number % 3]
        return histories.pay(town, coop, "ana", 150_00, 600, key=f"line-{number}")

    met = rush([partial(act, number) for number in range(SPENDS)])

    assert len(met.answers) == SPENDS
    # 30 of the 64 lines use up the month: 18,000 minutes, all at the reference rate.
    assert figures(town)["ana"] == (SPENDS * 15_00, 30 * 15_00, 30 * 60, 0, 0)
