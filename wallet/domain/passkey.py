"""Passkeys: what a browser is asked, and the strict reading of what it answers.

The library checks signatures and structure; what it leaves to its caller is refused here: an answer given inside
another site, a foreign user handle, an unverified person, an algorithm or key that was not asked for, and backups of a
passkey that was registered as one without.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authenticator_data,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from wallet.errors import Refusal, refuse

T = TypeVar("T")

CHALLENGE_SECONDS = 120
PAYMENT_SECONDS = 60
# EdDSA, ES256, RS256: asked for in this order.
ALGORITHMS = (-8, -7, -257)
COSE_ALGORITHM = 3
RSA_BITS = (2048, 4096)
TRANSPORTS = frozenset({"ble", "hybrid", "internal", "nfc", "smart-card", "usb"})
# The longest that honest authenticators send, with room; longer parts are refused unread.
LONGEST = {
    "id": 1366,
    "rawId": 1366,
    "clientDataJSON": 8_192,
    "attestationObject": 24_576,
    "authenticatorData": 4_096,
    "signature": 2_048,
    "userHandle": 88,
}


@dataclass(frozen=True, slots=True)
class Site:
    """Hold for whom passkeys are made: the host's name, the exact origin, and what the site is called."""

    host: str
    origin: str
    name: str

    @classmethod
    def at(cls, origin: str, name: str) -> "Site":
        """Give the site at `origin`, written as browsers do."""
        parts = urlsplit(origin)
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        host = parts.hostname or ""
        plain = f"{parts.scheme}://{host}"
        return cls(host, plain if parts.port in (None, usual) else f"{plain}:{parts.port}", name)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """Hold a passkey as it was just made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: str


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """Hold what is known of the passkey that an assertion claims to come from."""

    credential_id: str
    user_handle: str
    public_key: bytes
    sign_count: int
    backup_eligible: bool


@dataclass(frozen=True, slots=True)
class Asserted:
    """Hold what an assertion proved; `went_back` tells that the passkey may have been copied."""

    sign_count: int
    backed_up: bool
    went_back: bool


def creation_options(
    site: Site, challenge: bytes, user_handle: str, name: str, shown: str, known: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Write what a browser is asked to make: a passkey that is found without a name and verifies its person."""
    return {
        "rp": {"id": site.host, "name": site.name},
        "user": {"id": user_handle, "name": name, "displayName": shown},
        "challenge": to_base64url(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": CHALLENGE_SECONDS * 1000,
        "excludeCredentials": [{"type": "public-key", "id": one} for one in known],
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
        },
        "attestation": "none",
    }  # fmt: skip


def request_options(
    site: Site, challenge: bytes, allowed: tuple[str, ...] = (), seconds: int = CHALLENGE_SECONDS
) -> dict[str, Any]:
    """Write what a browser is asked to prove, by any passkey of this site or by one of those `allowed`."""
    return {
        "rpId": site.host,
        "challenge": to_base64url(challenge),
        "timeout": seconds * 1000,
        "allowCredentials": [{"type": "public-key", "id": one} for one in allowed],
        "userVerification": "required",
    }


def challenge_in(credential: dict[str, Any]) -> bytes:
    """Read the challenge that an answer claims to answer, so that its row can be found and used up.

    Raises: Refusal passkey_refused.
    """
    return _strictly(lambda: from_base64url(_client_data(credential)["challenge"]))


def registered(credential: dict[str, Any], challenge: bytes, site: Site) -> NewPasskey:
    """Read a passkey that was just made for `site`.

    Raises: Refusal passkey_refused.
    """
    return _strictly(lambda: _registered(credential, challenge, site))


def asserted(credential: dict[str, Any], challenge: bytes, site: Site, known: KnownPasskey, *, named: bool) -> Asserted:
    """Check that the `known` passkey answered `challenge` for `site` after verifying its person.

    `named` tells that the browser was told which passkeys to ask; only then may the answer leave out whose it is.
    Raises: Refusal passkey_refused.
    """
    return _strictly(lambda: _asserted(credential, challenge, site, known, named))


