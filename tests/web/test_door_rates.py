"""Rates of the door: who tries passkeys or tablets' codes too often waits, as who tries recovery codes does.

And of every other address that names what others cannot know: a bill, a member, an invitation.
"""

import secrets
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.authenticator import Authenticator, but
from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.doors import confirm, invited, resident, sign_in
from tests.web.test_tablet import shown
from wallet.domain import rate
from wallet.kit import Kit
from wallet.services import payments, rates, tablets
from wallet.store import people
from wallet.store.engine import reading
from wallet.web.sources import network

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


def a_code() -> str:
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ") for _letter in range(8))


def somebody() -> str:
    return f"nobody-{a_code()}".lower()


def a_link() -> str:
    return secrets.token_urlsafe(32)


# Who guesses what, how: what is sent besides, what the answer is, and how many come before one has to wait.
GUESSES: list[tuple[str, Callable[[], str], str, dict[str, object] | None, int, int]] = [
    ("ana", a_code, "/b/{}/claim", {}, 404, 10),
    ("ana", a_code, "/b/{}/decline", {}, 404, 10),
    ("ana", a_code, "/b/{}/events", None, 404, 10),
    ("bea", a_code, "/b/{}/cancel", {}, 404, 10),
    ("bea", a_code, "/b/{}/qr.svg", None, 404, 10),
    ("ana", a_code, "/pay", {"code": "{}"}, 404, 10),
    ("sam", a_code, "/office/bakery/bills/{}", {"key": "{key}"}, 404, 10),
    ("bea", a_code, "/tills/bakery-1/tablet", {"pairing": "{}"}, 404, 10),
    ("sam", a_code, "/office/bakery/tablets", {"pairing": "{}", "till": "bakery-1", "name": "Blue"}, 404, 10),
    ("ana", somebody, "/send", {"who": "{}"}, 404, 20),
    ("ana", somebody, "/send/{}?key={key}", None, 404, 20),
    ("ana", somebody, "/send/{}", {"amount": "1.00"}, 404, 20),
    ("ana", a_code, "/to/{}?key={key}", None, 404, 20),
    ("ana", a_code, "/to/{}", {"amount": "1.00"}, 404, 20),
    ("ana", somebody, "/gifts", {"to": "{}", "amount": "1.00", "key": "{key}"}, 404, 20),
    ("ana", somebody, "/gifts/challenge", {"to": "{}", "amount": "1.00", "key": "{key}"}, 404, 20),
    ("ana", somebody, "/code/devices", {"public_key": "{}"}, 400, 20),
    ("ana", somebody, "/c/bakery-1", {"amount": "{}", "key": "{key}"}, 400, 30),
    ("stranger", a_link, "/join/{}/challenge", {"name": "Eva"}, 404, 20),
    ("stranger", a_link, "/join/{}", {"name": "Eva", "credential": {}}, 404, 20),
    ("stranger", somebody, "/join", {"link": "{}"}, 400, 20),
    ("stranger", a_code, "/tablet/code", {}, 200, 60),
    ("ana", a_code, "/tablet/code", {}, 200, 60),
    ("ana", a_code, "/sign-in/recovery", {"code": "{}"}, 404, 10),
    ("ana", a_code, "/sign-in", {"credential": {"id": "{}"}}, 403, 10),
    ("ana", a_link, "/join/{}", None, 404, 20),
    ("ana", a_link, "/join/{}/accept", {}, 404, 20),
    ("ana", a_link, "/join/{}/challenge", {"name": "Eva"}, 404, 20),
    ("ana", somebody, "/join", {"link": "{}"}, 400, 20),
    ("ana", somebody, "/sign-in/challenge", {}, 200, 60),
    ("ana", somebody, "/you/confirm/challenge", {}, 200, 60),
    ("ana", somebody, "/you/security/passkeys/challenge", {}, 200, 60),
]


@pytest.mark.parametrize(
    ("who", "guess", "address", "sent", "usual", "most"),
    GUESSES,
    ids=[f"{'GET' if sent is None else 'POST'} {address}" for _who, _guess, address, sent, *_ in GUESSES],
)
def test_whoever_guesses_waits_at_every_address(
    app: Flask,
    kit: Kit,
    who: str,
    guess: Callable[[], str],
    address: str,
    sent: dict[str, object] | None,
    usual: int,
    most: int,
) -> None:
    browser = app.test_client() if who == "stranger" else resident(app, kit, kind="person", handle=who).browser

    def tried() -> int:
        named, key = guess(), new_key()
        if sent is None:
            return browser.get(address.format(named, key=key), headers=JSON).status_code
        # What an address leads to tells as much as its own answer.
        body = {field: each.format(named, key=key) if isinstance(each, str) else each for field, each in sent.items()}
        return browser.post(address.format(named), json=body, headers=JSON, follow_redirects=True).status_code

    assert [tried() for _turn in range(most + 1)] == [usual] * most + [429]


