"""Sessions: a new token at each sign-in, rows that die at once, a cookie that scripts and other sites cannot use."""

from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.persona import sign_in
from tests.web.conftest import JSON, for_real_people
from tests.web.doors import code_of, resident
from wallet.domain.secret import digest_of
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.store.tables import sessions as rows

STRONG = "Zq8!mN2#vR5@xT7$wK4%yP9^cL3&hJ6*"


def token_of(browser: FlaskClient) -> str | None:
    cookie = browser.get_cookie("wallet")
    return cookie.value if cookie else None


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/me", headers=JSON).status_code == 200


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(stranger: FlaskClient) -> None:
    answer = stranger.post("/demo/sign-in", json={"handle": "ana"})
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["wallet"]
    assert answer.status_code == 204
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert stranger.get("/me", headers=JSON).get_json()["handle"] == "ana"


def test_over_https_the_cookie_belongs_to_this_host_alone(federation: Kit) -> None:
    settings = replace(federation.settings, demo=True, origin="https://localhost")
    app = create_app(settings, engine=federation.engine, clock=federation.clock)
    answer = app.test_client().post("/demo/sign-in", json={"handle": "ana"}, base_url="https://localhost")
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-wallet"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_over_https_the_browser_gives_the_cookie_back_on_signing_out(federation: Kit) -> None:
    settings = replace(federation.settings, demo=True, origin="https://localhost")
    browser = create_app(settings, engine=federation.engine, clock=federation.clock).test_client()
    for path, name in (("/sign-out", "__Host-wallet"), ("/tablet/lock", "__Host-counter")):
        answer = browser.post(path, base_url="https://localhost")
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[name]
        # A browser that holds a name to this host alone heeds no other spelling, not even to forget it.
        assert (cookie.value, cookie["max-age"]) == ("", "0")
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_the_database_keeps_no_token(stranger: FlaskClient, kit: Kit) -> None:
    stranger.post("/demo/sign-in", json={"handle": "ana"})
    token = token_of(stranger)
    with kit.engine.connect() as connection:
        kept = connection.execute(sa.select(rows.c.token_hash)).scalars().all()
    assert token is not None
    assert len(token) == 43
    assert kept == [digest_of(token)]


def test_each_sign_in_makes_a_new_token_and_ends_the_former(stranger: FlaskClient, app: Flask) -> None:
    stranger.post("/demo/sign-in", json={"handle": "ana"})
    first = token_of(stranger)
    stranger.post("/demo/sign-in", json={"handle": "bea"})
    assert first != token_of(stranger)
    thief = app.test_client()
    thief.set_cookie("wallet", str(first))
    assert not is_signed_in(thief)


def test_a_token_planted_before_sign_in_is_worth_nothing(stranger: FlaskClient, app: Flask) -> None:
    planted = "A" * 43
    stranger.set_cookie("wallet", planted)
    stranger.post("/demo/sign-in", json={"handle": "ana"})
    assert token_of(stranger) != planted
    attacker = app.test_client()
    attacker.set_cookie("wallet", planted)
    assert not is_signed_in(attacker)


def test_a_made_up_token_signs_nobody_in(stranger: FlaskClient) -> None:
    for made_up in ("", "x", "A" * 43, "A" * 3000, "ana", "é" * 43):
        stranger.set_cookie("wallet", made_up)
        assert not is_signed_in(stranger)


def test_signing_out_ends_the_session_here_and_for_copies_of_the_cookie(
    browser_of: Callable[[str], FlaskClient], app: Flask
) -> None:
    browser = browser_of("ana")
    copy = app.test_client()
    copy.set_cookie("wallet", str(token_of(browser)))
    assert is_signed_in(copy)

    answer = browser.post("/sign-out", json={})

    assert answer.status_code == 204
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert token_of(browser) is None
    assert not is_signed_in(browser)
    assert not is_signed_in(copy)
    assert browser.post("/sign-out", json={}).status_code == 204


def test_signing_out_of_a_form_leads_to_the_start(browser_of: Callable[[str], FlaskClient]) -> None:
    answer = browser_of("ana").post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")


