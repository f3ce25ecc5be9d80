"""Circulation, from the ledger alone: RES outstanding now and at instants that are over, what was sold, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.period import month_start, next_month
from wallet.store.places import has_counter
from wallet.store.tables import accounts, circulation_months, coops, tills, transfers
from wallet.store.upserts import claim_row

_instant = transfers.c.at.type
_since = sa.bindparam("since", type_=_instant)
_at_till = coops.alias("at_till")
# A co-op is counted together with its tills.
_held = (
    sa.select(
        accounts.c.id,
        accounts.c.kind,
        accounts.c.balance_minor,
        sa.func.coalesce(_at_till.c.account_id, accounts.c.id).label("holder"),
    )
    .select_from(accounts)
    .outerjoin(tills, tills.c.account_id == accounts.c.id)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .subquery()
)
_balances = (
    sa.select(_held.c.holder, sa.func.sum(_held.c.balance_minor).label("minor")).group_by(_held.c.holder).subquery()
)
_positive = sa.func.coalesce(sa.func.sum(accounts.c.balance_minor), 0)
# Nobody shares a wallet or the pool: only co-ops are summed by holder.
_of_coops = (
    sa.select(sa.func.sum(_held.c.balance_minor).label("minor"))
    .where(_held.c.kind.in_(("coop", "till")))
    .group_by(_held.c.holder)
    .subquery()
)
_outstanding = sa.select(
    sa.select(_positive).where(accounts.c.kind.in_(("wallet", "pool")), accounts.c.balance_minor > 0).scalar_subquery()
    + sa.select(sa.func.coalesce(sa.func.sum(_of_coops.c.minor), 0)).where(_of_coops.c.minor > 0).scalar_subquery()
)
_owed = sa.func.sum(_held.c.balance_minor)
_uncovered = (
    sa.select(coops.c.name, sa.cast(-_owed, sa.BigInteger))
    .join(_held, _held.c.holder == coops.c.account_id)
    .where(coops.c.status == "left")
    .group_by(coops.c.id, coops.c.name)
    .having(_owed < 0)
    .order_by(_owed, coops.c.name)
)
_sold = sa.select(sa.func.coalesce(sa.func.sum(transfers.c.amount_minor), 0)).where(
    transfers.c.kind == "sale", transfers.c.at >= _since, transfers.c.at < sa.bindparam("before", type_=_instant)
)
_kept = sa.select(circulation_months)
_keep = claim_row(circulation_months)
_open_again = circulation_months.delete().where(circulation_months.c.month == sa.bindparam("of_month"))
_places = sa.select(sa.func.count()).select_from(coops).where(coops.c.status == "active", has_counter)
_first = sa.select(transfers.c.at).order_by(transfers.c.id).limit(1)
_newest = sa.select(transfers.c.at).order_by(transfers.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class CirculationMonth:
    """Hold what was outstanding at the end of a month, and what was sold in it."""

    month: str
    outstanding_minor: int
    sold_minor: int


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Hold what a co-op that has left owes: RES that others hold and nobody is bound to take."""

    coop: str
    minor: int


def uncovered(connection: sa.Connection) -> tuple[Uncovered, ...]:
    """List the co-ops that left below zero, who owes most first; a co-op is counted together with its tills."""
    return tuple(Uncovered(*row) for row in connection.execute(_uncovered))


def outstanding(connection: sa.Connection) -> int:
    """Sum the positive balances of this moment."""
    return int(connection.execute(_outstanding).scalar_one())


def outstanding_at(connection: sa.Connection, instants: Sequence[datetime]) -> list[int]:
    """Sum the balances that were positive just before each of `instants`: what was posted since is taken off again."""
    if not instants:
        return []
    return [int(minor or 0) for minor in connection.execute(_back_to(len(instants)), _named(instants)).one()]


def sold(connection: sa.Connection, since: datetime, before: datetime) -> int:
    """Sum the RES of all sales from `since` on and before `before`."""
    return int(connection.execute(_sold, {"since": since, "before": before}).scalar_one())


def months(connection: sa.Connection) -> dict[str, CirculationMonth]:
    """Give the months that are kept."""
    return {row.month: CirculationMonth(*row) for row in connection.execute(_kept)}


def keep(connection: sa.Connection, over: Sequence[str], open_again: Sequence[str], zone: str) -> None:
    """Keep months that are over, and no longer those that are open again; else what is kept already stays."""
    for month in open_again:
        connection.execute(_open_again, {"of_month": month})
    ends = [month_start(next_month(month), zone) for month in over]
    for month, end, minor in zip(over, ends, outstanding_at(connection, ends), strict=True):
        sold_minor = sold(connection, month_start(month, zone), end)
        connection.execute(_keep, {"month": month, "outstanding_minor": minor, "sold_minor": sold_minor})


def places(connection: sa.Connection) -> int:
    """Count the co-ops where RES can be spent."""
    return int(connection.execute(_places).scalar_one())


def first_at(connection: sa.Connection) -> datetime | None:
    """Tell when the first transfer was posted, None before it."""
    return connection.execute(_first).scalar()


def newest_at(connection: sa.Connection) -> datetime | None:
    """Tell when the newest transfer was posted, None before the first."""
    return connection.execute(_newest).scalar()


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