def test_where_a_typed_code_leads_tells_nothing_of_it(app: Flask, kit: Kit) -> None:
    eva, known = resident(app, kit, kind="person", handle="ana").browser, shown(app.test_client())

    for code in (known, a_code()):
        assert eva.post("/pay", data={"code": code}).location == f"/b/{code}"
    assert eva.get(f"/b/{known}").location == f"/pair/{known}"
    assert app.test_client().get(f"/b/{known}").status_code == 404


def test_home_is_no_way_around_and_comes_without_the_bill_to_who_guessed_too_often(app: Flask, federation: Kit) -> None:
    ana = resident(app, federation, kind="person", handle="ana").browser
    left = payments.open_bill(federation, "bakery-1", "bea", amount_minor=100, key=new_key()).code
    said = "You did not pay"
    assert said in ana.get(f"/?unpaid={left}").text

    assert {ana.get(f"/?unpaid={a_code()}").status_code for _turn in range(11)} == {200}

    assert ana.get(f"/b/{a_code()}").status_code == 429
    home = ana.get(f"/?unpaid={left}")
    assert (home.status_code, said in home.text) == (200, False)


def draw_all_but_one(app: Flask, kit: Kit) -> None:
    """Leave the network of all these browsers one challenge of this minute."""
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "127.0.0.1"}):
        whose = f"network {network()}"
    for _turn in range(599):
        rates.count(kit, rate.CHALLENGE_OF_NETWORK, whose)


def test_a_network_draws_no_challenges_for_ever(app: Flask, kit: Kit) -> None:
    link = invited(kit)
    draw_all_but_one(app, kit)

    drawn = [app.test_client().post("/sign-in/challenge", json={}).status_code for _turn in range(2)]

    assert drawn == [200, 429]
    assert app.test_client().post(f"{link}/challenge", json={"name": "Eva"}).status_code == 429


def test_who_is_signed_in_draws_challenges_whatever_their_network_did(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    draw_all_but_one(app, kit)
    app.test_client().post("/sign-in/challenge", json={})

    assert confirm(eva.browser, eva.passkey).status_code == 200


def test_a_right_code_opens_the_door_to_who_is_signed_in_and_tried_too_often(app: Flask, kit: Kit) -> None:
    eva = resident(app, kit)
    tried = [eva.browser.post("/sign-in/recovery", json={"code": a_code()}).status_code for _turn in range(11)]

    assert tried == [404] * 10 + [429]
    assert eva.browser.post("/sign-in/recovery", json={"code": eva.codes[0]}, headers=JSON).status_code == 200


def test_a_shops_tablet_is_none_of_the_strangers_in_its_network(app: Flask, federation: Kit) -> None:
    tablet, stranger = app.test_client(), app.test_client()
    pairing = shown(tablet)
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=100, key=new_key()).code
    with reading(federation.engine) as connection:
        sam = people.find(connection, "sam")
    assert sam is not None
    tablets.register(federation, sam.id, "bakery", pairing, "bakery-1", "Blue")

    showed = [stranger.post("/tablet/code").status_code for _turn in range(70)]
    guessed = [stranger.get(f"/b/{a_code()}").status_code for _turn in range(70)]

    assert showed[-1] == guessed[-1] == 429
    assert tablet.post("/tablet/code").status_code == 303
    assert "The bill of" in tablet.get(f"/tills/bakery-1?bill={bill}").text
    assert "The bill of" not in stranger.get(f"/tills/bakery-1?bill={bill}").text
    assert [tablet.post("/tablet/code").status_code for _turn in range(60)] == [303] * 59 + [429]


def test_a_network_that_showed_many_tablets_codes_sees_its_bills(app: Flask, federation: Kit) -> None:
    code = payments.open_bill(federation, "bakery-1", "bea", amount_minor=100, key=new_key()).code
    stranger = app.test_client()
    for _turn in range(61):
        stranger.post("/tablet/code")

    assert stranger.get(f"/b/{code}").status_code == 200


def test_a_member_draws_no_challenges_for_ever_to_pay_or_send(app: Flask, federation: Kit) -> None:
    ana = resident(app, federation, kind="person", handle="ana").browser
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=1_00, key=new_key()).code
    asked: list[tuple[str, dict[str, object]]] = [
        (f"/b/{bill}/challenge", {"key": new_key()}),
        ("/gifts/challenge", {"to": "cal", "amount": "1.00", "key": new_key()}),
    ]

    answers = [ana.post(address, json=body, headers=JSON).status_code for address, body in asked for _turn in range(30)]

    assert answers == [200] * 60
    assert [ana.post(address, json=body, headers=JSON).status_code for address, body in asked] == [429, 429]
