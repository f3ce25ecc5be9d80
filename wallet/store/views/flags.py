"""Flags, from the ledger alone: sales that flow back, a basis at one co-op, two co-ops in a circle, months of work."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain import flag
from wallet.store import terms
from wallet.store.columns import MICROSECOND
from wallet.store.owners import owners
from wallet.store.tables import accounts, coops, member_terms, people, transfers

# A page shows so many of each, the largest first.
SHOWN = 50


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


def _within(rows: Any) -> sa.ColumnElement[bool]:
    since, until = (sa.bindparam(name, type_=rows.c.at.type) for name in ("since", "until"))
    return sa.and_(rows.c.at > since, rows.c.at <= until)


_sale, _gift, _refund = (transfers.alias(name) for name in ("sale", "gift", "refund"))
_giver, _payer = people.alias("giver"), people.alias("payer")
_back_minor = _sum(_gift.c.amount_minor)
_waited = sa.type_coerce(_gift.c.at, sa.BigInteger) - sa.type_coerce(_sale.c.at, sa.BigInteger)
_flowed_back = (
    sa.select(_sale.c.at, _payer.c.name, coops.c.name, _sale.c.amount_minor, _back_minor)
    .select_from(_gift)
    .join(_giver, _giver.c.account_id == _gift.c.debit_id)
    .join(_sale, sa.and_(_sale.c.debit_id == _gift.c.credit_id, _sale.c.kind == "sale", _sale.c.amount_minor > 0))
    .join(owners, owners.c.account_id == _sale.c.credit_id)
    .join(coops, coops.c.id == owners.c.coop_id)
    .join(_payer, _payer.c.account_id == _sale.c.debit_id)
    .join(member_terms, terms.stood_at(_giver.c.id, coops.c.id, _gift.c.at))
    # In one instant, as in a history of whole seconds, the order of the books tells which came first.
    .where(_gift.c.kind == "gift", _within(_gift), _gift.c.id > _sale.c.id)
    .where(_waited >= 0, _waited <= flag.BACK_WITHIN // MICROSECOND)
    .group_by(_sale.c.id, _sale.c.at, _payer.c.name, coops.c.name, _sale.c.amount_minor)
    .having(2 * _back_minor > _sale.c.amount_minor)
    .order_by(_sale.c.amount_minor.desc(), _sale.c.id)
    .limit(SHOWN)
)
_moved = sa.union_all(
    sa.select(_sale.c.debit_id.label("wallet_id"), owners.c.coop_id, _sale.c.basis_minor)
    .join(owners, owners.c.account_id == _sale.c.credit_id)
    .where(_sale.c.kind == "sale", _sale.c.basis_minor > 0),
    sa.select(_refund.c.credit_id, owners.c.coop_id, -_refund.c.basis_minor)
    .join(owners, owners.c.account_id == _refund.c.debit_id)
    .where(_refund.c.kind == "refund", _refund.c.basis_minor > 0),
).subquery()
# Added up before names are joined: there are far more sales than pairs of a wallet and a co-op.
_there = (
    sa.select(_moved.c.wallet_id, _moved.c.coop_id, _sum(_moved.c.basis_minor).label("minor"))
    .group_by(_moved.c.wallet_id, _moved.c.coop_id)
    .subquery()
)
_at_one = (
    sa.select(people.c.name, coops.c.name, _there.c.minor, accounts.c.basis_minor)
    .select_from(_there)
    .join(accounts, accounts.c.id == _there.c.wallet_id)
    .join(people, people.c.account_id == accounts.c.id)
    .join(coops, coops.c.id == _there.c.coop_id)
    .where(accounts.c.basis_minor > 0, 100 * _there.c.minor > flag.ONE_COOP_PERCENT * accounts.c.basis_minor)
    .order_by(accounts.c.basis_minor.desc(), people.c.id)
    .limit(SHOWN)
)
_sold = (
    sa.select(owners.c.coop_id, people.c.id.label("person_id"), _sale.c.at, _sale.c.amount_minor)
    .select_from(_sale)
    .join(owners, owners.c.account_id == _sale.c.credit_id)
    .join(people, people.c.account_id == _sale.c.debit_id)
    .where(_sale.c.kind == "sale", _within(_sale))
    .cte("sold")
)
_whole = sa.select(_sold.c.coop_id, _sum(_sold.c.amount_minor).label("minor")).group_by(_sold.c.coop_id).cte("whole")
# What a co-op sold to the members of another one.
_flows = (
    sa.select(_sold.c.coop_id, member_terms.c.coop_id.label("of_id"), _sum(_sold.c.amount_minor).label("minor"))
    .join(member_terms, terms.stood_at(_sold.c.person_id, member_terms.c.coop_id, _sold.c.at))
    .where(member_terms.c.coop_id != _sold.c.coop_id)
    .group_by(_sold.c.coop_id, member_terms.c.coop_id)
    .cte("flows")
)
_there_flow, _back_flow = _flows.alias("there"), _flows.alias("back")
_of_one, _of_two = _whole.alias("of_one"), _whole.alias("of_two")
_one, _two = coops.alias("one"), coops.alias("two")
_circles = (
    sa.select(_one.c.name, _two.c.name, _there_flow.c.minor, _of_one.c.minor, _back_flow.c.minor, _of_two.c.minor)
    .select_from(_there_flow)
    .join(_back_flow, sa.and_(_back_flow.c.coop_id == _there_flow.c.of_id, _back_flow.c.of_id == _there_flow.c.coop_id))
    .join(_of_one, _of_one.c.coop_id == _there_flow.c.coop_id)
    .join(_of_two, _of_two.c.coop_id == _back_flow.c.coop_id)
    .join(_one, _one.c.id == _there_flow.c.coop_id)
    .join(_two, _two.c.id == _back_flow.c.coop_id)
    # Each pair once.
    .where(_there_flow.c.coop_id < _there_flow.c.of_id)
    .where(2 * _there_flow.c.minor > _of_one.c.minor, 2 * _back_flow.c.minor > _of_two.c.minor)
    .order_by((_of_one.c.minor + _of_two.c.minor).desc(), _one.c.name)
    .limit(SHOWN)
)
_minutes = _sum(transfers.c.minutes)
_long = (
    sa.select(people.c.name, _minutes)
    .select_from(transfers.join(people, people.c.account_id == transfers.c.credit_id))
    .where(
        transfers.c.kind == "pay",
        transfers.c.at >= sa.bindparam("begins", type_=transfers.c.at.type),
        transfers.c.at < sa.bindparam("ends", type_=transfers.c.at.type),
    )
    .group_by(people.c.id, people.c.name)
    .having(_minutes > sa.bindparam("most"))
    .order_by(_minutes.desc(), people.c.id)
    .limit(SHOWN)
)


class CameBack(NamedTuple):
    """Hold a sale of which more than half came back to its payer from members of the co-op; amounts in minor units."""

    at: datetime
    payer: str
    coop: str
    amount_minor: int
    back_minor: int


class AtOne(NamedTuple):
    """Hold a member most of whose basis is of one co-op; amounts in minor units."""

    member: str
    coop: str
    there_minor: int
    basis_minor: int


class Circle(NamedTuple):
    """Hold two co-ops each of which sells mostly to the other's members; amounts in minor units, of `one` first."""

    one: str
    two: str
    one_to_other_minor: int
    one_minor: int
    two_to_other_minor: int
    two_minor: int


class Long(NamedTuple):
    """Hold somebody who was paid for more minutes of a month than count, over all co-ops."""

    name: str
    minutes: int


def flowed_back(connection: sa.Connection, since: datetime, until: datetime) -> list[CameBack]:
    """List sales of which more than half flowed back by gifts after `since` and up to `until`."""
    return [CameBack(*row) for row in connection.execute(_flowed_back, {"since": since, "until": until})]


def at_one_coop(connection: sa.Connection) -> list[AtOne]:
    """List members most of whose lifetime basis is of one co-op."""
    return [AtOne(*row) for row in connection.execute(_at_one)]


def circles(connection: sa.Connection, since: datetime, until: datetime) -> list[Circle]:
    """List pairs of co-ops each of which sold mostly to the other's members after `since` and up to `until`."""
    return [Circle(*row) for row in connection.execute(_circles, {"since": since, "until": until})]


def long_months(connection: sa.Connection, begins: datetime, ends: datetime, most_minutes: int) -> list[Long]:
    """List people who were paid for more than `most_minutes` from `begins` on and before `ends`."""
    return [Long(*row) for row in connection.execute(_long, {"begins": begins, "ends": ends, "most": most_minutes})]
