"""Browser safety: every answer carries the headers, every unsafe address refuses other sites, nothing large gets in."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import product
from wsgiref.util import setup_testing_defaults

import pytest
import sqlalchemy as sa
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import run_wsgi_app

from tests.web.conftest import JSON
from wallet.config import ROOT, Settings
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.web.security import check_settings

# What is tried here never gets as far as the database.
pytestmark = pytest.mark.only_on("sqlite")

FOREIGN = (
    "http://evil.example",
    "null",
    "http://localhost:8001",
    "http://localhost.evil.example",
    "",
    "https://localhost",
)
STRONG = "Zq8!mN2#vR5@xT7$wK4%yP9^cL3&hJ6*"


def unsafe_routes(app: Flask) -> list[tuple[str, str]]:
    return [(method, address(rule)) for rule in app.url_map.iter_rules() for method in unsafe(rule)]


def unsafe(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}


def address(rule: Rule) -> str:
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<{name}>", "7K3MQ2XA").replace(f"<path:{name}>", "x").replace(f"<int:{name}>", "1")
    return path


def assert_safe(headers: dict[str, str]) -> None:
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy.pop("img-src") == "'self' data:"
    assert set(policy.values()) == {"'self'", "'none'"}
    for name in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert policy[name] == "'none'"
    # What default-src does not speak of.
    assert policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    allowed = dict(part.split("=") for part in headers["Permissions-Policy"].split(", "))
    assert allowed["camera"] == "(self)"
    assert set(allowed.values()) == {"(self)", "()"}
    assert {allowed[name] for name in ("microphone", "geolocation", "payment", "usb", "serial", "midi")} == {"()"}


def test_every_address_answers_with_the_safety_headers(app: Flask, stranger: FlaskClient) -> None:
    asked = 0
    for rule in app.url_map.iter_rules():
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            answer = stranger.open(address(rule), method=method, headers=JSON)
            assert_safe(dict(answer.headers))
            assert answer.status_code < 500, (method, rule.rule)
            asked += 1
    assert asked > 70


def test_static_files_the_missing_page_and_a_failure_carry_them_too(app: Flask, stranger: FlaskClient) -> None:
    some_file = next(path for path in (ROOT / "static").rglob("*.js"))
    version = app.extensions["static_version"]
    static = stranger.get(f"/static/{version}/{some_file.relative_to(ROOT / 'static').as_posix()}")
    assert static.status_code == 200
    assert "immutable" in static.headers["Cache-Control"]
    for answer in (static, stranger.get("/static/old/app.css"), stranger.get("/healthz"), stranger.get("/%00")):
        assert_safe(dict(answer.headers))
        answer.close()


def test_no_other_site_has_a_hand_on_our_windows_or_shows_what_is_ours(app: Flask, stranger: FlaskClient) -> None:
    script = f"/static/{app.extensions['static_version']}/js/early.js"
    for path in ("/", "/sign-in", "/nothing", script):
        answer = stranger.get(path)
        for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"):
            assert answer.headers[name] == "same-origin", path
        answer.close()


def test_whoever_writes_to_a_static_file_is_judged_and_refused_as_everywhere(app: Flask, stranger: FlaskClient) -> None:
    address = f"/static/{app.extensions['static_version']}/js/early.js"
    for headers, status, code in (
        (JSON, 404, "unknown_page"),
        (JSON | {"Origin": "http://evil.example"}, 403, "not_allowed"),
    ):
        answer = stranger.post(address, headers=headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.get_json()["type"] == code


def test_a_failure_shows_no_page_of_code_and_keeps_the_headers(app: Flask) -> None:
    app.testing = False

    @app.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError("secret detail")

    fails.is_public = True  # type: ignore[attr-defined]
    browser = app.test_client()
    as_json, as_page = browser.get("/fails", headers=JSON), browser.get("/fails")
    for answer in (as_json, as_page):
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert_safe(dict(answer.headers))
    assert as_json.mimetype == "application/problem+json"
    assert as_json.get_json()["type"] == "broken"
    assert as_page.mimetype == "text/html"


def test_another_origin_is_refused_on_every_unsafe_address(
    app: Flask, browser_of: Callable[[str], FlaskClient]
) -> None:
    browser = browser_of("ana")
    routes = unsafe_routes(app)
    assert len(routes) >= 10
    for (method, path), origin in product(routes, FOREIGN):
        answer = browser.open(path, method=method, json={}, headers=JSON | {"Origin": origin})
        assert (answer.status_code, answer.get_json()["type"]) == (403, "not_allowed"), path


def test_a_fetch_from_elsewhere_is_refused_on_every_unsafe_address(
    app: Flask, browser_of: Callable[[str], FlaskClient]
) -> None:
    browser = browser_of("ana")
    for (method, path), site in product(unsafe_routes(app), ("cross-site", "same-site", "elsewhere", "")):
        answer = browser.open(path, method=method, json={}, headers=JSON | {"Sec-Fetch-Site": site})
        assert answer.status_code == 403, path


def test_what_comes_from_elsewhere_is_refused_before_anybody_asks_who_is_there(
    app: Flask, stranger: FlaskClient
) -> None:
    for token, (method, path) in product((None, "A" * 43), unsafe_routes(app)):
        if token:
            stranger.set_cookie("wallet", token)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = stranger.open(path, method=method, json={}, headers=JSON | headers)
            assert (answer.status_code, answer.get_json()["type"]) == (403, "not_allowed"), path
        answer = stranger.open(path, method=method, json={}, headers=JSON | {"Host": "evil.example"})
        assert (answer.status_code, answer.get_json()["type"]) == (400, "bad_form"), path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_and_scripts_are_taken(stranger: FlaskClient, headers: dict[str, str]) -> None:
    answer = stranger.post("/demo/sign-in", json={"handle": "ana"}, headers=headers)
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://wallet.example", 404),
        ("http://wallet.example", 403),
        ("https://wallet.example:8443", 403),
        ("https://www.wallet.example", 403),
        ("http://localhost", 403),
    ],
)
def test_outside_the_demo_one_origin_is_ours_whatever_scheme_the_proxy_speaks(
    federation: Kit, origin: str, status: int
) -> None:
    settings = replace(federation.settings, origin="https://wallet.example", secret_key=STRONG)
    browser = create_app(settings, engine=federation.engine, clock=federation.clock).test_client()

    answer = browser.post(
        "/sign-in/recovery", base_url="http://wallet.example", json={"code": "x"}, headers=JSON | {"Origin": origin}
    )

    assert answer.status_code == status


def test_reading_from_elsewhere_is_no_crime(stranger: FlaskClient) -> None:
    assert stranger.get("/demo", headers=JSON | {"Origin": "http://evil.example"}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example:8000", "", "wallet.example", "[::1", "a b",
        "localhost:8000.evil.example", "localhost/evil",
        "localhost?x", "[::1]x", "user@localhost:8000", "localhost:", "localhost:8000:8000",
    ],
)  # fmt: skip
def test_another_host_name_is_refused(stranger: FlaskClient, host: str) -> None:
    answer = stranger.get("/demo", headers=JSON | {"Host": host})
    assert answer.status_code == 400
    assert_safe(dict(answer.headers))


def test_a_large_body_is_refused_and_a_body_at_the_limit_is_read(stranger: FlaskClient) -> None:
    large = stranger.post("/demo/sign-in", data=b"x" * (64 * 1024 + 1), content_type="application/json")
    assert (large.status_code, large.get_json()["type"]) == (413, "too_large")
    full = stranger.post("/demo/sign-in", data=b"x" * (64 * 1024), content_type="application/json")
    assert full.get_json()["type"] == "bad_form"
    # Also where nobody would read it.
    assert stranger.post("/sign-out", data=b"x" * (64 * 1024 + 1)).status_code == 413


def test_a_large_body_without_a_length_is_refused(app: Flask) -> None:
    environ: dict[str, object] = {}
    setup_testing_defaults(environ)
    environ |= {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/demo/sign-in", "HTTP_HOST": "localhost:8000",
        "CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(b"x" * 100_000), "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }  # fmt: skip
    environ.pop("CONTENT_LENGTH", None)
    _body, status, _headers = run_wsgi_app(app, environ)
    assert status.startswith("413")


def test_a_wrong_method_says_which_are_right(stranger: FlaskClient) -> None:
    answer = stranger.put("/demo/sign-in", json={"handle": "ana"})
    assert (answer.status_code, answer.get_json()["type"]) == (405, "wrong_method")
    assert answer.headers["Allow"] == "POST"


def test_head_answers_like_get_without_a_body(stranger: FlaskClient) -> None:
    for path in ("/healthz", "/readyz", "/demo"):
        shown, asked = stranger.get(path, headers=JSON), stranger.head(path, headers=JSON)
        assert (asked.status_code, asked.data) == (shown.status_code, b"")


def test_an_answer_to_a_signed_in_browser_is_never_stored(app: Flask, browser_of: Callable[[str], FlaskClient]) -> None:
    browser = browser_of("ana")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "health.alive":
            answer = browser.get(address(rule), headers=JSON)
            assert answer.headers["Cache-Control"] == "no-store", rule.rule


def test_an_answer_is_kept_only_where_its_view_says_so_and_nobody_is_known(app: Flask, stranger: FlaskClient) -> None:
    def said(cookie: bool = False) -> Response:
        answer = Response("for all")
        answer.headers["Cache-Control"] = "no-cache"
        if cookie:
            answer.set_cookie("name", "value")
        return answer

    for path, view in (("/said", said), ("/unsaid", lambda: "for all"), ("/said-with-a-cookie", lambda: said(True))):
        view.is_public = True  # type: ignore[attr-defined]
        app.add_url_rule(path, path[1:], view)

    kept = [stranger.get(path).headers["Cache-Control"] for path in ("/said", "/unsaid", "/said-with-a-cookie")]
    assert kept == ["no-cache", "no-store", "no-store"]
    # The cookie that just came is sent now.
    assert stranger.get("/said").headers["Cache-Control"] == "no-store"


def test_every_address_but_the_open_ones_asks_who_is_there(app: Flask, stranger: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if not getattr(view, "is_public", False):
                answer = stranger.open(address(rule), method=method, headers=JSON)
                assert answer.status_code == 401, (method, rule.rule)


def test_control_characters_in_an_address_are_a_missing_page(browser_of: Callable[[str], FlaskClient]) -> None:
    browser = browser_of("bea")
    for path in ("/b/%00", "/tills/%00", "/receipts/a%0Ab", "/tills/%ED%A0%80", "/b/%FF", "/m/%00"):
        assert browser.get(path, headers=JSON).status_code == 404, path


def test_over_https_the_browser_is_told_to_stay_there(federation: Kit) -> None:
    settings = replace(federation.settings, origin="https://wallet.example", secret_key=STRONG)
    app = create_app(settings, engine=federation.engine, clock=federation.clock)
    answer = app.test_client().get("/readyz", base_url="https://wallet.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.status_code == 200
    assert app.test_client().get("/offline", base_url="https://localhost").status_code == 400


def test_no_address_leads_from_https_to_http(federation: Kit) -> None:
    settings = replace(federation.settings, origin="https://wallet.example", secret_key=STRONG)
    app = create_app(settings, engine=federation.engine, clock=federation.clock)

    # A proxy that ends TLS speaks http with us, and need not tell that it did not with the browser.
    for address in ("/b//7K3MQ2XA", "/m//AQab", "/join//secret", "/tills", "/b/7K3MQ2XA/", "/office//bakery"):
        answer = app.test_client().get(address, base_url="http://wallet.example")
        assert not answer.headers.get("Location", "").startswith("http://"), address


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("wallet.example", 200), ("wallet.example:443", 200), ("WALLET.example", 200),
        ("www.wallet.example", 400), ("wallet.example:80", 400), ("wallet.example.evil.example", 400),
    ],
)  # fmt: skip
def test_outside_the_demo_one_name_is_ours(federation: Kit, host: str, status: int) -> None:
    settings = replace(federation.settings, origin="https://wallet.example", secret_key=STRONG)
    browser = create_app(settings, engine=federation.engine, clock=federation.clock).test_client()

    assert browser.get("/offline", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_who_watches_the_server_may_ask_it_by_the_address_of_its_machine(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path, base_url="http://10.1.2.3:8000").status_code == 200
    assert stranger.get("/offline", base_url="http://10.1.2.3:8000").status_code == 400


@pytest.mark.parametrize(
    "origin",
    ["https://wallet.example", "http://192.168.1.7:8000", "http://localhost.evil.example", "http://0.0.0.0:8000"],
)
def test_the_demo_starts_on_this_machine_only(origin: str) -> None:
    with pytest.raises(RuntimeError, match="WALLET_DEMO"):
        create_app(Settings(demo=True, origin=origin, database_url="sqlite://"))


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://127.0.0.1:9", "http://[::1]:8000", "https://localhost"]
)
def test_the_demo_starts_here(origin: str) -> None:
    check_settings(Settings(demo=True, origin=origin), serving=True)


@pytest.mark.parametrize(
    "secret", ["", "short", "a" * 64, "change me" * 5, "this-is-my-very-long-Secret-key-4711", "0123456789" * 4]
)
def test_a_weak_secret_does_not_serve_but_lets_commands_run(secret: str) -> None:
    settings = Settings(secret_key=secret, origin="https://wallet.example")
    with pytest.raises(RuntimeError, match="SECRET_KEY") as refused:
        create_app(settings)
    assert "token_urlsafe" in str(refused.value)
    check_settings(settings, serving=False)


@pytest.mark.parametrize(
    "origin",
    [
        "wallet.example", "https://wallet.example/path", "ftp://wallet.example", "", "https://",
        "https://wallet.example ", "https://wallet.example?", "https://wallet..example", "https://münchen.example",
        "https://wallet.example\u200b", "https://m\udcfcnchen.example",
    ],
)  # fmt: skip
def test_an_origin_is_an_origin(origin: str) -> None:
    with pytest.raises(RuntimeError, match="WALLET_ORIGIN"):
        check_settings(Settings(secret_key=STRONG, origin=origin), serving=True)


@pytest.mark.parametrize(
    ("written", "as_browsers_do"),
    [
        ("https://München.example", "https://xn--mnchen-3ya.example."),
        ("https://kasse.straße.example:8443", "https://kasse.xn--strae-oqa.example:8443."),
    ],
)
def test_who_writes_an_origin_in_letters_of_their_own_reads_how_browsers_send_it(
    written: str, as_browsers_do: str
) -> None:
    settings = Settings.from_environment({"WALLET_ORIGIN": written, "SECRET_KEY": STRONG})

    with pytest.raises(RuntimeError, match="WALLET_ORIGIN") as refused:
        check_settings(settings, serving=True)
    assert str(refused.value).endswith(f" Browsers send that as {as_browsers_do}")


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("HTTPS://Wallet.Example/", "https://wallet.example"),
        ("https://wallet.example:443", "https://wallet.example"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://wallet.example:0443", "https://wallet.example"),
        ("https://wallet.example:08443", "https://wallet.example:8443"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(written: str, origin: str) -> None:
    settings = Settings.from_environment({"WALLET_ORIGIN": written, "SECRET_KEY": STRONG})

    assert (settings.origin, settings.secure) == (origin, origin.startswith("https"))
    check_settings(settings, serving=True)


def test_a_database_that_does_not_answer_is_busy_not_broken(app: Flask, stranger: FlaskClient) -> None:
    app.testing = False

    @app.get("/cut")
    def cut() -> str:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))

    cut.is_public = True  # type: ignore[attr-defined]
    answer = stranger.get("/cut", headers=JSON)
    assert (answer.status_code, answer.get_json()["type"], answer.headers["Retry-After"]) == (503, "busy", "1")
