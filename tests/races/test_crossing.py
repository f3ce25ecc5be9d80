"""Payments that cross: whoever pays whom at the same moment, no deadlock reaches anybody."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from tests.authenticator import Authenticator
from tests.figures import coop_balances, figures, pool_balance
from tests.giving_back import refund_sale
from tests.handset import Handset
from tests.races.rush import deadlocks, rush
from tests.races.test_coming_back import to_add
from tests.races.test_ways_in import come_back, id_of, sign_in
from wallet.domain.limit import USUAL
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import codes, gifts, histories, limits, members, passkeys, payments, scans, sessions

THREADS, ACTS = 16, 12
PEOPLE = ("ana", "ben", "cleo", "dee")
COOPS = ("bakery", "farm")


def cross(town: Kit, thread: int) -> dict[str, int]:
    """Do what crosses most: gifts both ways, sales and refunds, pay, and supply both ways."""
    dice, ends = random.Random(thread), dict[str, int]()
    for number in range(ACTS):
        key = f"{thread}-{number}"
        payer, payee = dice.sample(PEOPLE, 2)
        coop, other = dice.sample(COOPS, 2)
        sold = histories.sell(town, coop, payer, 0, 1, key=f"cash {key}")
        assert sold is not None
        bill = payments.open_bill(town, f"{coop}-1", "cy", amount_minor=100 + dice.randrange(400), key=f"bill {key}")
        acts: list[Callable[[], object]] = [
            partial(gifts.send, town, payer, payee, 1_00, key=f"gift {key}"),
            partial(gifts.send, town, payee, payer, 1_00, key=f"back {key}"),
            partial(payments.pay_bill, town, bill.code, payer, key=f"bill {key}", confirm=True),
            partial(histories.pay, town, coop, payee, 30_00, 60, key=f"pay {key}"),
            partial(histories.supply, town, coop, other, 1_00, key=f"supply {key}"),
            partial(histories.fund, town, coop, 10, key=f"fund {key}"),
            partial(refund_sale, town, sold.ref, 0, 1),
        ]
        dice.shuffle(acts)
        for act in acts:
            try:
                act()
                code = "done"
            except Refusal as refusal:
                code = refusal.code
            ends[code] = ends.get(code, 0) + 1
    return ends


def test_payments_that_cross_never_show_a_deadlock(town: Kit, give_res: Callable[[str, int], str]) -> None:
    for person in PEOPLE:
        give_res(person, 8_00)

    met = rush([partial(cross, town, thread) for thread in range(THREADS)])

    ends: dict[str, int] = {}
    for answer in met.answers:
        assert isinstance(answer, dict)
        for code, count in answer.items():
            ends[code] = ends.get(code, 0) + count
    assert set(ends) <= {"done", "insufficient_funds"}
    assert sum(ends.values()) == THREADS * ACTS * 7
    assert ends["done"] > THREADS * ACTS * 4
    wallets = sum(found[0] for found in figures(town).values())
    assert wallets + sum(coop_balances(town).values()) + pool_balance(town) == 0
    assert deadlocks(town) == 0, "locks are taken in one order, so the server never has to break one"


@pytest.mark.parametrize("kind", ["gift", "supply"])
def test_two_that_pay_each_other_in_a_loop_both_get_through(
    town: Kit, give_res: Callable[[str, int], str], kind: str
) -> None:
    give_res("ana", 50_00)
    give_res("ben", 50_00)

    def loop(first: str, second: str, thread: int) -> int:
        for number in range(25):
            key = f"{thread}-{number}"
            if kind == "gift":
                gifts.send(town, first, second, 10, key=key)
            else:
                histories.supply(town, first, second, 10, key=key)
        return 25

    pair = ("ana", "ben") if kind == "gift" else ("bakery", "farm")
    both = [pair, pair[::-1]] * 8
    met = rush([partial(loop, first, second, thread) for thread, (first, second) in enumerate(both)])

    assert (met.answers, met.refused) == ([25] * 16, {})
    if kind == "gift":
        assert (figures(town)["ana"][0], figures(town)["ben"][0]) == (50_00, 50_00)
    else:
        assert (coop_balances(town)["bakery"], coop_balances(town)["farm"]) == (0, 0)
    assert deadlocks(town) == 0, "locks are taken in one order, so the server never has to break one"


def test_who_pays_while_all_that_is_theirs_changes_meets_no_deadlock(
    town: Kit, give_res: Callable[[str, int], str]
) -> None:
    members.join(town, "farm", give_res("ana", 50_00))
    ana, limit = id_of(town, "ana"), {"code": USUAL}

    def scan(key: str) -> None:
        token = Handset(town, "ana").shows(town.clock())
        scans.scan_code(town, "bakery-1", "cy", token=token, amount_minor=1_00, confirm=True, key=key)

    def freeze_for_a_while(_key: str) -> None:
        codes.freeze(town, "ana")
        codes.unfreeze(town, "ana")

    def leave_for_a_while(_key: str) -> None:
        members.leave(town, "farm", "ana")
        members.join(town, "farm", "ana")

    def sign_in_by_code(_key: str) -> None:
        codes_drawn = sessions.new_recovery_codes(town, ana, sign_in(town, "ana"))
        sessions.sign_in_by_code(town, sessions.doorway(town)[1], codes_drawn[0])

    def sign_in_by_passkey(_key: str) -> None:
        passkey, (_token, door) = Authenticator(), sessions.doorway(town)
        to_add(town, "ana", sign_in(town, "ana"), passkey)()
        passkeys.sign_in(town, door, passkey.prove(passkeys.begin_sign_in(town, door.bearer)))

    def pay(key: str) -> None:
        bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=1_00, key=key)
        payments.pay_bill(town, bill.code, "ana", key=key, confirm=True)

    acts: list[Callable[[str], object]] = [
        scan,
        pay,
        sign_in_by_code,
        sign_in_by_passkey,
        freeze_for_a_while,
        lambda _key: come_back(town, "ana"),
        lambda _key: sessions.end_everywhere(town, ana),
        lambda _key: members.grant(town, "ana", "steward", "farm"),
        leave_for_a_while,
        lambda _key: limits.change(town, ana, limit, proved=True),
    ]

    def again_and_again(act: Callable[[str], object], number: int) -> int:
        done = 0
        for turn in range(ACTS):
            with suppress(Refusal):
                act(f"{number}-{turn}")
                done += 1
        return done

    met = rush([partial(again_and_again, act, number) for number, act in enumerate(acts)])

    assert sum(met.answers) > len(acts) * ACTS // 2, "most of it was refused"
    assert deadlocks(town) == 0
