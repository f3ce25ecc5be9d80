"""The sales behind a member's basis: what each counted for, and what refunds took off it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store.columns import Instant
from wallet.store.tables import coops, people, tills, transfers

_refund = transfers.alias("refund")
# What was given back in time, by its sale.
_back = (
    sa.select(
        _refund.c.answers_id,
        sa.cast(sa.func.sum(_refund.c.basis_minor), sa.BigInteger).label("basis_minor"),
        sa.cast(sa.func.sum(_refund.c.basis_minutes), sa.BigInteger).label("minutes"),
    )
    .join(people, people.c.account_id == _refund.c.credit_id)
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        _refund.c.kind == "refund",
        _refund.c.at < sa.bindparam("cutoff_at", type_=Instant),
    )
    .group_by(_refund.c.answers_id)
    .subquery()
)
_lines = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        sa.func.coalesce(coops.c.name, "").label("where"),
        transfers.c.amount_minor,
        transfers.c.basis_minor,
        transfers.c.basis_minutes,
        sa.func.coalesce(_back.c.basis_minor, 0),
        sa.func.coalesce(_back.c.minutes, 0),
    )
    .select_from(transfers)
    .join(people, people.c.account_id == transfers.c.debit_id)
    .outerjoin(_back, _back.c.answers_id == transfers.c.id)
    .outerjoin(tills, tills.c.account_id == transfers.c.credit_id)
    .outerjoin(coops, sa.or_(coops.c.id == tills.c.coop_id, coops.c.account_id == transfers.c.credit_id))
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        # Written out, not bound: a partial index is taken only for what the statement itself says.
        transfers.c.kind == sa.literal_column("'sale'"),
        transfers.c.qualifies == sa.true(),
        transfers.c.at < sa.bindparam("until", type_=Instant),
        sa.or_(transfers.c.basis_minor > 0, transfers.c.basis_minutes > 0),
    )
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class CountedSale:
    """Hold a sale and what it counted for, with what refunds took off that again.

    Units: `sold_minor` its whole RES part, of which `was_minor` became basis.
    """

    ref: str
    at: datetime
    where: str
    sold_minor: int
    was_minor: int
    were_minutes: int
    back_minor: int
    back_minutes: int

    @property
    def basis_minor(self) -> int:
        """Give the basis that is left of it."""
        return self.was_minor - self.back_minor

    @property
    def minutes(self) -> int:
        """Give the qualified minutes that are left of it."""
        return self.were_minutes - self.back_minutes


@dataclass(frozen=True, slots=True)
class Sum:
    """Hold what sales come to."""

    basis_minor: int
    minutes: int


def of(connection: sa.Connection, handle: str, until: datetime, cutoff_at: datetime) -> list[CountedSale]:
    """List the sales before `until` that moved a person's basis, less refunds before `cutoff_at`, the newest first."""
    asked = {"of_handle": handle, "until": until, "cutoff_at": cutoff_at}
    return [CountedSale(*row) for row in connection.execute(_lines, asked)]


def summed(sales: Sequence[CountedSale]) -> Sum:
    """Add sales up."""
    return Sum(sum(one.basis_minor for one in sales), sum(one.minutes for one in sales))
