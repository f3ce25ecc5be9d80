"""What happened on a member's wallet, the newest first, with the other side of each movement. Reads only.

A list is put together from lanes: each is a run of the wallet's movements that one index holds in the order of time.
So a page costs the same however long the wallet's history is and whatever it is narrowed to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from heapq import nlargest
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import History
from wallet.domain.patronage import is_left_out
from wallet.store.columns import Instant
from wallet.store.counterparties import Counterparty
from wallet.store.engine import is_postgresql
from wallet.store.tables import accounts, coops, patronage_months, people, sale_refunds, tills, transfers

PAGE = 25
# Further than that nobody counts.
MOST_COUNTED = 1_000
# Later than any movement, the cursor of the first page; and as early as any.
NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), 0)
OLDEST = datetime(1, 1, 1, tzinfo=UTC)

Cursor = tuple[datetime, int]

# What a list can be narrowed to.
COUNTS, NOT_COUNTING, PAY, GIFTS = "counts", "not", "pay", "gifts"
KINDS = (COUNTS, NOT_COUNTING, PAY, GIFTS)


@dataclass(frozen=True, slots=True)
class Movement:
    """Hold one movement as the wallet's owner sees it; `other` is the name of the other side.

    Units: `signed_minor` the RES that came in, negative what went out; `mark` None where the other side is a person.
    `in_cash_alone` is of a sale, and what comes back of it, in a month in which logged cash does not count.
    """

    id: int
    ref: str
    at: datetime
    kind: str
    signed_minor: int
    cash_minor: int
    other: str
    mark: str | None
    qualifies: bool
    share_bp: int | None
    refunded_minor: int
    cash_refunded_minor: int
    in_cash_alone: bool

    @property
    def reason(self) -> str | None:
        """Say whether it counts: `counts`, `own` for one's own co-op, `cash` for cash that does not count, or None."""
        if self.kind == "refund":
            return None if self.qualifies else "own"
        if self.kind != "sale":
            return None
        if not self.qualifies:
            return "own"
        return "cash" if self.in_cash_alone else "counts"

    @property
    def is_given_back(self) -> bool:
        """Tell whether all of it, RES and cash, was given back."""
        back = self.refunded_minor, self.cash_refunded_minor
        return any(back) and back == (abs(self.signed_minor), self.cash_minor)

    @property
    def counts(self) -> bool:
        """Tell whether it counts, or takes back what did."""
        return self.qualifies and not self.in_cash_alone

    @property
    def cursor(self) -> Cursor:
        """Give the place after which the next page begins."""
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Page:
    """Hold some movements and where the next ones begin, None at the end."""

    movements: tuple[Movement, ...]
    after: Cursor | None


