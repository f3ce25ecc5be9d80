"""Ways in: second passkeys, recovery codes, sessions and phones, each looked after by its owner and told everywhere."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.doors import add, code_of, confirm, invited, me, notices_of_all, resident, session_of, sign_in
from tests.web.page import Page
from tests.web.phone import MemberPhone, scanned
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services import sessions
from wallet.store import codes, notices, tables
from wallet.store.engine import reading
from wallet.store.notices import Notice

pytestmark = pytest.mark.for_real_people

PASSKEYS = "/you/security/passkeys"


def test_a_second_passkey_opens_the_same_wallet(app: Flask, kit: Kit) -> None:
    eva, second, other = resident(app, kit), Authenticator(), app.test_client()

    assert add(eva.browser, second).status_code == 204

    assert sign_in(other, second).status_code == 200
    assert me(other) == "eva"
    assert notices_of_all(kit) == ["passkey_added", "passkey_added", "signed_in"]


def test_adding_removing_and_drawing_codes_need_a_fresh_proof(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit)
    clock.advance(minutes=6)

    for address, body in (
        ("/you/security/passkeys/challenge", {}),
        ("/you/security/passkeys/remove", {"passkey": "1"}),
        ("/you/security/recovery-codes", {}),
    ):
        assert code_of(eva.browser.post(address, json=body, headers=JSON)) == "step_up_required"

    assert confirm(eva.browser, eva.passkey).status_code == 200
    assert eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON).status_code == 201


def test_a_proof_counts_for_the_browser_that_gave_it_alone(app: Flask, kit: Kit, clock: Clock) -> None:
    eva, max_, other = resident(app, kit), resident(app, kit, name="Max"), app.test_client()
    sign_in(other, eva.passkey)
    clock.advance(minutes=6)

    confirm(eva.browser, eva.passkey)

    drawn = [
        code_of(one.post("/you/security/recovery-codes", json={}, headers=JSON))
        for one in (other, max_.browser, eva.browser)
    ]
    assert drawn == ["step_up_required", "step_up_required", "201"]


def test_the_last_passkey_stays(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)

    def remove(number: int) -> str:
        body = {"passkey": str(number)}
        return code_of(eva.browser.post("/you/security/passkeys/remove", json=body, headers=JSON))

    assert remove(1) == "last_passkey"
    add(eva.browser, Authenticator())
    assert remove(99) == "unknown_passkey"
    assert remove(1) == "204"
    assert remove(2) == "last_passkey"
    assert code_of(sign_in(app.test_client(), eva.passkey)) == "unknown_passkey"


def test_a_recovery_code_opens_the_door_once_and_lets_a_new_passkey_be_made(app: Flask, kit: Kit, clock: Clock) -> None:
    eva, phone, code = resident(app, kit), app.test_client(), None
    code = eva.codes[3].lower().replace("-", " ")

    assert phone.post("/sign-in/recovery", json={"code": code}, headers=JSON).get_json() == {"next": "/you/security"}
    assert me(phone) == "eva"
    assert phone.get("/you/security").status_code == 200
    assert code_of(phone.post("/you/security/recovery-codes", json={}, headers=JSON)) == "step_up_required"
    assert add(phone, Authenticator()).status_code == 204
    assert code_of(phone.post("/sign-in/recovery", json={"code": code}, headers=JSON)) == "unknown_code"
    assert "recovery_used" in notices_of_all(kit)

    clock.advance(minutes=61)
    assert me(phone) == ""


@pytest.mark.parametrize("code", ["", "7K2M4Q", "7K2M4Q-ABCD-EFGH-JKMN-PQRS", "é" * 22, "A" * 60])
def test_what_is_no_recovery_code_opens_nothing(app: Flask, kit: Kit, code: str) -> None:
    browser = app.test_client()

    assert code_of(browser.post("/sign-in/recovery", json={"code": code}, headers=JSON)) == "unknown_code"
    assert browser.post("/sign-in/recovery", data={"code": code or " "}).status_code == 404
    assert me(browser) == ""


def test_a_recovery_code_with_a_wrong_secret_opens_nothing_and_stays_good(app: Flask, kit: Kit) -> None:
    eva, browser = resident(app, kit), app.test_client()
    right = eva.codes[0]
    for wrong in (right[:-1] + ("A" if right[-1] != "A" else "B"), right[:7] + eva.codes[1][7:]):
        assert code_of(browser.post("/sign-in/recovery", json={"code": wrong}, headers=JSON)) == "unknown_code"
        assert me(browser) == ""

    assert browser.post("/sign-in/recovery", json={"code": right}, headers=JSON).status_code == 200


def test_a_recovery_code_that_is_still_good_is_written_into_no_page(
    app: Flask, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva, browser = resident(app, kit), app.test_client()

    def busy(*_asked: object) -> str:
        raise refuse("busy")

    monkeypatch.setattr(sessions, "sign_in_by_code", busy)
    answer = browser.post("/sign-in/recovery", data={"code": eva.codes[0]})

    assert answer.status_code == 503
    assert eva.codes[0] not in answer.text


def test_a_recovery_code_makes_one_passkey_and_the_next_asks_for_that_one(app: Flask, kit: Kit, clock: Clock) -> None:
    eva, phone, made = resident(app, kit), app.test_client(), Authenticator()
    phone.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON)
    clock.advance(minutes=6)
    assert add(phone, made).status_code == 204
    clock.advance(minutes=6)

    for address, body in ((f"{PASSKEYS}/challenge", {}), (PASSKEYS, {"credential": {"id": "x"}, "name": "y"})):
        assert code_of(phone.post(address, json=body, headers=JSON)) == "step_up_required"

    assert confirm(phone, made).status_code == 200
    assert add(phone, Authenticator()).status_code == 204


def test_who_came_in_by_a_recovery_code_is_told_to_shut_the_lost_phone_out_until_that_is_done(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    eva, phone = resident(app, kit), app.test_client()
    clock.advance(minutes=10)
    phone.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON)

    def said(browser: FlaskClient = phone) -> set[str]:
        text = Page(browser.get("/you/security").text).text
        told = ("remove the one you lost", "Now shut out the phone you lost", "just made", "Add a second on another")
        return {part for part in told if part in text}

    assert said() == {"remove the one you lost"}
    clock.advance(minutes=1)
    add(phone, Authenticator())
    assert said() == {"Now shut out the phone you lost", "just made"}
    phone.post("/you/security/passkeys/remove", json={"passkey": "1"}, headers=JSON)
    assert said() == {"Now shut out the phone you lost", "just made"}
    phone.post("/you/security/sessions/end", json={"session": "1"}, headers=JSON)
    assert said() == {"just made"}
    assert me(eva.browser) == ""


def test_new_recovery_codes_replace_the_former(app: Flask, kit: Kit) -> None:
    eva, browser, max_ = resident(app, kit), app.test_client(), resident(app, kit, name="Max")
    new = eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON).get_json()["codes"]
    assert notices_of_all(kit)[-1] == "recovery_renewed"

    assert code_of(browser.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON)) == "unknown_code"
    for code in (new[0], max_.codes[0]):
        assert browser.post("/sign-in/recovery", json={"code": code}, headers=JSON).status_code == 200


def test_the_database_keeps_no_recovery_code_and_no_invitation(app: Flask, kit: Kit) -> None:
    link, eva = invited(kit), resident(app, kit)
    with kit.engine.connect() as connection:
        kept = str(connection.execute(sa.select(tables.recovery_codes)).all())
        kept += str(connection.execute(sa.select(tables.invitations)).all())

    assert link.removeprefix("/join/") not in kept
    assert not any(code[7:].replace("-", "") in kept for code in eva.codes)


def test_signing_out_everywhere_ends_every_session_and_every_phone_for_codes(app: Flask, kit: Kit) -> None:
    eva, tablet = resident(app, kit), app.test_client()
    sign_in(tablet, eva.passkey)
    copied = app.test_client()
    copied.set_cookie("wallet", session_of(eva.browser), domain="localhost")
    assert (me(tablet), me(copied)) == ("eva", "eva")

    ended = tablet.post("/you/security/sessions/end-all", json={}, headers=JSON)

    assert (ended.status_code, session_of(tablet)) == (204, "")
    assert '"storage"' in ended.headers["Clear-Site-Data"]
    assert notices_of_all(kit)[-1] == "left_everywhere"
    assert (me(tablet), me(copied), me(eva.browser)) == ("", "", "")
    assert sign_in(tablet, eva.passkey).status_code == 200


def test_who_signs_out_everywhere_reads_that_they_are(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    led_to = eva.browser.post("/you/security/sessions/end-all", data={}).location
    said = eva.browser.get(led_to).text
    assert "You are signed out everywhere" in said
    assert "No till takes your codes until you sign in and set a phone up again." in said
    assert "You are signed out everywhere" not in eva.browser.get("/").text


def test_signing_out_everywhere_ends_the_codes_of_phones(app: Flask, kit: Kit, clock: Clock) -> None:
    eva, phone = resident(app, kit), MemberPhone(kit, "eva")
    assert scanned(kit, phone) == "insufficient_funds"
    clock.advance(seconds=30)

    assert eva.browser.post("/you/security/sessions/end-all", json={}, headers=JSON).status_code == 204

    assert scanned(kit, phone) == "code_spent"


def test_one_sign_in_elsewhere_can_be_ended_and_a_strangers_cannot(app: Flask, kit: Kit) -> None:
    eva, tablet, max_ = resident(app, kit), app.test_client(), resident(app, kit, name="Max")
    sign_in(tablet, eva.passkey)
    with kit.engine.connect() as connection:
        ids = list(connection.execute(sa.select(tables.sessions.c.id).order_by(tables.sessions.c.id)).scalars())

    def end(who, number: int) -> str:
        return code_of(who.post("/you/security/sessions/end", json={"session": str(number)}, headers=JSON))

    def listed() -> int:
        return eva.browser.get("/you/security").text.count('action="/you/security/sessions/end"')

    assert [end(max_.browser, ids[-1]), end(eva.browser, 10**17)] == ["unknown_session"] * 2
    assert end(eva.browser, 10**30) == "bad_form"
    assert listed() == 1
    assert end(eva.browser, ids[-1]) == "204"
    assert (end(eva.browser, ids[-1]), listed()) == ("unknown_session", 0)
    assert (me(tablet), me(eva.browser)) == ("", "eva")


def test_the_page_of_ways_in_lists_them_and_what_happened(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    resident(app, kit, name="Max")
    add(eva.browser, Authenticator(), name="my <tablet>")

    page = eva.browser.get("/you/security").get_data(as_text=True)

    assert "my &lt;tablet&gt;" in page
    assert "New passkey" in page
    assert "10 codes are left" in page


WARNING = "<h2>Your ways in or your limits were changed</h2>"


def test_every_other_browser_says_that_something_happened_until_it_has_shown_it(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    eva, tablet = resident(app, kit), app.test_client()
    clock.advance(minutes=1)
    sign_in(tablet, eva.passkey)
    clock.advance(minutes=1)

    def says(browser) -> bool:
        return WARNING in browser.get("/activity").get_data(as_text=True)

    assert (says(eva.browser), says(tablet)) == (True, False)
    tablet.get("/you/security")
    assert says(eva.browser)
    eva.browser.get("/you/security")
    assert not says(eva.browser)


def test_what_happens_while_the_page_of_ways_in_is_read_is_said_until_it_is_shown(
    app: Flask, kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva, tablet, read = resident(app, kit), app.test_client(), notices.last

    def read_before_a_sign_in(*asked: Any) -> tuple[Notice, ...]:
        found = read(*asked)
        monkeypatch.setattr(notices, "last", read)
        clock.advance(seconds=1)
        with ThreadPoolExecutor(1) as elsewhere:
            assert elsewhere.submit(sign_in, tablet, eva.passkey).result().status_code == 200
        clock.advance(seconds=1)
        return found

    monkeypatch.setattr(notices, "last", read_before_a_sign_in)
    assert eva.browser.get("/you/security").text.count("Signed in") == 0
    assert WARNING in eva.browser.get("/activity").text
    assert eva.browser.get("/you/security").text.count("Signed in") == 1
    assert WARNING not in eva.browser.get("/activity").text


def test_what_a_browser_did_itself_is_no_warning_on_it_unless_something_else_happened(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    eva, tablet = resident(app, kit), app.test_client()
    clock.advance(minutes=1)
    sign_in(tablet, eva.passkey)

    def warned(browser: FlaskClient) -> bool:
        clock.advance(minutes=1)
        assert browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON).status_code == 201
        return WARNING in browser.get("/activity").text

    assert warned(eva.browser), "somebody signed in elsewhere"
    eva.browser.get("/you/security")
    assert not warned(eva.browser)
    assert WARNING in tablet.get("/activity").text


def test_enrolling_a_phone_for_codes_needs_a_fresh_proof_and_is_told(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit)
    clock.advance(minutes=6)

    answer = eva.browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON)
    assert (code_of(answer), answer.get_json()["confirm"]) == ("step_up_required", "/code")

    confirm(eva.browser, eva.passkey)
    assert eva.browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON).status_code == 201
    assert notices_of_all(kit)[-1] == "phone_added"


def test_frozen_codes_work_again_only_after_a_fresh_proof(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit)
    eva.browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON)
    clock.advance(minutes=6)

    def ask(act: str) -> tuple[str, bool]:
        answer = eva.browser.post(f"/code/{act}", json={}, headers=JSON)
        with reading(kit.engine) as connection:
            owner = codes.owner(connection, "eva")
        assert owner is not None
        return code_of(answer), owner.frozen

    assert ask("freeze") == ("204", True)
    assert ask("unfreeze") == ("step_up_required", True)
    confirm(eva.browser, eva.passkey)
    assert ask("unfreeze") == ("204", False)


def public_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from tests.authenticator import encoded

    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return encoded(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
