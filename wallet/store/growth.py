"""How the federation grows, from the ledger: who pays, what goes round, who buys from whom, whose work is paid."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.store.tables import accounts, coops, member_terms, people, sale_refunds, tills, transfers

_instant = transfers.c.at.type
_within = sa.and_(
    transfers.c.at > sa.bindparam("since", type_=_instant), transfers.c.at <= sa.bindparam("until", type_=_instant)
)
_sales = sa.and_(transfers.c.kind == "sale", _within)
# A co-op is one with its tills.
_owners = sa.union_all(
    sa.select(coops.c.id.label("coop_id"), coops.c.account_id), sa.select(tills.c.coop_id, tills.c.account_id)
).subquery()
_buyers, _sellers = _owners.alias("buyers"), _owners.alias("sellers")

_members = sa.select(sa.func.count()).where(accounts.c.kind == "wallet")
_spent = (
    sa.select(
        sa.cast(
            sa.func.coalesce(
                sa.func.sum(transfers.c.amount_minor - sa.func.coalesce(sale_refunds.c.refunded_minor, 0)), 0
            ),
            sa.BigInteger,
        )
    )
    .select_from(transfers.outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id))
    .where(_sales, transfers.c.qualifies)
)
_payers = sa.select(sa.func.count(sa.distinct(transfers.c.debit_id))).where(_sales)
_takers = (
    sa.select(sa.func.count(sa.distinct(coops.c.id)))
    .select_from(transfers)
    .join(_owners, _owners.c.account_id == transfers.c.credit_id)
    .join(coops, coops.c.id == _owners.c.coop_id)
    .where(_sales, coops.c.status == "active")
)
_balances = (
    sa.select(
        coops.c.id,
        coops.c.slug,
        coops.c.name,
        coops.c.need,
        sa.func.coalesce(coops.c.mark, coops.c.slug).label("mark"),
        sa.cast(sa.func.sum(accounts.c.balance_minor), sa.BigInteger).label("balance_minor"),
    )
    .join(_owners, _owners.c.coop_id == coops.c.id)
    .join(accounts, accounts.c.id == _owners.c.account_id)
    .where(coops.c.status == "active")
    .group_by(coops.c.id, coops.c.slug, coops.c.name, coops.c.need, coops.c.mark)
    .order_by(coops.c.id)
)
_outflows = (
    sa.select(_owners.c.coop_id, sa.cast(sa.func.sum(transfers.c.amount_minor), sa.BigInteger))
    .join(_owners, _owners.c.account_id == transfers.c.debit_id)
    .where(transfers.c.kind.in_(("pay", "supply", "fund", "refund")), _within)
    .group_by(_owners.c.coop_id)
)
_supplies = (
    sa.select(_buyers.c.coop_id, _sellers.c.coop_id)
    .select_from(transfers)
    .join(_buyers, _buyers.c.account_id == transfers.c.debit_id)
    .join(_sellers, _sellers.c.account_id == transfers.c.credit_id)
    .where(transfers.c.kind == "supply", _within)
    .distinct()
)
# At one instant a person has one term at a co-op at the most.
_term = sa.and_(
    member_terms.c.person_id == people.c.id,
    member_terms.c.coop_id == coops.c.id,
    member_terms.c.from_at <= transfers.c.at,
    sa.or_(member_terms.c.until_at.is_(None), member_terms.c.until_at > transfers.c.at),
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
    .outerjoin(member_terms, _term)
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
    within = {"since": since, "until": until}
    return Recent(*(int(connection.execute(each, within).scalar_one()) for each in (_spent, _payers, _takers)))


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
