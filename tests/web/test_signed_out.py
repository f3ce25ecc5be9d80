"""Pages that are their reader's no more: what a till tells of its bill, and no word of money that may have moved."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.till import charge
from wallet.kit import Kit
from wallet.services import members, network, payments, proposals, refunds
from wallet.services.refunds import Ask

Browsers = Callable[[str], FlaskClient]


def page(browser: FlaskClient, query: str = "", till: str = "bakery-1") -> str:
    """Open the till's page without a session, which is refused; give what it says."""
    answer = browser.get(f"/tills/{till}{query}")
    assert answer.status_code == 401
    return answer.text


def test_a_signed_out_till_tells_how_its_bill_stands_and_no_name(
    stranger: FlaskClient, bea: FlaskClient, browser_of: Browsers
) -> None:
    ana, code = browser_of("ana"), charge(bea).get_json()["code"]
    assert "Whoever has its code can still pay it" in page(stranger, f"?bill={code}")
    ana.post(f"/b/{code}/claim", json={}, headers=JSON)
    assert "A member has it on the phone" in page(stranger, f"?bill={code}")
    ana.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON)

    paid = page(stranger, f"?bill={code}")

    assert "The bill of 2.50 is paid" in paid
    assert "Ana" not in paid
    assert f'href="/demo?next=/tills/bakery-1%3Fbill%3D{code}"' in paid


@pytest.mark.parametrize(("end", "says"), [("cancel", "The bill is cancelled."), ("expire", "The bill ran out.")])
def test_a_signed_out_till_tells_that_no_money_moved(
    stranger: FlaskClient, bea: FlaskClient, clock: Clock, end: str, says: str
) -> None:
    code = charge(bea).get_json()["code"]
    if end == "cancel":
        bea.post(f"/b/{code}/cancel", json={}, headers=JSON)
    else:
        clock.advance(181)
    assert says in page(stranger, f"?bill={code}")
    assert "No money moved." in page(stranger, f"?bill={code}")


def test_a_bill_of_another_till_or_of_none_is_untold(stranger: FlaskClient, bea: FlaskClient, federation: Kit) -> None:
    code = charge(bea).get_json()["code"]
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    for query, till in ((f"?bill={code}", "bakery-2"), (f"?bill={code}", "none-1"), ("?bill=AAAAAAAA", "bakery-1")):
        said = page(stranger, query, till)
        assert "2.50" not in said
        assert "You are not signed in" in said


def test_who_is_signed_in_and_works_elsewhere_is_not_told_to_sign_in(bea: FlaskClient, browser_of: Browsers) -> None:
    code = charge(bea).get_json()["code"]

    answer = browser_of("ana").get(f"/tills/bakery-1?bill={code}")

    assert answer.status_code == 404
    said = Page(answer.text).text
    assert "This till is not yours" in said
    # As much as the bill's own address says to anybody.
    assert "The bill of 2.50 is open" in said
    assert "Sign in" not in said


def test_what_the_screen_knew_is_said_and_nothing_else(stranger: FlaskClient) -> None:
    assert "No bill was opened and no money moved." in page(stranger, "?left=undone")
    assert "We do not know yet whether it was done" in page(stranger, "?left=unknown")
    assert "made up" not in page(stranger, "?left=made+up&_external=1")


@pytest.mark.parametrize("how", ["end of a role", "another person in this browser"])
def test_a_till_that_is_its_cashiers_no_more_tells_how_its_bill_stands(
    staffed: Kit, bea: FlaskClient, browser_of: Browsers, how: str
) -> None:
    code = charge(bea).get_json()["code"]
    if how == "end of a role":
        members.leave(staffed, "bakery", "bea")
    else:
        bea.post("/demo/sign-in", json={"handle": "cal"})
    till = f"/tills/bakery-1?bill={code}"
    open_bill = Page(bea.get(till).text)
    assert "The bill of 2.50 is open" in open_bill.text
    payments.pay_bill(staffed, code, "ana", key=new_key())

    answer = bea.get(till)

    said = Page(answer.text).text
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert "The bill of 2.50 is paid" in said
    for word in ("No money moved", "Sign in", "Ana"):
        assert word not in said
    assert bea.get("/tills/bakery-1").status_code == 404
    assert "No money moved" not in bea.get("/tills/bakery-1").text


def test_who_asked_for_a_refund_and_serves_no_more_is_not_told_that_no_money_moved(
    staffed: Kit, bea: FlaskClient
) -> None:
    bill = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=150_00, key=new_key())
    sale = payments.pay_bill(staffed, bill.code, "ana", key=new_key()).ref
    waits = refunds.give_back(staffed, Ask(sale, "bea", 150_00, 0, "returned", None, new_key()))
    members.leave(staffed, "bakery", "bea")
    refunds.approve(staffed, waits.ref, "tim")

    assert_only_looked(bea, f"/refunds/{waits.ref}")


def test_who_proposed_a_payment_and_serves_no_more_is_not_told_that_no_money_moved(
    staffed: Kit, browser_of: Browsers
) -> None:
    members.grant(staffed, "fay", "cashier", "mill")
    bill = payments.open_bill(staffed, "mill-1", "fay", amount_minor=600_00, key=new_key())
    sam, payment = browser_of("sam"), f"/office/bakery/bills/{bill.code}"
    sam.post(payment, data={"key": new_key()})
    proposals.agree(staffed, "tim", 1)
    members.leave(staffed, "bakery", "sam")

    assert_only_looked(sam, payment)


@pytest.mark.parametrize("address", ["/activity", "/receipts/WSH5CPVT65GR", "/office/bakery", "/tills/bakery-1"])
def test_who_is_signed_out_and_looks_is_not_told_that_no_money_moved(stranger: FlaskClient, address: str) -> None:
    assert_only_looked(stranger, address)


def assert_only_looked(browser: FlaskClient, address: str) -> None:
    """Look at what is the browser's no more, as a page and as a script: neither says what money did."""
    page, problem = browser.get(address), browser.get(address, headers=JSON)
    assert page.status_code == problem.status_code
    assert problem.status_code in (401, 404)
    for said in (page.text, problem.get_json()["title"]):
        assert "oney" not in Page(said).text
