"""The cast: a small federation whose people and places tests may count on, made through the services.

Bakery, mill and clinic. Ana and Dee work at the mill, Ben and Eve at the bakery, Flo at the clinic; Cy only shops.
Ben is cashier of the bakery's two tills, Dee of the mill's; Eve is the bakery's steward, Flo facilitates.
"""

from wallet.kit import Kit
from wallet.services import histories, members, network

COOPS = {"bakery": "Kneading Table Bakery", "mill": "Weir Mill", "clinic": "Alder Clinic"}
TILLS = {"bakery-1": "bakery", "bakery-2": "bakery", "mill-1": "mill", "clinic-1": "clinic"}
WORKERS = {"ana": "mill", "dee": "mill", "ben": "bakery", "eve": "bakery", "flo": "clinic"}
NAMES = {"ana": "Ana Moreau", "ben": "Ben Kessler", "cy": "Cy Okafor", "dee": "Dee Lindqvist", "eve": "Eve Sato"}
CREDIT_LINE_MINOR = 1_000_000
# At the first pay's share of a tenth: what each who was paid holds in RES.
WAGE_MINOR, WAGE_MINUTES = 240_000, 9_600
WAGE_RES_MINOR = 24_000
# What `share_out` leaves in the pool.
POT = 500_00


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
        histories.pay(kit, WORKERS[handle], handle, WAGE_MINOR, WAGE_MINUTES, key=f"first pay of {handle}")
    return kit


def build_in_pairs(kit: Kit) -> Kit:
    """Build the cast with a second facilitator, Gil, and a second steward of the bakery, Ivo."""
    build(kit)
    members.join(kit, "mill", "gil", name="Gil Faro")
    members.join(kit, "bakery", "ivo", name="Ivo Brand")
    members.grant(kit, "gil", "facilitator")
    members.grant(kit, "ivo", "steward", "bakery")
    return kit


def share_out(kit: Kit) -> Kit:
    """Build the cast with a charter, two facilitators and a pool; Ana and Ben spend at each other's co-op."""
    build(kit)
    network.found_federation(kit, "Alder Valley", charter_on="2026-01-01")
    members.grant(kit, "eve", "facilitator")
    histories.sell(kit, "bakery", "ana", 180_00, 0, key="Ana's bread")
    histories.sell(kit, "mill", "ben", 60_00, 0, key="Ben's flour")
    histories.fund(kit, "mill", POT, key="pool")
    return kit
