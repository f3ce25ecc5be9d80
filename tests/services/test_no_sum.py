"""Every act that moves money refuses nothing, less than nothing and more cash than there is, whoever calls it.

A form refuses the same before any of them is asked; what is said here is said of the acts themselves.
"""

from collections.abc import Callable

import pytest

from tests import cast
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import gifts, histories, paybounds, payments, refunds, scans, stickers
from wallet.services.refunds import Ask
from wallet.store.payments import Charge

Act = Callable[[Kit, int, int], object]
KEY = "0123abcd-0123-4abc-8abc-0123456789ab"


@pytest.fixture
def valley(kit: Kit) -> Kit:
    cast.build(kit)
    histories.sell(kit, "bakery", "ana", 5_00, 5_00, key="a sale")
    return kit


def bill(kit: Kit, total: int, cash: int) -> object:
    return payments.open_bill(kit, "bakery-1", "ben", amount_minor=total, cash_minor=cash, key=KEY)


def scan(kit: Kit, total: int, cash: int) -> object:
    return scans.scan_code(kit, "bakery-1", "ben", token="x", amount_minor=total, cash_minor=cash, key=KEY)


def corrected(kit: Kit, total: int, cash: int) -> object:
    return refunds.correct(kit, "a sale", "ben", Charge("bakery-1", "ben", total, cash, None, KEY))


def back(kit: Kit, res: int, cash: int) -> object:
    return refunds.give_back(kit, Ask("a sale", "ben", res, cash, "returned", None, KEY))


def sold(kit: Kit, res: int, cash: int) -> object:
    return histories.sell(kit, "bakery", "ana", res, cash, key=KEY)


def undone(kit: Kit, res: int, cash: int) -> object:
    return histories.refund(kit, "a sale", res, cash)


def gift(kit: Kit, minor: int, _none: int) -> object:
    return gifts.send(kit, "ana", "ben", minor, key=KEY)


def stuck(kit: Kit, minor: int, _none: int) -> object:
    return stickers.make_bill(kit, "bakery-1", "ana", amount_minor=minor, key=KEY)


def supplied(kit: Kit, minor: int, _none: int) -> object:
    return histories.supply(kit, "bakery", "mill", minor, key=KEY)


def funded(kit: Kit, minor: int, _none: int) -> object:
    return histories.fund(kit, "bakery", minor, key=KEY)


def overpaid(kit: Kit, minor: int, _none: int) -> None:
    paybounds.note_overpayment(kit, "eve", "bakery", "ben", minor, "", key="too much")


TOTALS: tuple[Act, ...] = (bill, scan, corrected)
PARTS: tuple[Act, ...] = (back, sold, undone)
SINGLE: tuple[Act, ...] = (gift, stuck, supplied, funded, overpaid)
CASES = [
    *((act, total, cash) for act in TOTALS for total, cash in ((0, 0), (-1, 0), (-1, -1), (1_00, -1), (1_00, 1_01))),
    *((act, res, cash) for act in PARTS for res, cash in ((0, 0), (-1, 1_00), (1_00, -1), (-1, 1))),
    *((act, minor, 0) for act in SINGLE for minor in (0, -1)),
]


@pytest.mark.parametrize(("act", "first", "second"), CASES)
def test_an_act_that_moves_money_refuses_what_is_no_sum(
    valley: Kit, balances: Callable[[], dict[str, int]], act: Act, first: int, second: int
) -> None:
    before = balances()

    with pytest.raises(Refusal) as refused:
        act(valley, first, second)

    assert refused.value.code == "bad_amount"
    assert balances() == before
