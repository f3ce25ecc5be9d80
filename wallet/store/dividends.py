"""Dividend runs: what everybody counts with on a cut, and the runs with their lines as they were kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from wallet.domain import dividend
from wallet.domain.dividend import Clock, Split, Weight
from wallet.domain.period import day_start, month_start
from wallet.errors import refuse
from wallet.store import bulk, terms
from wallet.store.tables import basis_months, dividend_lines, dividend_runs, people, transfers

LINE = (
    "run_id", "person_id", "basis_minor", "minutes", "new_minutes", "by_basis_minor", "by_hours_minor", "ref",
)  # fmt: skip

_instant = transfers.c.at.type
_ends_at = sa.bindparam("ends_at", type_=_instant)
_month: sa.BindParameter[str] = sa.bindparam("in_month", type_=sa.Text)
# Whole months before the one in which the period ends: running rows, from which refunds are taken off at once.
_whole = (
    sa.select(
        basis_months.c.person_id,
        sa.func.sum(basis_months.c.basis_minor).label("basis_minor"),
        sa.func.sum(basis_months.c.minutes).label("minutes"),
    )
    .where(basis_months.c.month < _month)
    .group_by(basis_months.c.person_id)
    .subquery()
)
_active = (
    sa.select(people.c.id, people.c.handle, _whole.c.basis_minor, _whole.c.minutes)
    .outerjoin(_whole, _whole.c.person_id == people.c.id)
    .where(people.c.id.in_(terms.active_people))
    .order_by(people.c.id)
)
_sale, _refund = transfers.alias("sale"), transfers.alias("refund")
# Refunds that came too late for the cut: of sales before the period's end, given back at the cut-off or after.
_late = (
    sa.select(people.c.id, sa.func.sum(_refund.c.basis_minor), sa.func.sum(_refund.c.basis_minutes))
    .select_from(
        _refund.join(_sale, _sale.c.id == _refund.c.answers_id).join(people, people.c.account_id == _refund.c.credit_id)
    )
    .where(_refund.c.kind == "refund", _refund.c.at >= sa.bindparam("cutoff_at", type_=_instant), _sale.c.at < _ends_at)
    .group_by(people.c.id)
)
# The days of the month in which the period ends, less what was given back of them until now.
_in_broken = (
    basis_months.c.month == _month,
    _sale.c.kind == "sale",
    _sale.c.at >= sa.bindparam("month_at", type_=_instant),
    _sale.c.at < _ends_at,
)
_of_broken = basis_months.join(people, people.c.id == basis_months.c.person_id).join(
    _sale, _sale.c.debit_id == people.c.account_id
)
_sold = (
    sa.select(people.c.id, sa.func.sum(_sale.c.basis_minor), sa.func.sum(_sale.c.basis_minutes))
    .select_from(_of_broken)
    .where(*_in_broken)
    .group_by(people.c.id)
)
_given_back = (
    sa.select(people.c.id, -sa.func.sum(_refund.c.basis_minor), -sa.func.sum(_refund.c.basis_minutes))
    .select_from(_of_broken.join(_refund, _refund.c.answers_id == _sale.c.id))
    .where(*_in_broken)
    .group_by(people.c.id)
)
_posted = dividend_runs.c.state == "posted"
_last_end = sa.select(sa.func.max(dividend_runs.c.ends_on)).where(_posted)
_ends = sa.select(dividend_runs.c.ends_on).where(_posted).order_by(dividend_runs.c.ends_on)
_counted = (
    sa.select(dividend_lines.c.person_id, sa.func.max(dividend_lines.c.minutes))
    .join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id)
    .where(_posted)
    .group_by(dividend_lines.c.person_id)
)
_open = sa.select(dividend_runs).where(dividend_runs.c.state == "draft")
_waits = sa.and_(dividend_runs.c.id == sa.bindparam("of_run"), dividend_runs.c.state == "draft")
_approve = (
    sa.update(dividend_runs)
    .where(_waits, dividend_runs.c.approved_by.is_(None), dividend_runs.c.drafted_by != sa.bindparam("to_person"))
    .values(approved_by=sa.bindparam("to_person"), approved_at=sa.bindparam("now", type_=_instant))
)
_withdraw = (
    sa.update(dividend_runs).where(_waits).values(state="withdrawn", closed_at=sa.bindparam("now", type_=_instant))
)
_post = (
    sa.update(dividend_runs)
    .where(
        _waits,
        dividend_runs.c.approved_by.is_not(None),
        dividend_runs.c.drafted_at <= sa.bindparam("seen_since", type_=_instant),
    )
    .values(state="posted", closed_at=sa.bindparam("now", type_=_instant))
)
_insert_run = sa.insert(dividend_runs).returning(dividend_runs.c.id)
_all_lines = (
    sa.select(dividend_runs.c.label, people.c.handle, dividend_lines.c.by_basis_minor, dividend_lines.c.by_hours_minor)
    .join(dividend_lines, dividend_lines.c.run_id == dividend_runs.c.id, isouter=True)
    .join(people, people.c.id == dividend_lines.c.person_id, isouter=True)
    .where(_posted)
    .order_by(dividend_runs.c.id, people.c.handle)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a run that is not posted yet; `drafted_by` and `approved_by` are keys of people."""

    id: int
    label: str
    ends_on: date
    cutoff_at: datetime
    pot_minor: int
    drafted_by: int
    drafted_at: datetime
    approved_by: int | None


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold whom a run is for: the weight of each who is eligible, by handle, and their keys."""

    weights: dict[str, Weight]
    people: dict[str, int]


def last_end(connection: sa.Connection) -> date | None:
    """Give the day on which the last posted period ended."""
    found = connection.execute(_last_end).scalar()
    return None if found is None else date.fromisoformat(found)


def ends(connection: sa.Connection) -> list[date]:
    """List the days on which posted periods ended, the earliest first."""
    return [date.fromisoformat(found) for found in connection.execute(_ends).scalars()]


def cut(connection: sa.Connection, ends_on: date, cutoff_at: datetime, zone: str) -> Cut:
    """Read what everybody who is eligible counts with in the period that ends `ends_on`.

    Source: docs/dividend.md
    """
    month = ends_on.isoformat()[:7]
    asked = {"in_month": month, "ends_at": day_start(ends_on, zone), "cutoff_at": cutoff_at}
    more: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    _add(more, connection.execute(_late, {name: asked[name] for name in ("ends_at", "cutoff_at")}))
    if ends_on.day > 1:
        broken = {"in_month": month, "ends_at": asked["ends_at"], "month_at": month_start(month, zone)}
        _add(more, connection.execute(_sold, broken))
        _add(more, connection.execute(_given_back, broken))
    counted = {person: int(minutes) for person, minutes in connection.execute(_counted)}
    found = Cut({}, {})
    active = {"in_month": month, "stood_at": asked["ends_at"]}
    for person, handle, basis, minutes in connection.execute(_active, active):
        beside = more.get(person, (0, 0))
        basis, minutes = int(basis or 0) + beside[0], int(minutes or 0) + beside[1]
        if basis > 0:
            found.weights[handle] = Weight(basis, minutes, dividend.new_minutes(minutes, counted.get(person, 0)))
            found.people[handle] = person
    return found


def _add(more: dict[int, list[int]], rows: Iterable[Any]) -> None:
    for person, basis, minutes in rows:
        more[person][0] += int(basis or 0)
        more[person][1] += int(minutes or 0)


def draft(connection: sa.Connection) -> Draft | None:
    """Give the run that waits to be posted; there is one at a time."""
    row = connection.execute(_open).first()
    if row is None:
        return None
    ends_on = date.fromisoformat(row.ends_on)
    return Draft(
        row.id, row.label, ends_on, row.cutoff_at, row.pot_minor, row.drafted_by, row.drafted_at, row.approved_by
    )


def approve(connection: sa.Connection, run_id: int, person_id: int, now: datetime) -> bool:
    """Let a second person approve a draft; tell whether it waited for them."""
    return connection.execute(_approve, {"of_run": run_id, "to_person": person_id, "now": now}).rowcount == 1


def withdraw(connection: sa.Connection, run_id: int, now: datetime) -> bool:
    """Withdraw a draft; tell whether it was one."""
    return connection.execute(_withdraw, {"of_run": run_id, "now": now}).rowcount == 1


def close(connection: sa.Connection, run_id: int, seen_since: datetime, now: datetime) -> bool:
    """Call an approved draft posted that everybody could see since then; tell whether it was one."""
    return connection.execute(_post, {"of_run": run_id, "seen_since": seen_since, "now": now}).rowcount == 1


def keep_run(connection: sa.Connection, row: Mapping[str, Any], clock: Clock) -> int:
    """Keep a run and the clock that it goes by; give its key.

    Raises: Refusal already_waiting, when another of this period stands.
    """
    figures = {
        "history_minor": clock.by_basis(row["pot_minor"]),
        "months": clock.months,
        "sunset_months": clock.sunset_months,
    }
    try:
        with connection.begin_nested():
            return int(connection.execute(_insert_run, dict(row) | figures).scalar_one())
    except exc.IntegrityError:
        raise refuse("already_waiting") from None


def keep_lines(connection: sa.Connection, run_id: int, found: Cut, came: Split, refs: Iterable[str]) -> None:
    """Keep the line of everybody who is eligible; who gets something gets one of the `refs`."""
    drawn = iter(refs)
    rows = []
    for handle, weight in found.weights.items():
        by_basis, by_hours = came.by_basis.get(handle, 0), came.by_hours.get(handle, 0)
        ref = next(drawn) if by_basis + by_hours else None
        figures = (weight.basis_minor, weight.minutes, weight.new_minutes, by_basis, by_hours)
        rows.append((run_id, found.people[handle], *figures, ref))
    bulk.load(connection, dividend_lines, LINE, rows)


def of_all(connection: sa.Connection) -> dict[str, dict[str, dict[str, int]]]:
    """Give what every posted run gave to whom: by label, then part and handle."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for label, handle, by_basis, by_hours in connection.execute(_all_lines):
        run = found.setdefault(label, {"by_basis": {}, "by_hours": {}, "total": {}})
        for part, minor in (("by_basis", by_basis), ("by_hours", by_hours)):
            if minor:
                run[part][handle] = minor
                run["total"][handle] = run["total"].get(handle, 0) + minor
    return found
