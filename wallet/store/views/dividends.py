"""Dividends as people look at them: runs with what they come to, a member's own line, and what a period would bring."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.dividend import Counts
from wallet.errors import refuse
from wallet.store.ownset import in_work
from wallet.store.tables import accounts, dividend_lines, dividend_runs, people

_first, _second = people.alias("first"), people.alias("second")
_total = dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor


def _runs(lines: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Ask for runs with what their lines come to, of which only these are summed."""
    sums = (
        sa.select(
            dividend_lines.c.run_id,
            sa.func.count().label("members"),
            sa.func.count(dividend_lines.c.ref).label("paid"),
            sa.func.sum(_total).label("given_minor"),
            sa.func.sum(dividend_lines.c.basis_minor).label("basis_minor"),
            sa.func.sum(dividend_lines.c.new_minutes).label("new_minutes"),
        )
        .where(lines)
        .group_by(dividend_lines.c.run_id)
        .subquery()
    )
    return sa.select(
        dividend_runs.c.id,
        dividend_runs.c.label,
        dividend_runs.c.ends_on,
        dividend_runs.c.cutoff_at,
        dividend_runs.c.pot_minor,
        dividend_runs.c.history_minor,
        dividend_runs.c.months,
        dividend_runs.c.sunset_months,
        dividend_runs.c.state,
        dividend_runs.c.drafted_at,
        dividend_runs.c.approved_at,
        dividend_runs.c.closed_at,
        _first.c.handle.label("drafted_by"),
        _first.c.name.label("drafted_by_name"),
        _second.c.name.label("approved_by_name"),
        sa.func.coalesce(sums.c.members, 0),
        sa.func.coalesce(sums.c.paid, 0),
        sa.func.coalesce(sums.c.given_minor, 0),
        sa.func.coalesce(sums.c.basis_minor, 0),
        sa.func.coalesce(sums.c.new_minutes, 0),
    ).select_from(
        dividend_runs.outerjoin(sums, sums.c.run_id == dividend_runs.c.id)
        .outerjoin(_first, _first.c.id == dividend_runs.c.drafted_by)
        .outerjoin(_second, _second.c.id == dividend_runs.c.approved_by)
    )


_all_runs = _runs(sa.true()).where(dividend_runs.c.state != "withdrawn").order_by(dividend_runs.c.id.desc())
_of_run = sa.bindparam("of_run", type_=sa.BigInteger)
_one_run = _runs(dividend_lines.c.run_id == _of_run).where(dividend_runs.c.id == _of_run)
_draft = sa.select(dividend_runs.c.id).where(dividend_runs.c.state == "draft")
_statements = (
    sa.select(dividend_runs.c.id, dividend_runs.c.label, dividend_runs.c.closed_at, _total.label("minor"))
    .select_from(
        dividend_lines.join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id).join(
            people, people.c.id == dividend_lines.c.person_id
        )
    )
    .where(people.c.handle == sa.bindparam("of_handle"), dividend_runs.c.state == "posted")
    .order_by(dividend_runs.c.id.desc())
)
_line_of = sa.exists(
    sa.select(sa.literal(1))
    .select_from(dividend_lines.join(people, people.c.id == dividend_lines.c.person_id))
    .where(people.c.handle == sa.bindparam("of_handle"), dividend_lines.c.run_id == dividend_runs.c.id)
)
_without = (
    sa.select(dividend_runs.c.id, dividend_runs.c.label, dividend_runs.c.closed_at, sa.null().label("minor"))
    .where(dividend_runs.c.state == "posted", ~_line_of)
    .order_by(dividend_runs.c.id.desc())
)
_behind = (
    sa.select(dividend_runs.c.id, dividend_runs.c.label, dividend_runs.c.closed_at, _total)
    .join(dividend_lines, dividend_lines.c.run_id == dividend_runs.c.id)
    .where(dividend_lines.c.ref == sa.bindparam("of_ref"))
)
_mine = (
    sa.select(
        dividend_lines.c.run_id,
        dividend_lines.c.basis_minor,
        dividend_lines.c.minutes,
        dividend_lines.c.new_minutes,
        dividend_lines.c.by_basis_minor,
        dividend_lines.c.by_hours_minor,
        dividend_lines.c.ref,
    )
    .join(people, people.c.id == dividend_lines.c.person_id)
    .where(people.c.handle == sa.bindparam("of_handle"), dividend_lines.c.run_id == sa.bindparam("of_run"))
)
_lines = (
    sa.select(
        people.c.handle,
        people.c.name,
        dividend_lines.c.basis_minor,
        dividend_lines.c.new_minutes,
        dividend_lines.c.by_basis_minor,
        dividend_lines.c.by_hours_minor,
        _total,
        dividend_lines.c.ref,
    )
    .join(people, people.c.id == dividend_lines.c.person_id)
    .where(dividend_lines.c.run_id == sa.bindparam("of_run"))
    .order_by(people.c.handle)
)
# What everybody who works at an active co-op now would count with, if a period ended now.
_counted = (
    sa.select(sa.func.max(dividend_lines.c.minutes))
    .join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id)
    # A draft counts as if it were paid already: what it shares out is not shared out a second time.
    .where(dividend_runs.c.state.in_(("posted", "draft")), dividend_lines.c.person_id == people.c.id)
    .correlate(people)
    .scalar_subquery()
)
_fresh = accounts.c.qualified_minutes - sa.func.coalesce(_counted, 0)
_weights = (
    sa.select(accounts.c.basis_minor, sa.case((_fresh > 0, _fresh), else_=sa.literal(0)).label("new_minutes"))
    .select_from(people.join(accounts, accounts.c.id == people.c.account_id))
    .where(accounts.c.basis_minor > 0, in_work(people.c.id))
)
_each = _weights.subquery()
_all_weights = sa.select(
    sa.func.coalesce(sa.func.sum(_each.c.basis_minor), 0), sa.func.coalesce(sa.func.sum(_each.c.new_minutes), 0)
)
_my_weight = _weights.where(people.c.handle == sa.bindparam("of_handle"))


