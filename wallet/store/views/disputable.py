"""What can be disputed: a sale that somebody paid, or the pay that they were paid."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store.tables import coops, people, sale_refunds, tills, transfers

_till = tills.alias("till")
# A sale's co-op is paid at a till or straight into its account, that of a pay pays.
_place = sa.case((transfers.c.kind == "pay", transfers.c.debit_id), else_=transfers.c.credit_id)
_mine = sa.case((transfers.c.kind == "pay", transfers.c.credit_id), else_=transfers.c.debit_id)
_subject = (
    sa.select(
        transfers.c.id,
        transfers.c.kind,
        transfers.c.at,
        transfers.c.means,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        sa.func.coalesce(sale_refunds.c.refunded_minor, 0).label("refunded_minor"),
        coops.c.id.label("coop_id"),
        coops.c.name.label("coop_name"),
        people.c.id.label("person_id"),
    )
    .outerjoin(_till, _till.c.account_id == _place)
    .join(coops, sa.or_(coops.c.id == _till.c.coop_id, coops.c.account_id == _place))
    .join(people, people.c.account_id == _mine)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(
        transfers.c.ref == sa.bindparam("of_ref"),
        transfers.c.kind.in_(("sale", "pay")),
        people.c.handle == sa.bindparam("of_handle"),
    )
)


class Subject(NamedTuple):
    """Hold a sale or a pay with its co-op and whose it is; `refunded_minor` is the RES of it that is back."""

    id: int
    kind: str
    at: datetime
    means: str | None
    amount_minor: int
    cash_minor: int
    refunded_minor: int
    coop_id: int
    coop_name: str
    person_id: int


def subject_of(connection: sa.Connection, ref: str, handle: str) -> Subject:
    """Give the sale that `handle` paid, or the pay they were paid, with its co-op.

    Raises: Refusal unknown_receipt for anything else.
    """
    row = connection.execute(_subject, {"of_ref": ref, "of_handle": handle}).first()
    if row is None:
        raise refuse("unknown_receipt")
    return Subject(**row._mapping)
