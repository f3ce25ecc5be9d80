"""A till that scans a member's code, as a script of somebody else meets it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.outsider import CODE, RECEIPT, WORDS, charge, is_replay, pay, post, refuses, says, scan
from tests.web.phone import MemberPhone
from wallet.domain import paycode
from wallet.kit import Kit
from wallet.services import histories, members

Browser = Callable[[str], FlaskClient]
PAID: dict[str, str | re.Pattern[str]] = {
    "receipt": RECEIPT,
    "state": "paid",
    "cash": "0.00",
    "payer": "Ana",
    "words": WORDS,
}


@pytest.fixture
def ana(browser_of: Browser, federation: Kit) -> FlaskClient:
    """Give the browser of Ana, who has 200.00 RES."""
    histories.pay(federation, "mill", "ana", 190_000, 9_600, key="second pay of ana")
    return browser_of("ana")


@pytest.fixture
def bea(browser_of: Browser) -> FlaskClient:
    return browser_of("bea")


@pytest.fixture
def phone(federation: Kit) -> MemberPhone:
    return MemberPhone(federation, "ana")


def code_of(phone: MemberPhone, steps: int = 0) -> str:
    """Give the code that the phone shows some steps from now."""
    return paycode.make(phone.secret, phone.device, paycode.step_at(phone.kit.clock()) + steps)


def test_a_scan_pays_once_and_the_next_cashiers_retry_is_a_replay(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, federation: Kit, phone: MemberPhone
) -> None:
    members.grant(federation, "sam", "cashier", "bakery")
    key, token = new_key(), phone.token()
    first = scan(bea, token, "12.50", key=key)
    says(first, 201, amount="12.50", **PAID)
    for again in (scan(browser_of("sam"), token, "12.50", key=key), scan(bea, phone.link(), "12.50", key=key)):
        assert is_replay(again)
        assert (again.status_code, again.data) == (201, first.data)
    refuses(scan(bea, token, "12.51", key=key), 422, "key_reused")
    refuses(charge(bea, "12.50", key=key), 422, "key_reused")
    refuses(scan(bea, token, "1.00"), 410, "code_spent")
    assert ana.get("/me", headers=JSON).get_json()["balance"] == "187.50"


def test_a_scan_takes_a_part_in_cash_and_a_reference(bea: FlaskClient, ana: FlaskClient, phone: MemberPhone) -> None:
    paid = says(
        scan(bea, phone.link(), "12.50", cash="2.50", note="order 9"), 201, **PAID | {"amount": "12.50", "cash": "2.50"}
    )
    receipt = ana.get(f"/receipts/{paid['receipt']}", headers=JSON).get_json()
    assert (receipt["amount"], receipt["cash"], receipt["note"]) == ("10.00", "2.50", "order 9")


def test_a_code_is_dead_after_its_first_attempt_and_with_it_every_earlier_one(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    earlier, now, key = code_of(phone, -1), code_of(phone), new_key()
    clock.advance(10)
    assert scan(bea, now, "1.00").status_code == 201
    refused = scan(bea, earlier, "1.00", confirm=True, key=key)
    refuses(refused, 410, "code_spent")
    assert "No money moved" in refused.get_json()["title"]
    clock.advance(20)
    assert scan(bea, phone.token(), "2.00", key=key).status_code == 201, "a refused request leaves its key free"


def test_a_refused_charge_has_used_up_the_code(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    assert scan(bea, phone.token()).status_code == 201
    clock.advance(29)
    token, key = code_of(phone, 1), new_key()
    refuses(scan(bea, token, key=key), 409, "looks_repeated")
    refused = scan(bea, token, key=key, confirm=True)
    refuses(refused, 410, "code_spent")
    assert "No money moved" in refused.get_json()["title"]
    clock.advance(27)
    assert scan(bea, code_of(phone, 1), key=key, confirm=True).status_code == 201


@pytest.mark.parametrize(("seconds", "status"), [(-5.01, 410), (-5, 201), (0, 201), (59.99, 201), (60, 410)])
def test_a_code_is_taken_from_five_seconds_early_for_sixty_seconds(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock, seconds: float, status: int
) -> None:
    token = code_of(phone, 1)
    clock.advance(30 + seconds)
    assert scan(bea, token).status_code == status


def test_a_code_before_its_time_is_told_as_that_and_good_when_it_comes(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    token, key = code_of(phone, 1), new_key()
    refused = scan(bea, token, key=key)
    refuses(refused, 410, "code_spent")
    assert "clock is ahead" in refused.get_json()["title"]

    clock.advance(30)
    assert scan(bea, token, key=key).status_code == 201


def test_above_the_code_limit_the_member_decides_on_the_phone(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, phone: MemberPhone, stranger: FlaskClient
) -> None:
    key, token = new_key(), phone.token()
    asked = scan(bea, token, "61.00", cash="1.00", key=key)
    code = says(asked, 202, code=CODE, state="claimed")["code"]
    again = scan(bea, token, "61.00", cash="1.00", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)

    whole = {"code": code, "amount": "61.00", "cash": "1.00", "coop": "bakery", "till": "bakery-1"}
    for browser in (ana, bea):
        says(browser.get(f"/b/{code}", headers=JSON), 200, state="claimed", payer="Ana", **whole)
    cal = browser_of("cal")
    for answer in (cal.get(f"/b/{code}", headers=JSON), pay(cal, code), post(cal, f"/b/{code}/decline")):
        refuses(answer, 404, "unknown_bill")
    balance = ana.get("/me", headers=JSON).get_json()["balance"]
    assert balance == "200.00", "no money has moved"

    says(pay(ana, code), 201, receipt=RECEIPT, state="paid", amount="61.00", cash="1.00", balance="140.00", words=WORDS)
    again = scan(bea, token, "61.00", cash="1.00", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)
    assert bea.get(f"/b/{code}", headers=JSON).get_json()["state"] == "paid"


def test_what_was_confirmed_at_the_scan_is_not_asked_again_on_the_phone(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    first = scan(bea, phone.token(), "61.00").get_json()["code"]
    assert pay(ana, first).status_code == 201
    token, key = code_of(phone, 1), new_key()
    clock.advance(27)
    asked = scan(bea, token, "61.00", key=key, confirm=True)
    code = says(asked, 202, code=CODE, state="claimed")["code"]
    assert pay(ana, code).status_code == 201
    again = scan(bea, token, "61.00", key=key)
    assert (is_replay(again), again.data) == (True, asked.data), "to confirm is no other content"


def test_a_scan_that_waits_ends_by_declining_by_cancelling_or_after_a_minute(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    def asked() -> str:
        clock.advance(30)
        return str(says(scan(bea, phone.token(), "61.00"), 202, code=CODE, state="claimed")["code"])

    whole = {"amount": "61.00", "cash": "0.00", "coop": "bakery", "till": "bakery-1"}
    declined = asked()
    says(post(ana, f"/b/{declined}/decline"), 200, code=declined, state="declined", **whole)
    refuses(pay(ana, declined), 410, "bill_declined")
    cancelled = asked()
    says(post(bea, f"/b/{cancelled}/cancel"), 200, code=cancelled, state="cancelled", **whole)
    refuses(pay(ana, cancelled), 410, "bill_cancelled")
    expired = asked()
    clock.advance(59)
    assert ana.get(f"/b/{expired}", headers=JSON).get_json()["state"] == "claimed", "its claim does not lapse"
    clock.advance(1)
    refuses(pay(ana, expired), 410, "bill_expired")


def test_only_a_cashier_of_the_till_may_scan_and_others_spend_nothing(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, stranger: FlaskClient, phone: MemberPhone
) -> None:
    token = phone.token()
    for other in (ana, browser_of("sam"), browser_of("fay")):
        refuses(scan(other, token), 404, "unknown_till")
    refuses(scan(stranger, token), 401, "not_signed_in")
    assert scan(bea, token).status_code == 201


def test_what_is_no_code_of_ours_is_refused(bea: FlaskClient, ana: FlaskClient, phone: MemberPhone) -> None:
    token = phone.token()
    malformed: list[object] = [
        "",
        "x",
        token[:-1],
        f"{token}A",
        "A" * 700,
        "\0" * 31,
        5,
        [token],
        None,
        f"https://elsewhere.example/m/{token}",
        f"http://localhost:8000/b/{token}",
        f"javascript:{token}",
    ]
    for wrong in malformed:
        refuses(scan(bea, wrong), 400, "bad_form")  # type: ignore[arg-type]
    other = "A" if token[-2] != "A" else "B"
    refuses(scan(bea, f"{token[:-2]}{other}{token[-1]}"), 404, "unknown_member")
    assert scan(bea, token).status_code == 201, "what was made by hand has spent nothing"


def test_frozen_codes_pay_nothing(bea: FlaskClient, ana: FlaskClient, phone: MemberPhone) -> None:
    assert post(ana, "/code/freeze").status_code == 204
    refuses(scan(bea, phone.token()), 410, "code_spent")


def test_a_members_code_opened_by_anything_else_names_nobody_and_spends_nothing(
    bea: FlaskClient, ana: FlaskClient, stranger: FlaskClient, phone: MemberPhone
) -> None:
    token = phone.token()
    pages = {stranger.get(f"/m/{path}").text for path in (token, "nonsense")}
    assert len(pages) == 1, "the page does not even tell a real code from a wrong one"
    for browser in (stranger, bea):
        page = browser.get(f"/m/{token}")
        assert page.status_code == 200
        assert "This is a member’s code" in page.text
        assert "Ana" not in page.text
    assert scan(bea, token).status_code == 201
