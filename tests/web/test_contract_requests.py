"""What scripts of somebody else may send, and what every answer carries, whoever asks and whatever went wrong."""

import http.client
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.serving import served
from tests.web.conftest import JSON, new_key
from tests.web.outsider import bill_of, charge, is_replay, pay, post, refuses
from wallet.kit import Kit

Browser = Callable[[str], FlaskClient]
BILLS = "/tills/bakery-1/bills"
NO_AMOUNTS = [
    '"0"',
    '"0.00"',
    '"-1"',
    '"-1.00"',
    '"0.001"',
    '"1e3"',
    '"１０"',
    '"１０.００"',
    '"1_000"',
    '"1_000.00"',
    '"9223372036854775808"',
    '"NaN"',
    '""',
    '"12"',
    '"12.5"',
    '"1,00"',
    '"01.00"',
    '"+1.00"',
    '"1.00\\n"',
    '"9223372036854775808.00"',
    '"10000000000.00"',
    "NaN",
    "Infinity",
    "true",
    "null",
    "[10]",
    '["1.00"]',
    "{}",
    "9007199254740993",
    "9223372036854775808",
    "12.5",
    "1e3",
    "-0.0",
]


@pytest.fixture
def bea(browser_of: Browser) -> FlaskClient:
    return browser_of("bea")


def send(browser: FlaskClient, body: str | bytes, path: str = BILLS, kind: str = "application/json"):  # type: ignore[no-untyped-def]
    return browser.post(path, data=body, content_type=kind, headers=JSON)


def test_what_is_no_amount_is_refused_wherever_an_amount_is_asked(
    bea: FlaskClient, balances: Callable[[], object]
) -> None:
    before = balances()
    for written in NO_AMOUNTS:
        refuses(send(bea, f'{{"amount": {written}, "key": "{new_key()}"}}'), 400, "bad_amount")
        scan = f'{{"amount": {written}, "token": "x", "key": "{new_key()}"}}'
        refuses(send(bea, scan, "/tills/bakery-1/scans"), 400, "bad_amount")
        if written != '"0.00"':
            refuses(send(bea, f'{{"amount": "9.00", "cash": {written}, "key": "{new_key()}"}}'), 400, "bad_amount")
    refuses(charge(bea, "1.00", cash="1.01"), 400, "bad_amount")
    assert balances() == before
    largest = charge(bea, "9999999999.99").get_json()
    assert largest["amount"] == "9999999999.99"


def test_what_is_no_request_is_refused(bea: FlaskClient) -> None:
    good = {"amount": "1.00", "key": new_key()}
    whole = json.dumps(good)
    broken: list[str | bytes] = [
        "",
        "null",
        "[]",
        '"1.00"',
        f"{whole}x",
        f"\ufeff{whole}",
        "[" * 30_000,
        '{"a":' * 9_000 + "1" + "}" * 9_000,
        whole.replace("{", '{"amount": "2.00", ', 1),
        whole.encode("utf-16"),
        whole.replace("1.00", "\\ud800").encode(),
        whole.replace("{", '{"note": "\xff", ').encode("latin-1"),
        *(
            json.dumps({**good, **more})
            for more in (
                {"x": 1},
                {"state": "paid"},
                {"note": "x" * 41},
                {"note": "a\0b"},
                {"note": "a\nb"},
                {"note": None},
                {"note": 5},
                {"key": "x"},
                {"key": 5},
                {"key": new_key().replace("-", "")},
                {"key": f"{{{new_key()}}}"},
            )
        ),
        json.dumps({"amount": "1.00"}),
        json.dumps({"key": new_key()}),
    ]
    for body in broken:
        answer = send(bea, body)
        assert answer.get_json()["type"] in ("bad_form", "bad_amount"), body[:60]
        assert answer.status_code == 400
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
        refuses(send(bea, whole, kind=kind), 400, "bad_form")
    refuses(send(bea, whole + " " * 70_000), 413, "too_large")
    assert not is_replay(send(bea, whole)), "none of them has used the key"
    assert charge(bea, "1.00", note="\N{SNOWMAN}" * 40).status_code == 201, "forty characters are a note"
    code = bill_of(bea)
    for act in ("claim", "decline", "cancel"):
        refuses(post(bea, f"/b/{code}/{act}", more=1), 400, "bad_form")
    refuses(pay(bea, code, confirm="yes"), 400, "bad_form")


def test_a_form_takes_what_people_write_and_never_guesses(bea: FlaskClient) -> None:
    for typed, amount in (
        ("12", "12.00"),
        ("12.5", "12.50"),
        ("12,5", "12.50"),
        ("12.50", "12.50"),
        (" 12,50 ", "12.50"),
    ):
        made = bea.post(BILLS, data={"amount": typed, "key": new_key()})
        assert made.status_code == 303, typed
        code = made.location.rpartition("=")[2]
        assert bea.get(f"/b/{code}", headers=JSON).get_json()["amount"] == amount
        assert bea.post(f"/b/{code}/cancel").status_code == 303
    for typed in (
        "",
        "0",
        "0,00",
        "-1",
        "1.234",
        "1,234",
        "1 000",
        "1e3",
        "１０",
        "1_000",
        "NaN",
        "12.",
        ",5",
        str(2**63),
    ):
        page = bea.post(BILLS, data={"amount": typed, "key": new_key()})
        assert (page.status_code, page.mimetype) == (400, "text/html"), typed
        assert "No money moved" in page.text


