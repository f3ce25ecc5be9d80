"""How the federation grows, from the ledger: who pays, what goes round, who buys from whom, whose work is paid."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.store import terms
from wallet.store.owners import owners
from wallet.store.tables import accounts, coops, member_terms, people, sale_refunds, transfers

_instant = transfers.c.at.type
_within = sa.and_(
    transfers.c.at > sa.bindparam("since", type_=_instant), transfers.c.at <= sa.bindparam("until", type_=_instant)
)
_buyers, _sellers = owners.alias("buyers"), owners.alias("sellers")

_members = sa.select(sa.func.count()).where(accounts.c.kind == "wallet")
_kept_minor = transfers.c.amount_minor - sa.func.coalesce(sale_refunds.c.refunded_minor, 0)
_recent = (
    sa.select(
        sa.cast(
            sa.func.coalesce(sa.func.sum(sa.case((transfers.c.qualifies, _kept_minor), else_=0)), 0), sa.BigInteger
        ),
        sa.func.count(sa.distinct(transfers.c.debit_id)),
        sa.func.count(sa.distinct(sa.case((coops.c.status == "active", coops.c.id)))),
    )
    .select_from(transfers)
    .join(owners, owners.c.account_id == transfers.c.credit_id)
    .join(coops, coops.c.id == owners.c.coop_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(transfers.c.kind == "sale", _within)
)
_balances = (
    sa.select(
        coops.c.id,
        coops.c.slug,
        coops.c.name,
        coops.c.need,
        coops.c.mark,
        sa.cast(sa.func.sum(accounts.c.balance_minor), sa.BigInteger).label("balance_minor"),
    )
    .join(owners, owners.c.coop_id == coops.c.id)
    .join(accounts, accounts.c.id == owners.c.account_id)
    .where(coops.c.status == "active")
    .group_by(coops.c.id, coops.c.slug, coops.c.name, coops.c.need, coops.c.mark)
    .order_by(coops.c.id)
)
_outflows = (
    sa.select(owners.c.coop_id, sa.cast(sa.func.sum(transfers.c.amount_minor), sa.BigInteger))
    .join(owners, owners.c.account_id == transfers.c.debit_id)
    .where(transfers.c.kind.in_(("pay", "supply", "fund", "refund")), _within)
    .group_by(owners.c.coop_id)
)
_supplies = (
    sa.select(_buyers.c.coop_id, _sellers.c.coop_id)
    .select_from(transfers)
    .join(_buyers, _buyers.c.account_id == transfers.c.debit_id)
    .join(_sellers, _sellers.c.account_id == transfers.c.credit_id)
    .where(transfers.c.kind == "supply", _within)
    .distinct()
)
_by_others = member_terms.c.id.is_(None)
_work = (
    sa.select(
        sa.cast(sa.func.coalesce(sa.func.sum(transfers.c.minutes), 0), sa.BigInteger),
        sa.cast(sa.func.coalesce(sa.func.sum(sa.case((_by_others, transfers.c.minutes), else_=0)), 0), sa.BigInteger),
        sa.func.count(sa.distinct(sa.case((_by_others, people.c.id)))),
    )
    .select_from(transfers)
    .join(coops, coops.c.account_id == transfers.c.debit_id)
    .join(people, people.c.account_id == transfers.c.credit_id)
    .outerjoin(member_terms, terms.stood_at(people.c.id, coops.c.id, transfers.c.at))
    .where(transfers.c.kind == "pay", _within)
)


class Recent(NamedTuple):
    """Hold what went round in some days: RES spent at other co-ops net of refunds, who paid, and where."""

    spent_minor: int
    payers: int
    takers: int


class Work(NamedTuple):
    """Hold the paid minutes of some days, those of people who were no members where they worked, and their number."""

    minutes: int
    minutes_of_others: int
    others: int


class Flow(NamedTuple):
    """Hold an active co-op with its tills: its balance, what flowed out in some days, and from whom it bought then."""

    id: int
    slug: str
    name: str
    need: str
    mark: str
    balance_minor: int
    outflow_minor: int
    suppliers: frozenset[int]


def members(connection: sa.Connection) -> int:
    """Count the wallets."""
    return int(connection.execute(_members).scalar_one())


def recent(connection: sa.Connection, since: datetime, until: datetime) -> Recent:
    """Count what went round after `since` and up to `until`."""
    return Recent(*connection.execute(_recent, {"since": since, "until": until}).one())


def work(connection: sa.Connection, since: datetime, until: datetime) -> Work:
    """Add up the work that was paid after `since` and up to `until`."""
    return Work(*connection.execute(_work, {"since": since, "until": until}).one())


def flows(connection: sa.Connection, since: datetime, until: datetime) -> list[Flow]:
    """List the active co-ops with what flowed after `since` and up to `until`."""
    within = {"since": since, "until": until}
    out = {row[0]: row[1] for row in connection.execute(_outflows, within)}
    suppliers: dict[int, set[int]] = {}
    for buyer, seller in connection.execute(_supplies, within):
        suppliers.setdefault(buyer, set()).add(seller)
    return [
        Flow(
            row.id,
            row.slug,
            row.name,
            row.need,
            row.mark,
            row.balance_minor,
            out.get(row.id, 0),
            frozenset(suppliers.get(row.id, ())),
        )
        for row in connection.execute(_balances)
    ]
