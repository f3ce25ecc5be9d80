"""What a script of somebody else relies on: status, exact fields, and the shape of each value."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import JSON, new_key

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
WORDS = re.compile(r"[a-z]+ [a-z]+")


def says(answer: TestResponse, status: int, **fields: str | re.Pattern[str]) -> dict[str, Any]:
    """Hold a JSON answer to its status and to exactly these fields; give its body."""
    body: dict[str, Any] = answer.get_json()
    assert answer.status_code == status, body
    assert answer.content_type == "application/json"
    assert set(body) == set(fields), body
    for name, wanted in fields.items():
        found = body[name]
        assert wanted.fullmatch(found) if isinstance(wanted, re.Pattern) else found == wanted, (name, found)
    return body


def refuses(answer: TestResponse, status: int, code: str) -> None:
    """Hold a JSON refusal to its status and its code, and to a sentence for people."""
    body = answer.get_json()
    assert (answer.status_code, body["type"], body["status"]) == (status, code, status), body
    assert answer.content_type == "application/problem+json"
    assert body["title"].endswith(".")


def is_replay(answer: TestResponse) -> bool:
    """Tell whether an answer was given before."""
    return answer.headers.get("Idempotent-Replay") == "true"


def post(browser: FlaskClient, path: str, **body: object) -> TestResponse:
    """Send JSON as a script does."""
    return browser.post(path, json=body, headers=JSON)


def charge(browser: FlaskClient, amount: str = "2.50", **body: object) -> TestResponse:
    """Ask for a bill at the bakery's till."""
    return post(browser, "/tills/bakery-1/bills", **{"amount": amount, "key": new_key(), **body})


def bill_of(browser: FlaskClient, amount: str = "2.50", **body: object) -> str:
    """Make a bill at the bakery's till; give its code."""
    answer = charge(browser, amount, **body)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["code"])


def pay(browser: FlaskClient, code: str, **body: object) -> TestResponse:
    """Pay a bill."""
    return post(browser, f"/b/{code}/pay", **{"key": new_key(), **body})


def scan(browser: FlaskClient, token: str, amount: str = "2.50", **body: object) -> TestResponse:
    """Charge the member who shows `token` at the bakery's till."""
    return post(browser, "/tills/bakery-1/scans", **{"token": token, "amount": amount, "key": new_key(), **body})
