"""Dividend lines: what everybody counts with on a cut, and what of the pot then comes to them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from wallet.domain.dividend import Clock
from wallet.domain.period import day_start, month_of, month_start
from wallet.store import bulk, dividend_split, terms
from wallet.store.bulk import Figures
from wallet.store.columns import micros
from wallet.store.dividend_split import Weights
from wallet.store.ledger import new_ref
from wallet.store.tables import accounts, basis_months, dividend_lines, dividend_runs, people, transfers

LINE = (
    "run_id", "person_id", "basis_minor", "minutes", "new_minutes", "by_basis_minor", "by_hours_minor", "ref",
)  # fmt: skip

_instant = transfers.c.at.type
_ends_at = sa.bindparam("ends_at", type_=_instant)
_month: sa.BindParameter[str] = sa.bindparam("in_month", type_=sa.Text)
_sale, _refund = transfers.alias("sale"), transfers.alias("refund")


def _moves(person: sa.ColumnElement[int], moved: Any) -> sa.Select[Any]:
    """Select what transfers moved of a person's basis and minutes; what does not qualify moved nothing."""
    return sa.select(person, *(sa.func.coalesce(figure, 0) for figure in (moved.c.basis_minor, moved.c.basis_minutes)))


_owners = sa.select(people.c.account_id, people.c.id).where(people.c.account_id.is_not(None))
# What a wallet has circulated in all its life, until now.
_until_now = sa.select(accounts.c.id, accounts.c.basis_minor, accounts.c.qualified_minutes).where(
    accounts.c.kind == "wallet"
)
# The month in which the period ends and the later ones are taken off again: their running rows, from which refunds are
# taken off at once. It takes no longer for the years before.
_after = sa.select(basis_months.c.person_id, basis_months.c.basis_minor, basis_months.c.minutes).where(
    basis_months.c.month >= _month
)
# Refunds that came too late for the cut: of sales before the period's end, given back at the cut-off or after.
_late = (
    _moves(people.c.id, _refund)
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
_sold = _moves(people.c.id, _sale).select_from(_of_broken).where(*_in_broken)
_given_back = (
    _moves(people.c.id, _refund)
    .select_from(_of_broken.join(_refund, _refund.c.answers_id == _sale.c.id))
    .where(*_in_broken)
)
# What earlier runs counted, of which the most holds.
_counted = (
    sa.select(dividend_lines.c.person_id, dividend_lines.c.minutes)
    .join(dividend_runs, dividend_runs.c.id == dividend_lines.c.run_id)
    .where(dividend_runs.c.state == "posted")
)
_signs = ((_after, -1), (_late, 1))
_signs_within_a_month = (*_signs, (_sold, 1), (_given_back, -1))


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold up to when sales count, and up to when refunds do, for the run of a period that ends `ends_on`."""

    ends_on: date
    cutoff_at: datetime
    zone: str

    def weights(self, connection: sa.Connection) -> Weights:
        """Weigh everybody who is eligible on this cut."""
        month = self.ends_on.isoformat()[:7]
        ends_at, month_at = day_start(self.ends_on, self.zone), _first_of(month, self.zone)
        instants = {"ends_at": ends_at, "stood_at": ends_at, "month_at": month_at, "cutoff_at": self.cutoff_at}
        asked = {"in_month": month} | {name: micros(at) for name, at in instants.items()}
        moves = _signs if month_at == ends_at else _signs_within_a_month
        selects = (_owners, _until_now, terms.active_people, _counted, *(select for select, _sign in moves))
        owners, now, (active,), counted, *moved = bulk.columns(connection, selects, asked)
        account_id, basis_minor, minutes = _sorted(*now)
        person_id, own_account = _sorted(*reversed(owners))
        own = _places(account_id, own_account)
        basis_minor, minutes = basis_minor[own], minutes[own]
        for (who, minor, worked), (_select, sign) in zip(moved, moves, strict=True):
            at = _places(person_id, who)
            np.add.at(basis_minor, at, sign * minor)
            np.add.at(minutes, at, sign * worked)
        counted_minutes = np.zeros_like(minutes)
        np.maximum.at(counted_minutes, _places(person_id, counted[0]), counted[1])
        is_eligible = np.isin(person_id, active) & (basis_minor > 0)
        return Weights(*(column[is_eligible] for column in (person_id, basis_minor, minutes, counted_minutes)))


def keep(connection: sa.Connection, run_id: int, cut: Cut, pot_minor: int, label: str, clock: Clock) -> None:
    """Split the pot of a run on its cut, and keep the line of everybody who is eligible.

    Who gets something gets the ref of a transfer.
    Source: docs/dividend.md
    """
    weights = cut.weights(connection)
    split = dividend_split.split(connection, weights, pot_minor, label, clock)
    columns = (weights.person_id, weights.basis_minor, weights.minutes, weights.new_minutes, *split)
    lines = zip(*(column.tolist() for column in columns), strict=True)
    rows = ((run_id, *line, new_ref() if line[-2] + line[-1] else None) for line in lines)
    bulk.load(connection, dividend_lines, LINE, rows)


def _first_of(month: str, zone: str) -> datetime:
    """Give the first instant whose basis is kept under `month`.

    The calendar's first hours, in which some zones have no wall clock yet, keep UTC's month: it begins with them.
    """
    first = datetime.min.replace(tzinfo=UTC)
    return first if month == month_of(first, zone) else month_start(month, zone)


def _sorted(first: Figures, *others: Figures) -> tuple[Figures, ...]:
    """Order columns by the first of them."""
    order = np.argsort(first, kind="stable")
    return tuple(column[order] for column in (first, *others))


def _places(person_id: Figures, who: Figures) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Find where in the ordered `person_id` those stand who are asked for; all of them do."""
    places = np.searchsorted(person_id, who)
    assert np.array_equal(person_id[places], who), "a figure of somebody without a wallet"
    return places
