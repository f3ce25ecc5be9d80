"""Lanes of a wallet's activity: each is a run of its movements that one index holds in the order of time.

A list of movements is put together from the lanes of what it is narrowed to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import History
from wallet.domain.period import month_start
from wallet.store.columns import Instant
from wallet.store.engine import is_postgresql
from wallet.store.tables import transfers
from wallet.store.views.counterparties import Counterparty

# Later than any movement, the cursor of the first page; and as early as any.
NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), 0)
OLDEST = datetime(1, 1, 1, tzinfo=UTC)

Cursor = tuple[datetime, int]

# What a list can be narrowed to.
COUNTS, NOT_COUNTING, PAY, GIFTS = "counts", "not", "pay", "gifts"
KINDS = (COUNTS, NOT_COUNTING, PAY, GIFTS)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Hold what a list is narrowed to: a kind, movements with `others` alone, those from `since` to before `until`.

    Units: `sum_minor` is the RES of a movement, its cash, or both together. Beside those with this sum those are listed
    that have all `words` in their note, as `words_of` gives them; either may be None.
    """

    kind: str | None = None
    others: tuple[Counterparty, ...] | None = None
    sum_minor: int | None = None
    words: tuple[str, ...] | None = None
    since: datetime = OLDEST
    until: datetime = NEWEST[0]

    @property
    def is_by_look(self) -> bool:
        """Tell whether each movement has to be looked at, as no index holds them by it."""
        return self.sum_minor is not None or self.words is not None


EVERYTHING = Narrowing()


class Lane(NamedTuple):
    """Hold the statement of a lane's keys, a page of them before a cursor, and that of a row for each movement."""

    keys: sa.Select[Any]
    rows: sa.Select[Any]

    @property
    def tally(self) -> sa.Select[Any]:
        """Count the movements."""
        return sa.select(sa.func.count()).select_from(self.rows.subquery())


HERE = sa.bindparam("of_account", type_=sa.BigInteger)
MINE, THEIRS = transfers.c.debit_id, transfers.c.credit_id


def _lane(*which: sa.ColumnElement[bool]) -> Lane:
    inside = (*which, transfers.c.at >= sa.bindparam("since", type_=Instant))
    before = sa.tuple_(transfers.c.at, transfers.c.id) < sa.tuple_(
        sa.bindparam("before_at", type_=Instant), sa.bindparam("before_id", type_=sa.BigInteger)
    )
    keys = sa.select(transfers.c.at, transfers.c.id).where(*inside, before)
    some = sa.select(sa.literal(1)).where(*inside, transfers.c.at < sa.bindparam("until", type_=Instant))
    most = sa.bindparam("most", type_=sa.Integer)
    return Lane(keys.order_by(transfers.c.at.desc(), transfers.c.id.desc()).limit(most), some.limit(most))


def _is(kind: str) -> sa.ColumnElement[bool]:
    # Written out, not bound: a partial index is taken only for what the statement itself says.
    return transfers.c.kind == sa.literal_column(f"'{kind}'")


OUT, _in = MINE == HERE, THEIRS == HERE
_counts, _own = transfers.c.qualifies == sa.true(), transfers.c.qualifies == sa.false()
_neither = transfers.c.qualifies.is_(None)
_sale, _pay, _gift = _is("sale"), _is("pay"), _is("gift")
_no_sale = transfers.c.kind != sa.literal_column("'sale'")
_ByKind = dict[str | None, tuple[Lane, ...]]


def _bought(spans: int, *to: sa.ColumnElement[bool]) -> _ByKind:
    """Make the lanes of what counts and of what does not, with so many spans in which logged cash does not.

    Nothing counts before the month of the first pay.
    """
    counts_from = sa.bindparam("counts_from", type_=Instant)
    begun, own = transfers.c.at >= counts_from, (_lane(*to, _own), _lane(*to, _counts, transfers.c.at < counts_from))
    if not spans:
        return {COUNTS: (_lane(*to, _counts, begun),), NOT_COUNTING: own}
    inside = (
        sa.and_(
            transfers.c.at >= sa.bindparam(f"cashless_{span}", type_=Instant),
            transfers.c.at < sa.bindparam(f"cashless_to_{span}", type_=Instant),
        )
        for span in range(spans)
    )
    left_out = sa.and_(transfers.c.amount_minor == 0, sa.or_(*inside))
    return {
        COUNTS: (_lane(*to, _counts, begun, sa.not_(left_out)),),
        NOT_COUNTING: (*own, _lane(*to, _counts, begun, left_out)),
    }


