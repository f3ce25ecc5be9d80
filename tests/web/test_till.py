"""The till over HTTP: whom it is for, and what its screen is told."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.till import KEY, charge, problem

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def test_a_till_is_unknown_to_who_is_not_its_cashier(browser_of: Browsers, balances: Balances) -> None:
    before = balances()
    for who in ("ana", "cal", "sam", "fay"):
        browser = browser_of(who)
        problem(charge(browser), 404, "unknown_till", who)
        problem(browser.get("/tills/bakery-1/state", headers=JSON), 404, "unknown_till", who)
        assert browser.get("/tills/bakery-1").status_code == 404, who
    assert balances() == before


def test_a_cashier_is_a_stranger_at_the_next_co_op(bea: FlaskClient) -> None:
    answer = bea.post("/tills/mill-1/bills", json={"amount": "1.00", "key": KEY}, headers=JSON)
    problem(answer, 404, "unknown_till")
    problem(bea.post("/tills/nowhere/bills", json={"amount": "1.00", "key": KEY}, headers=JSON), 404, "unknown_till")


def test_who_is_not_signed_in_is_told_so(stranger: FlaskClient) -> None:
    problem(charge(stranger), 401, "not_signed_in")
    problem(stranger.get("/tills/bakery-1/state", headers=JSON), 401, "not_signed_in")


def test_wrong_methods_are_refused(bea: FlaskClient) -> None:
    assert bea.get("/tills/bakery-1/bills", headers=JSON).status_code == 405
    assert bea.get("/tills/bakery-1/scans", headers=JSON).status_code == 405
    assert bea.post("/tills/bakery-1/state", headers=JSON).status_code == 405


def test_the_state_tells_bills_and_payments(bea: FlaskClient, browser_of: Browsers, clock: Clock) -> None:
    waiting = charge(bea, "1.00").get_json()["code"]
    clock.advance(1)
    paid = charge(bea, "2.00", cash="0.50").get_json()["code"]
    before = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
    browser_of("ana").post(f"/b/{paid}/pay", json={"key": new_key()}, headers=JSON)
    after = bea.get("/tills/bakery-1/state", headers=JSON).get_json()

    assert [(bill["code"], bill["state"]) for bill in before["bills"]] == [(waiting, "open"), (paid, "open")]
    assert [(bill["code"], bill["state"], bill["payer"]) for bill in after["bills"]] == [
        (waiting, "open", None),
        (paid, "paid", "Ana"),
    ]
    assert [(sale["amount"], sale["cash"], sale["payer"]) for sale in after["last"]] == [("2.00", "0.50", "Ana")]
    assert before["rev"] != after["rev"]


def test_a_claim_shows_the_name_until_it_lapses(bea: FlaskClient, browser_of: Browsers, clock: Clock) -> None:
    code = charge(bea).get_json()["code"]
    browser_of("ana").post(f"/b/{code}/claim", json={}, headers=JSON)

    def seen() -> tuple[str, str | None]:
        (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
        return bill["state"], bill["payer"]

    assert seen() == ("claimed", "Ana")
    clock.advance(30)
    assert seen() == ("open", None)
    clock.advance(150)
    assert seen() == ("expired", None)
