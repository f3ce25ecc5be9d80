"""The cast: a small federation whose people, places and phones tests may count on, made through the services.

Bakery, mill and clinic. Ana and Dee work at the mill, Ben and Eve at the bakery, Flo at the clinic; Cy only shops.
Ben is cashier of the bakery's two tills, Dee of the mill's; Eve is the bakery's steward, Flo facilitates.
"""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wallet.domain import paycode
from wallet.kit import Kit
from wallet.services import codes, members, network, payday

COOPS = {"bakery": "Kneading Table Bakery", "mill": "Weir Mill", "clinic": "Alder Clinic"}
TILLS = {"bakery-1": "bakery", "bakery-2": "bakery", "mill-1": "mill", "clinic-1": "clinic"}
WORKERS = {"ana": "mill", "dee": "mill", "ben": "bakery", "eve": "bakery", "flo": "clinic"}
NAMES = {"ana": "Ana Moreau", "ben": "Ben Kessler", "cy": "Cy Okafor", "dee": "Dee Lindqvist", "eve": "Eve Sato"}
CREDIT_LINE_MINOR = 1_000_000
# At the first pay's share of a tenth: what each who was paid holds in RES.
WAGE_MINOR, WAGE_MINUTES = 240_000, 9_600
WAGE_RES_MINOR = 24_000


def build(kit: Kit, *, zone: str = "UTC") -> Kit:
    """Found the cast's federation and pay Ana, Ben and Dee once; give the kit back."""
    network.found_federation(kit, "Alder Valley", zone=zone)
    for slug, name in COOPS.items():
        network.admit_coop(kit, slug, CREDIT_LINE_MINOR, name=name)
    for till, coop in TILLS.items():
        network.open_till(kit, coop, till, f"Counter {till[-1]}")
    for handle, coop in WORKERS.items():
        members.join(kit, coop, handle, name=NAMES.get(handle), counter_name=handle.title())
    members.accept_customer(kit, "cy", name=NAMES["cy"], counter_name="Cy")
    members.grant(kit, "ben", "cashier", "bakery")
    members.grant(kit, "dee", "cashier", "mill")
    members.grant(kit, "eve", "steward", "bakery")
    members.grant(kit, "flo", "facilitator")
    for handle in ("ana", "ben", "dee"):
        payday.pay_line(kit, WORKERS[handle], handle, WAGE_MINOR, WAGE_MINUTES, key=f"first pay of {handle}")
    return kit


class Handset:
    """A member's phone: it keeps a private key and makes codes with what it shares with the server."""

    def __init__(self, kit: Kit, handle: str) -> None:
        self.kit = kit
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        enrolment = codes.enrol(kit, handle, base64.urlsafe_b64encode(point).rstrip(b"=").decode())
        theirs = base64.urlsafe_b64decode(enrolment.public_key + "=")
        self.key = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        self.device = base64.urlsafe_b64decode(enrolment.device)

    def token(self) -> str:
        """Make the code of this moment by the kit's clock."""
        return paycode.make(self.key, self.device, paycode.step_at(self.kit.clock()))
