"""Dues: what each co-op is asked to put into the pool for a period, what it has put in, and the pool's history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain import dividend
from wallet.domain.charter import Charter
from wallet.domain.period import date_of, day_start
from wallet.store import charters, dividends
from wallet.store.charters import InHand
from wallet.store.columns import MICROSECOND
from wallet.store.owners import owners
from wallet.store.tables import accounts, coops, dividend_lines, dividend_runs, transfers

HISTORY = 24
# Of a period that is open, what is given back or put in counts whenever it was posted.
_ALWAYS = datetime(9999, 12, 31, tzinfo=UTC)

_instant = transfers.c.at.type
_since, _until = sa.bindparam("since", type_=_instant), sa.bindparam("until", type_=_instant)
_as_of = sa.bindparam("as_of", type_=_instant)
_sale, _refund = transfers.alias("sale"), transfers.alias("refund")
_sold_in = sa.and_(
    _sale.c.credit_id == owners.c.account_id,
    _sale.c.kind == "sale",
    _sale.c.qualifies,
    _sale.c.at >= _since,
    _sale.c.at < _until,
)
_sold = (
    sa.select(owners.c.coop_id, sa.func.sum(_sale.c.amount_minor))
    .select_from(owners.join(_sale, _sold_in))
    .group_by(owners.c.coop_id)
)
_given_back = (
    sa.select(owners.c.coop_id, sa.func.sum(_refund.c.amount_minor))
    .select_from(owners.join(_sale, _sold_in).join(_refund, _refund.c.answers_id == _sale.c.id))
    .where(_refund.c.at < _as_of)
    .group_by(owners.c.coop_id)
)
_paid = (
    sa.select(coops.c.id, sa.func.sum(transfers.c.amount_minor))
    .select_from(coops.join(transfers, sa.and_(transfers.c.debit_id == coops.c.account_id, transfers.c.kind == "fund")))
    .where(transfers.c.at >= sa.bindparam("paid_since", type_=_instant), transfers.c.at < _as_of)
    .group_by(coops.c.id)
)
_all_coops = sa.select(coops.c.id, coops.c.slug, coops.c.name, coops.c.mark, coops.c.status).where(
    sa.or_(coops.c.status == "active", coops.c.id.in_(sa.bindparam("beside", expanding=True)))
)
_last = (
    sa.select(dividend_runs.c.ends_on, dividend_runs.c.closed_at)
    .where(dividend_runs.c.state == "posted", dividend_runs.c.ends_on < sa.bindparam("ends_on"))
    .order_by(dividend_runs.c.id.desc())
    .limit(1)
)
_pool = sa.select(accounts.c.id).where(accounts.c.kind == "pool").scalar_subquery()
_in = (
    sa.select(transfers.c.at, transfers.c.kind, coops.c.name, transfers.c.amount_minor.label("minor"))
    .select_from(transfers.join(coops, coops.c.account_id == transfers.c.debit_id))
    .where(transfers.c.credit_id == _pool)
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
    .limit(HISTORY)
)
_out = (
    sa.select(
        dividend_runs.c.closed_at,
        dividend_runs.c.label,
        sa.func.sum(dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor),
        dividend_runs.c.id,
    )
    .join(dividend_lines, dividend_lines.c.run_id == dividend_runs.c.id)
    .where(dividend_runs.c.state == "posted", dividend_lines.c.ref.is_not(None))
    .group_by(dividend_runs.c.id, dividend_runs.c.closed_at, dividend_runs.c.label)
    .order_by(dividend_runs.c.id.desc())
    .limit(HISTORY)
)


@dataclass(frozen=True, slots=True)
class Due:
    """Hold a co-op's due of a period and what it has put into the pool since the last dividend.

    One that is suspended or has left puts nothing in, whatever is due.
    """

    slug: str
    name: str
    mark: str
    status: str
    sold_minor: int
    due_minor: int
    paid_minor: int

    @property
    def open_minor(self) -> int:
        """Give what is still open."""
        return max(0, self.due_minor - self.paid_minor)


@dataclass(frozen=True, slots=True)
class DuesPeriod:
    """Hold a period of dues: from when sales count to when, since when payments do, and as of when it is looked at.

    `ends_on` is the day on which it ends or ended, at its beginning; None of one that goes on.
    """

    since: datetime
    until: datetime
    paid_since: datetime
    ends_on: date | None
    as_of: datetime = _ALWAYS


# What sums up the sales of a period, by co-op.
SoldIn = Callable[[sa.Connection, DuesPeriod], Mapping[int, int]]


class Sunset(NamedTuple):
    """Hold whether the dues had ended when a period began, and have by its end, so that it asks for nothing."""

    at_begin: bool
    at_end: bool


@dataclass(frozen=True, slots=True)
class Dues:
    """Hold the period whose dues are open, the dues, the charter by which they are asked for, and its sunset.

    `goes_on` tells whether what is sold from the end of the draft that waits is asked for once that is paid.
    """

    period: DuesPeriod | None
    dues: list[Due]
    charter: Charter
    sunset: Sunset
    goes_on: bool

    @property
    def open_minor(self) -> int:
        """Give what can come in: what is open of co-ops that are in."""
        return sum(due.open_minor for due in self.dues if due.status == "active")

    @property
    def out_minor(self) -> int:
        """Give what is open of the others, and will not come in."""
        return sum(due.open_minor for due in self.dues) - self.open_minor


@dataclass(frozen=True, slots=True)
class PoolMovement:
    """Hold a movement of the pool: what a co-op put in, or, with less than nothing, what the dividend `run` gave."""

    at: datetime
    who: str
    minor: int
    run: int | None = None


def sold_in(connection: sa.Connection, found: DuesPeriod) -> Mapping[int, int]:
    """Sum up what each co-op sold in a period that counts, less what was given back of it, by the co-op's key."""
    edges = {"since": found.since, "until": found.until}
    sold = _by_coop(connection.execute(_sold, edges))
    back = _by_coop(connection.execute(_given_back, edges | {"as_of": found.as_of}))
    return {coop: max(0, minor - back.get(coop, 0)) for coop, minor in sold.items()}


