"""What a till's screen shows: its bills, the bill or sale in front, and the last five payments. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain.bill import BILL_SECONDS, SECOND_SECONDS, WAITING, state_of
from wallet.errors import refuse
from wallet.store import suspensions
from wallet.store.tables import bills, coops, keys, people, roles, sale_refunds, tills, transfers

LAST = 5
PARKED = 3
# An ended bill stays readable in its place for this long.
LINGERS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class TillFacts:
    """Tell whose counter a till is."""

    id: str
    name: str
    coop: str
    coop_name: str
    coop_mark: str | None
    account_id: int
    res_part_bp: int
    closed_at: datetime | None = None
    coop_status: str = "active"
    # Since when its co-op takes no payments.
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TillSale:
    """Tell one payment as the till shows it; `total_minor` and `refunded_minor` are RES and cash together."""

    ref: str
    at: datetime
    name: str
    total_minor: int
    cash_minor: int
    qualifies: bool
    words: str | None
    note: str | None
    refunded_minor: int
    shift_id: int | None = None
    by_coop: bool = False

    @property
    def res_minor(self) -> int:
        """Give the RES part."""
        return self.total_minor - self.cash_minor


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
    # A co-op pays it, and waits for its second steward.
    by_coop: bool = False

    @property
    def res_minor(self) -> int:
        """Give the RES part."""
        return self.amount_minor - self.cash_minor

    @property
    def initials(self) -> str:
        """Give one or two letters of the payer's name for a round mark."""
        words = (self.payer_name or "").split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()

    @property
    def waits(self) -> bool:
        """Tell whether somebody may still pay it."""
        return self.state in WAITING


_TILL: sa.Select[Any] = (
    sa.select(
        tills.c.id,
        tills.c.name,
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.mark,
        tills.c.account_id,
        coops.c.res_part_bp,
        tills.c.closed_at,
        coops.c.status,
        suspensions.stopped_at,
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .join(roles, roles.c.coop_id == coops.c.id)
    .join(people, people.c.id == roles.c.person_id)
    .where(roles.c.role == "cashier", roles.c.revoked_at.is_(None), people.c.handle == sa.bindparam("cashier"))
    .distinct()
)
_ONE_TILL = _TILL.where(tills.c.id == sa.bindparam("till"))
_MY_TILLS = _TILL.where(tills.c.closed_at.is_(None)).order_by(coops.c.name, tills.c.name, tills.c.id)

_back = sa.func.coalesce(sale_refunds.c.refunded_minor + sale_refunds.c.cash_refunded_minor, 0).label("refunded_minor")
_payer = people.alias("payer")
_buying = coops.alias("buying")
_sold = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.kind,
        sa.func.coalesce(_payer.c.counter_name, _buying.c.name).label("name"),
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.qualifies,
        transfers.c.words,
        transfers.c.note,
        transfers.c.shift_id,
        _back,
    )
    .outerjoin(_payer, _payer.c.account_id == transfers.c.debit_id)
    .outerjoin(_buying, _buying.c.account_id == transfers.c.debit_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
)
_SALES = _sold.where(transfers.c.kind == "sale", transfers.c.credit_id == sa.bindparam("account"))
# What a co-op pays goes straight into the other's account, and is shown at the till that asked for it.
_own_account = (
    sa.select(coops.c.account_id)
    .join(tills, tills.c.coop_id == coops.c.id)
    .where(tills.c.account_id == sa.bindparam("account"))
    .scalar_subquery()
)
_LAST_SUPPLIES = (
    _sold.where(
        transfers.c.kind == "supply", transfers.c.credit_id == _own_account, transfers.c.till_id == sa.bindparam("till")
    )
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
    .limit(LAST)
)
_LAST_SALES = _SALES.order_by(transfers.c.at.desc(), transfers.c.id.desc()).limit(LAST)
_ONE_SALE = _SALES.where(transfers.c.ref == sa.bindparam("ref"))

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
        transfers.c.ref,
        transfers.c.at,
        _paying.c.counter_name.label("payer"),
        transfers.c.amount_minor.label("res_minor"),
        transfers.c.cash_minor.label("paid_cash_minor"),
        transfers.c.qualifies,
        transfers.c.words,
        _back,
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