class Wallet(NamedTuple):
    """Hold a wallet's account, how many movements it has had, and when the first was, None without one."""

    account_id: int
    movements: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Hold what a list is narrowed to: a kind, movements with `others` alone, those from `since` to before `until`."""

    kind: str | None = None
    others: tuple[Counterparty, ...] | None = None
    since: datetime = OLDEST
    until: datetime = NEWEST[0]


class _Lane(NamedTuple):
    keys: sa.Select[Any]
    # A row for each movement; and how many there are.
    rows: sa.Select[Any]

    @property
    def tally(self) -> sa.Select[Any]:
        return sa.select(sa.func.count()).select_from(self.rows.subquery())


_here = sa.bindparam("of_account", type_=sa.BigInteger)
_mine, _theirs = transfers.c.debit_id, transfers.c.credit_id


def _lane(*which: sa.ColumnElement[bool]) -> _Lane:
    inside = (*which, transfers.c.at >= sa.bindparam("since", type_=Instant))
    before = sa.tuple_(transfers.c.at, transfers.c.id) < sa.tuple_(
        sa.bindparam("before_at", type_=Instant), sa.bindparam("before_id", type_=sa.BigInteger)
    )
    keys = sa.select(transfers.c.at, transfers.c.id).where(*inside, before)
    some = sa.select(sa.literal(1)).where(*inside, transfers.c.at < sa.bindparam("until", type_=Instant))
    most = sa.bindparam("most", type_=sa.Integer)
    return _Lane(keys.order_by(transfers.c.at.desc(), transfers.c.id.desc()).limit(most), some.limit(most))


def _is(kind: str) -> sa.ColumnElement[bool]:
    # Written out, not bound: a partial index is taken only for what the statement itself says.
    return transfers.c.kind == sa.literal_column(f"'{kind}'")


_out, _in = _mine == _here, _theirs == _here
_counts, _own = transfers.c.qualifies == sa.true(), transfers.c.qualifies == sa.false()
_neither = transfers.c.qualifies.is_(None)
_sale, _pay, _gift = _is("sale"), _is("pay"), _is("gift")
_no_sale = transfers.c.kind != sa.literal_column("'sale'")
_ByKind = dict[str | None, tuple[_Lane, ...]]


def _bought(spans: int, *to: sa.ColumnElement[bool]) -> _ByKind:
    """Make the lanes of what counts and of what does not, with so many spans in which logged cash does not."""
    if not spans:
        return {COUNTS: (_lane(*to, _counts),), NOT_COUNTING: (_lane(*to, _own),)}
    inside = (
        sa.and_(
            transfers.c.at >= sa.bindparam(f"cashless_{span}", type_=Instant),
            transfers.c.at < sa.bindparam(f"cashless_to_{span}", type_=Instant),
        )
        for span in range(spans)
    )
    left_out = sa.and_(transfers.c.amount_minor == 0, sa.or_(*inside))
    return {
        COUNTS: (_lane(*to, _counts, sa.not_(left_out)),),
        NOT_COUNTING: (_lane(*to, _own), _lane(*to, _counts, left_out)),
    }


@cache
def _everywhere(spans: int) -> _ByKind:
    return {
        None: (_lane(_out), _lane(_in)),
        **_bought(spans, _out, _sale),
        PAY: (_lane(_in, _pay, _no_sale),),
        GIFTS: (_lane(_out, _gift), _lane(_in, _gift, _no_sale)),
    }


def _pairs(there: sa.ColumnElement[int], spans: int) -> dict[bool, _ByKind]:
    """Make the lanes between the wallet and one other account, by whether it is a co-op's or a till's."""
    to, back = (_out, _theirs == there), (_in, _mine == there)
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


def _bundle(lane: _Lane) -> _Lane:
    """Read a lane with each of many accounts at once, as PostgreSQL can; SQLite is as quick one after another."""
    keys, rows, most = lane.keys.lateral(), lane.rows.lateral(), sa.bindparam("most", type_=sa.Integer)
    merged = sa.select(keys.c.at, keys.c.id).select_from(_each).join(keys, sa.true())
    return _Lane(
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


_person = people.alias("person")
_direct = coops.alias("direct")
_at_till = coops.alias("at_till")
_answered = transfers.alias("answered")
_other = sa.case((_out, _theirs), else_=_mine)
_MOVEMENTS: sa.Select[Any] = (
    sa.select(
        transfers.c.id,
        transfers.c.ref,
        transfers.c.at,
        transfers.c.kind,
        sa.case((_out, -transfers.c.amount_minor), else_=transfers.c.amount_minor).label("signed_minor"),
        transfers.c.cash_minor,
        sa.func.coalesce(_at_till.c.name, _direct.c.name, _person.c.name, "").label("other"),
        sa.func.coalesce(_at_till.c.mark, _at_till.c.slug, _direct.c.mark, _direct.c.slug).label("mark"),
        sa.func.coalesce(_answered.c.qualifies, transfers.c.qualifies, sa.false(), type_=sa.Boolean).label("qualifies"),
        transfers.c.share_bp,
        sa.func.coalesce(sale_refunds.c.refunded_minor, 0).label("refunded_minor"),
        sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0).label("cash_refunded_minor"),
        # A refund takes back what its sale had counted, by the charter of the month in which that was.
        sa.func.coalesce(_answered.c.at, transfers.c.at, type_=Instant).label("sold_at"),
        sa.func.coalesce(_answered.c.amount_minor, transfers.c.amount_minor).label("sold_minor"),
    )
    .select_from(transfers)
    .outerjoin(_person, _person.c.account_id == _other)
    .outerjoin(_direct, _direct.c.account_id == _other)
    .outerjoin(tills, tills.c.account_id == _other)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(transfers.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)


def _first(side: sa.ColumnElement[bool]) -> Any:
    return sa.select(transfers.c.at).where(side).order_by(transfers.c.at).limit(1).scalar_subquery()


_owned = people.c.account_id == accounts.c.id
_wallets = (_mine == accounts.c.id, _theirs == accounts.c.id)
_WALLET = (
    sa.select(accounts.c.id, accounts.c.seq, *(_first(side) for side in _wallets))
    .join(people, _owned)
    .where(people.c.handle == sa.bindparam("of_handle"))
)
_COUNTED = (
    sa.select(patronage_months.c.month, sa.func.sum(patronage_months.c.spend_minor))
    .join(people, people.c.id == patronage_months.c.person_id)
    .where(people.c.account_id == _here, patronage_months.c.month.in_(sa.bindparam("months", expanding=True)))
    .group_by(patronage_months.c.month)
)


def wallet(connection: sa.Connection, handle: str) -> Wallet | None:
    """Give the wallet of a person, None for who has none."""
    row = connection.execute(_WALLET, {"of_handle": handle}).first()
    if row is None:
        return None
    first = min((at for at in row[2:] if at is not None), default=None)
    return Wallet(row.id, row.seq, first)


def page(
    connection: sa.Connection,
    account_id: int,
    voted: History,
    narrowing: Narrowing = Narrowing(),
    *,
    before: Cursor = NEWEST,
    most: int = PAGE,
) -> Page:
    """List the movements of a wallet that came before a cursor, the newest first."""
    before = min(before, (narrowing.until, 0))
    asked = {"of_account": account_id, "since": narrowing.since, "most": most + 1}
    asked |= {"before_at": before[0], "before_id": before[1]}
    lanes = (connection.execute(lane.keys, asked | there) for lane, there in _lanes(connection, voted, narrowing))
    keys = nlargest(most + 1, (tuple(row) for lane in lanes for row in lane))
    ids = [key[1] for key in keys[:most]]
    return Page(tuple(_read(connection, account_id, voted, ids)), keys[most - 1] if len(keys) > most else None)


def count(connection: sa.Connection, account_id: int, voted: History, narrowing: Narrowing) -> int | None:
    """Count the movements that a list is narrowed to, None for more than MOST_COUNTED."""
    asked = {"of_account": account_id, "since": narrowing.since, "until": narrowing.until}
    found = 0
    for lane, there in _lanes(connection, voted, narrowing):
        left = MOST_COUNTED + 1 - found
        found += connection.execute(lane.tally, asked | there | {"most": left}).scalar_one()
        if found > MOST_COUNTED:
            return None
    return found


def counted(connection: sa.Connection, account_id: int, months: list[str]) -> dict[str, int]:
    """Read what each of `months` counted towards the pay share: RES and logged cash, net of refunds."""
    rows = connection.execute(_COUNTED, {"of_account": account_id, "months": months})
    return {month: int(minor) for month, minor in rows}


def _read(connection: sa.Connection, account_id: int, voted: History, ids: list[int]) -> Iterator[Movement]:
    if ids:
        for row in connection.execute(_MOVEMENTS, {"of_account": account_id, "ids": ids}).mappings():
            moved = dict(row)
            left_out = is_left_out(moved.pop("sold_minor"), voted.in_month_of(moved.pop("sold_at")))
            yield Movement(**moved, in_cash_alone=left_out)


def _lanes(connection: sa.Connection, voted: History, narrowing: Narrowing) -> Iterator[tuple[_Lane, dict[str, Any]]]:
    spans, asked = 0, dict[str, Any]()
    if narrowing.kind in (COUNTS, NOT_COUNTING):
        for since, until in voted.spans_of("count_logged_cash", 0):
            asked |= {f"cashless_{spans}": since, f"cashless_to_{spans}": until}
            spans += 1
    for lane, there in _asked_for(connection, narrowing, spans):
        yield lane, asked | there


def _asked_for(connection: sa.Connection, narrowing: Narrowing, spans: int) -> Iterator[tuple[_Lane, dict[str, Any]]]:
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
