"""A key stands for one content: whatever of it differs when it is sent again is another request, and refused."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import new_key
from tests.web.counter_back import bought
from tests.web.outsider import is_replay, post, refuses
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import network

Browser = Callable[[str], FlaskClient]
# Who asks, where, for what, and what may differ of it.
Request = tuple[str, str, dict[str, str], list[dict[str, str]]]


def a_bill(kit: Kit) -> Request:
    body = {"amount": "2.50", "cash": "1.00", "note": "7"}
    return "bea", "/tills/bakery-1/bills", body, [{"amount": "2.51"}, {"cash": "0.99"}, {"note": "8"}]


def a_scan(kit: Kit) -> Request:
    body = {"token": MemberPhone(kit, "ana").token(), "amount": "2.50", "cash": "1.00", "note": "7"}
    others = [{"amount": "2.51"}, {"cash": "0.99"}, {"note": "8"}, {"token": MemberPhone(kit, "ana").token()}]
    return "bea", "/tills/bakery-1/scans", body, others


def a_refund(kit: Kit) -> Request:
    body = {"amount": "1.00", "cash": "0.50", "reason": "stale", "note": "7"}
    others = [{"amount": "1.01"}, {"cash": "0.51"}, {"reason": "twice"}, {"note": "8"}]
    return "bea", f"/receipts/{bought(kit, 500, 100)}/refunds", body, others


def a_bill_of_the_sticker(kit: Kit) -> Request:
    return "ana", "/c/bakery-1", {"amount": "2.50"}, [{"amount": "2.51"}, {"path": "/c/mill-1"}]


def a_gift(kit: Kit) -> Request:
    body = {"to": "bea", "amount": "2.50", "note": "7"}
    return "ana", "/gifts", body, [{"to": "sam"}, {"amount": "2.51"}, {"note": "8"}]


@pytest.mark.parametrize("make", [a_bill, a_scan, a_refund, a_bill_of_the_sticker, a_gift])
def test_whatever_differs_of_a_request_is_another_content(
    staffed: Kit, browser_of: Browser, make: Callable[[Kit], Request]
) -> None:
    who, path, body, others = make(staffed)
    browser, key = browser_of(who), new_key()
    first = post(browser, path, **body, key=key)
    assert first.status_code == 201, first.text

    for other in others:
        where = other.get("path", path)
        changed = {**body, **{name: value for name, value in other.items() if name != "path"}}
        refuses(post(browser, where, **changed, key=key), 422, "key_reused")
    for name in set(body) & {"cash", "note"}:
        without = {field: value for field, value in body.items() if field != name}
        refuses(post(browser, path, **without, key=key), 422, "key_reused")
    again = post(browser, path, **body, key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 201, first.data)


def test_a_key_of_one_till_is_free_at_the_next(staffed: Kit, browser_of: Browser) -> None:
    network.open_till(staffed, "bakery", "bakery-2", "Counter 2")
    bea, key = browser_of("bea"), new_key()

    made = [post(bea, f"/tills/{till}/bills", amount="2.50", key=key) for till in ("bakery-1", "bakery-2")]

    assert [(answer.status_code, is_replay(answer)) for answer in made] == [(201, False)] * 2
    assert len({answer.get_json()["code"] for answer in made}) == 2