_OF_CODE = sa.select(bills.c.till_id).where(bills.c.code == sa.bindparam("code"))

_KEY = sa.select(keys.c.key).where(keys.c.scope == sa.bindparam("scope"), keys.c.key == sa.bindparam("key"))

# No bill lives longer than this, so older rows cannot be waiting: its own time, and that of a co-op's second steward.
_LONGEST = timedelta(seconds=BILL_SECONDS + SECOND_SECONDS)


def find_till(connection: sa.Connection, till: str, cashier: str) -> TillFacts | None:
    """Give `till` if `cashier` may work there, else None."""
    row = connection.execute(_ONE_TILL, {"till": till, "cashier": cashier}).first()
    return None if row is None else TillFacts(*row)


def known_till(connection: sa.Connection, till: str, cashier: str) -> TillFacts:
    """Give `till`, at which `cashier` may work.

    Raises: Refusal unknown_till.
    """
    found = find_till(connection, till, cashier)
    if found is None:
        raise refuse("unknown_till")
    return found


def tills_of(connection: sa.Connection, cashier: str) -> tuple[TillFacts, ...]:
    """List the tills at which `cashier` may work."""
    return tuple(TillFacts(*row) for row in connection.execute(_MY_TILLS, {"cashier": cashier}))


def last_sales(connection: sa.Connection, till: TillFacts) -> tuple[TillSale, ...]:
    """List the till's last five payments, the newest first."""
    asked = {"account": till.account_id, "till": till.id}
    sales, bought = (connection.execute(each, asked).all() for each in (_LAST_SALES, _LAST_SUPPLIES))
    newest = sorted([*sales, *bought], key=lambda row: row.at, reverse=True)
    return tuple(_sale(row) for row in newest[:LAST])


def find_sale(connection: sa.Connection, till: TillFacts, ref: str) -> TillSale | None:
    """Give the payment `ref` if it was made at this till."""
    row = connection.execute(_ONE_SALE, {"account": till.account_id, "ref": ref}).first()
    return None if row is None else _sale(row)


def find_bill(connection: sa.Connection, till: TillFacts, code: str, now: datetime) -> TillBill | None:
    """Give the bill `code` if this till made it."""
    row = connection.execute(_ONE_BILL, {"till": till.id, "code": code}).first()
    return None if row is None else _bill(row, till, now)


def till_of_bill(connection: sa.Connection, code: str, cashier: str) -> TillFacts:
    """Give the till that made the bill `code`, at which `cashier` may work.

    Raises: Refusal unknown_bill.
    """
    till = connection.execute(_OF_CODE, {"code": code}).scalar()
    found = None if till is None else find_till(connection, till, cashier)
    if found is None:
        raise refuse("unknown_bill")
    return found


def knows_key(connection: sa.Connection, till: TillFacts, key: str) -> bool:
    """Tell whether the till has carried out a request with this key."""
    return connection.execute(_KEY, {"scope": f"till:{till.id}", "key": key}).first() is not None


def recent_bills(connection: sa.Connection, till: TillFacts, now: datetime) -> tuple[TillBill, ...]:
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
    if bill.waits:
        return True
    ended_at = bill.sale.at if bill.sale else bill.expires_at
    return now < ended_at + LINGERS


def _sale(row: Any) -> TillSale:
    return TillSale(
        ref=row.ref,
        at=row.at,
        name=row.name or "",
        by_coop=row.kind == "supply",
        total_minor=row.amount_minor + row.cash_minor,
        cash_minor=row.cash_minor,
        qualifies=bool(row.qualifies),
        words=row.words,
        note=row.note,
        refunded_minor=row.refunded_minor,
        shift_id=row.shift_id,
    )


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
            name=row.payer or row.buyer or "",
            by_coop=row.payer is None,
            total_minor=row.res_minor + row.paid_cash_minor,
            cash_minor=row.paid_cash_minor,
            qualifies=bool(row.qualifies),
            words=row.words,
            note=row.note,
            refunded_minor=row.refunded_minor,
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
        by_coop=row.buyer_id is not None,
    )
