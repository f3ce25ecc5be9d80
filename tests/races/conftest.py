"""A federation to race in: two co-ops with tills and cashiers, and members with RES to spend."""

from collections.abc import Callable

import pytest

from wallet.kit import Kit
from wallet.services import histories, members, network

NEVER_TOO_LITTLE = 10**12


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
