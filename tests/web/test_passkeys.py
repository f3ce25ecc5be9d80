"""Passkeys: joining by invitation, and signing in."""

from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.authenticator import BE, BS, EDDSA, ES256, RS256, UP, UV, Authenticator, but
from tests.clock import Clock
from tests.web.conftest import JSON
from tests.web.doors import begin, code_of, invited, join, me, notices_of_all, resident, session_of, sign_in
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import invitations, sessions
from wallet.services.invitations import Offer
from wallet.store import people, tables
from wallet.store.engine import reading

pytestmark = pytest.mark.for_real_people


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


def test_a_steward_who_joins_by_an_invitation_waits_a_day(app: Flask, kit: Kit, clock: Clock) -> None:
    eva = resident(app, kit, kind="worker", coop="bakery", roles=("steward",))
    early = eva.browser.get("/office/bakery", headers=JSON)
    assert (early.status_code, early.get_json()["type"]) == (403, "not_allowed")

    clock.advance(days=1)

    assert eva.browser.get("/office/bakery").status_code == 200


def test_a_name_that_is_taken_gets_a_handle_of_its_own(app: Flask, kit: Kit) -> None:
    assert resident(app, kit, name="Ana Novak").handle == "ana-2"
    assert resident(app, kit, name="Žofia").handle == "zofia"
    assert resident(app, kit, name="李").handle == "member"


def test_somebody_who_is_here_already_gets_a_passkey_and_no_second_wallet(app: Flask, kit: Kit) -> None:
    ana = resident(app, kit, kind="person", handle="ana")

    assert ana.handle == "ana"
    assert ana.browser.get("/me", headers=JSON).get_json()["balance"] == "10.00"
    assert "invited_back" in notices_of_all(kit)


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
    clock.advance(days=7, seconds=-1)
    assert app.test_client().get(link).status_code == 200

    clock.advance(1)
    assert app.test_client().get(link).status_code == 410


def test_a_script_reads_in_json_that_an_invitation_is_over(app: Flask, kit: Kit) -> None:
    link, late = invited(kit), app.test_client()
    assert join(app.test_client(), link, Authenticator()).status_code == 201

    for answer, code in (
        (late.get(link, headers=JSON), "invitation_spent"),
        (late.post("/join", json={"link": "https://elsewhere.example/"}, headers=JSON), "bad_form"),
    ):
        assert (answer.mimetype, answer.get_json()["type"]) == ("application/problem+json", code)
        assert answer.get_json()["status"] == answer.status_code


def test_what_is_no_invitation_says_so(app: Flask, kit: Kit) -> None:
    browser = app.test_client()

    assert browser.get("/join/" + "x" * 43).status_code == 404
    assert browser.get("/join/short").status_code == 404
    assert browser.post("/join", data={"link": "https://elsewhere.example/"}).status_code == 400
    kept = browser.post("/join", data={"link": "localhost:8000/join/too-short"})
    assert (
        'value="localhost:8000/join/too-short" aria-invalid="true" aria-describedby="link-wrong" autofocus' in kept.text
    )
    led = browser.post("/join", data={"link": f"http://localhost:8000{invited(kit)}"})
    assert led.headers["Location"].startswith("/join/")


@pytest.mark.parametrize("name", ["", "   ", "A\u202eB", "x" * 65])
def test_a_name_that_others_cannot_read_is_refused(app: Flask, kit: Kit, name: str) -> None:
    answer = app.test_client().post(f"{invited(kit)}/challenge", json={"name": name}, headers=JSON)

    assert code_of(answer) == "bad_form"


def test_a_name_for_counters_that_cannot_stand_is_refused_before_a_passkey_is_made(app: Flask, kit: Kit) -> None:
    link, browser = invited(kit), app.test_client()
    names = {"name": "Eva Blum", "counter_name": "(Evi)"}

    asked = browser.post(f"{link}/challenge", json=names, headers=JSON)

    assert (code_of(asked), "with a letter or a figure first" in asked.get_json()["title"]) == ("bad_form", True)
    made = Authenticator().make(begin(browser, f"{link}/challenge", **(names | {"counter_name": " Evi "})))
    body = names | {"counter_name": " Evi ", "credential": made}
    assert browser.post(link, json=body, headers=JSON).status_code == 201
    with reading(kit.engine) as connection:
        assert people.holder(connection, "eva").counter_name == "Evi"


