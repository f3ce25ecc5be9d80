"""A passkey whose counter went back may be a copy: it opens the door, and proves nothing that needs a fresh answer."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.authenticator import Authenticator, but
from tests.web import polls
from tests.web.conftest import JSON, new_key
from tests.web.doors import Resident, add, begin, code_of, confirm, notices_of_all, sign_in, well_paid
from tests.web.test_ways_back import pay
from wallet.domain.passkey import to_base64url
from wallet.kit import Kit
from wallet.services import members, network

pytestmark = pytest.mark.for_real_people

DOUBTED = "passkey_doubted"
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def eva(app: Flask, federation: Kit) -> Resident:
    """Give somebody with 900.00 RES, whose first passkey has counted to fifty."""
    found = well_paid(app, federation)
    assert sign_in(found.browser, found.passkey, but(count=50)).status_code == 200
    found.passkey.count = 3
    return found


@pytest.fixture
def second(eva: Resident) -> Authenticator:
    """Give a further passkey of Eva's, which nobody has copied."""
    passkey = Authenticator()
    assert add(eva.browser, passkey).status_code == 204
    return passkey


def test_a_copy_does_not_make_its_own_sign_in_fresh(app: Flask, eva: Resident, second: Authenticator) -> None:
    browser = app.test_client()
    assert sign_in(browser, eva.passkey).status_code == 200

    assert code_of(confirm(browser, eva.passkey)) == DOUBTED

    assert code_of(browser.post("/you/security/recovery-codes", json={}, headers=JSON)) == "step_up_required"
    assert confirm(browser, second).status_code == 200
    assert browser.post("/you/security/recovery-codes", json={}, headers=JSON).status_code == 201


def test_a_copy_pays_and_sends_nothing_above_the_limits_and_the_owner_is_told(
    app: Flask, kit: Kit, eva: Resident, second: Authenticator, balances: Balances
) -> None:
    assert code_of(pay(eva.browser, eva.passkey, kit, 500_00)) == DOUBTED
    assert notices_of_all(kit).count(DOUBTED) == 1

    body = {"to": "cal", "amount": "500.00", "key": new_key()}
    proof = eva.passkey.prove(begin(eva.browser, "/gifts/challenge", **body))
    assert code_of(eva.browser.post("/gifts", json=body | {"assertion": proof}, headers=JSON)) == DOUBTED

    assert balances()["eva"] == 900_00
    assert pay(eva.browser, second, kit, 500_00).status_code == 201
    assert notices_of_all(kit).count(DOUBTED) == 1


def test_a_copy_does_not_vote(app: Flask, kit: Kit, eva: Resident, second: Authenticator) -> None:
    network.found_federation(kit, "Valley", charter_on="2026-01-01")
    members.join(kit, "mill", "gus", name="Gus")
    members.grant(kit, "gus", "facilitator")
    number = polls.opened(kit)
    proof = eva.passkey.prove(begin(eva.browser, f"/ballots/{number}/mill/challenge"))

    answer = eva.browser.post(f"/ballots/{number}/mill", json={"choice": "yes", "credential": proof}, headers=JSON)

    assert code_of(answer) == DOUBTED


def test_a_copy_that_has_caught_up_is_doubted_all_the_same(app: Flask, eva: Resident, second: Authenticator) -> None:
    browser = app.test_client()
    sign_in(browser, eva.passkey)
    eva.passkey.count = 70

    assert code_of(confirm(browser, eva.passkey)) == DOUBTED
    assert sign_in(browser, eva.passkey).status_code == 200
    assert code_of(browser.post("/you/security/recovery-codes", json={}, headers=JSON)) == "step_up_required"


def test_only_passkeys_that_count_are_asked_for(app: Flask, eva: Resident, second: Authenticator) -> None:
    sign_in(eva.browser, eva.passkey)

    asked = begin(eva.browser, "/you/confirm/challenge")["allowCredentials"]

    assert [one["id"] for one in asked] == [to_base64url(second.id)]


def test_the_only_passkey_counts_though_it_may_have_been_copied(app: Flask, kit: Kit, eva: Resident) -> None:
    browser = app.test_client()
    sign_in(browser, eva.passkey)

    assert confirm(browser, eva.passkey).status_code == 200
    assert pay(browser, eva.passkey, kit, 500_00).status_code == 201


def test_a_recovery_code_leads_out_when_the_other_passkey_is_lost(
    app: Flask, eva: Resident, second: Authenticator
) -> None:
    sign_in(app.test_client(), eva.passkey)
    browser, third = app.test_client(), Authenticator()
    assert browser.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON).status_code == 200

    assert add(browser, third).status_code == 204

    assert confirm(browser, third).status_code == 200
    assert code_of(confirm(browser, eva.passkey)) == DOUBTED


def test_the_page_that_asks_says_what_to_do(app: Flask, eva: Resident, second: Authenticator) -> None:
    import json

    proof = eva.passkey.prove(begin(eva.browser, "/you/confirm/challenge"))

    answer = eva.browser.post("/you/confirm", data={"credential": json.dumps(proof)})

    assert answer.status_code == 403
    assert "another passkey of yours, or sign in with a recovery code" in answer.get_data(as_text=True)
