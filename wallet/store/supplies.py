"""Supplies at a counter: a co-op pays a bill of another co-op's till from its own account."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.transfer import Circumstance, Order
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import bills, coops, keys, ledger
from wallet.store.counter import ENDED
from wallet.store.keys import Made


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


def payable(connection: sa.Connection, code: str, buyer: Any, now: datetime) -> Any:
    """Give the bill `code`, which the co-op `buyer` can pay as it stands.

    Raises: Refusal unknown_bill, not_allowed, account_not_open, or how the bill ended.
    Locks:  the bill until commit.
    """
    found = bills.row(connection, code, lock=True)
    if found.bound_to is not None:
        raise refuse("unknown_bill")
    ended = ENDED.get(bills.state(found, now))
    if ended is not None:
        raise refuse(ended)
    if found.coop_id == buyer.id:
        raise refuse("not_allowed", _("This is a bill of the co-op itself. No money moved."))
    if found.cash_minor:
        raise refuse(
            "not_allowed", _("A co-op pays a bill whole in RES. No money moved. Ask the till for one without cash.")
        )
    if found.coop_status != "active":
        raise refuse("account_not_open")
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
    posted = ledger.post_from_coop(connection, "supply", order)
    bills.note_buyer(connection, request.code, buyer.id, found.expires_at)
    bills.pay(connection, request.code, posted.id)
    return ref, False
