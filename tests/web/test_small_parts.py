"""The small parts of the web floor: filters, QR codes, log masks and health."""

import io
import logging
import re
import runpy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.imports import ROOT
from tests.web.conftest import JSON
from wallet.store import migrate
from wallet.store.tables import metadata
from wallet.web import filters, logs, qr

MORNING = datetime(2026, 7, 1, 23, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "plain", "signed"),
    [
        (0, "0.00", "0.00"), (5, "0.05", "+0.05"), (1250, "12.50", "+12.50"), (-1250, "−12.50", "−12.50"),
        (144000, "1,440.00", "+1,440.00"), (999_999_999_999, "9,999,999,999.99", "+9,999,999,999.99"),
    ],
)  # fmt: skip
def test_sums_have_two_decimals_and_a_true_minus(minor: int, plain: str, signed: str) -> None:
    assert (filters.amount(minor), filters.signed_amount(minor)) == (plain, signed)


@pytest.mark.parametrize(("bp", "written"), [(3000, "30"), (3364, "33.64"), (2830, "28.3"), (0, "0"), (10_000, "100")])
def test_ratios_have_a_narrow_space_that_does_not_break(bp: int, written: str) -> None:
    assert filters.percent_bp(bp) == f"{written}\u202f%"


def test_times_are_the_federations(app: Flask) -> None:
    with app.app_context():
        assert filters.day(MORNING) == "2\N{NO-BREAK SPACE}July 2026"
        assert filters.short_day(MORNING) == "Thu 2\N{NO-BREAK SPACE}Jul"
        assert filters.clock(MORNING) == "00:30"
        assert filters.instant_iso(MORNING) == "2026-07-01T23:30:05Z"
        assert filters.since_year(MORNING) == "2026"


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("2026", "2026"),
        ("2026-07", "July 2026"),
        ("2027-01-18", "18\N{NO-BREAK SPACE}January 2027"),
        ("2027-01-18-2", "2027\N{NON-BREAKING HYPHEN}01\N{NON-BREAKING HYPHEN}18\N{NON-BREAKING HYPHEN}2"),
        ("2027-13-18", "2027\N{NON-BREAKING HYPHEN}13\N{NON-BREAKING HYPHEN}18"),
        ("spring-2027", "spring\N{NON-BREAKING HYPHEN}2027"),
    ],
)
def test_a_period_is_written_in_words(label: str, written: str) -> None:
    assert filters.period_name(label) == written


def test_a_qr_code_is_black_on_white_with_four_modules_around() -> None:
    drawn = str(qr.svg("http://localhost:8000/b/7K3MQ2XA", 'Bill <"7K3M">'))
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', drawn)[0])
    assert (side - 8 - 17) % 4 == 0
    assert "&lt;&#34;7K3M&#34;&gt;" in drawn
    drawn = drawn.partition('fill="#000"')[2]
    xs = [int(x) for x in re.findall(r"M(\d+) \d+h", drawn)]
    ys = [int(y) for y in re.findall(r"M\d+ (\d+)h", drawn)]
    assert (min(xs), min(ys), max(ys)) == (4, 4, side - 5)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("GET /b/7K3MQ2XA HTTP/1.1", "GET /b/… HTTP/1.1"),
        ("GET /b/7K3MQ2XA/pay?x=1", "GET /b/…/pay?x=1"),
        ("https://wallet.example/m/AQab-_9 said", "https://wallet.example/m/… said"),
        ("'/join/secret'", "'/join/…'"),
        ("GET /to/7K3MQ2XA?key=1", "GET /to/…?key=1"),
        ("Error handling request /pair/ABCD1234", "Error handling request /pair/…"),
        ("/tills/bakery-1/bills", "/tills/bakery-1/bills"),
        ("POST /office/bakery/bills/7K3MQ2XA", "POST /office/bakery/bills/…"),
        ("/office/bakery/tablets?code=ABCD2345", "/office/bakery/tablets?code=…"),
        ("/tills/bakery-1?bill=7K3MQ2XA&left=unknown", "/tills/bakery-1?bill=…&left=unknown"),
        ("GET /?unpaid=7K3MQ2XA HTTP/1.1", "GET /?unpaid=… HTTP/1.1"),
        ("/sign-in?next=%2Fb%2F7K3MQ2XA", "/sign-in?next=%2Fb%2F…"),
        ("/sign-in?next=%2fjoin%2fsecret", "/sign-in?next=%2fjoin%2f…"),
        ("/sign-in?next=%252Fb%252F7K3MQ2XA", "/sign-in?next=%252Fb%252F…"),
        (
            "/you/confirm?next=/office/bakery/tablets%3Fcode%3DABCD2345",
            "/you/confirm?next=/office/bakery/tablets%3Fcode%3D…",
        ),
        ("code=ABCD2345", "code=…"),
        ('File "/srv/templates/bills/show.html", line 7', 'File "/srv/templates/bills/show.html", line 7'),
        ("/tills/bakery-1?paid=1EX72SJ9XJZP", "/tills/bakery-1?paid=1EX72SJ9XJZP"),
        (
            "Invalid request from ip=::1: Invalid HTTP Header: 'Cookie wallet=y-alp2gb'",
            "Invalid request from ip=::1: Invalid HTTP Header: …",
        ),
        (
            "Invalid request from ip=::1: Invalid HTTP Version: 'AQab-_9 HTTP/1.1'",
            "Invalid request from ip=::1: Invalid HTTP Version: …",
        ),
        ("Invalid request from ip=::1: limit request headers", "Invalid request from ip=::1: limit request headers"),
    ],
)
def test_logs_keep_no_code(line: str, kept: str) -> None:
    assert logs.masked(line) == kept


