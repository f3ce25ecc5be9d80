"""A till's payments as its screen shows them: the last five, and the one in front."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.outage import minute_of
from wallet.store.tables import coops, people, sale_refunds, tills, transfers
from wallet.store.views.tills import TillFacts

LAST = 5


@dataclass(frozen=True, slots=True)
class TillSale:
    """Tell one payment as the till shows it; `total_minor` and `refunded_minor` are RES and cash together.

    `payer` is the handle of who paid, None where a co-op did.
    """

    ref: str
    at: datetime
    name: str
    total_minor: int
    cash_minor: int
    qualifies: bool
    words: str | None
    note: str | None
    refunded_minor: int
    cash_refunded_minor: int
    shift_id: int | None = None
    payer: str | None = None

    @property
    def by_coop(self) -> bool:
        """Tell whether a co-op paid from its account."""
        return self.payer is None

    @property
    def taken(self) -> str:
        """Give the sum and minute by which a tablet without a network would know the payment again."""
        return f"{self.total_minor}@{minute_of(self.at)}"

    @property
    def left_minor(self) -> int:
        """Give what was not given back yet, RES and cash together."""
        return self.total_minor - self.refunded_minor

    @property
    def cash_left_minor(self) -> int:
        """Give the cash that was not given back yet."""
        return self.cash_minor - self.cash_refunded_minor

    @property
    def res_minor(self) -> int:
        """Give the RES part."""
        return self.total_minor - self.cash_minor


# What came back of a sale, RES and cash together, and of it the cash.
BACK = (
    sa.func.coalesce(sale_refunds.c.refunded_minor + sale_refunds.c.cash_refunded_minor, 0).label("refunded_minor"),
    sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0).label("cash_refunded_minor"),
)
_payer = people.alias("payer")
_buying = coops.alias("buying")
_sold = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        sa.func.coalesce(_payer.c.counter_name, _buying.c.name).label("name"),
        _payer.c.handle.label("payer"),
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.qualifies,
        transfers.c.words,
        transfers.c.note,
        transfers.c.shift_id,
        *BACK,
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


def last(connection: sa.Connection, till: TillFacts) -> tuple[TillSale, ...]:
    """List the till's last five payments, the newest first."""
    asked = {"account": till.account_id, "till": till.id}
    sales, bought = (connection.execute(each, asked).all() for each in (_LAST_SALES, _LAST_SUPPLIES))
    newest = sorted([*sales, *bought], key=lambda row: row.at, reverse=True)
    return tuple(_sale(row) for row in newest[:LAST])


def find(connection: sa.Connection, till: TillFacts, ref: str) -> TillSale | None:
    """Give the payment `ref` if it was made at this till."""
    row = connection.execute(_ONE_SALE, {"account": till.account_id, "ref": ref}).first()
    return None if row is None else _sale(row)


def _sale(row: Any) -> TillSale:
    return TillSale(
        ref=row.ref,
        at=row.at,
        name=row.name or "",
        payer=row.payer,
        total_minor=row.amount_minor + row.cash_minor,
        cash_minor=row.cash_minor,
        qualifies=bool(row.qualifies),
        words=row.words,
        note=row.note,
        refunded_minor=row.refunded_minor,
        cash_refunded_minor=row.cash_refunded_minor,
        shift_id=row.shift_id,
    )
