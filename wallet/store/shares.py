"""Pay shares: computed once for a month, from what was posted before it, and kept with what they came from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from wallet.domain import payshare
from wallet.domain.charter import Dated
from wallet.domain.payshare import Counted, Estimate, Share
from wallet.store import bulk, patronage
from wallet.store.tables import patronage_months, people, shares
from wallet.store.upserts import claim_row

_keep = claim_row(shares)
_kept_columns = (
    shares.c.month, shares.c.share_bp, shares.c.window_from, shares.c.window_to, shares.c.income_minor,
    shares.c.spend_minor, shares.c.ratio_bp, shares.c.target_bp,
)  # fmt: skip
_counted_columns = (
    patronage_months.c.month,
    patronage_months.c.posted_month,
    patronage_months.c.income_minor,
    patronage_months.c.spend_minor,
)
_kept_of_all = sa.select(shares.c.person_id, *_kept_columns)
_kept_of = sa.select(*_kept_columns).where(shares.c.person_id == sa.bindparam("of_person"))
_kept = sa.select(shares.c.share_bp).where(
    shares.c.person_id == sa.bindparam("of_person"), shares.c.month == sa.bindparam("in_month")
)
_counted_of_all = sa.select(patronage_months.c.person_id, *_counted_columns).order_by(patronage_months.c.person_id)
_counted_of = sa.select(*_counted_columns).where(patronage_months.c.person_id == sa.bindparam("of_person"))
_kept_then = sa.select(shares.c.person_id, shares.c.share_bp).where(shares.c.month == sa.bindparam("in_month"))
_COLUMNS = ("person_id", "charter_version", *(column.name for column in _kept_columns))
_person = sa.select(people.c.id).where(people.c.handle == sa.bindparam("of_handle"))


# The ids of many people, as a query.
Among = sa.Select[tuple[int]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Hold a person's shares from the month of the first pay to this one, and the next as far as it can be told."""

    history: tuple[Share, ...]
    next: Estimate

    @property
    def now(self) -> Share:
        """Give this month's share."""
        return self.history[-1]


def settle(connection: sa.Connection, person_id: int, month: str, dated: Dated) -> int:
    """Give the share at which a person is paid in `month`, computed and kept the first time that it is asked for.

    The caller holds the person's wallet locked, so that nothing is counted meanwhile.
    """
    kept = connection.execute(_kept, {"of_person": person_id, "in_month": month}).scalar()
    if kept is not None:
        return int(kept)
    # Who was never paid before is paid for the first time now, at the floor.
    found = history(connection, person_id, month, dated) or [Share(month, dated.of_month(month).floor_bp)]
    # A frozen month is the one before over again: only where it paid is it kept.
    kept_now = [share for share in found if share.month == month or not share.is_frozen]
    rows = [
        {"person_id": person_id, "charter_version": dated.of_month(share.month).version} | asdict(share)
        for share in kept_now
    ]
    connection.execute(_keep, rows)
    return found[-1].share_bp


def settle_all(connection: sa.Connection, among: Among, month: str, dated: Dated, *, first: bool) -> None:
    """Compute and keep the share of `month` of those among many people for whom it is not kept yet.

    With `first` they are paid now, and who was never paid before is paid at the floor; else nothing is kept of these.
    The caller holds their wallets locked, so that nothing is counted meanwhile.
    """
    rows = []
    for person_id, found in _open(connection, among, month, dated):
        if not found and first:
            found = [Share(month, dated.of_month(month).floor_bp)]
        kept_now = [one for one in found if one.month == month or not one.is_frozen]
        rows += [(person_id, dated.of_month(one.month).version, *astuple(one)) for one in kept_now]
    bulk.load(connection, shares, _COLUMNS, rows)


def in_month(connection: sa.Connection, among: Among, month: str, dated: Dated) -> dict[int, int]:
    """Give the share of `month` of each among many people; whoever was never paid begins at the floor."""
    kept = connection.execute(_kept_then.where(shares.c.person_id.in_(among)), {"in_month": month})
    found = {row.person_id: int(row.share_bp) for row in kept}
    for person_id, walked in _open(connection, among, month, dated):
        found[person_id] = walked[-1].share_bp if walked else dated.of_month(month).floor_bp
    return found


def history(connection: sa.Connection, person_id: int, last: str, dated: Dated) -> list[Share]:
    """Give a person's share of every month from the first pay to `last`: as kept, else as it comes to."""
    return payshare.walk(_rows(connection, person_id), last, dated, _known(connection, person_id))


