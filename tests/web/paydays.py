"""Pay runs and overpayments for the addresses that take one: made by other stewards, in the state each asks for."""

from typing import Any
from uuid import uuid4

from wallet.domain.payfile import PayfileLine
from wallet.domain.period import day_of
from wallet.kit import Kit
from wallet.services import members, paybounds, payruns
from wallet.store import coops
from wallet.store import paybounds as rows
from wallet.store.engine import reading

DUE = PayfileLine(0, "sam", "", 60, 100, 0)
# Addresses that want a run which somebody has submitted already.
SUBMITTED = {"payruns.approve", "payruns.give_back", "payruns.cash", "payruns.post"}
BODIES: dict[str, dict[str, Any]] = {
    "payday.answer_floor": {"applies": "no", "name": "Sam Vaz"},
    "payday.draft": {"pay_on": "2030-01-01"},
    "payday.note_overpayment": {"handle": "sam", "amount": "0.01", "note": "twice", "key": str(uuid4())},
    "payday.set_ceiling": {"act": "end"},
    "payruns.approve": {"rev": "3"},
    "payruns.set_ceiling": {"act": "set", "percent": "100.00", "rev": "2"},
    "payruns.drop": {"rev": "2"},
    "payruns.move": {"pay_on": "2030-01-01", "rev": "2"},
    "payruns.submit": {"rev": "2"},
}
# What comes as a form and not as JSON.
TABLE = {"rev": "2", "handle": "sam", "hours": "1", "total": "1.00", "deductions": ""}
FILE = b"handle,name,hours,total,deductions\nsam,,1,1.00,\n"


def staff(kit: Kit) -> None:
    """Give the bakery two more stewards, and its answer about a cash floor."""
    for handle in ("sol", "pat"):
        members.join(kit, "bakery", handle)
        members.grant(kit, handle, "steward", "bakery")
    paybounds.answer_floor(kit, "sol", "bakery", None, "Sol")


def run_for(kit: Kit, endpoint: str) -> int:
    """Make a run on which `endpoint` can act; give its number."""
    run = payruns.draft(kit, "sol", "bakery", day_of(kit.clock(), "Europe/Lisbon"))
    payruns.fill(kit, "sol", "bakery", run, 1, [DUE])
    if endpoint in SUBMITTED:
        payruns.submit(kit, "sol", "bakery", run, 2)
    if endpoint == "payruns.post":
        payruns.approve(kit, "pat", "bakery", run, 3)
    return run


def overpaid(kit: Kit) -> int:
    """Note an overpayment; give its number."""
    paybounds.note_overpayment(kit, "sol", "bakery", "sam", 1, "twice", key="twice")
    with reading(kit.engine) as connection:
        return rows.overpayments_of(connection, coops.known(connection, "bakery").id)[0].id
