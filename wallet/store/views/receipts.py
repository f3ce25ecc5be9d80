"""Receipts: one transfer as those may see it who paid, were paid, or serve at the co-op's counters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.payline import part_bp
from wallet.store import patronage
from wallet.store.roles import IN_OFFICE
from wallet.store.tables import coops, people, refunds, roles, sale_refunds, tills, transfers

SHOWN = ("sale", "refund", "gift", "pay", "dividend", "supply")


@dataclass(frozen=True, slots=True)
class Refunded:
    """Hold one refund of a sale: who asked for it, why, and who agreed, if anybody had to.

    What a dispute gave back (`ordered`) its member asked for. Of a history's refunds nothing of it is known.
    """

    ref: str
    at: datetime
    amount_minor: int
    cash_minor: int
    reason: str | None
    by: str | None
    agreed: str | None
    ordered: bool

    @property
    def giver(self) -> str | None:
        """Name who gave it back at the co-op: a cashier, or in a dispute the steward; what is carried nobody gave."""
        return self.agreed if self.ordered else self.by


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold a transfer for one reader; `side` is "out" for who paid, "in" for who was paid, "staff" at the counter.

    Units: `balance_minor` and `former_minor` of the reader's own wallet after and before it, None for staff;
    `basis_minor` what the dividend basis gained, refunds of it taken off again. `first_pay` is the month of the payer's
    first pay; whether there was one is told to nobody else.
    """

    ref: str
    kind: str
    side: str
    at: datetime
    amount_minor: int
    cash_minor: int
    person: str
    other: str
    coop: str | None
    place: str | None
    mark: str | None
    till_id: str | None
    till: str | None
    limit_minor: int | None
    note: str | None
    words: str | None
    means: str | None
    qualifies: bool
    basis_minor: int
    first_pay: str | None
    share_bp: int | None
    total_minor: int | None
    minutes: int | None
    answers: str | None
    balance_minor: int | None
    former_minor: int | None
    refunded_minor: int
    cash_refunded_minor: int
    refunds: tuple[Refunded, ...]
    story: Refunded | None

    @property
    def part_bp(self) -> int | None:
        """Give which part of a pay came in RES; None of all else."""
        return None if self.share_bp is None else part_bp(self.amount_minor, self.cash_minor, self.share_bp)

    @property
    def left(self) -> int:
        """Give what of a sale is not back yet, RES and cash together."""
        return self.amount_minor + self.cash_minor - self.refunded_minor - self.cash_refunded_minor


_payer = people.alias("payer")
_receiver = people.alias("receiver")
_answered = transfers.alias("answered")
_till = tills.alias("till")
_coop = coops.alias("coop")
_buyer = coops.alias("buyer")
_by_account = tills.alias("by_account")
_serves = (
    sa.select(sa.literal(1))
    .select_from(roles.join(people, people.c.id == roles.c.person_id))
    .where(
        people.c.handle == sa.bindparam("of_reader"),
        roles.c.coop_id == _coop.c.id,
        roles.c.role.in_(("cashier", "steward")),
        IN_OFFICE,
    )
    .exists()
)
_runs_buyer = (
    sa.select(sa.literal(1))
    .select_from(roles.join(people, people.c.id == roles.c.person_id))
    .where(
        people.c.handle == sa.bindparam("of_reader"),
        roles.c.coop_id == _buyer.c.id,
        roles.c.role == "steward",
        IN_OFFICE,
    )
    .exists()
)
_FIND = (
    sa.select(
        transfers,
        _payer.c.handle.label("payer"),
        _payer.c.name.label("payer_name"),
        _payer.c.counter_name.label("payer_counter_name"),
        patronage.first_pay(_payer.c.id).label("first_pay"),
        _receiver.c.handle.label("receiver"),
        _receiver.c.name.label("receiver_name"),
        _receiver.c.counter_name.label("receiver_counter_name"),
        _coop.c.name.label("coop_name"),
        _coop.c.slug.label("coop_slug"),
        _coop.c.mark.label("coop_mark"),
        _coop.c.place.label("coop_place"),
        _till.c.id.label("at_till"),
        _till.c.name.label("till_name"),
        _till.c.refund_limit_minor,
        _answered.c.ref.label("answered_ref"),
        _answered.c.qualifies.label("answered_qualifies"),
        sa.func.coalesce(sale_refunds.c.refunded_minor, 0).label("refunded_minor"),
        sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0).label("cash_refunded_minor"),
        _buyer.c.name.label("buyer_name"),
        sa.or_(sa.and_(transfers.c.kind.in_(("sale", "refund", "supply")), _serves), _runs_buyer).label("is_staff"),
    )
    .select_from(transfers)
    .outerjoin(_payer, _payer.c.account_id == transfers.c.debit_id)
    .outerjoin(_receiver, _receiver.c.account_id == transfers.c.credit_id)
    .outerjoin(_by_account, _by_account.c.account_id.in_((transfers.c.debit_id, transfers.c.credit_id)))
    .outerjoin(_till, _till.c.id == sa.func.coalesce(transfers.c.till_id, _by_account.c.id))
    .outerjoin(
        _coop,
        # Of two co-ops it is the one that sells.
        sa.or_(
            _coop.c.id == _till.c.coop_id,
            _coop.c.account_id == transfers.c.credit_id,
            sa.and_(_coop.c.account_id == transfers.c.debit_id, transfers.c.kind != "supply"),
        ),
    )
    .outerjoin(_buyer, sa.and_(_buyer.c.account_id == transfers.c.debit_id, transfers.c.kind == "supply"))
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(transfers.c.ref == sa.bindparam("of_ref"), transfers.c.kind.in_(SHOWN))
)
_asker, _agreed = people.alias("asker"), people.alias("agreed")
_STORIES = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        refunds.c.reason,
        _asker.c.counter_name,
        _agreed.c.counter_name,
        refunds.c.dispute_id.is_not(None),
    )
    .select_from(transfers)
    .outerjoin(refunds, refunds.c.transfer_id == transfers.c.id)
    .outerjoin(_asker, _asker.c.id == refunds.c.asked_by)
    .outerjoin(_agreed, _agreed.c.id == refunds.c.approved_by)
    .where(transfers.c.kind == "refund")
    .order_by(transfers.c.at, transfers.c.id)
)
_REFUNDS = _STORIES.where(transfers.c.answers_id == sa.bindparam("of_sale"))
_STORY = _STORIES.where(transfers.c.id == sa.bindparam("of_id"))


