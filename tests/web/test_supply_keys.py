"""A co-op's payment above 500.00 is asked for once: with its key it is answered as at first, whatever came of it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.outsider import is_replay, post, refuses
from tests.web.test_supplies import bill, mill, pays, waiting
from wallet.kit import Kit
from wallet.services import histories, members, payments

__all__ = ["mill"]

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
LARGE = 50_001


def asks(sam: FlaskClient, code: str, key: str) -> tuple[int, Any, bool]:
    answer = pays(sam, code, key=key)
    return answer.status_code, answer.get_json(), is_replay(answer)


def told_to(browser: FlaskClient) -> int:
    return len(browser.get("/notices", headers=JSON).get_json()["notices"])


@pytest.mark.parametrize("ends", ["agree", "drop"])
def test_what_waited_is_answered_again_and_asked_of_nobody_twice(
    mill: Kit, browser_of: Browser, balances: Balances, ends: str
) -> None:
    sam, code, key = browser_of("sam"), bill(mill, LARGE), new_key()
    assert asks(sam, code, key) == (202, {"state": "waiting"}, False)
    asked = waiting(mill)
    assert browser_of("sue").post(f"/proposals/{asked}/{ends}").status_code == 303
    before = balances()

    assert asks(sam, code, key) == (202, {"state": "waiting"}, True)
    assert (waiting(mill), balances()) == (asked, before)


def test_what_waits_is_asked_once_by_whatever_key_and_whichever_steward(mill: Kit, browser_of: Browser) -> None:
    sam, sue, code = browser_of("sam"), browser_of("sue"), bill(mill, LARGE)
    assert asks(sam, code, new_key()) == (202, {"state": "waiting"}, False)
    asked, told = waiting(mill), told_to(sue)

    for steward in (sam, sue):
        assert asks(steward, code, new_key()) == (202, {"state": "waiting"}, True)
    assert (waiting(mill), told_to(sue)) == (asked, told)
    # Once it was declined, the same bill can be asked for anew.
    assert sue.post(f"/proposals/{asked}/drop").status_code == 303
    assert asks(sam, code, new_key()) == (202, {"state": "waiting"}, False)
    assert waiting(mill) != asked


def test_the_key_is_that_of_one_bill_and_of_the_co_op_that_pays_it(mill: Kit, browser_of: Browser) -> None:
    members.join(mill, "mill", "sam")
    members.grant(mill, "sam", "steward", "mill")
    sam, code, key = browser_of("sam"), bill(mill, LARGE), new_key()
    pays(sam, code, key=key)
    asked = waiting(mill)
    refuses(pays(sam, code, coop="mill", key=key), 422, "key_reused")

    refuses(pays(sam, bill(mill, LARGE), key=key), 422, "key_reused")
    refuses(pays(sam, bill(mill, 100), key=key), 422, "key_reused")
    assert waiting(mill) == asked


def test_a_bill_that_waits_longer_is_answered_to_its_till_as_the_first_time(
    mill: Kit, browser_of: Browser, clock: Clock
) -> None:
    max_, asked = browser_of("max"), {"amount": "500.01", "key": new_key()}
    made = post(max_, "/tills/mill-1/bills", **asked)
    clock.advance(20)
    pays(browser_of("sam"), made.get_json()["code"])

    again = post(max_, "/tills/mill-1/bills", **asked)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, made.data)


@pytest.mark.parametrize(("seconds", "state"), [(179, "open"), (180, "expired")])
def test_a_bill_whose_second_steward_declines_lives_as_long_as_any_other(
    mill: Kit, browser_of: Browser, clock: Clock, seconds: int, state: str
) -> None:
    histories.pay(mill, "mill", "ana", 600_000, 9_600, key="much")
    code = bill(mill, LARGE)
    pays(browser_of("sam"), code)
    clock.advance(10)
    browser_of("sue").post(f"/proposals/{waiting(mill)}/drop")
    clock.advance(seconds - 10)

    assert browser_of("max").get(f"/b/{code}", headers=JSON).get_json()["state"] == state
    if state == "open":
        payments.pay_bill(mill, code, "ana", key=new_key())
