"""Every way in which a passkey's answer can be wrong, as one table: each is refused by its code and changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.authenticator import AT, BE, BS, ES256, RS256, SOUND, UP, UV, Authenticator, Broken, but, encoded
from tests.clock import Clock
from tests.web import doors
from tests.web.conftest import JSON, for_real_people
from tests.web.doors import Resident, begin, code_of, invited, resident
from wallet.domain.passkey import from_base64url
from wallet.kit import Kit
from wallet.store import tables

REFUSED, SPENT, UNKNOWN, KNOWN, FORM = (
    "passkey_refused", "challenge_spent", "unknown_passkey", "passkey_known", "bad_form"
)  # fmt: skip
# Whatever a refused answer might have changed.
WATCHED = (
    tables.people, tables.passkeys, tables.sessions, tables.recovery_codes, tables.notices, tables.roles,
    tables.invitations, tables.accounts, tables.transfers,
)  # fmt: skip
FOREIGN = {"id": encoded(b"f" * 32), "rawId": encoded(b"f" * 32)}
OFF_THE_CURVE = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32})
COMPRESSED = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: True})
TWICE = b'{"type":"webauthn.get","challenge":"x","challenge":"CHALLENGE","origin":"http://localhost:8000"}'
LISTED = b'["webauthn.get","CHALLENGE"]'


def p384() -> bytes:
    """Write a public key on a curve that was not asked for."""
    return cbor2.dumps({1: 2, 3: -7, -1: 2, -2: b"\x02" * 48, -3: b"\x03" * 48})


# For making a passkey (m), for proving with one (p), or for both (mp): what is broken, and the code of the refusal.
BROKEN: tuple[tuple[str, str, Broken, str], ...] = (
    ("mp", "type of the other ceremony", but(type="webauthn.other"), REFUSED),
    ("m", "a proof given for a making", but(type="webauthn.get"), REFUSED),
    ("p", "a making given for a proof", but(type="webauthn.create"), REFUSED),
    ("mp", "another challenge", but(challenge=b"\x07" * 32), SPENT),
    ("mp", "an empty challenge", but(challenge=b""), SPENT),
    ("mp", "a challenge that is no text", but(client={"challenge": 7}), REFUSED),
    ("mp", "a challenge cut short", but(client={"challenge": "AAA="}), REFUSED),
    ("mp", "another origin", but(origin="http://elsewhere.example"), REFUSED),
    ("mp", "an origin below ours", but(origin="http://shop.localhost:8000"), REFUSED),
    ("mp", "another port", but(origin="http://localhost:8001"), REFUSED),
    ("mp", "another scheme", but(origin="https://localhost:8000"), REFUSED),
    ("mp", "an origin with a path", but(origin="http://localhost:8000/"), REFUSED),
    ("mp", "the origin null", but(origin="null"), REFUSED),
    ("mp", "another host's hash", but(rp_id="elsewhere.example"), REFUSED),
    ("mp", "nobody present", but(flags=lambda flags: flags & ~UP), REFUSED),
    ("mp", "nobody verified", but(flags=lambda flags: flags & ~UV), REFUSED),
    ("mp", "inside another site's frame", but(client={"crossOrigin": True}), REFUSED),
    ("mp", "a frame's word for true", but(client={"crossOrigin": "true"}), REFUSED),
    ("mp", "a top origin", but(client={"topOrigin": "http://elsewhere.example"}), REFUSED),
    ("mp", "our own top origin", but(client={"topOrigin": "http://localhost:8000"}), REFUSED),
    ("mp", "backed up without being eligible", but(flags=lambda flags: flags & ~BE | BS), REFUSED),
    ("p", "eligible for backups all of a sudden", but(flags=lambda flags: flags | BE), REFUSED),
    ("p", "a foreign user handle", but(user_handle=encoded(b"somebody else")), REFUSED),
    ("p", "an empty user handle", but(user_handle=""), REFUSED),
    ("p", "a user handle that is a number", but(response={"userHandle": 7}), REFUSED),
    ("p", "a foreign credential", but(answer=FOREIGN), UNKNOWN),
    ("p", "a credential that is a number", but(answer={"id": 7}), UNKNOWN),
    ("mp", "two names for one credential", but(answer={"rawId": encoded(b"f" * 32)}), REFUSED),
    ("m", "a name that is not the credential's", but(answer=FOREIGN), REFUSED),
    ("mp", "no key of a passkey", but(answer={"type": "password"}), REFUSED),
    ("p", "another's signature", but(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"), REFUSED),
    ("p", "no signature's shape", but(signature=b"\x00"), REFUSED),
    ("p", "a signature too long", but(signature=b"\x00" * 4096), REFUSED),
    ("p", "no signature", but(without=("signature",)), REFUSED),
    ("p", "no authenticator data", but(without=("authenticatorData",)), REFUSED),
    ("p", "authenticator data cut short", but(auth_data=b"\x00" * 36), REFUSED),
    ("p", "authenticator data with a tail", but(auth_tail=b"\x00"), REFUSED),
    ("p", "authenticator data too long", but(auth_tail=b"\x00" * 8192), REFUSED),
    ("m", "a making with a tail", but(auth_tail=b"\x00"), REFUSED),
    ("m", "extensions promised and not there", but(flags=lambda flags: flags | 0x80), REFUSED),
    ("m", "no passkey in it", but(flags=lambda flags: flags & ~AT), REFUSED),
    ("mp", "no client data", but(without=("clientDataJSON",)), REFUSED),
    ("mp", "client data that is no JSON", but(client_bytes=b"CHALLENGE"), REFUSED),
    ("mp", "client data that is a list", but(client_bytes=LISTED), REFUSED),
    ("mp", "client data that says it twice", but(client_bytes=TWICE), REFUSED),
    ("mp", "client data in no encoding", but(client_bytes=b"\xff\xfe"), REFUSED),
    ("mp", "client data too long", but(client={"padding": "x" * 9000}), REFUSED),
    ("mp", "client data in another alphabet", but(response={"clientDataJSON": "a+/="}), REFUSED),
    ("mp", "no response", but(answer={"response": []}), REFUSED),
    ("m", "no attestation", but(without=("attestationObject",)), REFUSED),
    ("m", "broken CBOR", but(attestation=b"\xa3\x63fmt"), REFUSED),
    ("m", "CBOR that is a number", but(attestation=b"\x07"), REFUSED),
    ("m", "an attestation too long", but(attestation=b"\x00" * 30_000), REFUSED),
    ("m", "an attestation of a kind not asked for", but(fmt="fido-u2f"), REFUSED),
    ("m", "an attestation of no kind", but(fmt="made-up"), REFUSED),
    ("m", "none that says something", but(statement={"sig": b"x"}), REFUSED),
    ("m", "packed that is not signed", but(fmt="packed", statement={"alg": ES256, "sig": b"x"}), REFUSED),
    ("m", "a broken COSE key", but(public_key=b"\xa1\x01"), REFUSED),
    ("m", "a COSE key that is a list", but(public_key=b"\x80"), REFUSED),
    ("m", "a key without its curve", but(public_key=cbor2.dumps({1: 2, 3: -7, -2: b"x" * 32, -3: b"y" * 32})), REFUSED),
    ("m", "a point off the curve", but(public_key=OFF_THE_CURVE), REFUSED),
    ("m", "a compressed point", but(public_key=COMPRESSED), REFUSED),
    ("m", "another curve", but(public_key=p384()), REFUSED),
    ("m", "an algorithm not asked for", but(public_key=Authenticator().public_key(algorithm=-47)), REFUSED),
    ("m", "a key under another algorithm's name", but(public_key=Authenticator().public_key(algorithm=RS256)), REFUSED),
    ("m", "an RSA key too short", but(public_key=Authenticator(RS256, bits=1024).public_key()), REFUSED),
)  # fmt: skip


@dataclass
class Setting:
    """Hold the application, somebody who has joined, and what every table held before."""

    app: Flask
    kit: Kit
    clock: Clock
    eva: Resident
    before: dict[str, list[Any]] = field(default_factory=dict)

    def held(self) -> dict[str, list[Any]]:
        with self.kit.engine.connect() as connection:
            return {
                table.name: list(connection.execute(sa.select(table).order_by(*table.primary_key))) for table in WATCHED
            }


@pytest.fixture
def setting(federation: Kit, clock: Clock) -> Iterator[Setting]:
    made = for_real_people(federation, clock)
    yield Setting(made, federation, clock, resident(made, federation))
    made.extensions["streams"].live.close()


Door = Callable[[Setting, Broken], TestResponse]


def joining(setting: Setting, broken: Broken) -> TestResponse:
    link = invited(setting.kit)
    setting.before = setting.held()
    return doors.join(setting.app.test_client(), link, Authenticator(), broken)


def adding(setting: Setting, broken: Broken) -> TestResponse:
    return doors.add(setting.eva.browser, Authenticator(), broken)


def entering(setting: Setting, broken: Broken) -> TestResponse:
    return doors.sign_in(setting.app.test_client(), setting.eva.passkey, broken)


def confirming(setting: Setting, broken: Broken) -> TestResponse:
    return doors.confirm(setting.eva.browser, setting.eva.passkey, broken)


@pytest.mark.parametrize(
    ("kind", "door"),
    [("m", joining), ("m", adding), ("p", entering), ("p", confirming)],
    ids=lambda of: getattr(of, "__name__", of),
)
def test_every_broken_answer_is_refused_and_changes_nothing(setting: Setting, kind: str, door: Door) -> None:
    wrong = []
    for kinds, name, broken, code in BROKEN:
        if kind not in kinds:
            continue
        if door is not adding:
            # Long enough that no rate is what refuses.
            setting.clock.advance(minutes=4)
        setting.before = setting.held()
        found = code_of(door(setting, broken))
        if found != code or setting.held() != setting.before:
            wrong.append((name, found))

    assert wrong == []
    # The same door opens to a sound answer: it was the breakage that was refused.
    assert code_of(door(setting, SOUND)) in {"200", "201", "204"}


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len({name for _kinds, name, _broken, _code in BROKEN}) == len(BROKEN) >= 40


# What is wrong with the circumstances rather than with the answer itself.
Circumstance = Callable[[Setting], TestResponse]


def proof(setting: Setting, browser: FlaskClient, address: str = "/sign-in/challenge") -> dict[str, Any]:
    return setting.eva.passkey.prove(begin(browser, address))


def enter(browser: FlaskClient, credential: object) -> TestResponse:
    return browser.post("/sign-in", json={"credential": credential}, headers=JSON)


def used_before(setting: Setting) -> TestResponse:
    browser = setting.app.test_client()
    given = proof(setting, browser)
    assert enter(browser, given).status_code == 200
    return enter(browser, given)


def too_late(setting: Setting) -> TestResponse:
    browser = setting.app.test_client()
    given = proof(setting, browser)
    setting.clock.advance(seconds=120.001)
    return enter(browser, given)


def from_another_browser(setting: Setting) -> TestResponse:
    given = proof(setting, setting.app.test_client())
    other = setting.app.test_client()
    begin(other, "/sign-in/challenge")
    return enter(other, given)


def without_the_browsers_token(setting: Setting) -> TestResponse:
    return enter(setting.app.test_client(), proof(setting, setting.app.test_client()))


def of_a_former_session(setting: Setting) -> TestResponse:
    given = proof(setting, setting.eva.browser, "/you/confirm/challenge")
    assert doors.sign_in(setting.eva.browser, setting.eva.passkey).status_code == 200
    return setting.eva.browser.post("/you/confirm", json={"credential": given}, headers=JSON)


def of_another_person(setting: Setting) -> TestResponse:
    other = resident(setting.app, setting.kit, name="Max")
    given = other.passkey.prove(begin(setting.eva.browser, "/you/confirm/challenge"))
    return setting.eva.browser.post("/you/confirm", json={"credential": given}, headers=JSON)


def of_another_persons_session(setting: Setting) -> TestResponse:
    other = resident(setting.app, setting.kit, name="Max")
    given = setting.eva.passkey.prove(begin(other.browser, "/you/confirm/challenge"))
    return setting.eva.browser.post("/you/confirm", json={"credential": given}, headers=JSON)


def of_signing_in_for_a_confirmation(setting: Setting) -> TestResponse:
    given = proof(setting, setting.eva.browser)
    return setting.eva.browser.post("/you/confirm", json={"credential": given}, headers=JSON)


def of_a_confirmation_for_signing_in(setting: Setting) -> TestResponse:
    return enter(setting.eva.browser, proof(setting, setting.eva.browser, "/you/confirm/challenge"))


def of_adding_for_joining(setting: Setting) -> TestResponse:
    link = invited(setting.kit)
    made = Authenticator().make(begin(setting.eva.browser, "/you/security/passkeys/challenge"))
    return setting.eva.browser.post(link, json={"name": "Max", "credential": made}, headers=JSON)


def of_another_invitation(setting: Setting) -> TestResponse:
    browser, one, other = setting.app.test_client(), invited(setting.kit), invited(setting.kit)
    made = Authenticator().make(begin(browser, f"{one}/challenge", name="Max"))
    return browser.post(other, json={"name": "Max", "credential": made}, headers=JSON)


def registered_already(setting: Setting) -> TestResponse:
    return doors.add(setting.eva.browser, setting.eva.passkey)


def registered_by_another(setting: Setting) -> TestResponse:
    return doors.join(setting.app.test_client(), invited(setting.kit), setting.eva.passkey)


def removed(setting: Setting) -> TestResponse:
    assert doors.add(setting.eva.browser, Authenticator()).status_code == 204
    setting.eva.browser.post("/you/security/passkeys/remove", json={"passkey": "1"}, headers=JSON)
    return doors.sign_in(setting.app.test_client(), setting.eva.passkey)


def removed_and_registered_again(setting: Setting) -> TestResponse:
    removed(setting)
    return doors.add(setting.eva.browser, setting.eva.passkey)


def refused_before(setting: Setting) -> TestResponse:
    browser = setting.app.test_client()
    options = begin(browser, "/sign-in/challenge")
    bad = setting.eva.passkey.prove(options, but(flags=lambda flags: flags & ~UV))
    assert code_of(enter(browser, bad)) == REFUSED
    return enter(browser, setting.eva.passkey.prove(options))


def without_saying_whose(setting: Setting) -> TestResponse:
    browser = setting.app.test_client()
    options = begin(browser, "/sign-in/challenge")
    return enter(browser, setting.eva.passkey.prove(options, but(without=("userHandle",))))


def vouched_for_by_its_maker(setting: Setting) -> TestResponse:
    """Add a passkey whose making carries its maker's certificate, which tells the device's model."""
    options = begin(setting.eva.browser, "/you/security/passkeys/challenge")
    passkey = Authenticator(counts=False)
    plain = passkey.make(options)["response"]
    signed = cbor2.loads(from_base64url(plain["attestationObject"]))["authData"]
    signature, certificate = certified(signed + sha256(from_base64url(plain["clientDataJSON"])).digest())
    statement = {"alg": ES256, "sig": signature, "x5c": [certificate]}
    made = passkey.make(options, but(fmt="packed", statement=statement))
    return setting.eva.browser.post("/you/security/passkeys", json={"credential": made, "name": "x"}, headers=JSON)


def certified(content: bytes) -> tuple[bytes, bytes]:
    """Sign `content` as a maker does; give the signature and the certificate of the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    parts = {NameOID.COUNTRY_NAME: "PT", NameOID.ORGANIZATION_NAME: "Maker", NameOID.COMMON_NAME: "Model 1"}
    named = [x509.NameAttribute(kind, value) for kind, value in parts.items()]
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation")
    subject, now = x509.Name([*named, unit]), datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.sign(content, ec.ECDSA(hashes.SHA256())), built.public_bytes(Encoding.DER)


