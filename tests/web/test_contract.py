"""The counter as a script of somebody else meets it: each address with its statuses, its fields and its codes."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.outsider import CODE, INSTANT, RECEIPT, WORDS, bill_of, charge, is_replay, pay, post, refuses, says
from wallet.kit import Kit
from wallet.services import members, network

Browser = Callable[[str], FlaskClient]
BILL = {"amount": "2.50", "coop": "bakery"}
WHOLE = {**BILL, "cash": "0.00", "till": "bakery-1"}


@pytest.fixture
def ana(browser_of: Browser) -> FlaskClient:
    return browser_of("ana")


@pytest.fixture
def bea(browser_of: Browser) -> FlaskClient:
    return browser_of("bea")


def test_a_persona_signs_in_with_one_tap(stranger: FlaskClient) -> None:
    personas = stranger.get("/demo", headers=JSON).get_json()
    assert set(personas) == {"personas"}
    by_handle = {persona["handle"]: persona for persona in personas["personas"]}
    assert by_handle["bea"] == {
        "handle": "bea",
        "name": "Bea Luz",
        "roles": ["member", "cashier:bakery"],
        "tills": ["bakery-1"],
    }
    assert by_handle["fay"]["roles"] == ["member", "facilitator"]

    answer = post(stranger, "/demo/sign-in", handle="ana")
    assert (answer.status_code, answer.data) == (204, b"")
    cookie = answer.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie)
    refuses(post(stranger, "/demo/sign-in", handle="nobody"), 404, "unknown_member")
    refuses(post(stranger, "/demo/sign-in", handle="a\0"), 400, "bad_form")


def test_a_bill_is_made_claimed_paid_and_told_as_paid(bea: FlaskClient, ana: FlaskClient) -> None:
    made = charge(bea, "12.50", cash="10.00", note="receipt 7")
    code = says(
        made, 201, code=CODE, url=made.get_json()["url"], state="open", amount="12.50", cash="10.00", expires_at=INSTANT
    )["code"]
    assert made.get_json()["url"] == f"http://localhost:8000/b/{code}"
    seen = {"code": code, "amount": "12.50", "cash": "10.00", "coop": "bakery", "till": "bakery-1"}
    says(ana.get(f"/b/{code}", headers=JSON), 200, state="open", **seen)
    says(post(ana, f"/b/{code}/claim"), 200, state="claimed", payer="Ana", **seen)
    paid = says(
        pay(ana, code), 201, receipt=RECEIPT, state="paid", amount="12.50", cash="10.00", balance="7.50", words=WORDS
    )
    told = {"state": "paid", "payer": "Ana", "receipt": paid["receipt"], **seen}
    says(ana.get(f"/b/{code}", headers=JSON), 200, **told)
    says(bea.get(f"/b/{code}", headers=JSON), 200, **told)
    picture = bea.get(f"/b/{code}/qr.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")


def test_everyone_sees_of_a_bill_what_is_theirs_to_see(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, stranger: FlaskClient
) -> None:
    code = bill_of(bea)
    assert post(ana, f"/b/{code}/claim").status_code == 200
    for state, receipt in (("claimed", {}), ("paid", {"receipt": RECEIPT})):
        if receipt:
            assert pay(ana, code).status_code == 201
        for browser in (ana, bea):
            says(browser.get(f"/b/{code}", headers=JSON), 200, code=code, state=state, payer="Ana", **WHOLE, **receipt)
        for other in ("cal", "sam", "fay"):
            says(browser_of(other).get(f"/b/{code}", headers=JSON), 200, code=code, state=state, **WHOLE)
        says(stranger.get(f"/b/{code}", headers=JSON), 200, code=code, state=state, **BILL)
    refuses(ana.get(f"/b/{code}/qr.svg", headers=JSON), 404, "unknown_bill")
    refuses(stranger.get(f"/b/{code}/qr.svg", headers=JSON), 401, "not_signed_in")


def test_the_same_request_is_answered_again_as_at_first(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser
) -> None:
    till_key, own_key = new_key(), new_key()
    first = charge(bea, "1.00", key=till_key)
    code = first.get_json()["code"]
    paid = pay(ana, code, key=own_key)
    assert pay(ana, bill_of(bea, "2.00")).status_code == 201, "the balance has changed since"
    for before, again in (
        (first, charge(bea, "1.00", key=till_key.upper())),
        (first, charge(bea, "1.00", cash="0.00", key=till_key)),
        (paid, pay(ana, code, key=own_key)),
        (paid, pay(ana, code, key=own_key, confirm=True)),
    ):
        assert not is_replay(before)
        assert is_replay(again)
        assert (again.status_code, again.data, again.mimetype) == (before.status_code, before.data, before.mimetype)
    refuses(charge(bea, "1.01", key=till_key), 422, "key_reused")
    refuses(charge(bea, "1.00", note="another", key=till_key), 422, "key_reused")
    refuses(pay(ana, bill_of(bea, "3.00"), key=own_key), 422, "key_reused")
    assert pay(ana, bill_of(bea, "4.00"), key=till_key).status_code == 201, "a person's keys are not the till's"
    assert pay(browser_of("cal"), code, key=own_key).get_json()["type"] == "bill_already_paid"


def test_at_a_till_the_next_cashiers_retry_is_a_replay(bea: FlaskClient, browser_of: Browser, federation: Kit) -> None:
    members.grant(federation, "sam", "cashier", "bakery")
    key = new_key()
    first, again = charge(bea, key=key), charge(browser_of("sam"), key=key)
    assert is_replay(again)
    assert again.data == first.data


def test_a_form_sent_again_is_a_replay_too(bea: FlaskClient, ana: FlaskClient) -> None:
    form = {"amount": "2,5", "cash": "", "note": "", "key": new_key()}
    first, again = (bea.post("/tills/bakery-1/bills", data=form) for _time in range(2))
    assert (first.status_code, is_replay(first), is_replay(again)) == (303, False, True)
    assert again.location == first.location
    code = first.location.rpartition("=")[2]
    paying = {"key": new_key()}
    first, again = (ana.post(f"/b/{code}/pay", data=paying) for _time in range(2))
    assert (first.status_code, is_replay(first), is_replay(again)) == (303, False, True)
    assert again.location == first.location == f"/b/{code}"


def test_a_refused_request_leaves_its_key_free(bea: FlaskClient, ana: FlaskClient) -> None:
    key = new_key()
    refuses(charge(bea, "0.00", key=key), 400, "bad_amount")
    assert charge(bea, "1.00", key=key).status_code == 201
    key = new_key()
    refuses(pay(ana, bill_of(bea, "10.01"), key=key), 409, "insufficient_funds")
    assert pay(ana, bill_of(bea, "10.00"), key=key).get_json()["balance"] == "0.00"


def test_the_same_sum_within_half_a_minute_is_asked_about_once_more(
    bea: FlaskClient, ana: FlaskClient, clock: Clock
) -> None:
    assert pay(ana, bill_of(bea)).status_code == 201
    code, key = bill_of(bea), new_key()
    refuses(pay(ana, code, key=key), 409, "looks_repeated")
    assert pay(ana, bill_of(bea, "2.49")).status_code == 201, "another sum is another purchase"
    assert pay(ana, code, key=key, confirm=True).status_code == 201
    clock.advance(30)
    assert pay(ana, bill_of(bea)).status_code == 201


def test_the_same_sum_is_the_whole_sum_of_one_member_at_the_same_till(
    bea: FlaskClient, ana: FlaskClient, federation: Kit, browser_of: Browser
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    assert pay(ana, bill_of(bea, cash="1.00")).status_code == 201
    refuses(pay(ana, bill_of(bea)), 409, "looks_repeated")
    elsewhere = post(bea, "/tills/bakery-2/bills", amount="2.50", key=new_key()).get_json()["code"]
    assert pay(ana, elsewhere).status_code == 201
    assert post(ana, "/gifts", to="cal", amount="2.50", key=new_key()).status_code == 201
    assert pay(browser_of("cal"), bill_of(bea)).status_code == 201


def test_a_key_names_one_act_of_its_person_of_whatever_kind(bea: FlaskClient, ana: FlaskClient) -> None:
    key = new_key()
    assert pay(ana, bill_of(bea), key=key).status_code == 201
    refuses(post(ana, "/gifts", to="bea", amount="2.50", key=key), 422, "key_reused")
    refuses(post(ana, "/c/bakery-1", amount="2.50", key=key), 422, "key_reused")
    assert post(bea, "/gifts", to="ana", amount="2.50", key=key).get_json()["type"] == "insufficient_funds"


def test_a_claim_lapses_and_is_never_a_lock(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, clock: Clock
) -> None:
    code, cal = bill_of(bea), browser_of("cal")

    def stands() -> tuple[str, str | None]:
        bill = bea.get(f"/b/{code}", headers=JSON).get_json()
        return bill["state"], bill.get("payer")

    assert ana.get(f"/b/{code}").status_code == 200
    assert stands() == ("open", None), "looking is no claim"
    post(ana, f"/b/{code}/claim")
    clock.advance(29)
    assert stands() == ("claimed", "Ana")
    clock.advance(1)
    assert stands() == ("open", None)
    post(ana, f"/b/{code}/claim")
    says(post(cal, f"/b/{code}/claim"), 200, code=code, state="claimed", payer="Cal", **WHOLE)
    says(post(ana, f"/b/{code}/decline"), 200, code=code, state="claimed", **WHOLE)
    assert stands() == ("claimed", "Cal"), "only one's own claim is taken back"
    says(post(cal, f"/b/{code}/decline"), 200, code=code, state="open", **WHOLE)
    post(cal, f"/b/{code}/claim")
    assert pay(ana, code).status_code == 201, "the first who pays wins"


def test_a_bill_that_has_ended_says_how(bea: FlaskClient, ana: FlaskClient, browser_of: Browser, clock: Clock) -> None:
    paid, cancelled, expired = bill_of(bea), bill_of(bea), bill_of(bea)
    assert pay(ana, paid).status_code == 201
    for _twice in range(2):
        says(post(bea, f"/b/{cancelled}/cancel"), 200, code=cancelled, state="cancelled", **WHOLE)
    clock.advance(179)
    assert bea.get(f"/b/{expired}", headers=JSON).get_json()["state"] == "open"
    clock.advance(1)
    assert bea.get(f"/b/{expired}", headers=JSON).get_json()["state"] == "expired"
    for code, status, told in (
        (paid, 409, "bill_already_paid"),
        (cancelled, 410, "bill_cancelled"),
        (expired, 410, "bill_expired"),
    ):
        for answer in (pay(ana, code), post(ana, f"/b/{code}/claim"), post(browser_of("cal"), f"/b/{code}/decline")):
            refuses(answer, status, told)
    refuses(post(bea, f"/b/{paid}/cancel"), 409, "bill_already_paid")
    refuses(post(bea, f"/b/{expired}/cancel"), 410, "bill_expired")


def test_a_code_is_forgiven_how_it_is_typed(bea: FlaskClient, ana: FlaskClient) -> None:
    code = bill_of(bea)
    for typed in (code.lower(), f"{code[:4]}-{code[4:]}", "%20".join(code), code.replace("0", "o").replace("1", "L")):
        assert ana.get(f"/b/{typed}", headers=JSON).get_json()["code"] == code
        assert ana.post("/pay", data={"code": typed.replace("%20", " ")}).location == f"/b/{code}"
    for typed in (code[:7], f"{code}0", "UUUUUUUU", "ZZZZZZZZ", "%F0%9F%98%80" * 8):
        for answer in (
            ana.get(f"/b/{typed}", headers=JSON),
            pay(ana, typed),
            ana.get(f"/b/{typed}/events", headers=JSON),
        ):
            refuses(answer, 404, "unknown_bill")


def test_a_till_is_there_for_its_own_cashiers_alone(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, stranger: FlaskClient
) -> None:
    code = bill_of(bea)
    for other in (ana, browser_of("sam"), browser_of("fay")):
        refuses(charge(other), 404, "unknown_till")
        refuses(post(other, f"/b/{code}/cancel"), 404, "unknown_bill")
    refuses(post(bea, "/tills/mill-1/bills", amount="1.00", key=new_key()), 404, "unknown_till")
    for path in ("/tills/bakery-1/bills", f"/b/{code}/claim", f"/b/{code}/decline", f"/b/{code}/cancel"):
        refuses(post(stranger, path), 401, "not_signed_in")


def test_me_tells_the_figures_of_the_viewer(ana: FlaskClient, browser_of: Browser, stranger: FlaskClient) -> None:
    assert ana.get("/me", headers=JSON).get_json() == {
        "handle": "ana",
        "balance": "10.00",
        "eligible": "10.00",
        "basis": "0.00",
        "qualified_minutes": 0,
        "share": {"month": "2026-03", "bp": 1000, "next": 1000, "income_expected": "100.00"},
    }
    assert browser_of("cal").get("/me", headers=JSON).get_json()["share"] is None, "who was never paid has no share"
    refuses(stranger.get("/me", headers=JSON), 401, "not_signed_in")
