"""A member's phone, written from the description of the member code alone."""

import base64
import hmac
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wallet.kit import Kit
from wallet.services import codes


class Handset:
    """Keep the key that a phone and the server agree on, and show codes made with it."""

    def __init__(self, kit: Kit, handle: str) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        enrolment = codes.enrol(kit, handle, base64.urlsafe_b64encode(public).decode().rstrip("="))
        point = base64.urlsafe_b64decode(enrolment.public_key + "=")
        self.device = base64.urlsafe_b64decode(enrolment.device)
        self.secret = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))

    def shows(self, at: datetime) -> str:
        """Show the code of the 30-second step into which `at` falls."""
        step = int(at.timestamp()) // 30
        head = b"\x01" + self.device + step.to_bytes(4, "big")
        tag = hmac.digest(self.secret, b"res-wallet member code 1" + head, sha256)[:12]
        return base64.urlsafe_b64encode(head + tag).decode().rstrip("=")