def test_a_fourth_bill_of_the_screen_is_told_when_to_come_again(bea: FlaskClient) -> None:
    for _three in range(3):
        assert bea.post(BILLS, data={"amount": "1", "key": new_key()}).status_code == 303
    page = bea.post(BILLS, data={"amount": "1", "key": new_key()})
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert int(page.headers["Retry-After"]) > 0
    assert charge(bea, "1.00").status_code == 201, "a script may open any number"


def test_who_names_json_reads_json_and_everyone_else_a_page(bea: FlaskClient) -> None:
    code = bill_of(bea)
    for accept, is_json in (
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("application/json, text/plain, */*", True),
        ("application/json,*/*;q=0.5", True),
        ("application/problem+json", True),
        ("text/html;q=0.8, application/json", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/html, application/json;q=0.9", False),
        ("application/json;q=0, */*", False),
        ("application/json;q=0", False),
        ("*/*", False),
        ("", False),
    ):
        headers = {"Accept": accept}
        assert bea.get(f"/b/{code}", headers=headers).is_json is is_json, accept
        assert (bea.get("/b/ZZZZZZZZ", headers=headers).mimetype == "application/problem+json") is is_json, accept


def test_a_request_is_judged_by_its_session_before_its_content(bea: FlaskClient, stranger: FlaskClient) -> None:
    code = bill_of(bea)
    stranger.set_cookie("wallet", "A" * 43)
    for path in (BILLS, "/tills/bakery-1/scans", f"/b/{code}/pay", "/b/nonsense/pay", f"/b/{code}/claim"):
        refuses(post(stranger, path, amount=10), 401, "not_signed_in")
    page = stranger.post(f"/b/{code}/pay", data={})
    assert page.status_code == 401
    assert "You are not signed in" in page.text


def test_an_unsafe_request_comes_from_here_or_from_a_script(bea: FlaskClient) -> None:
    sent: list[tuple[dict[str, str], bool]] = [
        ({}, True),
        ({"Origin": "http://localhost:8000"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://localhost:8001"}, False),
        ({"Origin": "https://localhost:8000"}, False),
        ({"Origin": "http://localhost:8000.elsewhere.example"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://localhost:8000", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "none"}, False),
    ]
    for headers, is_taken in sent:
        body, here = {"amount": "1.00", "key": new_key()}, {"Host": "localhost:8000", **headers}
        answer = bea.post(BILLS, json=body, headers={**JSON, **here})
        if is_taken:
            assert answer.status_code == 201, headers
        else:
            refuses(answer, 403, "not_allowed")
        assert bea.get("/me", headers=here).status_code == 200, headers


def test_wrong_methods_and_addresses_are_told_so(bea: FlaskClient) -> None:
    code = bill_of(bea)
    for method, path, allowed in (
        ("PUT", "/me", {"GET", "HEAD"}),
        ("OPTIONS", "/me", {"GET", "HEAD"}),
        ("GET", BILLS, {"POST"}),
        ("GET", f"/b/{code}/pay", {"POST"}),
        ("DELETE", f"/b/{code}", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
    ):
        answer = bea.open(path, method=method, headers=JSON)
        refuses(answer, 405, "wrong_method")
        assert set(answer.headers["Allow"].split(", ")) == allowed
    for path in ("/nowhere", f"/b/{code}/", "/me/", "/b/", "/m/", "/tills/bakery-1/", "/b/%00", "/%ff"):
        refuses(bea.get(path, headers=JSON), 404, "unknown_page")


def test_head_is_get_without_a_body(bea: FlaskClient) -> None:
    code = bill_of(bea)
    for path in ("/", "/me", f"/b/{code}", f"/b/{code}/qr.svg", "/m/x", "/healthz", "/readyz", "/metrics", "/nowhere"):
        whole, head = (bea.open(path, method=method) for method in ("GET", "HEAD"))
        assert (head.status_code, head.data, head.mimetype) == (whole.status_code, b"", whole.mimetype)


def test_health_and_counters_are_open_to_machines(stranger: FlaskClient, bea: FlaskClient, browser_of: Browser) -> None:
    for path in ("/healthz", "/readyz"):
        assert (stranger.get(path).status_code, stranger.get(path).mimetype) == (200, "text/plain")

    def count(name: str) -> int:
        lines = stranger.get("/metrics").text.splitlines()
        return next((int(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0)

    before, refused = count("wallet_payments_total"), count('wallet_refusals_total{code="bad_amount"}')
    ana, code, key = browser_of("ana"), bill_of(bea), new_key()
    for _twice in range(2):
        assert ana.post(f"/b/{code}/pay", data={"key": key}).status_code == 303
    assert count("wallet_payments_total") == before + 1, "a replay is no payment, a form's payment is one"
    bea.post(BILLS, data={"amount": "0", "key": new_key()})
    assert count('wallet_refusals_total{code="bad_amount"}') == refused + 1


def test_a_server_refuses_what_is_no_http_with_the_headers_of_every_answer(federation: Kit) -> None:
    with served(federation.settings.database_url) as port:
        wrong: list[tuple[str, dict[str, str], int]] = [
            (f"/{'a' * 9_000}", {}, 414),
            ("/me", {"X-Long": "a" * 70_000}, 431),
            ("/me", {"Transfer-Encoding": "x"}, 501),
        ]
        for path, headers, status in wrong:
            connection = http.client.HTTPConnection("localhost", port, timeout=15)
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.status == status
            assert "object-src 'none'" in (answer.getheader("Content-Security-Policy") or "")
            assert answer.getheader("X-Content-Type-Options") == "nosniff"
            assert answer.getheader("Referrer-Policy") == "same-origin"
            assert answer.getheader("Permissions-Policy")
            assert answer.getheader("Cache-Control") == "no-store"
            connection.close()
