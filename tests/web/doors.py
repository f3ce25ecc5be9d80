"""What people do at the wallet's door, over HTTP: join, sign in, prove to be there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.authenticator import SOUND, Authenticator, Broken
from tests.web.conftest import JSON, new_key
from wallet.kit import Kit
from wallet.services import histories, invitations
from wallet.services.invitations import Offer
from wallet.store import tables

# As a desk shows one, once.
LINK = re.compile(r"http://localhost:8000/join/([\w-]{43})")


@dataclass
class Resident:
    """Hold somebody who has joined: browser, passkey, handle and recovery codes."""

    browser: FlaskClient
    passkey: Authenticator
    handle: str
    codes: list[str]


def invited(kit: Kit, kind: str = "customer", **offer: Any) -> str:
    """Invite somebody; give the address of the invitation."""
    return "/join/" + invitations.invite(kit, Offer(kind, **offer))


def begin(browser: FlaskClient, address: str, **fields: str) -> dict[str, Any]:
    """Ask for a challenge."""
    answer = browser.post(address, json=fields, headers=JSON)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def join(
    browser: FlaskClient, link: str, passkey: Authenticator, broken: Broken = SOUND, name: str = "Eva Blum"
) -> TestResponse:
    """Join by an invitation with a new passkey."""
    made = passkey.make(begin(browser, f"{link}/challenge", name=name), broken)
    return browser.post(link, json={"name": name, "credential": made}, headers=JSON)


def sign_in(browser: FlaskClient, passkey: Authenticator, broken: Broken = SOUND) -> TestResponse:
    """Sign in with a passkey."""
    proof = passkey.prove(begin(browser, "/sign-in/challenge"), broken)
    return browser.post("/sign-in", json={"credential": proof}, headers=JSON)


def confirm(browser: FlaskClient, passkey: Authenticator, broken: Broken = SOUND) -> TestResponse:
    """Prove to be there."""
    proof = passkey.prove(begin(browser, "/you/confirm/challenge"), broken)
    return browser.post("/you/confirm", json={"credential": proof}, headers=JSON)


def add(browser: FlaskClient, passkey: Authenticator, broken: Broken = SOUND, name: str = "second") -> TestResponse:
    """Add a passkey."""
    made = passkey.make(begin(browser, "/you/security/passkeys/challenge"), broken)
    return browser.post("/you/security/passkeys", json={"credential": made, "name": name}, headers=JSON)


def resident(
    app: Flask, kit: Kit, passkey: Authenticator | None = None, name: str = "Eva Blum", **offer: Any
) -> Resident:
    """Let somebody join."""
    browser, passkey = app.test_client(), passkey or Authenticator()
    answer = join(browser, invited(kit, **offer), passkey, name=name)
    assert answer.status_code == 201, answer.get_json()
    said = answer.get_json()
    return Resident(browser, passkey, said["handle"], said["codes"])


def well_paid(app: Flask, kit: Kit) -> Resident:
    """Take in a worker of the mill and pay them 900.00 RES."""
    found = resident(app, kit, kind="worker", coop="mill")
    histories.pay(kit, "mill", found.handle, 9_000_00, 9_600, key=f"pay of {found.handle}")
    return found


def before_the_act(app: Flask, do: Callable[[], object]) -> None:
    """Do something when the next request's session has been looked at and its act has not begun."""
    looks = app.before_request_funcs[None]

    def once() -> None:
        looks.remove(once)
        do()

    looks.append(once)


def code_of(answer: TestResponse) -> str:
    """Give the code of a refusal, or the status of what was none."""
    found = answer.get_json(silent=True) or {}
    return str(found.get("type", answer.status_code))


def me(browser: FlaskClient) -> str:
    """Tell who is signed in; nobody is an empty name."""
    answer = browser.get("/me", headers=JSON)
    return str(answer.get_json()["handle"]) if answer.status_code == 200 else ""


def session_of(browser: FlaskClient) -> str:
    """Give the token of a browser's session."""
    cookie = browser.get_cookie("wallet")
    return cookie.value if cookie else ""


def notices_of_all(kit: Kit) -> list[str]:
    """List the kinds of all notices, oldest first."""
    with kit.engine.connect() as connection:
        return list(connection.execute(sa.select(tables.notices.c.kind).order_by(tables.notices.c.id)).scalars())


def answer_for(endpoint: str, browser: FlaskClient, app: Flask, kit: Kit, address: str) -> dict[str, Any] | None:
    """Give what one of the door's addresses takes from this browser; None for an address that is not the door's."""
    prepared: dict[str, Callable[[], dict[str, Any]]] = {
        "join.follow_link": lambda: {"link": invited(kit)},
        "join.ask": lambda: {"name": "Eva"},
        "join.join": lambda: {
            "name": "Eva", "credential": Authenticator().make(begin(browser, f"{address}/challenge", name="Eva")),
        },
        "office.recover": lambda: {"handle": "cal"},
        "bills.challenge": lambda: {"key": new_key()},
        "auth.sign_in": lambda: {"credential": resident(app, kit).passkey.prove(begin(browser, "/sign-in/challenge"))},
        "auth.sign_in_by_code": lambda: {"code": resident(app, kit).codes[0]},
        "auth.confirm": lambda: {"credential": _added(browser).prove(begin(browser, "/you/confirm/challenge"))},
        "access.add": lambda: {"credential": Authenticator().make(begin(browser, "/you/security/passkeys/challenge"))},
        "access.remove": lambda: {"passkey": _newest(browser, kit)},
        "access.end_one": lambda: {"session": _last(kit, tables.sessions)},
        "access.remove_phone": lambda: {"device": "a phone"},
    }  # fmt: skip
    return prepared[endpoint]() if endpoint in prepared else None


def _added(browser: FlaskClient) -> Authenticator:
    passkey = Authenticator()
    assert add(browser, passkey).status_code == 204
    return passkey


def _newest(browser: FlaskClient, kit: Kit) -> str:
    for _ in range(2):
        _added(browser)
    return _last(kit, tables.passkeys)


def _last(kit: Kit, table: sa.Table) -> str:
    with kit.engine.connect() as connection:
        return str(connection.execute(sa.select(sa.func.max(table.c.id))).scalar_one())
