"""A phone of the demo's people, which makes codes as a member's does."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wallet.domain import paycode


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """Hold what a phone makes its codes with; when the year is told it is gone, and its codes with it."""

    key: bytes
    device: bytes

    @classmethod
    def enrolled(cls, enrol: Callable[[str], Any]) -> "DemoPhone":
        """Make a key, enrol its public half and derive what both sides share."""
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        answer = enrol(base64.urlsafe_b64encode(point).rstrip(b"=").decode("ascii"))
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), base64.urlsafe_b64decode(answer.public_key + "=")
        )
        return cls(private.exchange(ec.ECDH(), theirs), base64.urlsafe_b64decode(answer.device))

    def token(self, now: datetime) -> str:
        """Make the code of this moment."""
        return paycode.make(self.key, self.device, paycode.step_at(now))
