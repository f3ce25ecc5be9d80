"""My code over HTTP: enrolling, what a scan did, freezing, and what anything but a till sees of a code."""

import base64
import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import code_of
from tests.web.page import Page
from wallet.domain import paycode
from wallet.kit import Kit
from wallet.services import histories, payments
from wallet.store.columns import micros

Browser = Callable[[str], FlaskClient]


class Handset:
    """Do what a phone does: make a key pair, enrol it, make codes for the clock's step."""

    def __init__(self, browser: FlaskClient, clock: Clock) -> None:
        private, self.clock = ec.generate_private_key(ec.SECP256R1()), clock
        answer = browser.post("/code/devices", json={"public_key": text(point_of(private))})
        assert answer.status_code == 201, answer.text
        assert set(answer.json) == {"device", "public_key"}
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(answer.json["public_key"]))
        self.device, self.key = answer.json["device"], private.exchange(ec.ECDH(), theirs)

    def token(self, seconds: float = 0) -> str:
        """Make the code of the step `seconds` from now."""
        return paycode.make(self.key, raw(self.device), paycode.step_at(self.clock()) + int(seconds // 30))


def point_of(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def text(point: bytes) -> str:
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def raw(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


@pytest.fixture
def ana(browser_of: Browser) -> FlaskClient:
    return browser_of("ana")


@pytest.fixture
def phone(ana: FlaskClient, clock: Clock) -> Handset:
    return Handset(ana, clock)


def scan(till: FlaskClient, token: str, amount: str = "2.00") -> tuple[int, str]:
    answer = till.post("/tills/bakery-1/scans", json={"token": token, "amount": amount, "key": new_key()})
    return answer.status_code, answer.json.get("type", answer.json.get("state"))


def state(ana: FlaskClient, phone: Handset, since: int = 0) -> dict[str, object]:
    answer = ana.get(f"/code/state?since={since}&device={phone.device}")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json
    return found


def test_a_till_charges_the_code_of_an_enrolled_phone(ana: FlaskClient, phone: Handset, browser_of: Browser) -> None:
    assert scan(browser_of("bea"), phone.token()) == (201, "paid")

    found = state(ana, phone)
    page = Page(ana.get(f"/code/paid/{found['paid']}").text)
    assert "You paid 2.00 RES to Bread & Roses" in page.text
    assert "/code/freeze" in page.forms
    assert browser_of("cal").get(f"/code/paid/{found['paid']}").status_code == 404
    assert found["spent_step"] == paycode.step_at(phone.clock())


def test_payments_from_before_the_screen_opened_are_not_told_again(
    ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock
) -> None:
    paid, opened = [], []
    for amount in ("2.00", "3.00"):
        assert scan(browser_of("bea"), phone.token(), amount) == (201, "paid")
        paid.append(state(ana, phone)["paid"])
        opened += re.findall(r'data-since="(\d+)"', ana.get("/code").text)
        clock.advance(30)

    assert paid[0] != paid[1], "the newest is told"
    assert [state(ana, phone, since=int(since))["paid"] for since in opened] == [paid[1], None]
    clock.advance(hours=1)
    assert state(ana, phone)["paid"] is None, "it was long ago"


def test_neither_anothers_payment_nor_one_made_on_the_phone_is_told_where_the_code_is_shown(
    federation: Kit, ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock
) -> None:
    histories.pay(federation, "mill", "fay", 10_000, 480, key="pay of fay")
    assert scan(browser_of("bea"), Handset(browser_of("fay"), clock).token()) == (201, "paid")
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=100, key=new_key())
    payments.pay_bill(federation, bill.code, "ana", key=new_key())

    assert state(ana, phone)["paid"] is None


def test_above_the_limit_the_phone_is_led_to_the_bill(
    federation: Kit, ana: FlaskClient, phone: Handset, browser_of: Browser
) -> None:
    assert scan(browser_of("bea"), phone.token(), "50.01") == (202, "claimed")

    code = state(ana, phone)["bill"]
    assert "Bread & Roses" in Page(ana.get(f"/b/{code}").text).text
    cal = browser_of("cal")
    assert cal.get(f"/b/{code}", headers=JSON).json["type"] == "unknown_bill"
    asked = cal.post(f"/b/{code}/challenge", json={"key": new_key()}, headers=JSON)
    assert asked.json["type"] == "unknown_bill"
    assert ana.post(f"/b/{code}/decline", json={}).json["state"] == "declined"
    assert state(ana, phone)["bill"] is None


def test_not_me_freezes_the_codes_until_the_member_wants_them_back(
    ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock
) -> None:
    till = browser_of("bea")

    assert ana.post("/code/freeze").location == "/code?wait=1"
    assert "Your codes are frozen" in Page(ana.get("/code").text).text
    assert state(ana, phone)["frozen"] is True
    assert scan(till, phone.token()) == (410, "code_spent")

    ana.post("/code/unfreeze", json={})
    clock.advance(30)
    assert scan(till, phone.token()) == (201, "paid")


def test_a_page_opened_for_one_member_does_nothing_to_the_codes_of_another_who_signed_in_since(
    browser_of: Browser, clock: Clock
) -> None:
    fay, hers = browser_of("fay"), {"drawn_for": "ana"}

    def refused(act: str, **fields: str) -> str:
        return code_of(fay.post(f"/code/{act}", json=fields | hers, headers=JSON))

    assert refused("devices", public_key=text(point_of(ec.generate_private_key(ec.SECP256R1())))) == "not_allowed"
    phone = Handset(fay, clock)
    assert (refused("freeze"), state(fay, phone)["frozen"]) == ("not_allowed", False)
    assert fay.post("/code/freeze", data={"drawn_for": "fay"}).status_code == 303
    assert (refused("unfreeze"), state(fay, phone)["frozen"]) == ("not_allowed", True)


def test_nobody_removes_anothers_phone(ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock) -> None:
    removed = {"json": {"device": phone.device}, "headers": JSON}
    assert browser_of("cal").post("/you/security/phones/remove", **removed).status_code == 204
    assert scan(browser_of("bea"), phone.token()) == (201, "paid")

    assert ana.post("/you/security/phones/remove", **removed).status_code == 204
    clock.advance(30)
    assert scan(browser_of("bea"), phone.token()) == (410, "code_spent")


def test_a_phone_that_was_removed_is_told_that_it_makes_no_codes(ana: FlaskClient, phone: Handset) -> None:
    ana.post("/code/freeze")
    assert state(ana, phone)["unknown"] is False

    ana.post("/you/security/phones/remove", json={"device": phone.device}, headers=JSON)

    assert (state(ana, phone)["unknown"], state(ana, phone)["spent_step"]) == (True, 0)


@pytest.mark.parametrize("way", ["on it", "beside it", "somebody else in"])
def test_who_is_signed_out_of_the_phone_that_shows_their_code_has_its_key_taken_back(
    ana: FlaskClient, browser_of: Browser, clock: Clock, way: str
) -> None:
    other = browser_of("ana")
    here, there = Handset(other, clock), Handset(ana, clock)

    if way == "on it":
        ana.post("/sign-out")
    elif way == "somebody else in":
        ana.post("/demo/sign-in", json={"handle": "cal"})
    else:
        (beside,) = re.findall(r'name="session" value="(\d+)"', other.get("/you/security").text)
        other.post("/you/security/sessions/end", data={"session": beside})

    assert scan(browser_of("bea"), there.token()) == (410, "code_spent")
    assert scan(browser_of("bea"), here.token()) == (201, "paid")


def test_who_signs_in_again_on_their_phone_keeps_its_key_until_that_sign_in_ends(
    ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock
) -> None:
    ana.post("/demo/sign-in", json={"handle": "ana"})
    assert scan(browser_of("bea"), phone.token()) == (201, "paid")
    clock.advance(30)

    ana.post("/sign-out")
    assert scan(browser_of("bea"), phone.token()) == (410, "code_spent")


def test_a_sign_in_that_has_run_out_leaves_the_phone_its_key(
    ana: FlaskClient, phone: Handset, browser_of: Browser, clock: Clock
) -> None:
    clock.advance(days=31)

    assert ana.get("/code", headers=JSON).status_code == 401
    assert scan(browser_of("bea"), phone.token()) == (201, "paid")


@pytest.mark.parametrize("wrong", [{}, {"public_key": 7}, {"public_key": ""}, {"public_key": "A" * 87}, {"more": "x"}])
def test_a_malformed_key_is_refused(ana: FlaskClient, wrong: dict[str, object]) -> None:
    refused = ana.post("/code/devices", json=wrong)

    assert (refused.status_code, refused.json["type"]) == (400, "bad_form")


@pytest.mark.parametrize("address", ["/code", "/code/state"])
def test_a_stranger_has_no_code(stranger: FlaskClient, address: str) -> None:
    assert stranger.get(address, headers=JSON).status_code == 401
    for act in ("devices", "freeze", "unfreeze"):
        assert stranger.post(f"/code/{act}", json={}).status_code == 401


def test_the_state_of_a_phone_that_is_not_mine_is_unknown(phone: Handset, browser_of: Browser) -> None:
    found = state(browser_of("cal"), phone)

    assert found["unknown"] is True
    assert found["spent_step"] == 0


def test_the_state_of_what_is_no_phone_is_unknown(ana: FlaskClient) -> None:
    assert ana.get("/code/state?device=%00").json["unknown"] is True


@pytest.mark.parametrize("since", ["", "-1", "nan", "9" * 14, "9" * 400, "１２"])
def test_a_senseless_time_is_forgiven(ana: FlaskClient, phone: Handset, since: str) -> None:
    assert ana.get("/code/state", query_string={"since": since, "device": phone.device}).status_code == 200


def test_the_code_page_says_the_limits(ana: FlaskClient) -> None:
    page = Page(ana.get("/code").text)

    assert "Use this phone for codes" in page.text
    assert "Up to 50.00 RES a payment and 150.00 RES a day" in page.text


@pytest.mark.parametrize("who", ["stranger", "ana", "cashier"])
def test_a_members_code_opened_by_anything_but_a_till_names_nobody(
    stranger: FlaskClient, ana: FlaskClient, phone: Handset, browser_of: Browser, who: str
) -> None:
    browser = {"stranger": stranger, "ana": ana, "cashier": browser_of("bea")}[who]

    answer = browser.get(f"/m/{phone.token()}")

    assert answer.status_code == 200
    assert "This is a member’s code" in Page(answer.text).text
    assert "Ana" not in Page(answer.text).text
    assert scan(browser_of("bea"), phone.token()) == (201, "paid")


def test_the_server_tells_its_time_to_anyone(stranger: FlaskClient, clock: Clock) -> None:
    answer = stranger.get("/time")

    assert answer.json == {"now": micros(clock()) // 1000}
    assert answer.headers["Cache-Control"] == "no-store"


def test_codes_that_cannot_pay_move_nothing(
    phone: Handset, browser_of: Browser, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    till, token = browser_of("bea"), phone.token()

    assert scan(till, token[:-1]) == (400, "bad_form")
    assert scan(till, "https://elsewhere.example/m/" + token) == (400, "bad_form")
    forged = token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:]
    assert scan(till, forged) == (404, "unknown_member")
    assert scan(till, phone.token(60)) == (410, "code_spent")
    assert balances()["ana"] == 1000
    clock.advance(60)
    assert scan(till, token) == (410, "code_spent")
    assert balances()["ana"] == 1000
