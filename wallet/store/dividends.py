"""Dividend runs: drafted, approved, posted or withdrawn, and what they gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from wallet.domain.dividend import Clock
from wallet.errors import refuse
from wallet.store.tables import dividend_lines, dividend_runs, people

# Where a draft is approved; there is one at a time.
PAGE = "/federation/dividend"

_instant = dividend_runs.c.cutoff_at.type
_posted = dividend_runs.c.state == "posted"
_last_end = sa.select(sa.func.max(dividend_runs.c.ends_on)).where(_posted)
_ends = sa.select(dividend_runs.c.ends_on).where(_posted).order_by(dividend_runs.c.ends_on)
_named = sa.select(dividend_runs.c.id).where(dividend_runs.c.label == sa.bindparam("of_label"), _posted)
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
_withdraw_of = (
    sa.update(dividend_runs)
    .where(
        dividend_runs.c.state == "draft",
        dividend_runs.c.drafted_by == sa.bindparam("of_person"),
        dividend_runs.c.approved_by.is_(None),
    )
    .values(state="withdrawn", closed_at=sa.bindparam("now", type_=_instant))
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
_paid = (
    sa.select(sa.func.count())
    .select_from(dividend_lines)
    .where(dividend_lines.c.run_id == sa.bindparam("of_run"), dividend_lines.c.ref.is_not(None))
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


def last_end(connection: sa.Connection) -> date | None:
    """Give the day on which the last posted period ended."""
    found = connection.execute(_last_end).scalar()
    return None if found is None else date.fromisoformat(found)


def ends(connection: sa.Connection) -> list[date]:
    """List the days on which posted periods ended, the earliest first."""
    return [date.fromisoformat(found) for found in connection.execute(_ends).scalars()]


def is_posted(connection: sa.Connection, label: str) -> bool:
    """Tell whether the dividend of the period `label` was posted."""
    return connection.execute(_named, {"of_label": label}).first() is not None


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


def withdraw_of(connection: sa.Connection, person_id: int, now: datetime) -> bool:
    """Withdraw the draft that a person made and nobody has approved; tell whether there was one."""
    return connection.execute(_withdraw_of, {"of_person": person_id, "now": now}).rowcount == 1


def close(connection: sa.Connection, run_id: int, seen_since: datetime, now: datetime) -> bool:
    """Call an approved draft posted that everybody could see since then; tell whether it was one."""
    return connection.execute(_post, {"of_run": run_id, "seen_since": seen_since, "now": now}).rowcount == 1


def paid(connection: sa.Connection, run_id: int) -> int:
    """Tell how many members a run pays."""
    return int(connection.execute(_paid, {"of_run": run_id}).scalar_one())


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
