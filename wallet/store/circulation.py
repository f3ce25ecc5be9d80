"""Circulation, from the ledger alone: RES outstanding now and at instants that are over, what was sold, and where."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.store.tables import accounts, coops, tills, transfers

_instant = transfers.c.at.type
_since = sa.bindparam("since", type_=_instant)
_at_till = coops.alias("at_till")
# A co-op is counted together with its tills.
_held = (
    sa.select(
        accounts.c.id, accounts.c.balance_minor, sa.func.coalesce(_at_till.c.account_id, accounts.c.id).label("holder")
    )
    .select_from(accounts)
    .outerjoin(tills, tills.c.account_id == accounts.c.id)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .subquery()
)
_balances = (
    sa.select(_held.c.holder, sa.func.sum(_held.c.balance_minor).label("minor")).group_by(_held.c.holder).subquery()
)
_outstanding = sa.select(sa.func.coalesce(sa.func.sum(_balances.c.minor), 0)).where(_balances.c.minor > 0)
_sold = sa.select(sa.func.coalesce(sa.func.sum(transfers.c.amount_minor), 0)).where(
    transfers.c.kind == "sale", transfers.c.at >= _since
)
_places = sa.select(sa.func.count()).where(coops.c.status == "active")
_first = sa.select(transfers.c.at).order_by(transfers.c.id).limit(1)


def outstanding(connection: sa.Connection) -> int:
    """Sum the positive balances of this moment."""
    return int(connection.execute(_outstanding).scalar_one())


def outstanding_at(connection: sa.Connection, instants: Sequence[datetime]) -> list[int]:
    """Sum the balances that were positive just before each of `instants`: what was posted since is taken off again."""
    if not instants:
        return []
    return [int(minor or 0) for minor in connection.execute(_back_to(len(instants)), _named(instants)).one()]


def sold_since(connection: sa.Connection, since: datetime) -> int:
    """Sum the RES of all sales from `since` on."""
    return int(connection.execute(_sold, {"since": since}).scalar_one())


def places(connection: sa.Connection) -> int:
    """Count the co-ops where RES can be spent."""
    return int(connection.execute(_places).scalar_one())


def first_at(connection: sa.Connection) -> datetime | None:
    """Tell when the first transfer was posted, None before it."""
    return connection.execute(_first).scalar()


def _named(instants: Sequence[datetime]) -> dict[str, datetime]:
    return {f"at_{place}": at for place, at in enumerate(instants)} | {"since": min(instants)}


def _back_to(many: int) -> sa.Select[Any]:
    """Make the statement that goes back to so many instants in one pass over the journal."""

    def side(account: sa.Column[int], signed: sa.ColumnElement[int]) -> sa.Select[Any]:
        sums = (
            sa.func.sum(sa.case((transfers.c.at >= sa.bindparam(f"at_{place}", type_=_instant), signed), else_=0))
            for place in range(many)
        )
        columns: list[Any] = [account.label("id"), *(one.label(f"since_{place}") for place, one in enumerate(sums))]
        return sa.select(*columns).where(transfers.c.at >= _since).group_by(account)

    came, went = (
        side(transfers.c.credit_id, transfers.c.amount_minor),
        side(transfers.c.debit_id, -transfers.c.amount_minor),
    )
    moved = sa.union_all(came, went).subquery()
    by_holder = (
        sa.select(
            _held.c.holder, *(sa.func.sum(moved.c[f"since_{place}"]).label(f"since_{place}") for place in range(many))
        )
        .join(moved, moved.c.id == _held.c.id)
        .group_by(_held.c.holder)
        .subquery()
    )
    stood = [_balances.c.minor - sa.func.coalesce(by_holder.c[f"since_{place}"], 0) for place in range(many)]
    sums: list[Any] = [sa.func.sum(sa.case((minor > 0, minor), else_=0)) for minor in stood]
    both = _balances.outerjoin(by_holder, by_holder.c.holder == _balances.c.holder)
    return sa.select(*sums).select_from(both)