def no_answer(setting: Setting) -> TestResponse:
    return enter(setting.app.test_client(), "yes")


def an_empty_answer(setting: Setting) -> TestResponse:
    return enter(setting.app.test_client(), {})


def an_answer_too_large(setting: Setting) -> TestResponse:
    return enter(setting.app.test_client(), {"id": "x" * 70_000})


def a_cloned_session_after_leaving_everywhere(setting: Setting) -> TestResponse:
    clone = setting.app.test_client()
    clone.set_cookie("wallet", setting.eva.browser.get_cookie("wallet").value, domain="localhost")
    given = setting.eva.passkey.prove(begin(clone, "/you/confirm/challenge"))
    assert setting.eva.browser.post("/you/security/sessions/end-all", json={}, headers=JSON).status_code == 204
    return clone.post("/you/confirm", json={"credential": given}, headers=JSON)


CIRCUMSTANCES: tuple[tuple[Circumstance, str], ...] = (
    (used_before, SPENT),
    (too_late, SPENT),
    (from_another_browser, SPENT),
    (without_the_browsers_token, SPENT),
    (of_a_former_session, SPENT),
    (of_another_person, UNKNOWN),
    (of_another_persons_session, SPENT),
    (of_signing_in_for_a_confirmation, SPENT),
    (of_a_confirmation_for_signing_in, SPENT),
    (of_adding_for_joining, SPENT),
    (of_another_invitation, SPENT),
    (registered_already, KNOWN),
    (registered_by_another, KNOWN),
    (removed, UNKNOWN),
    (removed_and_registered_again, KNOWN),
    (refused_before, SPENT),
    (without_saying_whose, REFUSED),
    (vouched_for_by_its_maker, REFUSED),
    (no_answer, FORM),
    (an_empty_answer, REFUSED),
    (an_answer_too_large, "too_large"),
    (a_cloned_session_after_leaving_everywhere, "not_signed_in"),
)


@pytest.mark.parametrize(("act", "code"), CIRCUMSTANCES, ids=[act.__name__ for act, _code in CIRCUMSTANCES])
def test_an_answer_in_the_wrong_place_is_refused(setting: Setting, act: Circumstance, code: str) -> None:
    answer = act(setting)

    assert code_of(answer) == code
    assert not any(name.startswith("wallet=") for name in answer.headers.getlist("Set-Cookie"))