def test_one_browser_signing_out_leaves_the_others(browser_of: Callable[[str], FlaskClient]) -> None:
    one, other = browser_of("ana"), browser_of("ana")
    one.post("/sign-out")
    assert is_signed_in(other)


def test_a_session_ends_after_thirty_days(browser_of: Callable[[str], FlaskClient], clock: Clock) -> None:
    browser = browser_of("ana")
    clock.advance(days=30, seconds=-1)
    assert is_signed_in(browser)
    clock.advance(1)
    assert not is_signed_in(browser)


def test_outside_the_demo_nobody_signs_in_with_one_tap(federation: Kit) -> None:
    settings = replace(federation.settings, demo=False, secret_key=STRONG)
    browser = create_app(settings, engine=federation.engine, clock=federation.clock).test_client()
    for answer in (
        browser.get("/demo", base_url=settings.origin, headers=JSON),
        browser.post("/demo/sign-in", base_url=settings.origin, json={"handle": "ana"}),
    ):
        assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_page")
        assert "Set-Cookie" not in answer.headers


def test_a_persona_of_the_demo_proves_nothing_where_it_is_none(federation: Kit, clock: Clock) -> None:
    browser = for_real_people(federation, clock).test_client()
    browser.set_cookie("wallet", sign_in(federation, "ana"), domain="localhost")
    assert is_signed_in(browser)

    answer = browser.post("/you/security/recovery-codes", json={}, headers=JSON)

    assert code_of(answer) == "step_up_required"


def test_who_came_into_the_demo_by_a_passkey_proves_to_be_there_by_it(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit)
    clock.advance(minutes=6)

    answer = eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON)

    assert code_of(answer) == "step_up_required"


def test_the_demo_offers_everyone_with_roles_and_tills(stranger: FlaskClient) -> None:
    found = {one["handle"]: one for one in stranger.get("/demo", headers=JSON).get_json()["personas"]}
    assert found["ana"] == {"handle": "ana", "name": "Ana Reis", "roles": ["member"], "tills": []}
    assert (found["bea"]["roles"], found["bea"]["tills"]) == (["member", "cashier:bakery"], ["bakery-1"])
    assert found["sam"]["roles"] == ["member", "steward:bakery"]
    assert found["fay"]["roles"] == ["member", "facilitator"]


def test_a_cashier_starts_at_the_till_and_a_member_at_the_wallet(stranger: FlaskClient) -> None:
    cashier = stranger.post("/demo/sign-in", data={"handle": "bea"})
    member = stranger.post("/demo/sign-in", data={"handle": "ana"})
    to_a_bill = stranger.post("/demo/sign-in", data={"handle": "ana", "next": "/b/7K3MQ2XA"})
    assert [cashier.status_code, cashier.location] == [303, "/tills/bakery-1"]
    assert [member.location, to_a_bill.location] == ["/", "/b/7K3MQ2XA"]


def test_signing_in_never_leads_to_another_site(stranger: FlaskClient) -> None:
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", "\\\\evil.example"):
        answer = stranger.post("/demo/sign-in", data={"handle": "ana", "next": bad})
        assert (answer.status_code, answer.location) == (303, "/"), bad
    assert stranger.post("/demo/sign-in", data={"handle": "ana", "next": "/\t/evil"}).status_code == 400


def test_a_person_who_is_not_there_cannot_sign_in(stranger: FlaskClient) -> None:
    for handle, code in (("nobody", 404), ("ANA", 404), ("", 400), ("a" * 65, 400), (7, 400), (None, 400)):
        answer = stranger.post("/demo/sign-in", json={"handle": handle})
        assert answer.status_code == code
        assert "Set-Cookie" not in answer.headers


def test_me_tells_the_figures_of_the_viewer(browser_of: Callable[[str], FlaskClient]) -> None:
    assert browser_of("ana").get("/me").get_json() == {
        "handle": "ana", "balance": "10.00", "eligible": "10.00", "basis": "0.00", "qualified_minutes": 0,
        "share": {"month": "2026-03", "bp": 1000, "next": 1000, "income_expected": "100.00"},
    }  # fmt: skip
    assert browser_of("cal").get("/me").get_json()["share"] is None