@cache
def _everywhere(spans: int) -> _ByKind:
    return {
        None: (_lane(OUT), _lane(_in)),
        **_bought(spans, OUT, _sale),
        PAY: (_lane(_in, _pay, _no_sale),),
        GIFTS: (_lane(OUT, _gift), _lane(_in, _gift, _no_sale)),
    }


def _pairs(there: sa.ColumnElement[int], spans: int) -> dict[bool, _ByKind]:
    """Make the lanes between the wallet and one other account, by whether it is a co-op's or a till's."""
    to, back = (OUT, there == THEIRS), (_in, there == MINE)
    gave, got = _lane(*to, _neither), _lane(*back, _neither)
    coop: _ByKind = {
        None: (_lane(*to, _counts), _lane(*to, _own), got),
        **_bought(spans, *to),
        PAY: (_lane(*back, _neither, _pay),),
        GIFTS: (),
    }
    # With a person there are gifts alone.
    person: _ByKind = {None: (gave, got), GIFTS: (gave, got)}
    person |= dict.fromkeys((COUNTS, NOT_COUNTING, PAY), ())
    return {True: coop, False: person}


_accounts = sa.bindparam("with_accounts", type_=sa.ARRAY(sa.BigInteger))
_each = sa.func.unnest(_accounts).table_valued(sa.column("id", sa.BigInteger)).render_derived(name="each_other")


def _bundle(lane: Lane) -> Lane:
    """Read a lane with each of many accounts at once, as PostgreSQL can; SQLite is as quick one after another."""
    keys, rows, most = lane.keys.lateral(), lane.rows.lateral(), sa.bindparam("most", type_=sa.Integer)
    merged = sa.select(keys.c.at, keys.c.id).select_from(_each).join(keys, sa.true())
    return Lane(
        merged.order_by(keys.c.at.desc(), keys.c.id.desc()).limit(most),
        sa.select(sa.literal(1)).select_from(_each).join(rows, sa.true()).limit(most),
    )


@cache
def _with_one(spans: int) -> dict[bool, _ByKind]:
    return _pairs(sa.bindparam("with_account", type_=sa.BigInteger), spans)


@cache
def _with_each(spans: int) -> dict[bool, _ByKind]:
    return {
        is_coop: {kind: tuple(map(_bundle, lanes)) for kind, lanes in by_kind.items()}
        for is_coop, by_kind in _pairs(_each.c.id, spans).items()
    }


def of(
    connection: sa.Connection, voted: History, first_pay: str | None, narrowing: Narrowing
) -> Iterator[tuple[Lane, dict[str, Any]]]:
    """Give the lanes that a list is narrowed to, each with what its statements are asked with.

    `first_pay` is the month of the owner's first pay, None before it.
    """
    spans, asked = 0, dict[str, Any]()
    if narrowing.kind in (COUNTS, NOT_COUNTING):
        asked["counts_from"] = NEWEST[0] if first_pay is None else month_start(first_pay, voted.zone)
        for since, until in voted.spans_of("count_logged_cash", 0):
            asked |= {f"cashless_{spans}": since, f"cashless_to_{spans}": until}
            spans += 1
    for lane, there in _asked_for(connection, narrowing, spans):
        yield lane, asked | there


def _asked_for(connection: sa.Connection, narrowing: Narrowing, spans: int) -> Iterator[tuple[Lane, dict[str, Any]]]:
    others, kind = narrowing.others, narrowing.kind
    if others is None:
        yield from ((lane, {}) for lane in _everywhere(spans)[kind])
    elif is_postgresql(connection):
        for is_coop, by_kind in _with_each(spans).items():
            ids = [other.account_id for other in others if (other.coop is not None) is is_coop]
            yield from ((lane, {"with_accounts": ids}) for lane in by_kind[kind] if ids)
    else:
        for other in others:
            for lane in _with_one(spans)[other.coop is not None][kind]:
                yield lane, {"with_account": other.account_id}