def find(
    connection: sa.Connection, ref: str, reader: str, now: datetime, *, counter_of: str | None = None
) -> Receipt | None:
    """Give the receipt `ref` if it is the reader's to see at `now`, else None.

    At the counter of a co-op it is seen as who serves there sees it, and no other is: the shop looks on.
    """
    row = connection.execute(_FIND, {"of_ref": ref, "of_reader": reader, "now": now}).first()
    side = None if row is None else _side(row, reader, counter_of)
    if row is None or side is None:
        return None
    given = tuple(Refunded(*each) for each in connection.execute(_REFUNDS, {"of_sale": row.id}))
    story = connection.execute(_STORY, {"of_id": row.id}).first()
    return _receipt(row, side, given, None if story is None else Refunded(*story))


def _side(row: Any, reader: str, counter_of: str | None) -> str | None:
    if counter_of is not None:
        return "staff" if row.is_staff and row.coop_slug == counter_of else None
    if row.payer == reader:
        return "out"
    if row.receiver == reader:
        return "in"
    return "staff" if row.is_staff else None


def _receipt(row: Any, side: str, given: tuple[Refunded, ...], story: Refunded | None) -> Receipt:
    # A sale's person pays, that of a refund or of pay is paid; the counter knows only the name chosen for counters.
    leads = row.payer is not None
    name = row.payer_name if leads else row.receiver_name
    at_counter = row.payer_counter_name if leads else row.receiver_counter_name
    after = {"out": row.debit_balance_minor, "in": row.credit_balance_minor}.get(side)
    made = row.basis_minor or 0
    undone, _minutes = basis.given_back(basis.SoldBasis(row.amount_minor, made, 0), 0, row.refunded_minor)
    change = -row.amount_minor if side == "out" else row.amount_minor
    return Receipt(
        ref=row.ref,
        kind=row.kind,
        side=side,
        at=row.at,
        amount_minor=row.amount_minor,
        cash_minor=row.cash_minor,
        person=row.buyer_name or (at_counter if side == "staff" else name) or "",
        other=row.coop_name or (row.receiver_name if leads else row.payer_name) or "",
        coop=row.coop_slug,
        place=row.coop_place,
        mark=row.coop_mark,
        till_id=row.at_till,
        till=row.till_name,
        limit_minor=row.refund_limit_minor,
        note=row.note,
        words=row.words,
        means=row.means,
        qualifies=bool(row.answered_qualifies if row.kind == "refund" else row.qualifies),
        basis_minor=made - undone,
        first_pay=row.first_pay if side == "out" else None,
        share_bp=row.share_bp,
        total_minor=row.total_minor,
        minutes=row.minutes,
        answers=row.answered_ref,
        balance_minor=after,
        former_minor=None if after is None else after - change,
        refunded_minor=row.refunded_minor,
        cash_refunded_minor=row.cash_refunded_minor,
        refunds=given,
        story=story,
    )
