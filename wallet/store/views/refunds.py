"""How refunds stand: one, those that wait for a steward, those of a sale, those of a till."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.domain.refund import APPROVAL_MINUTES, state_of
from wallet.store.columns import Instant
from wallet.store.roles import IN_OFFICE
from wallet.store.tables import bills, coops, disputes, people, refunds, roles, sale_refunds, tills, transfers
from wallet.store.views.till_sales import BACK

# For so long after its end a till shows what became of a refund that it waited for.
LINGERS = timedelta(minutes=2)
LONGEST = timedelta(minutes=APPROVAL_MINUTES) + LINGERS

_payer, _asker, _approver, _ender = (people.alias(name) for name in ("payer", "asker", "approver", "ender"))
_sold = transfers.alias("sold")
# What the sale's refunds came to with this one: they are numbered while the sale's row is locked.
_so_far = transfers.alias("so_far")


def _come_to(column: Any) -> Any:
    mine = sa.and_(_so_far.c.answers_id == refunds.c.sale_id, _so_far.c.id <= refunds.c.transfer_id)
    return sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(mine).scalar_subquery()


_all = (
    sa.select(
        refunds.c.ref,
        refunds.c.state,
        _sold.c.ref.label("sale"),
        tills.c.id.label("till"),
        tills.c.name.label("till_name"),
        refunds.c.coop_id,
        coops.c.slug.label("coop"),
        coops.c.name.label("coop_name"),
        coops.c.mark,
        refunds.c.amount_minor,
        refunds.c.cash_minor,
        refunds.c.reason,
        refunds.c.note,
        refunds.c.asked_by.label("asker_id"),
        _asker.c.handle.label("asked_by"),
        _asker.c.counter_name.label("asked_by_name"),
        refunds.c.asked_at,
        refunds.c.lapses_at,
        _approver.c.counter_name.label("approved_by_name"),
        refunds.c.approved_at,
        _ender.c.handle.label("ended_by"),
        _ender.c.counter_name.label("ended_by_name"),
        refunds.c.ended_at,
        refunds.c.ended_why,
        disputes.c.ref.label("dispute"),
        _payer.c.id.label("payer_id"),
        _payer.c.handle.label("payer"),
        _payer.c.counter_name.label("payer_name"),
        (_sold.c.amount_minor + _sold.c.cash_minor - BACK[0]).label("left_minor"),
        (_sold.c.cash_minor - BACK[1]).label("cash_left_minor"),
        sa.cast(_come_to(_so_far.c.amount_minor), sa.BigInteger).label("refunded_minor"),
        sa.cast(_come_to(_so_far.c.cash_minor), sa.BigInteger).label("cash_refunded_minor"),
    )
    .select_from(refunds)
    .join(_sold, _sold.c.id == refunds.c.sale_id)
    .outerjoin(tills, tills.c.account_id == _sold.c.credit_id)
    .join(coops, coops.c.id == refunds.c.coop_id)
    .join(_payer, _payer.c.account_id == _sold.c.debit_id)
    .join(_asker, _asker.c.id == refunds.c.asked_by)
    .outerjoin(_approver, _approver.c.id == refunds.c.approved_by)
    .outerjoin(_ender, _ender.c.id == refunds.c.ended_by)
    .outerjoin(disputes, disputes.c.id == refunds.c.dispute_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == refunds.c.sale_id)
)
_find = _all.where(refunds.c.ref == sa.bindparam("of_ref"))
_now = sa.bindparam("now", type_=Instant)
_my_coops = (
    sa.select(roles.c.coop_id)
    .join(people, people.c.id == roles.c.person_id)
    .where(people.c.handle == sa.bindparam("of_steward"), roles.c.role == "steward", IN_OFFICE)
)
_waiting = _all.where(
    refunds.c.state == "waiting", refunds.c.coop_id.in_(_my_coops), refunds.c.lapses_at > _now
).order_by(refunds.c.asked_at)
# What was asked for of a sale and moved no money: it waits, or is over.
_asked_of_sale = _all.where(refunds.c.state != "posted", _sold.c.ref == sa.bindparam("of_sale")).order_by(
    refunds.c.asked_at
)
# A till's page asks for these at every look, so it is told no more than it shows.
_of_till = sa.select(
    refunds.c.ref,
    refunds.c.state,
    _sold.c.ref.label("sale"),
    refunds.c.amount_minor,
    refunds.c.cash_minor,
    refunds.c.asked_at,
    refunds.c.lapses_at,
    refunds.c.approved_at,
    refunds.c.ended_at,
).join(_sold, _sold.c.id == refunds.c.sale_id)
_at_till = _of_till.where(
    refunds.c.coop_id
    == sa.select(tills.c.coop_id).where(tills.c.account_id == sa.bindparam("of_account")).scalar_subquery(),
    refunds.c.asked_at > sa.bindparam("since", type_=Instant),
    refunds.c.lapses_at.is_not(None),
    _sold.c.credit_id == sa.bindparam("of_account"),
)
_posted = transfers.alias("posted")
# Who corrects a sum goes on with the new bill, made in the same instant; nothing else tells of the cash that is due.
_with_new_bill = (
    sa.select(bills.c.code)
    .join(tills, tills.c.id == bills.c.till_id)
    .where(tills.c.account_id == _posted.c.debit_id, bills.c.opened_at == refunds.c.asked_at)
    .exists()
)
_corrected = _of_till.join(_posted, _posted.c.id == refunds.c.transfer_id).where(
    _posted.c.debit_id == sa.bindparam("of_account"),
    _posted.c.at > sa.bindparam("since", type_=Instant),
    refunds.c.cash_minor > 0,
    refunds.c.lapses_at.is_(None),
    _with_new_bill,
)


@dataclass(frozen=True, slots=True)
class Refund:
    """Hold a refund as it stands at an instant: waiting, posted, withdrawn, declined or lapsed.

    Units: `refunded_minor` and `cash_refunded_minor` are what the sale's refunds came to with this one; `left_minor` is
           what of the sale is not given back now, RES and cash together, and `cash_left_minor` the cash of it.
    """

    ref: str
    state: str
    sale: str
    till: str | None
    till_name: str | None
    coop_id: int
    coop: str
    coop_name: str
    mark: str
    amount_minor: int
    cash_minor: int
    reason: str
    note: str | None
    asker_id: int
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    lapses_at: datetime | None
    approved_by_name: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_by_name: str | None
    ended_at: datetime | None
    ended_why: str | None
    dispute: str | None
    payer_id: int
    payer: str
    payer_name: str
    left_minor: int
    cash_left_minor: int
    refunded_minor: int
    cash_refunded_minor: int
    replayed: bool = False

    @property
    def corrects(self) -> bool:
        """Tell whether all of a wrong sum goes back with a steward's yes, without the bill that is right."""
        left = self.amount_minor + self.cash_minor if self.state == "waiting" else 0
        waited = self.lapses_at is not None
        return waited and self.reason == "wrong_sum" and self.dispute is None and self.left_minor == left

    @property
    def went_back(self) -> bool:
        """Tell whether it waits in vain: too much of its sale was given back meanwhile in another way."""
        res_left = self.left_minor - self.cash_left_minor
        is_less = self.amount_minor > res_left or self.cash_minor > self.cash_left_minor
        return self.state == "waiting" and is_less

    def asks(self, steward: str) -> bool:
        """Tell whether it waits for a yes that `steward` of its co-op may give, who neither asked for it nor paid."""
        return self.state == "waiting" and not self.went_back and steward not in (self.asked_by, self.payer)


