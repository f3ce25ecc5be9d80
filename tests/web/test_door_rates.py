"""Rates of the door: who tries passkeys or tablets' codes too often waits, as who tries recovery codes does."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator, but
from tests.clock import Clock
from tests.web.doors import confirm, resident, sign_in
from wallet.kit import Kit

pytestmark = pytest.mark.for_real_people


Try = Callable[[FlaskClient, Authenticator], int]
NOT_VERIFIED = but(flags=lambda flags: flags & ~4)


def signing_in(browser: FlaskClient, passkey: Authenticator) -> int:
    return sign_in(browser.application.test_client(), passkey, NOT_VERIFIED).status_code


def confirming(browser: FlaskClient, passkey: Authenticator) -> int:
    return confirm(browser, passkey, NOT_VERIFIED).status_code


def pairing(browser: FlaskClient, _passkey: Authenticator) -> int:
    return browser.get("/pair/ABCD2345").status_code


@pytest.mark.parametrize(("tried", "usual"), [(signing_in, 403), (confirming, 403), (pairing, 404)])
def test_the_eleventh_try_in_a_minute_waits(app: Flask, kit: Kit, clock: Clock, tried: Try, usual: int) -> None:
    eva = resident(app, kit)

    assert [tried(eva.browser, eva.passkey) for _ in range(11)] == [usual] * 10 + [429]
    clock.advance(minutes=1)
    assert tried(eva.browser, eva.passkey) == usual


def test_a_right_passkey_opens_the_door_of_a_network_that_tried_too_often(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    for _ in range(11):
        signing_in(eva.browser, eva.passkey)

    assert sign_in(app.test_client(), eva.passkey).status_code == 200
