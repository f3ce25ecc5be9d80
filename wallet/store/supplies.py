"""Supplies at a counter: a co-op pays a bill of another co-op's till from its own account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.transfer import Circumstance, Order
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import bills, coops, keys, ledger, proposals
from wallet.store.bills import BillView
from wallet.store.keys import Made
from wallet.store.proposals import Proposal


class Request(NamedTuple):
    """Name a request of a person, or of a proposal that was agreed to, by its key."""

    scope: str
    key: str
    code: str
    buyer: str

    @property
    def digest(self) -> str:
        """Give the digest of the content."""
        return keys.digest_of("supply", self.code, self.buyer)


@dataclass(frozen=True, slots=True)
class Sight:
    """Hold a bill as the stewards of a co-op see it that pays it or may: how it stands, and what they last proposed.

    `state` is waiting while a second steward is asked; the receipt is there when this co-op has paid.
    """

    bill: BillView
    state: str
    receipt: str | None
    asked: Proposal | None


def sight(connection: sa.Connection, code: str, buyer: Any, now: datetime) -> Sight:
    """Give the bill `code` as the stewards of the co-op `buyer` see it.

    Raises: Refusal unknown_bill, also for one that a scan made, which is its member's alone.
    """
    found = bills.row(connection, code)
    if found.bound_to is not None:
        raise refuse("unknown_bill")
    stands, mine = bills.state(found, now), found.buyer_id == buyer.id
    asked = proposals.last_about(connection, "supply", code, buyer.id)
    if stands == "claimed":
        stands = "waiting" if asked is not None and asked.state == "waiting" else "open"
    # A member may have paid while this co-op's second steward was asked.
    paid = mine and found.payer is None
    return Sight(bills.view(found, now), stands, found.receipt if paid else None, asked)


def payable(connection: sa.Connection, code: str, buyer: Any, now: datetime) -> Any:
    """Give the bill `code`, which the co-op `buyer` can pay as it stands.

    Raises: Refusal unknown_bill, not_allowed, account_not_open, or how the bill ended.
    Locks:  the bill until commit.
    """
    found = bills.row(connection, code, lock=True)
    if found.bound_to is not None:
        raise refuse("unknown_bill")
    bills.require_payable(found, now)
    if found.coop_id == buyer.id:
        raise refuse("not_allowed", _("This is a bill of the co-op itself. No money moved."))
    if found.cash_minor:
        raise refuse(
            "not_allowed", _("A co-op pays a bill whole in RES. No money moved. Ask the till for one without cash.")
        )
    coops.require_open(buyer)
    return found


def pay(connection: sa.Connection, request: Request, now: datetime) -> tuple[str, bool]:
    """Pay a bill from a co-op's account; give the receipt, and whether this request had paid it before.

    Raises: Refusal key_reused, insufficient_funds, and those of `payable`.
    Locks:  the key, the bill, the buyer's tills, then both co-ops' accounts, until commit.
    """
    ref = ledger.new_ref()
    made = keys.claim(connection, request.scope, request.key, request.digest, Made("supply", ref), now)
    if made is not None:
        return made.ref, True
    buyer = coops.known(connection, request.buyer)
    found = payable(connection, request.code, buyer, now)
    seller = coops.known(connection, found.slug)
    where = Circumstance(found.till_id, found.shift_id, found.cashier_id, request.code, found.note, "coop")
    payer, payee = buyer.account_id, seller.account_id
    order = Order(ref, now, payer, payee, found.amount_minor, coop_id=buyer.id, where=where)
    try:
        posted = ledger.post_from_coop(connection, "supply", order)
    except Refusal as refusal:
        if refusal.code != "insufficient_funds":
            raise
        raise coops.too_little(buyer.name) from None
    bills.note_buyer(connection, request.code, buyer.id, found.expires_at)
    bills.pay(connection, request.code, posted.id)
    return ref, False
