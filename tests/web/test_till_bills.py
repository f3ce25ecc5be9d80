"""Bills over HTTP: a till makes and cancels them; what is no amount, no form or no fresh key is refused."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.till import KEY, charge, problem, scan

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
BAD_AMOUNTS = [
    "0", "0.00", "-1", "-1.00", "0.001", "1e3", "１０", "1_000", str(2**63), f"{2**63}.00", "NaN", "Infinity", "", " ",
    "12", "12.5", "12,50", "01.00", "+1.00", "10000000000.00", True, False, None, [10], ["10.00"], {"a": 1}, 12, 12.5,
    9007199254740993, 2**63,
]  # fmt: skip
BAD_RAW = ["9007199254740993", "1e400", "NaN", "-Infinity", "1" * 5000]


def test_a_cashier_makes_a_bill(bea: FlaskClient, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC))
    answer = charge(bea, "12.50", cash="2.50", note="42")
    bill = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert bill == {
        "code": bill["code"],
        "url": f"http://localhost:8000/b/{bill['code']}",
        "state": "open",
        "amount": "12.50",
        "cash": "2.50",
        "expires_at": "2026-03-02T12:03:00Z",
    }
    assert len(bill["code"]) == 8


def test_the_same_key_answers_the_same_bill_again(bea: FlaskClient) -> None:
    first = charge(bea, key=KEY)
    again = charge(bea, key=KEY)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"


def test_a_replay_answers_as_at_first_whatever_became_of_the_bill(bea: FlaskClient, browser_of: Browsers) -> None:
    first = charge(bea, key=KEY)
    paid = browser_of("ana").post(f"/b/{first.get_json()['code']}/pay", json={"key": new_key()}, headers=JSON)
    assert paid.status_code == 201
    assert charge(bea, key=KEY).get_json() == first.get_json()


def test_a_key_is_for_one_content(bea: FlaskClient) -> None:
    charge(bea, key=KEY)
    problem(charge(bea, "2.51", key=KEY), 422, "key_reused")


def test_a_refused_bill_leaves_its_key_free(bea: FlaskClient) -> None:
    problem(charge(bea, "0.00", key=KEY), 400, "bad_amount")
    assert charge(bea, key=KEY).status_code == 201


def test_what_is_not_an_amount_is_refused(bea: FlaskClient, balances: Balances) -> None:
    before = balances()
    for amount in BAD_AMOUNTS:
        problem(charge(bea, amount), 400, "bad_amount", amount)  # type: ignore[arg-type]
        problem(scan(bea, "x", amount), 400, "bad_amount", amount)  # type: ignore[arg-type]
    assert balances() == before


def test_a_json_number_is_no_amount_whatever_its_size(bea: FlaskClient) -> None:
    for raw in BAD_RAW:
        body = f'{{"amount": {raw}, "key": "{KEY}"}}'
        answer = bea.post("/tills/bakery-1/bills", data=body, content_type="application/json")
        problem(answer, 400, "bad_amount", raw)


def test_the_cash_part_is_an_amount_within_the_sum(bea: FlaskClient) -> None:
    for cash in ("-1.00", "0.001", "3.00", 1, None):
        problem(charge(bea, "2.50", cash=cash), 400, "bad_amount", cash)


def test_a_malformed_request_is_refused(bea: FlaskClient) -> None:
    for body in (
        {"amount": "2.50"},
        {"amount": "2.50", "key": "7"},
        {"amount": "2.50", "key": KEY, "tip": "1.00"},
        {"amount": "2.50", "key": KEY, "note": "n" * 41},
        {"amount": "2.50", "key": KEY, "note": "a\u0000b"},
        {},
        [],
        "x",
    ):
        problem(bea.post("/tills/bakery-1/bills", json=body, headers=JSON), 400, "bad_form", body)


def test_a_foreign_page_cannot_charge(bea: FlaskClient) -> None:
    body = {"amount": "1.00", "key": KEY}
    answer = bea.post("/tills/bakery-1/bills", json=body, headers={**JSON, "Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_a_till_cancels_its_bill(bea: FlaskClient, browser_of: Browsers, balances: Balances) -> None:
    code, before = charge(bea).get_json()["code"], balances()
    answer = bea.post(f"/b/{code}/cancel", json={}, headers=JSON)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "cancelled")
    assert bea.post(f"/b/{code}/cancel", json={}, headers=JSON).status_code == 200
    problem(browser_of("ana").post(f"/b/{code}/pay", json={"key": KEY}, headers=JSON), 410, "bill_cancelled")
    assert balances() == before


def test_a_paid_bill_cannot_be_cancelled(bea: FlaskClient, browser_of: Browsers, balances: Balances) -> None:
    code = charge(bea).get_json()["code"]
    browser_of("ana").post(f"/b/{code}/pay", json={"key": KEY}, headers=JSON)
    after = balances()
    problem(bea.post(f"/b/{code}/cancel", json={}, headers=JSON), 409, "bill_already_paid")
    assert balances() == after


def test_only_the_bills_own_till_cancels_it_and_draws_its_code(bea: FlaskClient, browser_of: Browsers) -> None:
    code, ana = charge(bea).get_json()["code"], browser_of("ana")
    problem(ana.post(f"/b/{code}/cancel", json={}, headers=JSON), 404, "unknown_bill")
    problem(ana.get(f"/b/{code}/qr.svg", headers=JSON), 404, "unknown_bill")
    problem(bea.post("/b/nonsense!/cancel", json={}, headers=JSON), 404, "unknown_bill")
    picture = bea.get(f"/b/{code}/qr.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.text.startswith("<svg xmlns=")
