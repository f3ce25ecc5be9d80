"""The key of a till, by which its tablet checks payments alone: who gets it, and when there is a new one."""

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.test_tablet import Browsers, shown, signed_in, tablet
from tests.web.test_ways_back import waiting
from wallet.domain.outage import minute_of
from wallet.domain.passkey import to_base64url
from wallet.kit import Kit
from wallet.services import members, network, proposals
from wallet.store import tillkeys
from wallet.store.engine import reading

__all__ = ["tablet"]


def secret_of(kit: Kit, till: str = "bakery-1") -> str | None:
    """Give the key of a till as a tablet would get it."""
    with reading(kit.engine) as connection:
        found = tillkeys.secret_of(connection, till)
    return None if found is None else to_base64url(found)


def key_of(device: FlaskClient, till: str = "bakery-1") -> str:
    """Give the key that a device gets of a till."""
    answer = device.get(f"/tills/{till}/key", headers=JSON)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["key"])


def test_a_tablet_gets_the_key_of_its_till_and_a_revoked_one_knows_none_that_counts(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    signed_in(tablet, browser_of)
    before = key_of(tablet)
    assert len(before) == 43
    number = tablet.get("/tablet/state").get_json()["tablet"]
    browser_of("sam").post(f"/office/bakery/tablets/{number}/revoke")

    assert tablet.get("/tills/bakery-1/key").status_code == 401
    assert secret_of(federation) not in (None, before)


def test_a_phone_gets_no_key_of_a_till(tablet: FlaskClient, browser_of: Browsers) -> None:
    assert key_of(browser_of("bea")) == ""
    assert browser_of("ana").get("/tills/bakery-1/key", headers=JSON).status_code == 404


@pytest.mark.parametrize("how", ["role", "work", "all"])
def test_who_is_cashier_no_more_knows_no_key_that_counts(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers, how: str
) -> None:
    members.join(federation, "bakery", "joy", name="Joy")
    members.grant(federation, "joy", "cashier", "bakery")
    with federation.engine.begin() as connection:
        tillkeys.ensure(connection, "mill-1", federation.clock())
    before, elsewhere = key_of(signed_in(tablet, browser_of, "joy")), secret_of(federation, "mill-1")
    if how == "role":
        proposals.end_role(federation, "sam", "bakery", "joy", "cashier")
        proposals.agree(federation, "fay", waiting(federation))
    elif how == "work":
        proposals.end_work(federation, "sam", "bakery", "joy")
        proposals.agree(federation, "fay", waiting(federation))
    else:
        members.leave(federation, "bakery", "joy")

    assert tablet.get("/tills/bakery-1/key", headers=JSON).status_code == 404
    assert key_of(signed_in(tablet, browser_of)) != before
    assert secret_of(federation, "mill-1") == elsewhere


def test_who_was_no_cashier_leaves_with_the_key_as_it_is(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "bakery", "joy", name="Joy")
    before = key_of(signed_in(tablet, browser_of))

    members.leave(federation, "bakery", "joy")

    assert key_of(tablet) == before


def test_a_tablet_that_moves_to_another_till_knows_no_key_of_the_former(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    before = key_of(signed_in(tablet, browser_of))
    form = {"pairing": shown(tablet), "till": "bakery-2", "name": "Blue tablet"}

    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303

    assert secret_of(federation) not in (None, before)


def test_a_line_checked_alone_is_the_payment_of_that_sum_in_that_minute(
    tablet: FlaskClient, browser_of: Browsers, clock: Clock
) -> None:
    signed_in(tablet, browser_of)
    charge = {"amount": "1.00", "cash": "0.40", "key": new_key()}
    bill = tablet.post("/tills/bakery-1/bills", json=charge, headers=JSON).get_json()
    paid = browser_of("ana").post(f"/b/{bill['code']}/pay", json={"key": new_key()}, headers=JSON).get_json()
    minute = minute_of(clock())

    def asked(amount: str, at: int) -> str:
        return str(tablet.get(f"/tills/bakery-1/paid?amount={amount}&minute={at}").get_json()["receipt"])

    assert asked("1.00", minute) == paid["receipt"]
    assert [asked("1.01", minute), asked("1.00", minute - 1), asked("1.00", minute + 1)] == ["", "", ""]
