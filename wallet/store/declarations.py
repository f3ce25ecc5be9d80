"""Declarations: what co-ops own together, as their meetings approved it, and what stood beside it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.period import date_of, day_start
from wallet.domain.unitvalue import Stand, index_hundredths, is_stale, value_hundredths
from wallet.store import circulation, federation, terms
from wallet.store.columns import MICROSECOND
from wallet.store.tables import coop_terms, coops, declarations

_insert = sa.insert(declarations)
_newest = (
    sa.select(declarations.c.coop_id, sa.func.max(declarations.c.id).label("id"))
    .where(declarations.c.declared_at < sa.bindparam("before", type_=declarations.c.declared_at.type))
    .group_by(declarations.c.coop_id)
    .subquery()
)
_declared = sa.select(
    coops.c.slug, coops.c.name, declarations.c.worth_minor, declarations.c.meeting_on, declarations.c.declared_at
).join(coops, coops.c.id == declarations.c.coop_id)
_held = (
    _declared.join(_newest, _newest.c.id == declarations.c.id)
    .where(coops.c.status == "active")
    .order_by(declarations.c.worth_minor.desc(), coops.c.name)
)
_of_coop = _declared.where(coops.c.slug == sa.bindparam("of_slug")).order_by(declarations.c.id.desc())
_any = sa.select(sa.exists(sa.select(declarations.c.id)))
_beside_res = (
    sa.select(declarations.c.declared_at).where(declarations.c.outstanding_minor > 0).order_by(declarations.c.id)
)
_worth_before = (
    sa.select(sa.func.coalesce(sa.func.sum(declarations.c.worth_minor), 0))
    .join(_newest, _newest.c.id == declarations.c.id)
    .join(coop_terms, coop_terms.c.coop_id == declarations.c.coop_id)
    .where(terms.coop_stood)
)
_last_before = (
    sa.select(declarations.c.outstanding_minor, declarations.c.uncovered_minor)
    .where(declarations.c.declared_at < sa.bindparam("before", type_=declarations.c.declared_at.type))
    .order_by(declarations.c.id.desc())
    .limit(1)
)


class Declared(NamedTuple):
    """Hold what a co-op declared, in minor units of cash, with the day of the meeting that approved it."""

    slug: str
    name: str
    worth_minor: int
    meeting_on: date
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Worth:
    """Hold what stands behind the RES: what holds of each co-op with whether it is stale, and all together.

    Units: `value` hundredths of cash for one RES, `index` hundredths against 100.00 on `first_day`; each None where
    there is none.
    """

    declared: tuple[tuple[Declared, bool], ...]
    stand: Stand
    first_day: date | None
    value: int | None
    index: int | None
    cash: str


def declare(connection: sa.Connection, coop_id: int, worth_minor: int, meeting_on: date, now: datetime) -> None:
    """Keep what a co-op declares, beside what is outstanding and uncovered at that moment."""
    row = {
        "coop_id": coop_id,
        "worth_minor": worth_minor,
        "meeting_on": meeting_on.isoformat(),
        "declared_at": now,
        "outstanding_minor": circulation.outstanding(connection),
        "uncovered_minor": sum(each.minor for each in circulation.uncovered(connection)),
    }
    connection.execute(_insert, row)


def held(connection: sa.Connection, now: datetime) -> list[Declared]:
    """List what holds of the active co-ops: of each the newest, the largest first."""
    return _read(connection.execute(_held, {"before": now + MICROSECOND}))


def of_coop(connection: sa.Connection, slug: str) -> list[Declared]:
    """List what the co-op `slug` has declared, the newest first."""
    return _read(connection.execute(_of_coop, {"of_slug": slug}))


def are_any(connection: sa.Connection) -> bool:
    """Tell whether a co-op has ever declared anything."""
    return bool(connection.execute(_any).scalar_one())


def worth(connection: sa.Connection, now: datetime, uncovered_minor: int, outstanding_minor: int) -> Worth | None:
    """Say what co-ops have declared and what that is for each RES; None before the first declaration."""
    if not are_any(connection):
        return None
    zone = federation.zone(connection)
    first, today = first_day(connection, zone), date_of(now, zone)
    found = held(connection, now)
    stand = Stand.of(sum(one.worth_minor for one in found), uncovered_minor, outstanding_minor)
    return Worth(
        tuple((one, is_stale(one.meeting_on, today)) for one in found),
        stand,
        first[0] if first else None,
        value_hundredths(stand),
        index_hundredths(stand, first[1]) if first else None,
        federation.cash(connection),
    )


def first_day(connection: sa.Connection, zone: str) -> tuple[date, Stand] | None:
    """Give the first day on which something was declared, and with its last declaration assets and RES both stood."""
    seen: set[date] = set()
    for at in connection.execute(_beside_res).scalars():
        day = date_of(at, zone)
        if day not in seen:
            seen.add(day)
            stand = _stood(connection, day_start(day + timedelta(days=1), zone))
            if stand.worth_minor > 0 and stand.outstanding_minor > 0:
                return day, stand
    return None


def _stood(connection: sa.Connection, before: datetime) -> Stand:
    outstanding_minor, uncovered_minor = connection.execute(_last_before, {"before": before}).one()
    declared_minor = int(connection.execute(_worth_before, {"before": before, "stood_at": before}).scalar_one())
    return Stand.of(declared_minor, uncovered_minor, outstanding_minor)


def _read(rows: sa.CursorResult[Any]) -> list[Declared]:
    return [
        Declared(row.slug, row.name, row.worth_minor, date.fromisoformat(row.meeting_on), row.declared_at)
        for row in rows
    ]
