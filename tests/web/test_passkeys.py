"""Passkeys: joining by invitation, signing in, proving to be there, and every way in that a person can look after."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.authenticator import BE, BS, EDDSA, ES256, RS256, UP, UV, Authenticator, but
from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.doors import add, begin, code_of, confirm, for_real_people, invited, join, resident, sign_in
from wallet.kit import Kit
from wallet.services import invitations, sessions
from wallet.services.invitations import Offer
from wallet.store import tables


@pytest.fixture
def app(federation: Kit, clock: Clock) -> Iterator[Flask]:
    """Give the application of a federation that is no demo."""
    made = for_real_people(federation, clock)
    yield made
    made.extensions["streams"].live.close()


def me(browser) -> str:
    answer = browser.get("/me", headers=JSON)
    return answer.get_json()["handle"] if answer.status_code == 200 else ""


def token(browser) -> str | None:
    cookie = browser.get_cookie("wallet")
    return cookie.value if cookie else None


def kinds(kit: Kit) -> list[str]:
    with kit.engine.connect() as connection:
        return list(connection.execute(sa.select(tables.notices.c.kind).order_by(tables.notices.c.id)).scalars())


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_somebody_joins_signs_out_and_signs_in_again(app: Flask, kit: Kit, algorithm: int) -> None:
    eva = resident(app, kit, Authenticator(algorithm, flags=UP | UV | BE | BS))
    assert (me(eva.browser), eva.handle) == ("eva", "eva")
    assert len(set(eva.codes)) == 10

    eva.browser.post("/sign-out", headers=JSON)
    assert me(eva.browser) == ""

    assert sign_in(eva.browser, eva.passkey).status_code == 200
    assert me(eva.browser) == "eva"


def test_a_worker_joins_with_membership_and_roles(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit, kind="worker", coop="bakery", roles=("cashier",))

    answer = eva.browser.post(
        "/tills/bakery-1/bills", json={"amount": "1.00", "key": "0" * 8 + "-0000-4000-8000-" + "0" * 12}, headers=JSON
    )

    assert answer.status_code == 201


def test_a_name_that_is_taken_gets_a_handle_of_its_own(app: Flask, kit: Kit) -> None:
    assert resident(app, kit, name="Ana Novak").handle == "ana-2"
    assert resident(app, kit, name="Žofia").handle == "zofia"
    assert resident(app, kit, name="李").handle == "member"


def test_somebody_who_is_here_already_gets_a_passkey_and_no_second_wallet(app: Flask, kit: Kit) -> None:
    ana = resident(app, kit, kind="person", handle="ana")

    assert ana.handle == "ana"
    assert ana.browser.get("/me", headers=JSON).get_json()["balance"] == "10.00"
    assert "invited_back" in kinds(kit)


def test_an_invitation_works_once(app: Flask, kit: Kit) -> None:
    link = invited(kit)
    assert join(app.test_client(), link, Authenticator()).status_code == 201

    late = app.test_client()
    assert late.get(link).status_code == 410
    assert late.post(f"{link}/challenge", json={"name": "Max"}, headers=JSON).status_code == 410


def test_two_who_share_an_invitation_do_not_both_join(app: Flask, kit: Kit) -> None:
    link, first, second = invited(kit), app.test_client(), app.test_client()
    one, other = Authenticator(), Authenticator()
    made = [(first, one.make(begin(first, f"{link}/challenge", name="A"))),
            (second, other.make(begin(second, f"{link}/challenge", name="B")))]  # fmt: skip

    codes = [code_of(who.post(link, json={"name": "A", "credential": answer}, headers=JSON)) for who, answer in made]

    assert codes == ["201", "invitation_spent"]


def test_an_invitation_runs_out(app: Flask, kit: Kit, clock: Clock) -> None:
    link = invited(kit)
    clock.advance(days=8)

    assert app.test_client().get(link).status_code == 410


def test_what_is_no_invitation_says_so(app: Flask, kit: Kit) -> None:
    browser = app.test_client()

    assert browser.get("/join/" + "x" * 43).status_code == 404
    assert browser.get("/join/short").status_code == 404
    assert browser.post("/join", data={"link": "https://elsewhere.example/"}).status_code == 400
    led = browser.post("/join", data={"link": f"http://localhost:8000{invited(kit)}"})
    assert led.headers["Location"].startswith("/join/")


@pytest.mark.parametrize("name", ["", "   ", "A\u202eB", "x" * 65])
def test_a_name_that_others_cannot_read_is_refused(app: Flask, kit: Kit, name: str) -> None:
    answer = app.test_client().post(f"{invited(kit)}/challenge", json={"name": name}, headers=JSON)

    assert code_of(answer) == "bad_form"


def test_an_offer_that_makes_no_sense_is_refused(kit: Kit, federation: Kit) -> None:
    from wallet.errors import Refusal

    for offer, code in (
        (Offer("customer", roles=("cashier",)), "bad_form"),
        (Offer("worker", coop="bakery", roles=("owner",)), "bad_form"),
        (Offer("worker", coop="nowhere"), "unknown_coop"),
        (Offer("person", handle="nobody"), "unknown_member"),
    ):
        with pytest.raises(Refusal) as refused:
            invitations.invite(kit, offer)
        assert refused.value.code == code


def test_signing_in_changes_the_session_and_ends_the_former(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    before = token(eva.browser)

    sign_in(eva.browser, eva.passkey)

    assert token(eva.browser) != before
    assert sessions.look_up(kit, before or "") is None


def test_signing_in_leads_to_paths_of_ours_alone(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    for target, led in (
        ("/activity", "/activity"),
        ("/b/ABCD2345?x=1", "/b/ABCD2345?x=1"),
        ("//elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("elsewhere", "/"),
    ):
        proof = eva.passkey.prove(begin(eva.browser, "/sign-in/challenge"))
        answer = eva.browser.post("/sign-in", json={"credential": proof, "next": target}, headers=JSON)
        assert answer.get_json() == {"next": led}


def test_signing_in_by_a_form_goes_on_to_the_bill(app: Flask, kit: Kit) -> None:
    import json

    eva, browser = resident(app, kit), app.test_client()
    proof = eva.passkey.prove(begin(browser, "/sign-in/challenge"))

    answer = browser.post("/sign-in", data={"credential": json.dumps(proof), "next": "/b/ABCD2345"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/b/ABCD2345")
    assert me(browser) == "eva"


def test_a_form_without_script_is_told_so_and_stays_out(app: Flask) -> None:
    browser = app.test_client()

    assert browser.post("/sign-in", data={"credential": ""}).status_code == 400
    assert me(browser) == ""


def test_a_bill_opened_when_signed_out_offers_the_passkey_right_there(app: Flask, kit: Kit) -> None:
    from wallet.services import payments

    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=250, key="one")

    page = app.test_client().get(f"/b/{bill.code}").get_data(as_text=True)

    assert 'data-ask="/sign-in/challenge"' in page
    assert f'value="/b/{bill.code}"' in page


def test_a_second_passkey_opens_the_same_wallet(app: Flask, kit: Kit) -> None:
    eva, second, other = resident(app, kit), Authenticator(), app.test_client()

    assert add(eva.browser, second).status_code == 204

    assert sign_in(other, second).status_code == 200
    assert me(other) == "eva"
    assert kinds(kit) == ["passkey_added", "passkey_added", "signed_in"]


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
    assert "recovery_used" in kinds(kit)

    clock.advance(minutes=61)
    assert me(phone) == ""


@pytest.mark.parametrize("code", ["", "7K2M4Q", "7K2M4Q-ABCD-EFGH-JKMN-PQRS", "é" * 22, "A" * 60])
def test_what_is_no_recovery_code_opens_nothing(app: Flask, kit: Kit, code: str) -> None:
    browser = app.test_client()

    assert code_of(browser.post("/sign-in/recovery", json={"code": code}, headers=JSON)) == "unknown_code"
    assert browser.post("/sign-in/recovery", data={"code": code or " "}).status_code == 404
    assert me(browser) == ""


def test_new_recovery_codes_replace_the_former(app: Flask, kit: Kit) -> None:
    eva, browser = resident(app, kit), app.test_client()
    new = eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON).get_json()["codes"]

    assert code_of(browser.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON)) == "unknown_code"
    assert browser.post("/sign-in/recovery", json={"code": new[0]}, headers=JSON).status_code == 200


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
    copied.set_cookie("wallet", token(eva.browser) or "", domain="localhost")
    assert (me(tablet), me(copied)) == ("eva", "eva")

    assert tablet.post("/you/security/sessions/end-all", json={}, headers=JSON).status_code == 204

    assert (me(tablet), me(copied), me(eva.browser)) == ("", "", "")
    assert sign_in(tablet, eva.passkey).status_code == 200


def test_one_sign_in_elsewhere_can_be_ended_and_a_strangers_cannot(app: Flask, kit: Kit) -> None:
    eva, tablet, max_ = resident(app, kit), app.test_client(), resident(app, kit, name="Max")
    sign_in(tablet, eva.passkey)
    with kit.engine.connect() as connection:
        ids = list(connection.execute(sa.select(tables.sessions.c.id).order_by(tables.sessions.c.id)).scalars())

    def end(who, number: int) -> str:
        return code_of(who.post("/you/security/sessions/end", json={"session": str(number)}, headers=JSON))

    assert end(max_.browser, ids[-1]) == "unknown_session"
    assert end(eva.browser, ids[-1]) == "204"
    assert (me(tablet), me(eva.browser)) == ("", "eva")


def test_the_page_of_ways_in_lists_them_and_what_happened(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    add(eva.browser, Authenticator(), name="my <tablet>")

    page = eva.browser.get("/you/security").get_data(as_text=True)

    assert "my &lt;tablet&gt;" in page
    assert "New passkey" in page
    assert "10 codes are left" in page


def test_a_counter_that_goes_back_is_told_and_locks_nobody_out(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    sign_in(eva.browser, eva.passkey, but(count=40))

    assert sign_in(eva.browser, eva.passkey, but(count=40)).status_code == 200

    assert me(eva.browser) == "eva"
    assert "passkey_doubted" in kinds(kit)
    # The door is open; what needs a fresh proof asks again.
    assert code_of(eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON)) == "step_up_required"


def test_a_passkey_that_does_not_count_is_no_reason_for_doubt(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit, Authenticator(counts=False))
    for _ in range(2):
        assert sign_in(eva.browser, eva.passkey).status_code == 200

    assert "passkey_doubted" not in kinds(kit)


def test_a_passkey_may_become_backed_up(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit, Authenticator(flags=UP | UV | BE))

    assert sign_in(eva.browser, eva.passkey, but(flags=lambda flags: flags | BS)).status_code == 200


def test_one_challenge_used_in_parallel_is_used_once(app: Flask, kit: Kit) -> None:
    eva, browser = resident(app, kit), app.test_client()
    proof = eva.passkey.prove(begin(browser, "/sign-in/challenge"))
    ceremony = browser.get_cookie("ceremony")
    answers: list[str] = []
    barrier = threading.Barrier(8)

    def race() -> None:
        racer = app.test_client()
        racer.set_cookie("ceremony", ceremony.value, domain="localhost")
        barrier.wait()
        answers.append(code_of(racer.post("/sign-in", json={"credential": proof}, headers=JSON)))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["200"] + ["challenge_spent"] * 7


def test_challenges_that_ran_out_are_swept(app: Flask, kit: Kit, clock: Clock) -> None:
    browser = app.test_client()
    begin(browser, "/sign-in/challenge")
    clock.advance(hours=2)
    begin(browser, "/sign-in/challenge")

    with kit.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.challenges)).scalar_one() == 1


def test_a_challenge_lives_for_two_minutes(app: Flask, kit: Kit, clock: Clock) -> None:
    eva, browser = resident(app, kit), app.test_client()
    in_time, late = (eva.passkey.prove(begin(browser, "/sign-in/challenge")) for _ in range(2))

    clock.advance(seconds=119)
    assert browser.post("/sign-in", json={"credential": in_time}, headers=JSON).status_code == 200
    clock.advance(seconds=1)
    assert code_of(browser.post("/sign-in", json={"credential": late}, headers=JSON)) == "challenge_spent"


def test_every_door_is_a_page_that_browsers_read(app: Flask, kit: Kit) -> None:
    browser = app.test_client()
    for address in ("/", "/sign-in", "/sign-in/recovery", "/join", invited(kit, "worker", coop="mill")):
        assert browser.get(address).status_code == 200
    eva = resident(app, kit)
    for address in ("/you", "/you/security", "/you/confirm"):
        assert eva.browser.get(address).status_code == 200
    assert eva.browser.get("/sign-in?next=/activity").headers["Location"] == "/activity"


WARNING = "Something about your ways in changed"


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


def test_enrolling_a_phone_for_codes_needs_a_fresh_proof_and_is_told(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit)
    clock.advance(minutes=6)

    answer = eva.browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON)
    assert (code_of(answer), answer.get_json()["confirm"]) == ("step_up_required", "/code")

    confirm(eva.browser, eva.passkey)
    assert eva.browser.post("/code/devices", json={"public_key": public_key()}, headers=JSON).status_code == 201
    assert kinds(kit)[-1] == "phone_added"


def public_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from tests.authenticator import encoded

    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return encoded(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def rush(acts: list[Callable[[], str]]) -> list[str]:
    """Do everything at once; give the answers, sorted."""
    answers: list[str] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], str]) -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_one_invitation_in_parallel_lets_one_in(app: Flask, kit: Kit) -> None:
    link = invited(kit)
    people = [(app.test_client(), Authenticator()) for _ in range(6)]
    made = [(browser, passkey.make(begin(browser, f"{link}/challenge", name="Eva"))) for browser, passkey in people]

    def act(browser, credential) -> str:
        return code_of(browser.post(link, json={"name": "Eva", "credential": credential}, headers=JSON))

    answers = rush([partial(act, browser, credential) for browser, credential in made])

    assert answers == ["201"] + ["invitation_spent"] * 5
    with kit.engine.connect() as connection:
        assert list(connection.execute(sa.select(tables.people.c.handle).filter_by(name="Eva")).scalars()) == ["eva"]


def test_one_recovery_code_in_parallel_lets_one_in(app: Flask, kit: Kit) -> None:
    code = resident(app, kit).codes[0]

    def act(browser) -> str:
        return code_of(browser.post("/sign-in/recovery", json={"code": code}, headers=JSON))

    assert rush([partial(act, app.test_client()) for _ in range(6)]) == ["200"] + ["unknown_code"] * 5


def test_two_removals_in_parallel_leave_the_last_passkey(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    add(eva.browser, Authenticator())
    cookie = token(eva.browser) or ""

    def act(number: int) -> str:
        browser = app.test_client()
        browser.set_cookie("wallet", cookie, domain="localhost")
        return code_of(browser.post("/you/security/passkeys/remove", json={"passkey": str(number)}, headers=JSON))

    assert rush([partial(act, 1), partial(act, 2)]) == ["204", "last_passkey"]
