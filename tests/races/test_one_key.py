"""One key has one effect, however many requests carry it at once."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.figures import coop_balances, figures, pool_balance
from tests.races.rush import rush
from wallet.kit import Kit
from wallet.services import gifts, histories, payments

SAME = 32


@pytest.fixture
def acts(town: Kit, give_res: Callable[[str, int], str]) -> dict[str, Callable[[int], object]]:
    """Name the acts that a history or the office does, each with one key; the number changes the content."""
    give_res("ana", 100_00)
    give_res("ben", 1)
    return {
        "gift": lambda more: gifts.send(town, "ana", "ben", 1_00 + more, key="k"),
        "sale": lambda more: histories.sell(town, "bakery", "ana", 1_00 + more, 0, key="k"),
        "pay": lambda more: histories.pay(town, "bakery", "new", 10_00 + 10 * more, 60, key="k"),
        "supply": lambda more: histories.supply(town, "bakery", "farm", 1_00 + more, key="k"),
        "fund": lambda more: histories.fund(town, "bakery", 1_00 + more, key="k"),
    }


def standing(kit: Kit) -> dict[str, int]:
    """Give every balance."""
    wallets = {who: found[0] for who, found in figures(kit).items()}
    return wallets | coop_balances(kit) | {"pool": pool_balance(kit)}


def moved(before: dict[str, int], after: dict[str, int]) -> int:
    """Sum what rose anywhere."""
    return sum(max(0, balance - before.get(who, 0)) for who, balance in after.items())


@pytest.mark.parametrize("kind", ["gift", "sale", "pay", "supply", "fund"])
def test_one_key_sent_32_times_at_once_moves_money_once(
    town: Kit, acts: dict[str, Callable[[int], object]], kind: str
) -> None:
    before = standing(town)

    met = rush([partial(acts[kind], 0)] * SAME)

    fresh = [answer for answer in met.answers if answer is not None and not getattr(answer, "replayed", False)]
    assert (len(met.answers), len(fresh)) == (SAME, 1)
    assert moved(before, standing(town)) == 1_00


@pytest.mark.parametrize("kind", ["gift", "sale", "pay", "supply", "fund"])
def test_one_key_with_32_contents_at_once_takes_one_of_them(
    town: Kit, acts: dict[str, Callable[[int], object]], kind: str
) -> None:
    before = standing(town)

    met = rush([partial(acts[kind], number) for number in range(SAME)])

    assert (len(met.answers), met.refused) == (1, {"key_reused": SAME - 1})
    assert 1_00 <= moved(before, standing(town)) < 1_00 + SAME


def test_one_key_makes_one_bill_and_pays_it_once(town: Kit, give_res: Callable[[str, int], str]) -> None:
    give_res("ana", 100_00)

    def charge() -> object:
        return payments.open_bill(town, "bakery-1", "cy", amount_minor=12_50, key="k").code

    code = rush([charge] * SAME)
    assert len(set(code.answers)) == 1
    paid = rush([partial(payments.pay_bill, town, str(code.answers[0]), "ana", key="k")] * SAME)

    assert len({answer.ref for answer in paid.answers}) == 1
    assert sorted(answer.replayed for answer in paid.answers) == [False] + [True] * (SAME - 1)
    assert len({answer.balance_minor for answer in paid.answers}) == 1
    assert figures(town)["ana"][0] == 87_50


def test_a_refused_request_leaves_its_key_free(town: Kit, give_res: Callable[[str, int], str]) -> None:
    give_res("ana", 1_00)
    give_res("ben", 1)
    send = partial(gifts.send, town, "ana", "ben", 2_00, key="k")
    assert rush([send] * 8).refused == {"insufficient_funds": 8}

    histories.pay(town, "mint", "ana", 10_00, 60, key="more")
    met = rush([send] * 8)

    assert len([answer for answer in met.answers if answer is not None]) == 1
    assert figures(town)["ana"][0] == 0