def asked(connection: sa.Connection, founding: Charter, now: datetime, summed: SoldIn = sold_in) -> Dues:
    """Work out what is asked for now, by what was `summed`; there are no dues before there is a charter.

    Of a draft that waits that is what its own period asks for, by the charter that period began with.
    """
    hand, draft = charters.in_hand(connection, founding, now), dividends.draft(connection)
    if hand is None:
        return Dues(None, [], founding, Sunset(at_begin=False, at_end=False), goes_on=False)
    zone = hand.history.zone
    then = hand if draft is None else hand.of_run(draft.ends_on)
    found = period(connection, then, zone, None if draft is None else draft.ends_on, now)
    at_begin, at_end = (have_ended(then, at, zone) for at in (found.since, found.until))
    after = hand if draft is None else hand.after(draft.ends_on)
    begins = draft is not None and after.is_payable and after.since == draft.ends_on
    goes_on = begins and not have_ended(after, now, zone)
    return Dues(found, of_all(connection, found, then, zone, summed), then.charter, Sunset(at_begin, at_end), goes_on)


def period(
    connection: sa.Connection,
    hand: InHand,
    zone: str,
    ends_on: date | None,
    now: datetime,
    as_of: datetime | None = None,
) -> DuesPeriod:
    """Tell the period of dues in hand: from its begin to the end of its run, or to now.

    For a time without dividends nothing is asked. `as_of` is when its run was posted: what came later is left out.
    """
    last = connection.execute(_last, {"ends_on": (ends_on or date.max).isoformat()}).first()
    since = day_start(hand.since if ends_on is None else hand.periods.begins(ends_on), zone)
    # What is posted at this very moment counts.
    until = now + MICROSECOND if ends_on is None else day_start(ends_on, zone)
    if hand.spell is not None:
        until = max(since, min(until, day_start(hand.spell.since, zone)))
        ends_on = hand.spell.since if ends_on is None else min(ends_on, hand.spell.since)
    paid_since = day_start(hand.charter_on, zone) if last is None else last.closed_at
    return DuesPeriod(since, until, paid_since, ends_on, as_of or _ALWAYS)


def have_ended(hand: InHand, at: datetime, zone: str) -> bool:
    """Tell whether a period that ends then asks for nothing, since the sunset has come."""
    return dividend.complete_months(hand.charter_on, date_of(at, zone)) >= hand.charter.sunset_months


def of_all(
    connection: sa.Connection, found: DuesPeriod, hand: InHand, zone: str, summed: SoldIn = sold_in
) -> list[Due]:
    """List every active co-op's due, and of others what is due or paid; there are none once the sunset has come."""
    rate_bp = 0 if have_ended(hand, found.until, zone) else hand.charter.pool_rate_bp
    sold = summed(connection, found)
    paid = _by_coop(connection.execute(_paid, {"paid_since": found.paid_since, "as_of": found.as_of}))
    dues = []
    for row in connection.execute(_all_coops, {"beside": [*sold, *paid]}):
        net, put_in = sold.get(row.id, 0), paid.get(row.id, 0)
        due = dividend.due_of(net, rate_bp)
        dues.append(Due(row.slug, row.name, row.mark, row.status, net, due, put_in))
    return sorted(dues, key=lambda one: (-one.open_minor, one.name))


def _by_coop(rows: Any) -> dict[int, int]:
    return {coop: int(minor) for coop, minor in rows}


def movements(connection: sa.Connection) -> list[PoolMovement]:
    """List the pool's last movements, the newest first; a dividend is one."""
    came = [PoolMovement(row.at, row.name, row.minor) for row in connection.execute(_in)]
    went = [PoolMovement(at, label, -int(minor), run) for at, label, minor, run in connection.execute(_out)]
    return sorted([*came, *went], key=lambda one: one.at, reverse=True)[:HISTORY]
