"""A payment above what a session alone may pay: a passkey proves just this one, within a minute, and once."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.authenticator import SOUND, UV, Authenticator, Broken, but
from tests.clock import Clock
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.doors import Resident, begin, code_of, resident
from wallet.domain.passkey import from_base64url
from wallet.kit import Kit
from wallet.services import histories, payments

STEP_UP = "step_up_required"
Balances = Callable[[], dict[str, int]]


@dataclass
class Payer:
    """Hold Eva with 900.00 RES, who pays bills of the bakery."""

    app: Flask
    kit: Kit
    clock: Clock
    eva: Resident

    def bill(self, amount_minor: int = 80_00, till: str = "bakery-1", cashier: str = "bea") -> str:
        made = payments.open_bill(self.kit, till, cashier, amount_minor=amount_minor, key=new_key())
        return made.code

    def proof(self, code: str, key: str, broken: Broken = SOUND) -> dict[str, Any]:
        return self.eva.passkey.prove(begin(self.eva.browser, f"/b/{code}/challenge", key=key), broken)

    def pay(self, code: str, key: str, assertion: object = None) -> TestResponse:
        body = {"key": key, "confirm": True} | ({} if assertion is None else {"assertion": assertion})
        return self.eva.browser.post(f"/b/{code}/pay", json=body, headers=JSON)


@pytest.fixture
def payer(federation: Kit, clock: Clock) -> Iterator[Payer]:
    app = for_real_people(federation, clock)
    eva = resident(app, federation, kind="worker", coop="mill")
    histories.pay(federation, "mill", eva.handle, 9_000_00, 9_600, key="pay of eva")
    yield Payer(app, federation, clock, eva)
    app.extensions["streams"].live.close()


def test_a_large_payment_asks_for_the_passkey_and_goes_through_with_it(payer: Payer, balances: Balances) -> None:
    code, key = payer.bill(), new_key()
    assert code_of(payer.pay(code, key)) == STEP_UP
    assert balances()["eva"] == 900_00

    paid = payer.pay(code, key, payer.proof(code, key))

    assert (paid.status_code, balances()["eva"]) == (201, 820_00)


def test_a_payment_sent_again_with_its_proof_is_a_replay(payer: Payer, balances: Balances) -> None:
    code, key = payer.bill(), new_key()
    given = payer.proof(code, key)
    first, again = payer.pay(code, key, given), payer.pay(code, key, given)

    assert (first.get_json(), again.headers["Idempotent-Replay"]) == (again.get_json(), "true")
    assert balances()["eva"] == 820_00


def test_a_proof_that_is_none_is_refused_also_where_none_is_needed(payer: Payer, balances: Balances) -> None:
    code, key = payer.bill(1_00), new_key()
    for nothing in ({}, {"id": "x"}):
        assert code_of(payer.pay(code, key, nothing)) == STEP_UP
    assert balances()["eva"] == 900_00
    assert payer.pay(code, key).status_code == 201


def test_nobody_is_asked_to_prove_what_cannot_be_paid(payer: Payer, clock: Clock) -> None:
    paid, cancelled, late, key = payer.bill(), payer.bill(), payer.bill(), new_key()
    assert payer.pay(paid, key, payer.proof(paid, key)).status_code == 201
    payments.cancel_bill(payer.kit, cancelled, "bea")
    clock.advance(180)

    for code, ended in ((paid, "bill_already_paid"), (cancelled, "bill_cancelled"), (late, "bill_expired")):
        asked = payer.eva.browser.post(f"/b/{code}/challenge", json={"key": new_key()}, headers=JSON)
        assert code_of(asked) == ended


def test_a_proof_leaves_the_sums_that_need_none_untouched(payer: Payer) -> None:
    for _ in range(2):
        code, key = payer.bill(), new_key()
        assert payer.pay(code, key, payer.proof(code, key)).status_code == 201
    for _ in range(3):
        assert payer.pay(payer.bill(50_00), new_key()).status_code == 201

    assert code_of(payer.pay(payer.bill(1_00), new_key())) == STEP_UP


def test_a_passkey_signs_till_co_op_both_parts_of_the_sum_bill_and_key(payer: Payer) -> None:
    key, made = new_key(), {"amount_minor": 80_00, "cash_minor": 12_50, "key": new_key()}
    code = payments.open_bill(payer.kit, "bakery-1", "bea", **made).code
    signed = from_base64url(begin(payer.eva.browser, f"/b/{code}/challenge", key=key)["challenge"])

    agreed = json.dumps(["res-wallet payment 1", "bakery-1", "bakery", 67_50, 12_50, code, key])
    assert signed[32:] == sha256(agreed.encode()).digest()


def test_a_proof_is_good_for_a_minute(payer: Payer) -> None:
    code, key = payer.bill(), new_key()
    given = payer.proof(code, key)
    payer.clock.advance(seconds=60)
    assert payer.pay(code, key, given).status_code == 201


# What else a proof may have been given for, or be broken in: from the bill and the key that are to be paid.
Misuse = Callable[[Payer, str, str], object]


def of_an_amount_a_cent_lower(payer: Payer, code: str, key: str) -> object:
    return payer.proof(payer.bill(79_99), key)


def of_another_bill_of_the_same_sum(payer: Payer, code: str, key: str) -> object:
    return payer.proof(payer.bill(80_00), key)


def of_another_payee(payer: Payer, code: str, key: str) -> object:
    from wallet.services import members

    members.join(payer.kit, "mill", "max")
    members.grant(payer.kit, "max", "cashier", "mill")
    return payer.proof(payer.bill(80_00, "mill-1", "max"), key)


def of_another_key(payer: Payer, code: str, key: str) -> object:
    return payer.proof(code, new_key())


def of_another_person(payer: Payer, code: str, key: str) -> object:
    other = resident(payer.app, payer.kit, name="Max")
    return other.passkey.prove(begin(other.browser, f"/b/{code}/challenge", key=key))


def by_another_persons_passkey(payer: Payer, code: str, key: str) -> object:
    other = resident(payer.app, payer.kit, name="Max")
    return other.passkey.prove(begin(payer.eva.browser, f"/b/{code}/challenge", key=key))


def by_an_unknown_passkey(payer: Payer, code: str, key: str) -> object:
    return Authenticator().prove(begin(payer.eva.browser, f"/b/{code}/challenge", key=key))


def of_signing_in(payer: Payer, code: str, key: str) -> object:
    return payer.eva.passkey.prove(begin(payer.eva.browser, "/sign-in/challenge"))


def of_a_confirmation(payer: Payer, code: str, key: str) -> object:
    return payer.eva.passkey.prove(begin(payer.eva.browser, "/you/confirm/challenge"))


def over_a_minute_old(payer: Payer, code: str, key: str) -> object:
    given = payer.proof(code, key)
    payer.clock.advance(seconds=60.001)
    return given


def without_verifying_anybody(payer: Payer, code: str, key: str) -> object:
    return payer.proof(code, key, but(flags=lambda flags: flags & ~UV))


def from_elsewhere(payer: Payer, code: str, key: str) -> object:
    return payer.proof(code, key, but(origin="https://elsewhere.example"))


def with_the_binding_cut_off(payer: Payer, code: str, key: str) -> object:
    return payer.proof(code, key, but(challenge=b"\x01" * 32))


def with_nothing_in_it(payer: Payer, code: str, key: str) -> object:
    return {"id": 1}


def used_for_a_payment_before(payer: Payer, code: str, key: str) -> object:
    former, its_key = payer.bill(), new_key()
    given = payer.proof(former, its_key)
    assert payer.pay(former, its_key, given).status_code == 201
    return given


MISUSES = (
    of_an_amount_a_cent_lower, of_another_bill_of_the_same_sum, of_another_payee, of_another_key, of_another_person,
    by_another_persons_passkey, by_an_unknown_passkey, of_signing_in, of_a_confirmation, over_a_minute_old,
    without_verifying_anybody, from_elsewhere, with_the_binding_cut_off, with_nothing_in_it, used_for_a_payment_before,
)  # fmt: skip


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.__name__)
def test_a_proof_of_anything_else_pays_nothing(payer: Payer, balances: Balances, misuse: Misuse) -> None:
    code, key = payer.bill(), new_key()
    given = misuse(payer, code, key)
    before = balances()

    assert code_of(payer.pay(code, key, given)) == STEP_UP
    assert balances() == before


def test_a_proof_that_is_no_object_is_malformed(payer: Payer) -> None:
    assert code_of(payer.pay(payer.bill(), new_key(), "yes")) == "bad_form"


def test_a_payment_refused_for_another_reason_leaves_its_proof(payer: Payer) -> None:
    code, key = payer.bill(950_00), new_key()
    given = payer.proof(code, key)
    assert code_of(payer.pay(code, key, given)) == "insufficient_funds"
    histories.pay(payer.kit, "mill", payer.eva.handle, 700_00, 960, key="more")

    assert payer.pay(code, key, given).status_code == 201


def test_one_proof_in_parallel_pays_once(payer: Payer, balances: Balances) -> None:
    code, key = payer.bill(), new_key()
    given = payer.proof(code, key)
    session = payer.eva.browser.get_cookie("wallet")
    answers: list[str] = []
    barrier = threading.Barrier(6)

    def race() -> None:
        browser = payer.app.test_client()
        browser.set_cookie("wallet", session.value, domain="localhost")
        barrier.wait()
        answers.append(code_of(browser.post(f"/b/{code}/pay", json={"key": key, "assertion": given}, headers=JSON)))

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == ["201"] * 6
    assert balances()["eva"] == 820_00


def test_the_challenge_of_a_bill_that_is_not_there_is_not_given(payer: Payer) -> None:
    answer = payer.eva.browser.post("/b/ABCD2345/challenge", json={"key": new_key()}, headers=JSON)

    assert code_of(answer) == "unknown_bill"
    assert code_of(payer.app.test_client().post("/b/ABCD2345/challenge", json={"key": new_key()}, headers=JSON)) == (
        "not_signed_in"
    )


def test_a_page_without_script_says_that_the_passkey_is_needed(payer: Payer) -> None:
    page = payer.eva.browser.post(f"/b/{payer.bill()}/pay", data={"key": new_key()})

    assert page.status_code == 403
    assert "Confirm with your passkey" in page.get_data(as_text=True)
