"""What a till's cashier asks of the server, as a script does."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import JSON, new_key

KEY = "7c1f6d0a-3c5e-4a53-9a7d-0d2f5b7b9d11"


def charge(browser: FlaskClient, amount: str = "2.50", **fields: object) -> TestResponse:
    """Make a bill."""
    body = {"amount": amount, "key": new_key(), **fields}
    return browser.post("/tills/bakery-1/bills", json=body, headers=JSON)


def scan(browser: FlaskClient, token: str, amount: str = "2.50", **fields: object) -> TestResponse:
    """Charge the member whose code this is."""
    body = {"token": token, "amount": amount, "key": new_key(), **fields}
    return browser.post("/tills/bakery-1/scans", json=body, headers=JSON)


def problem(answer: TestResponse, status: int, code: str, sent: object = "") -> None:
    """Expect this refusal, in its proper form."""
    said = answer.get_json()
    assert (answer.status_code, said["type"]) == (status, code), sent
    assert answer.content_type.startswith("application/problem+json")
    assert said["status"] == status
    assert said["title"]