@dataclass(frozen=True, slots=True)
class TillRefund:
    """Tell one refund as its till shows it: it waits for a steward or did a moment ago, or came with a new bill."""

    ref: str
    state: str
    sale: str
    amount_minor: int
    cash_minor: int
    lapses_at: datetime | None

    @property
    def waits(self) -> bool:
        """Tell whether a steward may still approve it."""
        return self.state == "waiting"

    @property
    def takes_cash(self) -> bool:
        """Tell whether it is done, and cash of it is taken from the drawer."""
        return self.state == "posted" and self.cash_minor > 0


def find(connection: sa.Connection, ref: str, now: datetime) -> Refund | None:
    """Give the refund `ref`, if there is one."""
    row = connection.execute(_find, {"of_ref": ref}).first()
    return None if row is None else _read(row, now)


def waiting_for(connection: sa.Connection, steward: str, now: datetime) -> list[Refund]:
    """List what waits at the co-ops that `steward` runs, the oldest first."""
    return [_read(row, now) for row in connection.execute(_waiting, {"of_steward": steward, "now": now})]


def asked_of_sale(connection: sa.Connection, sale: str, now: datetime) -> list[Refund]:
    """List what was asked for of the sale `sale` and moved no money, the oldest first."""
    return [_read(row, now) for row in connection.execute(_asked_of_sale, {"of_sale": sale})]


def at_till(connection: sa.Connection, account_id: int, now: datetime) -> tuple[TillRefund, ...]:
    """List what of a till's sales waits for a steward, or did a moment ago, and cash that went back with a new bill."""
    waited = connection.execute(_at_till, {"of_account": account_id, "since": now - LONGEST})
    corrected = connection.execute(_corrected, {"of_account": account_id, "since": now - LINGERS})
    rows = sorted([*waited, *corrected], key=lambda row: row.asked_at)
    return tuple(_at_the_till(row, now) for row in rows if now < _over_at(row) + LINGERS)


def _over_at(row: Any) -> datetime:
    return row.ended_at or row.approved_at or row.lapses_at or row.asked_at  # type: ignore[no-any-return]


def _at_the_till(row: Any, now: datetime) -> TillRefund:
    state = state_of(row.state, row.lapses_at, now)
    return TillRefund(row.ref, state, row.sale, row.amount_minor, row.cash_minor, row.lapses_at)


def _read(row: Any, now: datetime) -> Refund:
    found = Refund(**row._mapping)
    return replace(found, state=state_of(found.state, found.lapses_at, now))
