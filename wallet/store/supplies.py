"""Supplies at a counter: a co-op pays a bill of another co-op's till from its own account."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.period import date_of, day_start
from wallet.domain.transfer import Circumstance, Order
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import bills, buyers, coops, federation, keys, ledger, proposals
from wallet.store.bills import BillView
from wallet.store.coops import Coop
from wallet.store.keys import Made
from wallet.store.proposals import Proposal
from wallet.store.tables import transfers

_same = (
    sa.select(transfers.c.ref, transfers.c.at)
    .where(
        transfers.c.debit_id == sa.bindparam("of_payer"),
        transfers.c.at >= sa.bindparam("since"),
        transfers.c.kind == "supply",
        transfers.c.till_id == sa.bindparam("at_till"),
        transfers.c.amount_minor == sa.bindparam("of_sum"),
    )
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
    .limit(1)
)


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
class Before:
    """Name a supply that was paid earlier, and when."""

    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """Hold a bill as the stewards of a co-op see it that pays it or may: how it stands, and what they last proposed.

    `state` is waiting while a second steward is asked; the receipt is there when this co-op has paid. As long as it
    may, `before` is what it last paid of the same sum at the same till today: a till makes a bill twice, and two
    stewards who know nothing of each other pay one each.
    `held_by` names another co-op that asks its own second steward to pay the bill.
    """

    bill: BillView
    state: str
    receipt: str | None
    asked: Proposal | None
    before: Before | None
    held_by: str | None


def sight(connection: sa.Connection, code: str, buyer: Coop, now: datetime) -> Sight:
    """Give the bill `code` as the stewards of the co-op `buyer` see it.

    Raises: Refusal unknown_bill, also for one that a scan made, which is its member's alone.
    """
    found = bills.row(connection, code)
    if found.bound_to is not None:
        raise refuse("unknown_bill")
    stands, mine, held_by = bills.state(found, now), found.buyer_id == buyer.id, None
    asked = proposals.last_about(connection, "supply", code, buyer.id)
    if stands == "claimed":
        stands = "waiting" if asked is not None and asked.state == "waiting" else "open"
        held_by = None if mine else found.buyer_name
    # A member may have paid while this co-op's second steward was asked.
    paid = mine and found.payer is None
    before = _paid_today(connection, found, buyer, now) if stands in ("open", "waiting") else None
    return Sight(bills.view(found, now), stands, found.receipt if paid else None, asked, before, held_by)


def _paid_today(connection: sa.Connection, bill: bills.Row, buyer: Coop, now: datetime) -> Before | None:
    zone = federation.zone(connection)
    asked = {"of_payer": buyer.account_id, "at_till": bill.till_id, "of_sum": bill.amount_minor}
    found = connection.execute(_same, asked | {"since": day_start(date_of(now, zone), zone)}).first()
    return Before(found.ref, found.at) if found else None


def payable(connection: sa.Connection, code: str, buyer: Coop, now: datetime) -> bills.Row:
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
    buyers.note(connection, request.code, buyer.id, found.expires_at)
    bills.pay(connection, request.code, posted.id)
    return ref, False
