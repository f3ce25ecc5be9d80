"""Dividend lines: what everybody counts with on a cut, and what of the pot then comes to them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain import dividend
from wallet.domain.dividend import Clock, Weight
from wallet.domain.period import day_start, month_start
from wallet.store import bulk, dividend_split, terms
from wallet.store.engine import is_postgresql
from wallet.store.ledger import new_ref
from wallet.store.tables import accounts, basis_months, dividend_lines, dividend_runs, people, transfers

LINE = (
    "run_id", "person_id", "basis_minor", "minutes", "new_minutes", "by_basis_minor", "by_hours_minor", "ref",
)  # fmt: skip

_instant = transfers.c.at.type
_ends_at = sa.bindparam("ends_at", type_=_instant)
_month: sa.BindParameter[str] = sa.bindparam("in_month", type_=sa.Text)
_sale, _refund = transfers.alias("sale"), transfers.alias("refund")


def _moves(person: Any, basis: Any, minutes: Any, sign: int = 1) -> sa.Select[Any]:
    return sa.select(person.label("person_id"), (sign * basis).label("basis_minor"), (sign * minutes).label("minutes"))


# Of what a wallet has circulated in all its life, the month in which the period ends and the later ones are taken off
# again: their running rows, from which refunds are taken off at once. It takes no longer for the years before.
_after = _moves(basis_months.c.person_id, basis_months.c.basis_minor, basis_months.c.minutes, -1).where(
    basis_months.c.month >= _month
)
# Refunds that came too late for the cut: of sales before the period's end, given back at the cut-off or after.
_late = (
    _moves(people.c.id, _refund.c.basis_minor, _refund.c.basis_minutes)
    .select_from(
        _refund.join(_sale, _sale.c.id == _refund.c.answers_id).join(people, people.c.account_id == _refund.c.credit_id)
    )
    .where(_refund.c.kind == "refund", _refund.c.at >= sa.bindparam("cutoff_at", type_=_instant), _sale.c.at < _ends_at)
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
_sold = _moves(people.c.id, _sale.c.basis_minor, _sale.c.basis_minutes).select_from(_of_broken).where(*_in_broken)
_given_back = (
    _moves(people.c.id, _refund.c.basis_minor, _refund.c.basis_minutes, -1)
    .select_from(_of_broken.join(_refund, _refund.c.answers_id == _sale.c.id))
    .where(*_in_broken)
)
_counted = (
    sa.select(dividend_lines.c.person_id, sa.func.max(dividend_lines.c.minutes).label("minutes"))
    .join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id)
    .where(dividend_runs.c.state == "posted")
    .group_by(dividend_lines.c.person_id)
    .subquery("counted")
)


def _weighed(*parts: sa.Select[Any]) -> sa.Select[Any]:
    """Make the one statement that gives what each who is eligible counts with, and the minutes counted before."""
    each = sa.union_all(*parts).subquery()
    sums = (sa.cast(sa.func.sum(each.c[name]), sa.BigInteger).label(name) for name in ("basis_minor", "minutes"))
    moved = sa.select(each.c.person_id, *sums).group_by(each.c.person_id).subquery("moved")
    basis = (accounts.c.basis_minor + sa.func.coalesce(moved.c.basis_minor, 0)).label("basis_minor")
    minutes = (accounts.c.qualified_minutes + sa.func.coalesce(moved.c.minutes, 0)).label("minutes")
    counted = sa.func.coalesce(_counted.c.minutes, 0).label("counted_minutes")
    return (
        sa.select(people.c.id.label("person_id"), people.c.handle, basis, minutes, counted)
        .select_from(
            people.join(accounts, accounts.c.id == people.c.account_id)
            .outerjoin(moved, moved.c.person_id == people.c.id)
            .outerjoin(_counted, _counted.c.person_id == people.c.id)
        )
        .where(people.c.id.in_(terms.active_people), basis > 0)
    )


_on_whole_months = _weighed(_after, _late)
_within_a_month = _weighed(_after, _late, _sold, _given_back)


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold up to when sales count, and up to when refunds do, for the run of a period that ends `ends_on`."""

    ends_on: date
    cutoff_at: datetime
    zone: str

    def weighed(self) -> tuple[sa.Select[Any], dict[str, Any]]:
        """Give the statement that weighs everybody on this cut, and what it is asked with."""
        month = self.ends_on.isoformat()[:7]
        ends_at = day_start(self.ends_on, self.zone)
        asked = {"in_month": month, "ends_at": ends_at, "cutoff_at": self.cutoff_at, "stood_at": ends_at}
        if self.ends_on.day == 1:
            return _on_whole_months, asked
        return _within_a_month, asked | {"month_at": month_start(month, self.zone)}


def keep(connection: sa.Connection, run_id: int, cut: Cut, pot_minor: int, label: str, clock: Clock) -> None:
    """Split the pot of a run on its cut, and keep the line of everybody who is eligible.

    Source: docs/dividend.md
    """
    statement, asked = cut.weighed()
    if is_postgresql(connection):
        dividend_split.split(connection, statement, asked, pot_minor, label, clock)
        dividend_split.keep(connection, run_id)
        return
    weights, persons = {}, {}
    for person, handle, basis, minutes, counted in connection.execute(statement, asked):
        weights[handle] = Weight(basis, minutes, dividend.new_minutes(minutes, counted))
        persons[handle] = person
    came = dividend.split(pot_minor, weights, label, clock)
    rows = []
    for handle, weight in weights.items():
        by_basis, by_hours = came.by_basis.get(handle, 0), came.by_hours.get(handle, 0)
        figures = (weight.basis_minor, weight.minutes, weight.new_minutes, by_basis, by_hours)
        rows.append((run_id, persons[handle], *figures, new_ref() if by_basis + by_hours else None))
    bulk.load(connection, dividend_lines, LINE, rows)
