"""A till's bills as its screen shows them: the one in front, what waits and what ended just now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain.bill import BILL_SECONDS, SECOND_SECONDS, WAITING, state_of
from wallet.domain.lately import is_lately, still_runs
from wallet.store.tables import bills, coops, people, sale_refunds, transfers
from wallet.store.views.till_sales import BACK, TillSale
from wallet.store.views.tills import TillFacts

PARKED = 3
# An ended bill stays readable in its place for this long.
LINGERS = timedelta(seconds=30)
# No bill lives longer than this, so older rows cannot be waiting: its own time, and that of a co-op's second steward.
_LONGEST = timedelta(seconds=BILL_SECONDS + SECOND_SECONDS)


@dataclass(frozen=True, slots=True)
class TillBill:
    """Tell one bill of a till as of one instant."""

    code: str
    state: str
    amount_minor: int
    cash_minor: int
    note: str | None
    opened_at: datetime
    expires_at: datetime
    payer_name: str | None
    bound: bool
    rev: int
    sale: TillSale | None
    # A member made it who has read the counter's sticker.
    at_sticker: bool = False
    # The mark of the co-op that pays it, and waits for its second steward.
    coop_mark: str | None = None

    @property
    def res_minor(self) -> int:
        """Give the RES part."""
        return self.amount_minor - self.cash_minor

    @property
    def shown_state(self) -> str:
        """Give the state, which is `back` of a bill whose payment was given back whole."""
        return "back" if self.sale and not self.sale.left_minor else self.state

    @property
    def waits(self) -> bool:
        """Tell whether somebody may still pay it."""
        return self.state in WAITING


_buying = coops.alias("buying")
_claimer = people.alias("claimer")
_bound = people.alias("bound")
_paying = people.alias("paying")
_BILLS = (
    sa.select(
        bills.c.code,
        bills.c.state,
        bills.c.amount_minor,
        bills.c.cash_minor,
        bills.c.note,
        bills.c.opened_at,
        bills.c.expires_at,
        bills.c.claimed_at,
        bills.c.rev,
        bills.c.bound_to,
        bills.c.made_by,
        _claimer.c.counter_name.label("claimer"),
        _bound.c.counter_name.label("bound"),
        bills.c.buyer_id,
        _buying.c.name.label("buyer"),
        _buying.c.mark.label("buyer_mark"),
        transfers.c.ref,
        transfers.c.at,
        _paying.c.counter_name.label("payer_name"),
        _paying.c.handle.label("payer"),
        transfers.c.amount_minor.label("res_minor"),
        transfers.c.cash_minor.label("paid_cash_minor"),
        transfers.c.qualifies,
        transfers.c.words,
        *BACK,
    )
    .outerjoin(_claimer, _claimer.c.id == bills.c.claimed_by)
    .outerjoin(_bound, _bound.c.id == bills.c.bound_to)
    .outerjoin(_buying, _buying.c.id == bills.c.buyer_id)
    .outerjoin(transfers, transfers.c.id == bills.c.transfer_id)
    .outerjoin(_paying, _paying.c.account_id == transfers.c.debit_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(bills.c.till_id == sa.bindparam("till"))
)
# What was paid or ran out a while ago is left in the database: a busy till has hundreds of those.
_RECENT_BILLS = _BILLS.where(
    bills.c.opened_at > sa.bindparam("since"),
    sa.or_(
        sa.and_(bills.c.state.not_in(("paid", "cancelled")), bills.c.expires_at > sa.bindparam("ended_since")),
        sa.and_(bills.c.state == "paid", transfers.c.at > sa.bindparam("ended_since")),
    ),
).order_by(bills.c.opened_at, bills.c.code)
_ONE_BILL = _BILLS.where(bills.c.code == sa.bindparam("code"))


def find(connection: sa.Connection, till: TillFacts, code: str, now: datetime) -> TillBill | None:
    """Give the bill `code` if this till made it."""
    row = connection.execute(_ONE_BILL, {"till": till.id, "code": code}).first()
    return None if row is None else _bill(row, till, now)


def recent(connection: sa.Connection, till: TillFacts, now: datetime) -> tuple[TillBill, ...]:
    """List the bills that wait and those that ended just now, oldest first.

    As many are shown as can be parked; one that waits takes the place of one that has ended.
    """
    asked = {"till": till.id, "since": now - _LONGEST - LINGERS, "ended_since": now - LINGERS}
    found = (_bill(row, till, now) for row in connection.execute(_RECENT_BILLS, asked))
    shown = [bill for bill in found if _still_shown(bill, now)]
    room = max(0, PARKED - sum(bill.waits for bill in shown))
    ended = [bill for bill in shown if not bill.waits]
    kept = ended[max(0, len(ended) - room) :]
    return tuple(bill for bill in shown if bill.waits or bill in kept)


def _still_shown(bill: TillBill, now: datetime) -> bool:
    if bill.sale:
        return is_lately(bill.sale.at, now, LINGERS)
    return bill.waits or still_runs(bill.expires_at + LINGERS, now, _LONGEST + LINGERS)


def _bill(row: Any, till: TillFacts, now: datetime) -> TillBill:
    held = row.bound_to is not None or row.buyer_id is not None
    state = state_of(row.state, row.expires_at, row.claimed_at, held, now)
    if state in WAITING and till.coop_status != "active":
        state = "cancelled"
    sale = None
    if row.ref is not None:
        sale = TillSale(
            ref=row.ref,
            at=row.at,
            name=row.payer_name or row.buyer or "",
            payer=row.payer,
            total_minor=row.res_minor + row.paid_cash_minor,
            cash_minor=row.paid_cash_minor,
            qualifies=bool(row.qualifies),
            words=row.words,
            note=row.note,
            refunded_minor=row.refunded_minor,
            cash_refunded_minor=row.cash_refunded_minor,
        )
    return TillBill(
        code=row.code,
        state=state,
        amount_minor=row.amount_minor,
        cash_minor=row.cash_minor,
        note=row.note,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        payer_name=sale.name if sale else (row.buyer or row.bound or row.claimer if state == "claimed" else None),
        bound=row.bound_to is not None,
        rev=row.rev,
        sale=sale,
        at_sticker=row.made_by is not None,
        coop_mark=row.buyer_mark,
    )
