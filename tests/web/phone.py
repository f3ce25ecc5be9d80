"""A member's phone for tests: it enrols like a real one and makes the codes that a till scans."""

import base64
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wallet.domain import paycode
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import codes, scans


class MemberPhone:
    """Make the member code of `handle` at the kit's time."""

    def __init__(self, kit: Kit, handle: str) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        enrolment = codes.enrol(kit, handle, base64.urlsafe_b64encode(point).rstrip(b"=").decode())
        theirs = base64.urlsafe_b64decode(enrolment.public_key + "=")
        self.kit = kit
        self.secret = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        self.device = base64.urlsafe_b64decode(enrolment.device)

    def token(self) -> str:
        """Give the token that the phone shows now."""
        return paycode.make(self.secret, self.device, paycode.step_at(self.kit.clock()))

    def link(self) -> str:
        """Give the link that the phone's QR code holds now."""
        return f"{self.kit.settings.origin}/m/{self.token()}"


def scanned(kit: Kit, phone: MemberPhone) -> str:
    """Have the bakery charge 1.00 by the code that a phone shows; give what it is refused with, or nothing."""
    try:
        scans.scan_code(kit, "bakery-1", "bea", token=phone.token(), amount_minor=1_00, key=str(uuid4()), confirm=True)
    except Refusal as refusal:
        return refusal.code
    return ""