def _registered(credential: dict[str, Any], challenge: bytes, site: Site) -> NewPasskey:
    _judge_frame(credential, "clientDataJSON", "attestationObject")
    found = verify_registration_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
        require_user_presence=True,
        require_user_verification=True,
        supported_pub_key_algs=[COSEAlgorithmIdentifier(algorithm) for algorithm in ALGORITHMS],
    )
    whole = cbor2.loads(found.attestation_object)
    # A browser that was asked for no attestation hands on none, or what the passkey signed with its own key.
    _require(whole["fmt"] in ("none", "packed") and "x5c" not in whole["attStmt"])
    _require(to_base64url(found.credential_id) == credential["id"])
    _judge_key(found.credential_public_key)
    flags = parse_attestation_object(found.attestation_object).auth_data.flags
    told = credential["response"].get("transports")
    transports = sorted(TRANSPORTS & {one for one in told if isinstance(one, str)}) if isinstance(told, list) else []
    return NewPasskey(
        credential["id"], found.credential_public_key, found.sign_count, flags.be, flags.bs, ",".join(transports)
    )


def _asserted(credential: dict[str, Any], challenge: bytes, site: Site, known: KnownPasskey, named: bool) -> Asserted:
    _judge_frame(credential, "clientDataJSON", "authenticatorData", "signature")
    _require(credential["id"] == known.credential_id)
    whose = credential["response"].get("userHandle")
    _require(whose == known.user_handle or (named and whose is None))
    found = verify_authentication_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=site.host,
        expected_origin=site.origin,
        credential_public_key=known.public_key,
        # The library turns away a counter that went back; a synced passkey's may. It is judged below.
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    flags = parse_authenticator_data(from_base64url(credential["response"]["authenticatorData"])).flags
    _require(flags.be == known.backup_eligible)
    counts = found.new_sign_count > 0 or known.sign_count > 0
    return Asserted(found.new_sign_count, flags.bs, counts and found.new_sign_count <= known.sign_count)


def _judge_frame(credential: dict[str, Any], *parts: str) -> None:
    response = credential["response"]
    for name in ("id", "rawId"):
        _require(isinstance(credential[name], str) and 0 < len(credential[name]) <= LONGEST[name])
    for name in parts:
        _require(isinstance(response[name], str) and 0 < len(response[name]) <= LONGEST[name])
        from_base64url(response[name])
    said = _client_data(credential)
    # Given inside a frame of another site: the person may not have seen what they agreed to.
    _require(said.get("crossOrigin", False) is False and "topOrigin" not in said)


def _judge_key(public_key: bytes) -> None:
    algorithm = cbor2.loads(public_key)[COSE_ALGORITHM]
    key = decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    if algorithm == ALGORITHMS[0]:
        _require(isinstance(key, ed25519.Ed25519PublicKey))
    elif algorithm == ALGORITHMS[1]:
        _require(isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1))
    else:
        _require(isinstance(key, rsa.RSAPublicKey) and RSA_BITS[0] <= key.key_size <= RSA_BITS[1])


def _client_data(credential: dict[str, Any]) -> dict[str, Any]:
    written = credential["response"]["clientDataJSON"]
    _require(isinstance(written, str) and len(written) <= LONGEST["clientDataJSON"])
    found = json.loads(from_base64url(written), object_pairs_hook=_once_each)
    _require(isinstance(found, dict) and isinstance(found["challenge"], str))
    return dict(found)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    _require(len(found) == len(pairs))
    return found


def _require(holds: bool) -> None:
    if not holds:
        raise refuse("passkey_refused")


def _strictly(work: Callable[[], T]) -> T:
    try:
        return work()
    except Refusal:
        raise
    except Exception as broken:
        # Whatever is wrong with an answer: it is not a passkey's.
        raise refuse("passkey_refused") from broken


def to_base64url(raw: bytes) -> str:
    """Write bytes as browsers do in JSON."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read bytes as browsers write them; nothing else is taken for the same.

    Raises: ValueError.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, TypeError) as malformed:
        raise ValueError("not base64url") from malformed
    if to_base64url(raw) != text:
        raise ValueError("not base64url")
    return raw


def digest_of_payment(till: str, coop: str, res_minor: int, cash_minor: int, bill: str, key: str) -> str:
    """Give the digest of what a member agrees to: payee, amounts, bill and key."""
    content = json.dumps(["res-wallet payment 1", till, coop, res_minor, cash_minor, bill, key])
    return sha256(content.encode()).hexdigest()


def digest_of_gift(whom: str, amount_minor: int, key: str) -> str:
    """Give the digest of what a member agrees to who sends RES: to whom, how much, and key."""
    return sha256(json.dumps(["res-wallet gift 1", whom, amount_minor, key]).encode()).hexdigest()
