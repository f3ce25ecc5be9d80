"""What a person bought in some months, net of refunds: what counts for the pay share, and why the rest does not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Dated
from wallet.domain.patronage import is_left_out, month_reduced, own_until
from wallet.domain.period import month_of, month_start
from wallet.store.columns import Instant
from wallet.store.tables import coops, own_set, people, tills, transfers

# Why a movement counts, or not.
COUNTS, TAKEN_BACK = "counts", "taken back"
MEMBER, PAID, WORKED, GIFT, CASH = "member", "paid", "worked", "gift", "cash"
OWN = (MEMBER, PAID, WORKED)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Hold one movement, net of what was given back by then; `where` is a co-op, or the name of who got a gift.

    Units: `paid_at` when that co-op last paid the person before, if that is why it does not count, and `own_until`
    until when nothing counted there because of it. `left_out_minor` is logged cash that does not count beside RES that
    does; it has a line of its own.
    """

    ref: str
    at: datetime
    where: str
    reason: str
    res_minor: int
    cash_minor: int
    given_back_minor: int = 0
    left_out_minor: int = 0
    paid_at: datetime | None = None
    own_until: datetime | None = None

    @property
    def own_days(self) -> int:
        """Give for how many days nothing counted there because it had paid the person."""
        return (self.own_until - self.paid_at).days if self.own_until and self.paid_at else 0

    @property
    def sum_minor(self) -> int:
        """Give RES and logged cash together."""
        return self.res_minor + self.cash_minor


_owner = people.alias("owner")
_other = people.alias("other")
_answered = transfers.alias("answered")
_pay = transfers.alias("pay")
_from, _until = sa.bindparam("since", type_=Instant), sa.bindparam("until", type_=Instant)
_last_paid = (
    sa.select(sa.func.max(_pay.c.at, type_=Instant))
    .where(
        _pay.c.kind == "pay", _pay.c.credit_id == transfers.c.debit_id, _pay.c.debit_id == coops.c.account_id,
        _pay.c.at <= transfers.c.at,
    )
    .scalar_subquery()
)  # fmt: skip
_OUT = (
    sa.select(
        transfers.c.id,
        transfers.c.ref,
        transfers.c.at,
        transfers.c.kind,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.qualifies,
        sa.func.coalesce(coops.c.name, _other.c.name, "").label("name"),
        own_set.c.is_member,
        _last_paid.label("last_paid_at"),
    )
    .select_from(transfers)
    .join(_owner, _owner.c.account_id == transfers.c.debit_id)
    .outerjoin(_other, _other.c.account_id == transfers.c.credit_id)
    .outerjoin(tills, tills.c.account_id == transfers.c.credit_id)
    .outerjoin(coops, sa.or_(coops.c.id == tills.c.coop_id, coops.c.account_id == transfers.c.credit_id))
    .outerjoin(own_set, sa.and_(own_set.c.person_id == _owner.c.id, own_set.c.coop_id == coops.c.id))
    .where(
        _owner.c.handle == sa.bindparam("of_handle"), transfers.c.kind.in_(("sale", "gift")),
        transfers.c.at >= _from, transfers.c.at < _until,
    )
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)  # fmt: skip
_BACK = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.answers_id,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        _answered.c.at.label("sold_at"),
        _answered.c.qualifies,
        coops.c.name,
    )
    .select_from(transfers)
    .join(_owner, _owner.c.account_id == transfers.c.credit_id)
    .join(_answered, _answered.c.id == transfers.c.answers_id)
    .outerjoin(tills, tills.c.account_id == transfers.c.debit_id)
    .outerjoin(coops, sa.or_(coops.c.id == tills.c.coop_id, coops.c.account_id == transfers.c.debit_id))
    .where(
        _owner.c.handle == sa.bindparam("of_handle"), transfers.c.kind == "refund",
        transfers.c.at >= _from, transfers.c.at < _until,
    )
    .order_by(transfers.c.at, transfers.c.id)
)  # fmt: skip


def between(
    connection: sa.Connection, handle: str, first: str, until: datetime, zone: str, dated: Dated
) -> list[Purchase]:
    """List what a person bought and gave from the month `first` on and before `until`, the newest first.

    What counts sums to the counted spending of those months, as posted before `until`.
    """
    asked = {"of_handle": handle, "since": month_start(first, zone), "until": until}
    found = {row.id: _purchase(row, dated, zone) for row in connection.execute(_OUT, asked)}
    late = []
    for row in connection.execute(_BACK, asked):
        sale = found.get(row.answers_id)
        if sale is not None and (not row.qualifies or _lowers_its_sale(row, zone)):
            given = sale.given_back_minor + row.amount_minor + row.cash_minor
            # Where cash is left out of what counts, so is what comes back of it.
            res, cash = sale.res_minor - row.amount_minor, max(0, sale.cash_minor - row.cash_minor)
            left_out = max(0, sale.left_out_minor - row.cash_minor)
            found[row.answers_id] = replace(
                sale, res_minor=res, cash_minor=cash, given_back_minor=given, left_out_minor=left_out
            )
        elif row.qualifies and not _lowers_its_sale(row, zone):
            cash = row.cash_minor * dated.of_month(month_of(row.sold_at, zone)).count_logged_cash
            late.append(Purchase(row.ref, row.at, row.name or "", TAKEN_BACK, -row.amount_minor, -cash))
    beside = (
        Purchase(one.ref, one.at, one.where, CASH, 0, one.left_out_minor)
        for one in found.values()
        if one.left_out_minor
    )
    return sorted([*found.values(), *beside, *late], key=lambda one: one.at, reverse=True)


def counted(purchases: list[Purchase]) -> Iterator[Purchase]:
    """Give those that count, with what late refunds take back."""
    return (one for one in purchases if one.reason in (COUNTS, TAKEN_BACK))


def _lowers_its_sale(row: Any, zone: str) -> bool:
    sold_in = month_of(row.sold_at, zone)
    return month_reduced(sold_in, month_of(row.at, zone)) == sold_in


def _purchase(row: Any, dated: Dated, zone: str) -> Purchase:
    reason, paid_at, charter = COUNTS, None, dated.of_month(month_of(row.at, zone))
    if row.kind == "gift":
        reason = GIFT
    elif not row.qualifies:
        lately = row.last_paid_at is not None and row.at - row.last_paid_at <= timedelta(days=charter.own_set_days)
        reason = MEMBER if row.is_member else PAID if lately else WORKED
        paid_at = row.last_paid_at if reason == PAID else None
    cash, left_out = row.cash_minor, 0
    if reason == COUNTS and is_left_out(row.amount_minor, charter):
        reason = CASH
    elif reason == COUNTS and not charter.count_logged_cash:
        cash, left_out = 0, row.cash_minor
    until = None if paid_at is None else own_until(paid_at, row.at, dated, zone)
    return Purchase(row.ref, row.at, row.name, reason, row.amount_minor, cash, 0, left_out, paid_at, until)
