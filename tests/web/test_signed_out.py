"""A till's page without anybody signed in: what it may tell of the bill that was in front."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.till import charge
from wallet.kit import Kit
from wallet.services import network

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
    assert "There is no such till here, or it is not yours" in answer.text
    assert "2.50" not in answer.text


def test_what_the_screen_knew_is_said_and_nothing_else(stranger: FlaskClient) -> None:
    assert "No bill was opened and no money moved." in page(stranger, "?left=undone")
    assert "We do not know yet whether it was done" in page(stranger, "?left=unknown")
    assert "made up" not in page(stranger, "?left=made+up&_external=1")
