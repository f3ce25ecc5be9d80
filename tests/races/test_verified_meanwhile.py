"""The books are sound at every instant, also while many pay: verify sees one snapshot and never half a payment."""

import time
from collections.abc import Callable
from functools import partial
from random import Random

from tests.giving_back import refund_sale
from tests.races.rush import rush
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import gifts, histories, payments
from wallet.store import verify
from wallet.store.engine import snapshot

PEOPLE = ("ana", "ben", "cleo", "dan")
PAYERS, ACTS, LOOKS, PAID = 6, 12, 8, 40


def live(town: Kit, number: int) -> set[str]:
    """Do a little of everything, in an order of one's own; give the codes of what was refused."""
    dice, refused = Random(number), set[str]()
    for act in range(ACTS):
        key, who, whom = f"{number}-{act}", dice.choice(PEOPLE), dice.choice(PEOPLE)
        try:
            bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=200 + act, key=key)
            payments.pay_bill(town, bill.code, who, key=key, confirm=True)
            sold = histories.sell(town, "farm", who, 100, 10, key=f"sale {key}")
            assert sold is not None
            refund_sale(town, sold.ref, 50, 5)
            histories.pay(town, "farm", whom, 1_000, 60, key=f"pay {key}")
            histories.supply(town, "bakery", "farm", 10, key=f"supply {key}")
            gifts.send(town, who, whom, 1, key=f"gift {key}")
        except Refusal as refusal:
            refused.add(refusal.code)
    return refused


def grown(checked: list[verify.Checked]) -> int:
    """Count the transfers from the first look to the last."""
    return checked[-1].transfers - checked[0].transfers


def look(town: Kit) -> list[verify.Checked]:
    """Check the books again and again, until a good deal was paid meanwhile."""
    checked: list[verify.Checked] = []
    until = time.monotonic() + 60
    while time.monotonic() < until and (len(checked) < LOOKS or grown(checked) < PAID):
        with snapshot(town.engine) as connection:
            checked.append(verify.examine(connection))
    return checked


def test_verify_finds_nothing_wrong_while_many_pay(town: Kit, give_res: Callable[[str, int], str]) -> None:
    for person in PEOPLE:
        give_res(person, 100_00)

    met = rush([partial(live, town, number) for number in range(PAYERS)] + [partial(look, town)])

    looked = next(answer for answer in met.answers if isinstance(answer, list))
    refused = set[str]().union(*(answer for answer in met.answers if isinstance(answer, set)))
    assert refused <= {"insufficient_funds", "not_allowed"}
    assert [checked.breaches for checked in looked if checked.breaches] == []
    assert grown(looked) >= PAID, "too little was paid while the books were checked"
