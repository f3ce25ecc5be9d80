"""A co-op and its tills are one purse: what it pays comes out of both, and what a till owes cannot be spent."""

from collections.abc import Callable

import pytest

from tests import cast
from tests.clock import Clock
from tests.giving_back import refund_sale
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, payments

# What the bakery may spend once Ben is paid, with nothing in its tills.
LEFT_MINOR = cast.CREDIT_LINE_MINOR - cast.WAGE_RES_MINOR
SOLD_MINOR = 200_00

Spend = Callable[[Kit, int], object]


def pay(kit: Kit, minor: int) -> object:
    # Who is paid for the first time gets a tenth of it in RES.
    return histories.pay(kit, "bakery", "eve", 10 * minor, 60, key=f"pay {minor}")


def supply(kit: Kit, minor: int) -> object:
    return histories.supply(kit, "bakery", "mill", minor, key=f"supply {minor}")


def fund(kit: Kit, minor: int) -> object:
    return histories.fund(kit, "bakery", minor, key=f"fund {minor}")


@pytest.fixture
def valley(kit: Kit) -> Kit:
    return cast.build(kit)


def sold(kit: Kit) -> str:
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=SOLD_MINOR, cash_minor=0, note=None, key="bill")
    return payments.pay_bill(kit, bill.code, "ana", key="sale", confirm=True).ref


def spends_to_its_floor(kit: Kit, spend: Spend, left_minor: int, balances: Callable[[], dict[str, int]]) -> None:
    before = balances()
    with pytest.raises(Refusal, match="insufficient_funds"):
        spend(kit, left_minor + 1)
    assert balances() == before

    spend(kit, left_minor)
    assert (balances()["bakery"], balances()["bakery-1"]) == (-cast.CREDIT_LINE_MINOR, 0)


@pytest.mark.parametrize("spend", [pay, supply, fund])
def test_what_lies_in_a_till_can_be_spent_to_the_last_hundredth(
    valley: Kit, balances: Callable[[], dict[str, int]], spend: Spend
) -> None:
    sold(valley)

    spends_to_its_floor(valley, spend, LEFT_MINOR + SOLD_MINOR, balances)


@pytest.mark.parametrize("spend", [pay, supply, fund])
def test_what_a_till_owes_cannot_be_spent_once_more(
    valley: Kit, clock: Clock, balances: Callable[[], dict[str, int]], spend: Spend
) -> None:
    sale = sold(valley)
    histories.fund(valley, "bakery", 1_00, key="what sweeps the till")
    clock.advance(minutes=1)
    refund_sale(valley, sale, SOLD_MINOR, 0)
    assert balances()["bakery-1"] == -SOLD_MINOR

    spends_to_its_floor(valley, spend, LEFT_MINOR - 1_00, balances)
