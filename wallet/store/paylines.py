"""Rows of pay lines: what is due to whom, and how each is split under what bounds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Dated
from wallet.domain.payfile import Known
from wallet.domain.payline import Split, Terms, lower, lowered, split
from wallet.store import bulk, paybounds, shares
from wallet.store.payruns import PayRun
from wallet.store.tables import invitations, own_set, pay_lines, people

COLUMNS = ("run_id", "person_id", "number", "ref", "minutes", "due_minor", "deductions_minor", "warnings")
SPLIT = (
    "run_id", "person_id", "kept_back_minor", "entitlement_bp", "elected_bp", "ceiling_bp", "floor_hour_minor",
    "share_bp", "res_minor", "cash_minor",
)  # fmt: skip

_of_run = pay_lines.c.run_id == sa.bindparam("of_run")
_member = sa.exists().where(
    own_set.c.person_id == people.c.id, own_set.c.coop_id == sa.bindparam("of_coop"), own_set.c.is_member
)
_paid_at = (
    sa.select(own_set.c.last_paid_at)
    .where(own_set.c.person_id == people.c.id, own_set.c.coop_id == sa.bindparam("of_coop"))
    .scalar_subquery()
)
_lines = (
    sa.select(
        pay_lines,
        people.c.handle,
        people.c.name,
        _member.label("is_member"),
        _paid_at.label("last_paid_at"),
        paybounds.agreed.label("has_agreed"),
        paybounds.elected.label("elected_now"),
    )
    .join(people, people.c.id == pay_lines.c.person_id)
    .where(_of_run)
    .order_by(pay_lines.c.number)
)
_clear = sa.delete(pay_lines).where(_of_run)
_forget = sa.update(pay_lines).where(_of_run).values(dict.fromkeys(SPLIT[3:]) | {"kept_back_minor": 0})
# Whom a co-op may pay: who works there, was paid there before, or came by its invitation. Nobody else is named to it.
_known = (
    sa.select(
        people.c.name,
        sa.func.coalesce(own_set.c.is_member, sa.false()).label("is_member"),
        people.c.id,
        people.c.handle,
    )
    .select_from(
        people.outerjoin(
            own_set, sa.and_(own_set.c.person_id == people.c.id, own_set.c.coop_id == sa.bindparam("of_coop"))
        )
    )
    .where(
        sa.or_(
            own_set.c.person_id.is_not(None),
            people.c.id.in_(
                sa.select(invitations.c.used_by).where(
                    invitations.c.coop_id == sa.bindparam("of_coop"), invitations.c.used_by.is_not(None)
                )
            ),
        )
    )
    .order_by(people.c.name, people.c.handle)
)
_without_wallet = (
    sa.select(people.c.handle)
    .join(pay_lines, pay_lines.c.person_id == people.c.id)
    .where(_of_run, people.c.account_id.is_(None))
    .order_by(pay_lines.c.number)
)


@dataclass(frozen=True, slots=True)
class PayablePerson(Known):
    """Hold somebody whom a co-op may pay."""

    id: int
    handle: str


@dataclass(frozen=True, slots=True)
class PayRunEntry:
    """Hold a line as it is entered: what is due to a person after the deductions; `warnings` are codes.

    `ref` is drawn for the transfer that it will be.
    """

    ref: str
    person_id: int
    minutes: int
    due_minor: int
    deductions_minor: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayRunLine:
    """Hold a line with what bounds it and how it is split.

    Units: `kept_back_minor` of `due_minor` settles an overpayment, of which `carried_minor` is left for the next lines.
    """

    person_id: int
    handle: str
    name: str
    number: int
    minutes: int
    due_minor: int
    deductions_minor: int
    kept_back_minor: int
    carried_minor: int
    terms: Terms
    split: Split
    is_member: bool
    has_agreed: bool
    last_paid_at: Any
    warnings: tuple[str, ...]

    @property
    def total_minor(self) -> int:
        """Give what is paid, in RES and cash together."""
        return self.due_minor - self.kept_back_minor


@dataclass(frozen=True, slots=True)
class Sums:
    """Hold what all lines come to."""

    minutes: int
    due_minor: int
    deductions_minor: int
    kept_back_minor: int
    res_minor: int
    cash_minor: int


def payees(connection: sa.Connection, coop_id: int) -> dict[str, PayablePerson]:
    """Give whom a co-op may pay, by handle."""
    return {row.handle: PayablePerson(*row) for row in connection.execute(_known, {"of_coop": coop_id})}


def sums(lines: Sequence[PayRunLine]) -> Sums:
    """Add all lines up."""
    return Sums(
        sum(line.minutes for line in lines),
        sum(line.due_minor for line in lines),
        sum(line.deductions_minor for line in lines),
        sum(line.kept_back_minor for line in lines),
        sum(line.split.res_minor for line in lines),
        sum(line.split.cash_minor for line in lines),
    )


def refill(connection: sa.Connection, run_id: int, entries: Iterable[PayRunEntry]) -> None:
    """Put `entries` in the place of a draft's lines."""
    connection.execute(_clear, {"of_run": run_id})
    rows = (
        (run_id, each.person_id, number, each.ref, each.minutes, each.due_minor, each.deductions_minor,
         " ".join(each.warnings))
        for number, each in enumerate(entries, 1)
    )  # fmt: skip
    bulk.load(connection, pay_lines, COLUMNS, rows)


