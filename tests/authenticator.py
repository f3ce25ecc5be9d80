"""A passkey in software: makes and proves as phones do, and on request breaks any one part of what it answers."""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

ORIGIN = "http://localhost:8000"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ES256, EDDSA, RS256 = -7, -8, -257

Json = dict[str, Any]


def encoded(raw: bytes) -> str:
    """Write bytes as browsers do in JSON."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Broken:
    """Hold what is out of order in an answer; what is None is as it should be."""

    type: str | None = None
    challenge: bytes | None = None
    origin: str | None = None
    client: Json = field(default_factory=dict)
    client_bytes: bytes | None = None
    rp_id: str | None = None
    flags: Callable[[int], int] = lambda flags: flags
    count: int | None = None
    public_key: bytes | None = None
    auth_tail: bytes = b""
    auth_data: bytes | None = None
    fmt: str = "none"
    statement: Json = field(default_factory=dict)
    attestation: bytes | None = None
    signature: bytes | None = None
    user_handle: str | None = None
    without: tuple[str, ...] = ()
    answer: Json = field(default_factory=dict)
    response: Json = field(default_factory=dict)


SOUND = Broken()


class Authenticator:
    """Keep one passkey and its counter."""

    def __init__(self, algorithm: int = ES256, *, flags: int = UP | UV, counts: bool = True, bits: int = 2048) -> None:
        self.algorithm, self.flags, self.counts = algorithm, flags, counts
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.user_handle = ""
        self.key = _new_key(algorithm, bits)

    def make(self, options: Json, broken: Broken = SOUND) -> Json:
        """Answer a site that asks for a new passkey."""
        self.user_handle = options["user"]["id"]
        client = self._client("webauthn.create", options["challenge"], broken)
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + (broken.public_key or self.public_key())
        data = broken.auth_data or (self._data(options["rp"]["id"], AT, broken) + attested + broken.auth_tail)
        whole = {"fmt": broken.fmt, "attStmt": broken.statement, "authData": data}
        attestation = broken.attestation or cbor2.dumps(whole)
        parts = {"clientDataJSON": client, "attestationObject": attestation}
        return self._answer(parts, {"transports": ["internal"]}, broken)

    def prove(self, options: Json, broken: Broken = SOUND) -> Json:
        """Answer a site that asks for a proof."""
        client = self._client("webauthn.get", options["challenge"], broken)
        data = broken.auth_data or (self._data(options["rpId"], 0, broken) + broken.auth_tail)
        signature = broken.signature or self._sign(data + sha256(client).digest())
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        whose = self.user_handle if broken.user_handle is None else broken.user_handle
        return self._answer(parts, {"userHandle": whose}, broken)

    def public_key(self, *, algorithm: int | None = None) -> bytes:
        """Write the public key as COSE, on request under the name of another algorithm."""
        key, name = self.key.public_key(), self.algorithm if algorithm is None else algorithm
        if isinstance(key, ec.EllipticCurvePublicKey):
            point = key.public_numbers()
            size = (key.curve.key_size + 7) // 8
            x, y = point.x.to_bytes(size, "big"), point.y.to_bytes(size, "big")
            return cbor2.dumps({1: 2, 3: name, -1: 1 if size == 32 else 2, -2: x, -3: y})
        if isinstance(key, rsa.RSAPublicKey):
            modulus = key.public_numbers().n
            return cbor2.dumps({1: 3, 3: name, -1: modulus.to_bytes(key.key_size // 8, "big"), -2: b"\x01\x00\x01"})
        return cbor2.dumps({1: 1, 3: name, -1: 6, -2: key.public_bytes_raw()})

    def _client(self, kind: str, challenge: str, broken: Broken) -> bytes:
        if broken.client_bytes is not None:
            return broken.client_bytes.replace(b"CHALLENGE", challenge.encode())
        said = {
            "type": broken.type or kind,
            "challenge": challenge if broken.challenge is None else encoded(broken.challenge),
            "origin": broken.origin or ORIGIN,
            "crossOrigin": False,
        } | broken.client
        return json.dumps(said).encode()

    def _data(self, rp_id: str, more: int, broken: Broken) -> bytes:
        self.count += 1 if self.counts else 0
        count = self.count if broken.count is None else broken.count
        flags = broken.flags(self.flags | more)
        return sha256((broken.rp_id or rp_id).encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(data)

    def _answer(self, parts: dict[str, bytes], further: Json, broken: Broken) -> Json:
        response = {name: encoded(raw) for name, raw in parts.items()} | further | broken.response
        for name in broken.without:
            response.pop(name)
        whole = {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }
        return whole | broken.answer


def but(**parts: Any) -> Broken:
    """Break these parts of an otherwise sound answer."""
    return replace(SOUND, **parts)


def _new_key(algorithm: int, bits: int) -> Any:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(65537, bits)
    return ec.generate_private_key(ec.SECP256R1())
