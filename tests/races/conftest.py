"""A federation to race in: two co-ops with tills and cashiers, members with RES to spend; and how two acts meet."""

import threading
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

import pytest

from tests import cast
from tests.races.rush import somebody_waits
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import histories, members, network
from wallet.store.engine import is_postgresql

NEVER_TOO_LITTLE = 10**12
Act = Callable[[], Any]
Meets = Callable[[str, Act, Act], tuple[Any, Any]]


@pytest.fixture
def town(kit: Kit) -> Kit:
    """Give the kit of a federation with a bakery and a farm; Cy is cashier at both, and works at neither."""
    network.found_federation(kit, "Town")
    members.accept_customer(kit, "cy")
    for slug in ("bakery", "farm"):
        network.admit_coop(kit, slug, NEVER_TOO_LITTLE)
        network.open_till(kit, slug, f"{slug}-1", "Counter")
        members.grant(kit, "cy", "cashier", slug)
    network.admit_coop(kit, "mint", NEVER_TOO_LITTLE)
    return kit


@pytest.fixture
def give_res(town: Kit) -> Callable[[str, int], str]:
    """Give a function that makes a person who holds exactly so much RES, paid by neither the bakery nor the farm."""

    def give(handle: str, minor: int) -> str:
        paid = histories.pay(town, "mint", handle, minor * 10, 60, key=f"wage of {handle}")
        assert paid is not None
        assert paid.res_minor == minor
        return handle

    return give


@pytest.fixture
def pairs(kit: Kit) -> Kit:
    """Give the kit of the cast with two facilitators and two stewards of the bakery."""
    return cast.build_in_pairs(kit)


@pytest.fixture
def meets(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Meets:
    """Give a function by which a second act comes when a first has done a step, named, and is not over yet.

    The first goes on once the second is over or waits for it. What came of both is given, a refusal by its code.
    """

    def meet(step: str, first: Act, second: Act) -> tuple[Any, Any]:
        holder, _dot, name = step.rpartition(".")
        step_of, came, broken = getattr(resolve_name(holder), name), list[Any](), list[Exception]()

        def come() -> None:
            try:
                came.append(attempt(second))
            except Exception as error:  # noqa: BLE001 - told to the test below
                broken.append(error)

        first_one, other = threading.current_thread(), threading.Thread(target=come)

        def step_and_let_come(*given: Any, **named: Any) -> Any:
            done = step_of(*given, **named)
            if threading.current_thread() is first_one and other.ident is None:
                other.start()
                while other.is_alive() and not (is_postgresql(kit.engine) and somebody_waits(kit)):
                    other.join(0.05)
            return done

        monkeypatch.setattr(step, step_and_let_come)
        answer = attempt(first)
        other.join(60)
        if broken:
            raise broken[0]
        return answer, came[0]

    return meet


def attempt(act: Act) -> Any:
    """Give what comes of an act; of one that is refused, the code."""
    try:
        return act()
    except Refusal as refusal:
        return refusal.code