def among(run_id: int) -> shares.Among:
    """Give the query of the people whom a run pays."""
    return sa.select(pay_lines.c.person_id).where(pay_lines.c.run_id == run_id)


def worked_out(connection: sa.Connection, run: PayRun, month: str, dated: Dated) -> list[PayRunLine]:
    """Give a draft's lines as they would be paid in `month`, as everything stands now."""
    rows = connection.execute(_lines, _asked(run, month)).all()
    ceiling, floor = paybounds.ceiling_of(connection, run.coop_id), paybounds.floor_of(connection, run.coop_id)
    bound = lower(run.ceiling_bp, ceiling.ceiling_bp if ceiling else None)
    hour = floor.hour_minor if floor else None
    entitled = shares.in_month(connection, among(run.id), month, dated)
    carried = paybounds.carried(connection, run.coop_id)
    found = []
    for row in rows:
        terms = Terms(entitled[row.person_id], row.elected_now if row.has_agreed else 0, bound, hour)
        low = lowered(row.due_minor, carried.get(row.person_id, 0))
        found.append(
            _line(row, low.kept_back_minor, low.carried_minor, terms, split(low.total_minor, row.minutes, terms))
        )
    return found


def as_kept(connection: sa.Connection, run: PayRun) -> list[PayRunLine]:
    """Give the lines of a run that was submitted, as they were then; what a posted one carried, as it was posted."""
    assert run.month is not None, "a draft keeps no split"
    carried = paybounds.carried(connection, run.coop_id, run.posted_at or paybounds.EVER)
    found = []
    for row in connection.execute(_lines, _asked(run, run.month)):
        terms = Terms(row.entitlement_bp, row.elected_bp, row.ceiling_bp, row.floor_hour_minor)
        left = carried.get(row.person_id, 0) - (row.kept_back_minor if run.state == "submitted" else 0)
        parts = Split(row.share_bp, row.res_minor, row.cash_minor)
        found.append(_line(row, row.kept_back_minor, max(0, left), terms, parts))
    return found


def keep(connection: sa.Connection, run_id: int, lines: Sequence[PayRunLine]) -> None:
    """Keep how lines are split, and what bounded them."""
    rows = [
        (run_id, line.person_id, line.kept_back_minor, line.terms.entitlement_bp, line.terms.elected_bp,
         line.terms.ceiling_bp, line.terms.floor_hour_minor, line.split.share_bp, line.split.res_minor,
         line.split.cash_minor)
        for line in lines
    ]  # fmt: skip
    bulk.change(connection, pay_lines, 2, SPLIT, rows)


def forget(connection: sa.Connection, run_id: int) -> None:
    """Forget how lines were split: their run is a draft again."""
    connection.execute(_forget, {"of_run": run_id})


def still_carried(connection: sa.Connection, run: PayRun) -> bool:
    """Tell whether what a run keeps back of overpayments is still to be kept back; whoever posts it holds the co-op."""
    kept = sa.select(pay_lines.c.person_id, pay_lines.c.kept_back_minor).where(_of_run, pay_lines.c.kept_back_minor > 0)
    carried = paybounds.carried(connection, run.coop_id)
    rows = connection.execute(kept, {"of_run": run.id})
    return all(row.kept_back_minor <= carried.get(row.person_id, 0) for row in rows)


def without_wallet(connection: sa.Connection, run_id: int) -> list[str]:
    """List, by handle, whom a run pays before they have a wallet."""
    return list(connection.execute(_without_wallet, {"of_run": run_id}).scalars())


def _asked(run: PayRun, month: str) -> dict[str, Any]:
    return {"of_run": run.id, "of_coop": run.coop_id, "in_month": month}


def _line(row: Any, kept_back: int, carried: int, terms: Terms, parts: Split) -> PayRunLine:
    return PayRunLine(
        row.person_id,
        row.handle,
        row.name,
        row.number,
        row.minutes,
        row.due_minor,
        row.deductions_minor,
        kept_back,
        carried,
        terms,
        parts,
        row.is_member,
        row.has_agreed,
        row.last_paid_at,
        tuple(row.warnings.split()),
    )
