"""Strict readers: what is not exactly right is refused with its code, and nothing ends in a 500."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wallet.errors import Refusal
from wallet.web import errors
from wallet.web.fields import amount, credential, flag, key, label, note, text
from wallet.web.forms import read

KEY = "6f9619ff-8b86-4d11-b42d-00c04fc964ff"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """Give a client of an application with one address that reads one form."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    errors.install(app)

    @app.post("/bill")
    def bill() -> dict[str, object]:
        form = read(
            key=key(), amount=amount(), cash=amount(optional=True, zero=True), note=note(), confirm=flag(),
            handle=label(optional=True), next=text(9, optional=True), assertion=credential(optional=True),
        )  # fmt: skip
        return vars(form)

    return app.test_client()


def sent(client: FlaskClient, body: str | bytes) -> tuple[int, str]:
    answer = client.post("/bill", data=body, content_type="application/json")
    return answer.status_code, answer.get_json().get("type", "")


def with_amount(written: str) -> str:
    return f'{{"amount": {written}, "key": "{KEY}"}}'


def test_a_whole_form_is_read_in_minor_units(client: FlaskClient) -> None:
    body = {"amount": "12.50", "cash": "0.00", "note": " no 7 ", "key": KEY.upper(), "confirm": True}
    found = client.post("/bill", json=body).get_json()
    assert found["amount"] == 1250
    assert (found["cash"], found["note"], found["key"], found["confirm"]) == (0, "no 7", KEY, True)
    assert (found["handle"], found["assertion"]) == (None, None)


@pytest.mark.parametrize(
    "written",
    [
        '"0"', '"0.00"', '"-1"', '"-1.00"', '"0.001"', '"1e3"', '"１０"', '"１０.00"', '"1_000"', '"1_000.00"',
        '"9223372036854775808"', '"9223372036854775808.00"', "9223372036854775808", '"NaN"', "NaN", "Infinity",
        "-Infinity", "true", "false", "null", "[10]", '["10.00"]', "{}", "9007199254740993", "12.50", "12", "1e400",
        '""', '" 12.50"', '"12.50\\n"', '"12,50"', '"+12.50"', '"012.50"', '"12.5"', '"12.500"', '"10000000000.00"',
        '"\\u0000"', '"12.50\\u0000"', '"٣.٥٠"', "1" * 5000, "-0", '"\\ud800"',
    ],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(client: FlaskClient, written: str) -> None:
    assert sent(client, with_amount(written)) == (400, "bad_amount")


def test_of_all_that_is_wrong_the_sum_is_told_first(client: FlaskClient) -> None:
    assert sent(client, '{"key": "x", "note": 7, "amount": "1"}') == (400, "bad_amount")
    assert sent(client, '{"key": "x", "cash": "1", "amount": "1.00"}') == (400, "bad_amount")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"12.50", b'"text"', b"\xff\xfe", b"{\x00}", b"[" * 60_000,
        '{"amount": "12.50"}'.encode("utf-16"),
        f'{{"amount": "12.50", "amount": "1.00", "key": "{KEY}"}}'.encode(),
        f'{{"amount": "12.50", "key": "{KEY}", "price": "1.00"}}'.encode(),
        f'{{"amount": "12.50", "key": "{KEY}", "note": "\xff"}}'.encode("latin-1"),
        f'{{"key": "{KEY}"}}'.encode(),
        b'{"amount": "12.50"}',
    ],
)  # fmt: skip
def test_a_broken_body_is_refused(client: FlaskClient, body: bytes) -> None:
    assert sent(client, body) == (400, "bad_form")


@pytest.mark.parametrize(
    "field",
    [
        {"key": "no uuid"}, {"key": 7}, {"key": None}, {"key": KEY.replace("-", "")}, {"key": f"{{{KEY}}}"},
        {"key": KEY + "\n"}, {"note": "n" * 41}, {"note": 7}, {"note": None}, {"note": "a\nb"}, {"note": "\x00"},
        {"note": "\u0085"}, {"confirm": "1"}, {"confirm": 1}, {"confirm": "true"}, {"confirm": None},
        {"handle": ""}, {"handle": "h" * 65}, {"handle": ["ana"]}, {"handle": "a\x00"}, {"next": "/" * 10},
        {"assertion": "text"}, {"assertion": []},
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_kind_is_refused(client: FlaskClient, field: dict[str, object]) -> None:
    assert sent(client, json.dumps({"amount": "12.50", "key": KEY} | field)) == (400, "bad_form")


@pytest.mark.parametrize("field", ["note", "handle"])
def test_half_a_surrogate_pair_never_reaches_the_database(client: FlaskClient, field: str) -> None:
    body = f'{{"amount": "12.50", "key": "{KEY}", "{field}": "\\ud800"}}'
    assert sent(client, body) == (400, "bad_form")


@pytest.mark.parametrize(
    ("typed", "minor"), [("12", 1200), ("12.5", 1250), ("12.50", 1250), ("12,5", 1250), ("12,50", 1250)]
)
def test_a_person_may_type_an_amount_in_five_ways(client: FlaskClient, typed: str, minor: int) -> None:
    answer = client.post("/bill", data={"amount": typed, "key": KEY})
    assert answer.get_json()["amount"] == minor


@pytest.mark.parametrize(
    "typed", ["1.000", "1,000", "1,234.50", "0", "0,00", "-1", "1e3", "１０", "abc", "12.50.1", "."]
)
def test_three_digits_after_the_mark_are_never_guessed_at(client: FlaskClient, typed: str) -> None:
    answer = client.post("/bill", data={"amount": typed, "key": KEY}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["type"]) == (400, "bad_amount")


def test_a_blank_optional_field_of_a_form_is_absent(client: FlaskClient) -> None:
    answer = client.post("/bill", data={"amount": "1", "key": KEY, "note": "", "cash": "", "confirm": "1"})
    found = answer.get_json()
    assert (found["cash"], found["note"], found["confirm"]) == (0, "", True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"amount=1&amount=2&key={KEY}", "application/x-www-form-urlencoded"),
        (f"amount=1&key={KEY}&price=2", "application/x-www-form-urlencoded"),
        (f"amount=1&key={KEY}&note=%FF", "application/x-www-form-urlencoded"),
        (f"amount=1&key={KEY}&note=%00", "application/x-www-form-urlencoded"),
        ("amount", "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(41)), "application/x-www-form-urlencoded"),
        ("amount=1", "text/plain"),
        ("--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_a_broken_form_is_refused(client: FlaskClient, body: str, kind: str) -> None:
    answer = client.post("/bill", data=body, content_type=kind, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["type"]) == (400, "bad_form")


def test_reading_outside_a_form_raises_a_refusal() -> None:
    app = Flask(__name__)
    with app.test_request_context("/", method="POST", json={}), pytest.raises(Refusal) as refused:
        read(key=key())
    assert refused.value.code == "bad_form"
