"""Rows of refunds asked for at a counter, and the sales that they give back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.refund import state_of
from wallet.errors import refuse
from wallet.store.columns import Instant
from wallet.store.tables import coops, people, refunds, roles, tills, transfers

_payer, _asker, _approver = people.alias("payer"), people.alias("asker"), people.alias("approver")
_sold = transfers.alias("sold")
_place = sa.or_(coops.c.id == tills.c.coop_id, coops.c.account_id == transfers.c.credit_id)
_sale = (
    sa.select(
        transfers,
        coops.c.id.label("coop_id"),
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.account_id.label("coop_account"),
        tills.c.id.label("till"),
        tills.c.closed_at,
        tills.c.refund_limit_minor,
        people.c.id.label("payer_id"),
        people.c.handle.label("payer"),
    )
    .select_from(transfers)
    .outerjoin(tills, tills.c.account_id == transfers.c.credit_id)
    .join(coops, _place)
    .join(people, people.c.account_id == transfers.c.debit_id)
    .where(transfers.c.ref == sa.bindparam("of_ref"), transfers.c.kind == "sale")
)
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
        _payer.c.id.label("payer_id"),
        _payer.c.handle.label("payer"),
        _payer.c.counter_name.label("payer_name"),
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
)
_find = _all.where(refunds.c.ref == sa.bindparam("of_ref"))
_now = sa.bindparam("now", type_=Instant)
_serves = (
    sa.select(people.c.handle)
    .join(roles, roles.c.person_id == people.c.id)
    .where(
        roles.c.coop_id == sa.bindparam("at_coop"),
        roles.c.role == sa.bindparam("as_role"),
        roles.c.revoked_at.is_(None),
        roles.c.granted_at <= _now,
    )
    .order_by(people.c.id)
)
_my_coops = (
    sa.select(roles.c.coop_id)
    .join(people, people.c.id == roles.c.person_id)
    .where(
        people.c.handle == sa.bindparam("of_steward"),
        roles.c.role == "steward",
        roles.c.revoked_at.is_(None),
        roles.c.granted_at <= _now,
    )
)
_waiting = _all.where(
    refunds.c.state == "waiting", refunds.c.coop_id.in_(_my_coops), refunds.c.lapses_at > _now
).order_by(refunds.c.asked_at)
_waiting_of_sale = _all.where(
    refunds.c.state == "waiting", _sold.c.ref == sa.bindparam("of_sale"), refunds.c.lapses_at > _now
).order_by(refunds.c.asked_at)
_insert = sa.insert(refunds)
_approve = (
    sa.update(refunds)
    .where(refunds.c.ref == sa.bindparam("of_ref"), refunds.c.state == "waiting", refunds.c.lapses_at > _now)
    .values(
        state="posted", approved_by=sa.bindparam("by_person"), approved_at=_now, transfer_id=sa.bindparam("by_transfer")
    )
)
_lock = sa.select(refunds.c.state).where(refunds.c.ref == sa.bindparam("of_ref")).with_for_update()


@dataclass(frozen=True, slots=True)
class Refund:
    """Hold a refund as it stands at an instant: waiting, posted or lapsed.

    Units: `refunded_minor` and `cash_refunded_minor` are what the sale's refunds came to with this one.
    """

    ref: str
    state: str
    sale: str
    till: str | None
    till_name: str | None
    coop_id: int
    coop: str
    coop_name: str
    mark: str | None
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
    payer_id: int
    payer: str
    payer_name: str
    refunded_minor: int
    cash_refunded_minor: int
    replayed: bool = False


def sale_at_counter(connection: sa.Connection, ref: str, cashier: str, now: datetime) -> Any:
    """Give the sale `ref`, at whose co-op `cashier` takes money, with its place and its payer.

    Raises: Refusal unknown_sale; not_allowed for who may see it but not give it back, its payer above all.
    """
    found = connection.execute(_sale, {"of_ref": ref}).first()
    if found is None:
        raise refuse("unknown_sale")
    serves = cashier in serving(connection, found.coop_id, "cashier", now)
    if found.payer == cashier or (not serves and cashier in serving(connection, found.coop_id, "steward", now)):
        raise refuse("not_allowed")
    if not serves:
        raise refuse("unknown_sale")
    return found


def sale_of(connection: sa.Connection, ref: str) -> Any:
    """Give the sale `ref`, which exists, with its place and its payer."""
    return connection.execute(_sale, {"of_ref": ref}).one()


def serving(connection: sa.Connection, coop_id: int, role: str, now: datetime) -> list[str]:
    """List the handles of those who serve a co-op as `role`, leaving out whose role has not begun."""
    asked = {"at_coop": coop_id, "as_role": role, "now": now}
    return [str(handle) for handle in connection.execute(_serves, asked).scalars()]


def add(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Keep a refund that is posted already, or one that waits."""
    connection.execute(_insert, row)


def find(connection: sa.Connection, ref: str, now: datetime) -> Refund | None:
    """Give the refund `ref`, if there is one."""
    row = connection.execute(_find, {"of_ref": ref}).first()
    return None if row is None else _read(row, now)


def lock(connection: sa.Connection, ref: str) -> str:
    """Let nobody else agree to the refund `ref` meanwhile; give the state that is kept of it.

    Locks: the refund's row, until commit.
    """
    return str(connection.execute(_lock, {"of_ref": ref}).scalar_one())


def approve(connection: sa.Connection, ref: str, person_id: int, transfer_id: int, now: datetime) -> bool:
    """Mark a refund that waits as agreed to and posted; tell whether it still waited."""
    row = {"of_ref": ref, "by_person": person_id, "by_transfer": transfer_id, "now": now}
    return connection.execute(_approve, row).rowcount == 1


def waiting_for(connection: sa.Connection, steward: str, now: datetime) -> list[Refund]:
    """List what waits at the co-ops that `steward` runs, the oldest first."""
    return [_read(row, now) for row in connection.execute(_waiting, {"of_steward": steward, "now": now})]


def waiting_of_sale(connection: sa.Connection, sale: str, now: datetime) -> list[Refund]:
    """List what waits of the sale `sale`, the oldest first."""
    return [_read(row, now) for row in connection.execute(_waiting_of_sale, {"of_sale": sale, "now": now})]


def _read(row: Any, now: datetime) -> Refund:
    found = Refund(**row._mapping)
    return replace(found, state=state_of(found.state, found.lapses_at, now))
