"""Midnight of the first: no posting slips behind a share that has been computed without it."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests import cast
from tests.clock import Clock
from tests.figures import figures
from tests.races.rush import rush
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories

MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)


def test_a_posting_that_comes_too_late_moves_nothing_until_it_has_a_later_time(kit: Kit, clock: Clock) -> None:
    cast.build(kit)
    clock.set(MIDNIGHT)
    histories.pay(kit, "mill", "ana", 240_000, 9_600, key="April")
    before = figures(kit)

    clock.set(MIDNIGHT - timedelta(microseconds=1))
    with pytest.raises(Refusal) as caught:
        histories.sell(kit, "bakery", "ana", 1_000, 0, key="bread")

    assert caught.value.code == "busy"
    assert figures(kit) == before
    clock.set(MIDNIGHT)
    assert histories.sell(kit, "bakery", "ana", 1_000, 0, key="bread") is not None


def test_who_is_paid_at_midnight_while_they_buy_has_sound_shares(kit: Kit) -> None:
    cast.build(kit)
    begun = time.monotonic()
    town = replace(kit, clock=lambda: MIDNIGHT + timedelta(seconds=time.monotonic() - begun - 0.2))

    def buy(thread: int) -> list[str]:
        sold = partial(histories.sell, town, "bakery", "ana", 100, 0)
        return [tried(partial(sold, key=f"{thread}-{number}")) for number in range(10)]

    def be_paid() -> list[str]:
        while town.clock() < MIDNIGHT:
            time.sleep(0.001)
        return [tried(partial(histories.pay, town, "mill", "ana", 240_000, 9_600, key="April"))]

    met = rush([*(partial(buy, thread) for thread in range(6)), be_paid, be_paid])

    ends = [code for answer in met.answers for code in answer]
    assert ends.count("done") > 40
    assert set(ends) <= {"done", "again", "busy"}
    # The kit's fixture verifies the shares when the test is over.


def tried(act: Callable[[], object]) -> str:
    try:
        return "again" if act() is None else "done"
    except Refusal as refusal:
        return refusal.code