def outlook(connection: sa.Connection, handle: str, month: str, dated: Dated) -> Outlook | None:
    """Give the shares of the person `handle` up to `month`; None before the first pay."""
    person_id = connection.execute(_person, {"of_handle": handle}).scalar()
    if person_id is None:
        return None
    rows = _rows(connection, person_id)
    found = payshare.walk(rows, month, dated, _known(connection, person_id))
    if not found:
        return None
    return Outlook(tuple(found), payshare.estimate(rows, found[-1], found[0].month, dated))


def moved_by(
    connection: sa.Connection, handle: str, month: str, dated: Dated, spend_minor: int
) -> tuple[Outlook, Estimate] | None:
    """Give a person's shares, and what the next would be without `spend_minor` that counted in `month`.

    None before the first pay.
    """
    mine = outlook(connection, handle, month, dated)
    if mine is None:
        return None
    person_id = connection.execute(_person, {"of_handle": handle}).scalar_one()
    rows = [*_rows(connection, person_id), Counted(month, month, spend_minor=-spend_minor)]
    return mine, payshare.estimate(rows, mine.now, mine.history[0].month, dated)


def of_all(connection: sa.Connection, last: str, dated: Dated) -> dict[int, dict[str, int]]:
    """Give everybody's share of every month from the first pay to `last`, by person and month."""
    kept: dict[int, dict[str, Share]] = defaultdict(dict)
    for person_id, *row in connection.execute(_kept_of_all):
        kept[person_id][row[0]] = Share(*row)
    found = {}
    for person_id, rows in groupby(connection.execute(_counted_of_all), lambda row: row[0]):
        walked = payshare.walk((_counted(row[1:]) for row in rows), last, dated, kept.get(person_id))
        found[person_id] = {share.month: share.share_bp for share in walked}
    return found


def _open(connection: sa.Connection, among: Among, month: str, dated: Dated) -> Iterator[tuple[int, list[Share]]]:
    """Work out the shares up to `month`, from the newest kept one on, of those whose share of it is not kept.

    Of who is here for long only the last year before that one is read.
    """
    newest = sa.select(sa.func.max(shares.c.month)).where(shares.c.person_id == people.c.id, shares.c.month < month)
    kept_then = sa.exists().where(shares.c.person_id == people.c.id, shares.c.month == month)
    still = (
        sa.select(people.c.id.label("person_id"), newest.scalar_subquery().label("newest"))
        .where(people.c.id.in_(among), ~kept_then)
        .cte("still")
        # Else the newest is looked up for each row that it is compared with.
        .prefix_with("MATERIALIZED")
    )
    same = patronage_months.c.person_id == still.c.person_id
    since = sa.func.coalesce(_a_year_before(still.c.newest), "")
    counted: dict[int, list[Counted]] = defaultdict(list)
    read = sa.select(still.c.person_id, *_counted_columns).select_from(still).join(patronage_months, same)
    for person_id, *row in connection.execute(read.where(patronage_months.c.month >= since)):
        counted[person_id].append(_counted(row))
    last_kept = sa.and_(shares.c.person_id == still.c.person_id, shares.c.month == still.c.newest)
    whose = sa.select(still.c.person_id, patronage.first_pay(still.c.person_id), *_kept_columns)
    for person_id, first_pay, *kept in connection.execute(whose.select_from(still).outerjoin(shares, last_kept)):
        rows = counted[person_id]
        if kept[0] is None or first_pay is None or first_pay > kept[0]:
            yield person_id, payshare.walk(rows, month, dated)
        else:
            yield person_id, payshare.walk_on(rows, first_pay, Share(*kept), month, dated)


def _a_year_before(month: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    year = sa.cast(sa.func.substr(month, 1, 4), sa.Integer) - 1
    return sa.cast(year, sa.Text) + sa.func.substr(month, 5)


def _rows(connection: sa.Connection, person_id: int) -> list[Counted]:
    return [_counted(row) for row in connection.execute(_counted_of, {"of_person": person_id})]


def _counted(row: Iterable[Any]) -> Counted:
    month, posted_month, income, spend = row
    return Counted(month, posted_month, int(income), int(spend))


def _known(connection: sa.Connection, person_id: int) -> dict[str, Share]:
    rows = connection.execute(_kept_of, {"of_person": person_id})
    return {row.month: Share(*row) for row in rows}