@dataclass(frozen=True, slots=True)
class DividendRun:
    """Hold a run and what its lines come to; nobody drafted one that a history brought in."""

    id: int
    label: str
    ends_on: date
    cutoff_at: datetime
    pot_minor: int
    history_minor: int
    months: int
    sunset_months: int
    state: str
    drafted_at: datetime
    approved_at: datetime | None
    closed_at: datetime | None
    drafted_by: str | None
    drafted_by_name: str | None
    approved_by_name: str | None
    members: int
    paid: int
    given_minor: int
    basis_minor: int
    new_minutes: int

    @property
    def hours_minor(self) -> int:
        """Give what of the pot goes by hours."""
        return self.pot_minor - self.history_minor

    @property
    def month(self) -> int:
        """Tell in which month until the sunset its period ended: once that has come, in the last."""
        return min(self.months, self.sunset_months)


@dataclass(frozen=True, slots=True)
class DividendLine:
    """Hold a member's own line of a run."""

    run_id: int
    basis_minor: int
    minutes: int
    new_minutes: int
    by_basis_minor: int
    by_hours_minor: int
    ref: str | None

    @property
    def total_minor(self) -> int:
        """Give both parts together."""
        return self.by_basis_minor + self.by_hours_minor


@dataclass(frozen=True, slots=True)
class DividendStatement:
    """Hold what a posted run gave a member; None who has no line in it."""

    run_id: int
    label: str
    closed_at: datetime
    total_minor: int | None


def runs(connection: sa.Connection) -> list[DividendRun]:
    """List the runs that stand, the newest first."""
    return [_run(row) for row in connection.execute(_all_runs)]


def known(connection: sa.Connection, run_id: int) -> DividendRun:
    """Give the run with this key, also one that was withdrawn.

    Raises: Refusal unknown_page.
    """
    row = connection.execute(_one_run, {"of_run": run_id}).first()
    if row is None:
        raise refuse("unknown_page")
    return _run(row)


def _run(row: Any) -> DividendRun:
    key, label, ends_on, *others = row
    return DividendRun(key, label, date.fromisoformat(ends_on), *others[:-5], *map(int, others[-5:]))


def draft(connection: sa.Connection) -> DividendRun | None:
    """Give the run that waits, if one does."""
    found = connection.execute(_draft).scalar()
    return None if found is None else known(connection, found)


def line_of(connection: sa.Connection, run_id: int, handle: str) -> DividendLine | None:
    """Give a person's own line of a run, if they have one."""
    row = connection.execute(_mine, {"of_run": run_id, "of_handle": handle}).first()
    return None if row is None else DividendLine(*row)


def statements(connection: sa.Connection, handle: str) -> list[DividendStatement]:
    """List what the posted runs gave a person, the newest first."""
    return [DividendStatement(*row) for row in connection.execute(_statements, {"of_handle": handle})]


def without(connection: sa.Connection, handle: str) -> list[DividendStatement]:
    """List the posted runs in which a person has no line, the newest first."""
    return [DividendStatement(*row) for row in connection.execute(_without, {"of_handle": handle})]


def behind(connection: sa.Connection, ref: str) -> DividendStatement | None:
    """Give the statement behind a receipt, if it is a dividend's."""
    row = connection.execute(_behind, {"of_ref": ref}).first()
    return None if row is None else DividendStatement(*row)


def lines(connection: sa.Connection, run_id: int) -> list[tuple[Any, ...]]:
    """List a run's lines: handle, name, basis, new minutes, both parts, total, and the transfer's ref."""
    return [tuple(row) for row in connection.execute(_lines, {"of_run": run_id})]


def counts_of(connection: sa.Connection, handle: str) -> Counts:
    """Tell what a person would count with if a period ended now, after a draft that waits: nothing if not eligible."""
    return Counts(*(connection.execute(_my_weight, {"of_handle": handle}).first() or (0, 0)))


def counts_of_all(connection: sa.Connection) -> Counts:
    """Tell what all who would be eligible now would count with together, after a draft that waits."""
    return Counts(*map(int, connection.execute(_all_weights).one()))
