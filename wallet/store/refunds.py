"""Rows of refunds, the sales that they give back, and who serves at their co-ops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store.columns import Instant
from wallet.store.ledger.sales import SOLD, Sold
from wallet.store.roles import serving
from wallet.store.tables import coops, people, refunds, tills, transfers

_place = sa.or_(coops.c.id == tills.c.coop_id, coops.c.account_id == transfers.c.credit_id)
_sale = (
    sa.select(
        *SOLD,
        transfers.c.cashier_id,
        coops.c.id.label("coop_id"),
        coops.c.slug,
        coops.c.name.label("coop_name"),
        coops.c.account_id.label("coop_account"),
        tills.c.id.label("till"),
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
_now = sa.bindparam("now", type_=Instant)
_insert = sa.insert(refunds)
_waits = sa.and_(refunds.c.ref == sa.bindparam("of_ref"), refunds.c.state == "waiting", refunds.c.lapses_at > _now)
_approve = (
    sa.update(refunds)
    .where(_waits)
    .values(
        state="posted", approved_by=sa.bindparam("by_person"), approved_at=_now, transfer_id=sa.bindparam("by_transfer")
    )
)
_end = (
    sa.update(refunds)
    .where(_waits)
    .values(
        state=sa.bindparam("to_state"),
        ended_by=sa.bindparam("by_person"),
        ended_at=_now,
        ended_why=sa.bindparam("because", type_=sa.Text),
    )
)
_lock = sa.select(refunds.c.state).where(refunds.c.ref == sa.bindparam("of_ref")).with_for_update()


@dataclass(frozen=True, slots=True)
class Sale(Sold):
    """Hold a sale with its cashier, its place and its payer; one of a history was made by none and at no till."""

    cashier_id: int | None
    coop_id: int
    slug: str
    coop_name: str
    coop_account: int
    till: str | None
    refund_limit_minor: int | None
    payer_id: int
    payer: str


def sale_at_counter(connection: sa.Connection, ref: str, cashier: str, now: datetime) -> Sale:
    """Give the sale `ref`, at whose co-op `cashier` takes money, with its place and its payer.

    Raises: Refusal unknown_sale; not_allowed for who may see it but not give it back, its payer above all.
    """
    row = connection.execute(_sale, {"of_ref": ref}).first()
    if row is None:
        raise refuse("unknown_sale")
    found = Sale(**row._mapping)
    serves = cashier in serving(connection, found.coop_id, "cashier", now)
    if found.payer == cashier or (not serves and cashier in serving(connection, found.coop_id, "steward", now)):
        raise refuse("not_allowed")
    if not serves:
        raise refuse("unknown_sale")
    return found


def sale_of(connection: sa.Connection, ref: str) -> Sale:
    """Give the sale `ref`, which exists, with its place and its payer."""
    return Sale(**connection.execute(_sale, {"of_ref": ref}).one()._mapping)


def add(connection: sa.Connection, row: Mapping[str, object]) -> None:
    """Keep a refund that is posted already, or one that waits."""
    connection.execute(_insert, row)


def lock(connection: sa.Connection, ref: str) -> bool:
    """Let nobody else end the refund `ref` meanwhile; tell whether there is one.

    Locks: the refund's row, until commit.
    """
    return connection.execute(_lock, {"of_ref": ref}).first() is not None


def approve(connection: sa.Connection, ref: str, person_id: int, transfer_id: int, now: datetime) -> bool:
    """Mark a refund that waits as agreed to and posted; tell whether it still waited."""
    row = {"of_ref": ref, "by_person": person_id, "by_transfer": transfer_id, "now": now}
    return connection.execute(_approve, row).rowcount == 1


def end(connection: sa.Connection, ref: str, state: str, person_id: int, now: datetime, why: str | None = None) -> bool:
    """Mark a refund that waits as withdrawn or declined, and why; tell whether it still waited."""
    row = {"of_ref": ref, "to_state": state, "by_person": person_id, "because": why, "now": now}
    return connection.execute(_end, row).rowcount == 1