def test_a_log_record_is_masked_in_its_arguments_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(logs.Mask())
    logging.getLogger("anything").warning("Exception on %s [%s]", "/m/AQabcdef", "GET")
    assert caplog.messages == ["Exception on /m/… [GET]"]


def traced(error: Exception) -> str:
    """Give what the log says of an unforeseen error."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(logs.Mask())
    log = logging.Logger("anything")
    log.addHandler(handler)
    log.error("Unexpected failure", exc_info=error)
    return written.getvalue()


def test_a_failures_trace_is_masked_too() -> None:
    said = traced(ValueError("no bill at /b/7K3MQ2XA"))

    assert "ValueError: no bill at /b/…" in said
    assert "7K3MQ2XA" not in said


def test_the_trace_of_a_broken_constraint_keeps_nothing_of_its_row() -> None:
    broken = sa.exc.IntegrityError(
        "INSERT INTO keys",
        {},
        ValueError(
            'new row violates check constraint "till"\nDETAIL:  Failing row contains (K7M2QX9P, for Nia).\n'
            "CONTEXT:  PL/pgSQL function open_till() line 7\nunnamed portal parameter $1 = 'Bo'"
        ),
    )
    broken.__cause__ = broken.orig

    said = traced(broken)

    assert said.count('violates check constraint "till"\nDETAIL: …\n') == 2
    assert "The above exception" in said
    assert "[SQL: INSERT INTO keys]" in said
    assert re.search("K7M2QX9P|Nia|Bo", said) is None


def test_an_access_log_is_masked_in_each_of_its_parts() -> None:
    asked = {
        "REQUEST_METHOD": "GET", "RAW_URI": "/join/secret?x=1", "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": "/join/secret", "HTTP_REFERER": "http://localhost:8000/m/AQab", "QUERY_STRING": "next=/b/7K3MQ2XA",
    }  # fmt: skip
    answer = SimpleNamespace(status="200 OK", sent=2, headers=[])

    parts = logs.MaskedLogger(Config()).atoms(answer, SimpleNamespace(headers=[]), asked, timedelta())

    found = {part: parts[part] for part in ("r", "U", "f", "q")}
    assert found == {
        "r": "GET /join/…?x=1 HTTP/1.1", "U": "/join/…", "f": "http://localhost:8000/m/…", "q": "next=/b/…",
    }  # fmt: skip


def test_metrics_name_routes_not_addresses(stranger: FlaskClient) -> None:
    stranger.get("/b/7K3MQ2XA", headers=JSON)
    shown = stranger.get("/metrics").text
    assert "7K3MQ2XA" not in shown
    assert 'wallet_refusals_total{code="' in shown
    for line in shown.splitlines():
        assert line.startswith("#") or re.fullmatch(r'\w+(\{(\w+="[^"\\\n]*",?)+\})? -?\d+', line), line


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("127.0.0.1", "127.0.0.1:8000"), ("wallet.internal", "wallet.internal:8000"), ("", ":8000"),
        ("::1", "[::1]:8000"), ("::", "[::]:8000"), ("[::1]", "[::1]:8000"),
    ],
)  # fmt: skip
def test_an_address_of_either_family_can_be_bound(monkeypatch: pytest.MonkeyPatch, host: str, bound: str) -> None:
    for name, value in {"WEB_HOST": host, "PORT": "8000", "WALLET_DEMO": ""}.items():
        monkeypatch.setenv(name, value)
    assert runpy.run_path(str(ROOT / "gunicorn.conf.py"))["bind"] == bound


def test_ready_means_reached_and_migrated(stranger: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert stranger.get("/readyz").status_code == 200
    engine = app.extensions["kit"].engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    assert stranger.get("/readyz", headers=JSON).status_code == 503
    assert caplog.messages == [f"Not ready: {migrate.BEHIND}"]
    assert stranger.get("/healthz").text == "ok\n"
    assert metadata.tables
