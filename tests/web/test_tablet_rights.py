"""Who may make a device a till, and who may vouch for it, at the moment when it counts."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import for_real_people
from tests.web.doors import code_of, confirm, resident
from tests.web.test_tablet import shown
from tests.web.test_ways_back import waiting
from wallet.kit import Kit
from wallet.services import members, proposals

Browsers = Callable[[str], FlaskClient]
TABLETS = "/office/bakery/tablets"


@pytest.fixture
def real(federation: Kit, clock: Clock) -> Iterator[Flask]:
    """Give the application of a federation that is no demo, where a persona's session counts for no passkey."""
    made = for_real_people(federation, clock)
    yield made
    made.extensions["streams"].live.close()


@pytest.fixture
def tablet(app: Flask, browser_of: Browsers) -> FlaskClient:
    """Give a device that Sam has registered at the bakery's counter."""
    device = app.test_client()
    form = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post(TABLETS, data=form).status_code == 303
    return device


def test_making_a_device_a_till_asks_for_a_fresh_proof(real: Flask, federation: Kit, clock: Clock) -> None:
    sam, device = resident(real, federation, kind="person", handle="sam"), real.test_client()
    clock.advance(minutes=6)
    asked = {"pairing": shown(device), "till": "bakery-1", "name": "Blue tablet"}

    refused = sam.browser.post(TABLETS, json=asked, headers={"Accept": "application/json"})
    assert (code_of(refused), refused.get_json()["confirm"]) == ("step_up_required", TABLETS)
    assert device.get("/tablet/state").get_json()["tablet"] == 0

    confirm(sam.browser, sam.passkey)
    assert sam.browser.post(TABLETS, data=asked).status_code == 303
    assert device.get("/tablet/state").get_json()["tablet"] != 0


def test_who_vouched_and_is_no_cashier_any_more_opens_no_tablet(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    assert browser_of("bea").post("/tills/bakery-1/tablet", json={"pairing": shown(tablet)}).status_code == 204
    proposals.end_role(federation, "sam", "bakery", "bea", "cashier")
    proposals.agree(federation, "fay", waiting(federation))

    assert tablet.post("/tablet/enter").location == "/tablet"
    assert tablet.get("/tills/bakery-1").status_code == 401


def test_a_steward_of_another_co_op_does_not_take_a_tablet_over(
    federation: Kit, tablet: FlaskClient, browser_of: Browsers
) -> None:
    members.join(federation, "mill", "mia", name="Mia")
    members.grant(federation, "mia", "steward", "mill")
    number = tablet.get("/tablet/state").get_json()["tablet"]
    form = {"pairing": shown(tablet), "till": "mill-1", "name": "Ours now"}

    answer = browser_of("mia").post("/office/mill/tablets", json=form, headers={"Accept": "application/json"})

    assert code_of(answer) == "unknown_pairing"
    assert tablet.get("/tablet/state").get_json()["tablet"] == number
    assert "Bread & Roses" in tablet.get("/tablet").text or "Bread &amp; Roses" in tablet.get("/tablet").text
