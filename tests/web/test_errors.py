"""Errors as pages: in words, with the way on, and with everything that was typed."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import JSON
from wallet.errors import DEFAULTS, refuse
from wallet.web.current import public
from wallet.web.fields import flag, key, note
from wallet.web.forms import read

# What is tried here never gets as far as the database.
pytestmark = pytest.mark.only_on("sqlite")

KEY = "6f9619ff-8b86-4d11-b42d-00c04fc964ff"


@pytest.fixture
def refusing(app: Flask) -> Callable[[str], FlaskClient]:
    """Give a function that opens a browser of an application whose address /try refuses with a code."""

    def opened(code: str) -> FlaskClient:
        @app.post("/try")
        @public
        def attempt() -> str:
            read(key=key(), note=note(), confirm=flag())
            raise refuse(code)

        return app.test_client()

    return opened


@pytest.mark.parametrize("code", ["busy", "too_many"])
def test_what_may_be_sent_again_is_kept_on_the_page_with_its_key(
    refusing: Callable[[str], FlaskClient], code: str
) -> None:
    answer = refusing(code).post("/try", data={"key": KEY, "note": "<b>no 7</b>", "confirm": "1"})
    assert answer.headers["Retry-After"] == "1"
    assert f'name="key" value="{KEY}"' in answer.text
    assert 'name="note" value="&lt;b&gt;no 7&lt;/b&gt;"' in answer.text
    assert answer.text.count('name="confirm" value="1"') == 1
    assert 'action="/try"' in answer.text


def test_a_payment_that_looks_repeated_can_be_confirmed_with_one_press(refusing: Callable[[str], FlaskClient]) -> None:
    answer = refusing("looks_repeated").post("/try", data={"key": KEY})
    assert answer.status_code == 409
    assert answer.text.count('name="confirm" value="1"') == 1


def test_what_cannot_work_a_second_time_offers_no_second_try(refusing: Callable[[str], FlaskClient]) -> None:
    answer = refusing("bill_expired").post("/try", data={"key": KEY})
    assert answer.status_code == 410
    assert "<form" not in answer.text


@pytest.mark.parametrize("code", sorted(DEFAULTS))
def test_every_refusal_ends_with_what_to_do_next(code: str) -> None:
    sentence = DEFAULTS[code][1]
    # What to do stands first where it is all there is to say.
    assert sentence.startswith("Confirm ") or not re.search(r"(moved|changed|yours|see|already)\.$", sentence)


def test_what_is_too_much_for_an_act_says_that_no_money_moved() -> None:
    assert "No money moved." in DEFAULTS["too_large"][1]


@pytest.mark.parametrize(
    "code",
    [
        "unknown_coop", "unknown_till", "unknown_refund", "unknown_run", "unknown_sale", "unknown_proposal",
        "not_signed_in", "busy",
    ],
)  # fmt: skip
def test_what_may_refuse_an_act_that_was_done_before_speaks_of_this_try_alone(code: str) -> None:
    sentence = DEFAULTS[code][1]
    assert re.search(r" This try (moved no money|changed nothing)[.;]", sentence)
    assert not re.search(r"No money moved|Nothing was changed", sentence)


def test_a_busy_wallet_asks_for_the_same_once_more_for_the_first_may_have_paid() -> None:
    assert "Send the same again" in DEFAULTS["busy"][1]


def test_a_problem_carries_its_code_its_sentence_and_its_status(refusing: Callable[[str], FlaskClient]) -> None:
    answer = refusing("insufficient_funds").post("/try", json={"key": KEY})
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json() == {
        "type": "insufficient_funds", "title": refuse("insufficient_funds").sentence, "status": 409,
    }  # fmt: skip


def test_who_is_not_signed_in_comes_back_to_the_same_page(stranger: FlaskClient) -> None:
    answer = stranger.get("/activity")
    assert answer.status_code == 401
    assert 'href="/demo?next=/activity"' in answer.text


@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("http://localhost/office/bakery/pool", "/office/bakery/pool"),
        (f"http://localhost/office/bakery/pool?proposed={'1' * 200}", "/office/bakery/pool"),
        ("http://localhost/nowhere", "/"),
        ("http://elsewhere.example/office/bakery/pool", "/"),
        ("", "/"),
    ],
)
def test_who_was_signed_out_while_sending_goes_on_with_the_page_of_the_form(
    stranger: FlaskClient, page: str, way: str
) -> None:
    answer = stranger.post("/office/bakery/pool", data={"amount": "1"}, headers={"Referer": page} if page else {})
    assert answer.status_code == 401
    assert f'href="/demo?next={way}"' in answer.text


def test_what_came_with_a_file_is_not_offered_again_without_it(app: Flask) -> None:
    @app.post("/try")
    @public
    def attempt() -> str:
        raise refuse("busy")

    sent = {"key": KEY, "file": (BytesIO(b"a,b"), "list.csv")}
    assert "<form" not in app.test_client().post("/try", data=sent).text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
    ],
)
def test_pages_are_the_default_and_json_is_for_who_asks(stranger: FlaskClient, accept: str, kind: str) -> None:
    assert stranger.get("/nowhere", headers={"Accept": accept}).mimetype == kind


def test_who_sends_json_reads_json(stranger: FlaskClient) -> None:
    assert stranger.post("/nowhere", json={}).mimetype == "application/problem+json"
    assert stranger.get("/nowhere", headers=JSON).get_json()["type"] == "unknown_page"


def test_a_fault_of_ours_is_found_in_the_log_by_what_its_page_says_with_its_route_and_not_its_address(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/try/<secret>")
    @public
    def attempt(secret: str) -> str:
        raise KeyError("nobody foresaw this")

    page = app.test_client().get("/try/K3YS3CR3T")
    incident = app.test_client().get("/try/K3YS3CR3T", headers=JSON).get_json()["incident"]
    assert page.status_code == 500
    told = re.search(r"If you report it, give this code: ([0-9A-Z]{8})\.", page.text)
    assert told
    for each in (told[1], incident):
        assert f"Unexpected failure {each}: GET /try/<secret>" in caplog.text
    assert "K3YS3CR3T" not in caplog.text


def test_the_log_says_why_the_database_does_not_answer_and_of_no_row(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/try")
    @public
    def attempt() -> str:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("the server is going\nDETAIL: Key (handle)=(ana)"))

    assert app.test_client().get("/try").status_code == 503
    assert "OperationalError: the server is going" in caplog.text
    assert "(ana)" not in caplog.text