def test_who_has_a_wallet_makes_no_second_one_unawares(app: Flask, kit: Kit) -> None:
    eva, link = resident(app, kit), invited(kit)

    hers, others = Page(eva.browser.get(link).text), Page(app.test_client().get(link).text)

    assert "You have a wallet: Eva Blum This link is for somebody new. Or join as somebody new" in hers.text
    assert f"{link}/accept" not in hers.forms
    assert "You have a wallet already? This link is for somebody new. Sign in" in others.text


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
    before = session_of(eva.browser)

    sign_in(eva.browser, eva.passkey)

    assert session_of(eva.browser) != before
    assert sessions.look_up(kit, sessions.bearer(before)) is None


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


def test_an_address_that_says_where_to_go_on_leads_to_paths_of_ours_alone(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    assert eva.browser.get("/sign-in?next=/activity").location == "/activity"

    # Browsers read over a tab or a line break, and what is left of these names another host.
    for written in ("/%09/elsewhere.example", "/%0A/elsewhere.example", "//elsewhere.example", "/%5Celsewhere.example"):
        assert eva.browser.get(f"/sign-in?next={written}").location == "/", written


def test_the_page_that_asks_for_a_proof_leads_to_paths_of_ours_alone(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    for written in (
        "javascript:alert(1)",
        "//elsewhere.example",
        "https://elsewhere.example",
        "/%09/elsewhere.example",
    ):
        page = eva.browser.get(f"/you/confirm?next={written}").text
        assert 'name="next" value="/you/security"' in page
        assert "elsewhere.example" not in page
        assert "javascript:" not in page

        proof = eva.passkey.prove(begin(eva.browser, "/you/confirm/challenge"))
        sent = {"credential": proof, "next": unquote(written).replace("\t", "")}
        assert eva.browser.post("/you/confirm", json=sent, headers=JSON).get_json() == {"next": "/you/security"}


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


def test_a_counter_that_goes_back_is_told_and_locks_nobody_out(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    sign_in(eva.browser, eva.passkey, but(count=40))

    assert sign_in(eva.browser, eva.passkey, but(count=40)).status_code == 200

    assert me(eva.browser) == "eva"
    assert "passkey_doubted" in notices_of_all(kit)
    # The door is open; what needs a fresh proof asks again.
    assert code_of(eva.browser.post("/you/security/recovery-codes", json={}, headers=JSON)) == "step_up_required"


def test_a_passkey_that_does_not_count_is_no_reason_for_doubt(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit, Authenticator(counts=False))
    for _ in range(2):
        assert sign_in(eva.browser, eva.passkey).status_code == 200

    assert "passkey_doubted" not in notices_of_all(kit)


def test_a_passkey_may_become_backed_up(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit, Authenticator(flags=UP | UV | BE))

    assert sign_in(eva.browser, eva.passkey, but(flags=lambda flags: flags | BS)).status_code == 200


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

    clock.advance(seconds=120)
    assert browser.post("/sign-in", json={"credential": in_time}, headers=JSON).status_code == 200
    clock.advance(seconds=0.001)
    assert code_of(browser.post("/sign-in", json={"credential": late}, headers=JSON)) == "challenge_spent"


def test_every_door_is_a_page_that_browsers_read(app: Flask, kit: Kit) -> None:
    browser = app.test_client()
    for address in ("/", "/sign-in", "/sign-in/recovery", "/join", invited(kit, "worker", coop="mill")):
        assert browser.get(address).status_code == 200
    eva = resident(app, kit)
    for address in ("/you", "/you/security", "/you/confirm"):
        assert eva.browser.get(address).status_code == 200
    assert eva.browser.get("/sign-in?next=/activity").headers["Location"] == "/activity"
