"""The same races through a real server with two workers: what reaches a phone or a till is an answer, never a fault."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.figures import coop_balances, figures
from tests.races.rush import rush
from tests.serving import Browser, served
from wallet.kit import Kit

PHONES = 24


@pytest.fixture
def phones(town: Kit, give_res: Callable[[str, int], str]) -> list[str]:
    """Name the members who stand in the shop, each with 20.00."""
    return [give_res(f"phone-{number}", 20_00) for number in range(PHONES)]


@pytest.fixture
def port(town: Kit, phones: list[str]) -> Iterator[int]:
    """Serve the town from two workers."""
    with served(town.settings.database_url, workers=2, threads=16) as found:
        yield found


def charged(cashier: Browser, amount: str, till: str = "bakery-1") -> str:
    status, bill = cashier.ask("POST", f"/tills/{till}/bills", {"amount": amount, "key": str(uuid4())})
    assert status == 201, bill
    return str(bill["code"])


def pay(payer: Browser, code: str, key: str) -> tuple[int, Any]:
    return payer.ask("POST", f"/b/{code}/pay", {"key": key, "confirm": True})


def test_a_bill_that_a_whole_queue_pays_at_once_is_paid_by_one(town: Kit, port: int, phones: list[str]) -> None:
    code = charged(Browser(port).sign_in("cy"), "12.50")
    payers = [Browser(port).sign_in(phone) for phone in phones]

    met = rush([partial(pay, payer, code, str(uuid4())) for payer in payers])

    ends = Counter((status, body.get("type")) for status, body in met.answers)
    assert ends == {(201, None): 1, (409, "bill_already_paid"): PHONES - 1}
    assert coop_balances(town)["bakery"] == 12_50


def test_a_request_that_is_sent_many_times_at_once_gets_one_answer(town: Kit, port: int, phones: list[str]) -> None:
    code, key = charged(Browser(port).sign_in("cy"), "12.50"), str(uuid4())
    tabs = [Browser(port).sign_in(phones[0]) for _ in range(12)]

    met = rush([partial(pay, tab, code, key) for tab in tabs])

    assert [status for status, _body in met.answers] == [201] * len(tabs)
    assert len({str(body) for _status, body in met.answers}) == 1
    assert figures(town)[phones[0]][0] == 7_50


def test_a_rush_hour_of_bills_paid_cancelled_and_paid_twice_shows_no_fault(
    town: Kit, port: int, phones: list[str]
) -> None:
    cashier = Browser(port).sign_in("cy")
    codes = [charged(cashier, "1.00", till) for _ in range(12) for till in ("bakery-1", "farm-1")]
    payers = [Browser(port).sign_in(phone) for phone in phones]
    cashiers = [Browser(port).sign_in("cy") for _ in range(4)]

    met = rush(
        [partial(pay, payer, code, str(uuid4())) for payer, code in zip(payers, codes, strict=True)]
        + [partial(pay, payer, code, str(uuid4())) for payer, code in zip(payers[1:], codes[:-1], strict=True)]
        + [partial(cashiers[n].ask, "POST", f"/b/{codes[n]}/cancel", {}) for n in range(4)]
    )

    ends = Counter(status for status, _body in met.answers)
    assert set(ends) <= {200, 201, 409, 410}, ends
    paid = sum(coop_balances(town)[slug] for slug in ("bakery", "farm"))
    assert paid == 1_00 * ends[201]
    assert ends[201] + ends[200] == len(codes), "each bill ends once: paid, or cancelled"
