"""A challenge counts for what it was made for and for whom, though the same browser asked for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.doors import Resident, begin, code_of, invited, me, resident, session_of
from wallet.domain.secret import digest_of
from wallet.kit import Kit
from wallet.services import histories, passkeys, payments
from wallet.store import people
from wallet.store.engine import reading

SPENT = "challenge_spent"
ADDING = "/you/security/passkeys"


@dataclass
class Setting:
    """Hold Eva, who has 900.00 RES, and Max, whose challenges would come to her browser."""

    app: Flask
    kit: Kit
    eva: Resident
    max: int

    @property
    def bearer(self) -> str:
        return digest_of(session_of(self.eva.browser))

    def bill(self) -> str:
        return payments.open_bill(self.kit, "bakery-1", "bea", amount_minor=80_00, key=new_key()).code

    def confirm(self, options: dict[str, Any]) -> str:
        body = {"credential": self.eva.passkey.prove(options)}
        return code_of(self.eva.browser.post("/you/confirm", json=body, headers=JSON))

    def add(self, options: dict[str, Any]) -> str:
        body = {"credential": Authenticator().make(options), "name": "second"}
        return code_of(self.eva.browser.post(ADDING, json=body, headers=JSON))

    def pay(self, code: str, key: str, options: dict[str, Any]) -> str:
        body = {"key": key, "assertion": self.eva.passkey.prove(options), "confirm": True}
        return code_of(self.eva.browser.post(f"/b/{code}/pay", json=body, headers=JSON))


@pytest.fixture
def setting(federation: Kit, clock: Clock) -> Iterator[Setting]:
    app = for_real_people(federation, clock)
    eva = resident(app, federation, kind="worker", coop="mill")
    histories.pay(federation, "mill", eva.handle, 9_000_00, 9_600, key="pay of eva")
    other = resident(app, federation, name="Max")
    with reading(federation.engine) as connection:
        yield Setting(app, federation, eva, people.holder(connection, other.handle).id)
    app.extensions["streams"].live.close()


def test_a_challenge_for_a_payment_confirms_nothing(setting: Setting) -> None:
    options = begin(setting.eva.browser, f"/b/{setting.bill()}/challenge", key=new_key())

    assert setting.confirm(options) == SPENT


def test_a_challenge_for_a_confirmation_makes_no_passkey(setting: Setting) -> None:
    options = begin(setting.eva.browser, f"{ADDING}/challenge")
    other = begin(setting.eva.browser, "/you/confirm/challenge")["challenge"]

    assert setting.add(options | {"challenge": other}) == SPENT
    assert setting.add(options) == "204"


def test_a_challenge_for_a_confirmation_pays_nothing(setting: Setting) -> None:
    code, key = setting.bill(), new_key()

    assert setting.pay(code, key, begin(setting.eva.browser, "/you/confirm/challenge")) == "step_up_required"
    assert setting.pay(code, key, begin(setting.eva.browser, f"/b/{code}/challenge", key=key)) == "201"


def test_a_challenge_for_joining_signs_nobody_in(setting: Setting) -> None:
    browser = setting.app.test_client()
    options = begin(browser, f"{invited(setting.kit)}/challenge", name="Eva")
    given = setting.eva.passkey.prove({"challenge": options["challenge"], "rpId": options["rp"]["id"]})

    assert code_of(browser.post("/sign-in", json={"credential": given}, headers=JSON)) == SPENT
    assert me(browser) == ""


def test_a_challenge_of_another_person_confirms_nothing(setting: Setting) -> None:
    options = passkeys.begin_confirm(setting.kit, setting.max, setting.bearer)

    assert setting.confirm(options) == SPENT


def test_a_challenge_of_another_person_makes_no_passkey(setting: Setting) -> None:
    options = passkeys.begin_add(setting.kit, setting.max, setting.bearer, "Max")

    assert setting.add(options) == SPENT


def test_a_challenge_of_another_person_pays_nothing(setting: Setting) -> None:
    code, key = setting.bill(), new_key()

    assert setting.pay(code, key, passkeys.begin_payment(setting.kit, code, setting.max, setting.bearer, key)) == (
        "step_up_required"
    )
    assert setting.pay(code, key, begin(setting.eva.browser, f"/b/{code}/challenge", key=key)) == "201"
