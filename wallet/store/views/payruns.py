"""Pay runs as lists and figures: those of a co-op, what waits, and what is due."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from wallet.store.payruns import PayRun
from wallet.store.tables import coops, pay_lines, pay_runs, people

A_PAGE = 60

_here = coops.c.slug == sa.bindparam("at_coop")


def _of_lines(figure: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """Sum up the lines of the run that is listed, and of no other: a federation has very many."""
    return sa.select(figure).where(pay_lines.c.run_id == pay_runs.c.id).correlate(pay_runs).scalar_subquery()


_total_minor = _of_lines(sa.cast(sa.func.sum(pay_lines.c.due_minor - pay_lines.c.kept_back_minor), sa.BigInteger))
_res_minor = _of_lines(sa.cast(sa.func.sum(pay_lines.c.res_minor), sa.BigInteger))
_listed = (
    sa.select(
        pay_runs.c.id,
        pay_runs.c.pay_on,
        pay_runs.c.state,
        (pay_runs.c.approved_by.is_not(None)).label("is_approved"),
        pay_runs.c.returned,
        _of_lines(sa.func.count()).label("lines"),
        sa.case((_res_minor.is_not(None), _total_minor)).label("total_minor"),
        _res_minor.label("res_minor"),
    )
    .select_from(pay_runs.join(coops, coops.c.id == pay_runs.c.coop_id))
    .where(_here)
    .order_by(pay_runs.c.pay_on.desc(), pay_runs.c.id.desc())
    .limit(A_PAGE + 1)
)
_before = sa.bindparam("before", type_=sa.BigInteger)
_last = pay_runs.alias("last")
_last_pay_on = sa.select(_last.c.pay_on).where(_last.c.id == _before).scalar_subquery()
_listed_before = _listed.where(sa.tuple_(pay_runs.c.pay_on, pay_runs.c.id) < sa.tuple_(_last_pay_on, _before))
_begun = sa.select(sa.func.count()).select_from(pay_runs.join(coops, coops.c.id == pay_runs.c.coop_id)).where(_here)
_due = (
    sa.select(pay_runs.c.id, coops.c.slug)
    .join(coops, coops.c.id == pay_runs.c.coop_id)
    .where(
        pay_runs.c.state == "submitted", pay_runs.c.approved_by.is_not(None), pay_runs.c.pay_on <= sa.bindparam("today")
    )
    .order_by(pay_runs.c.pay_on, pay_runs.c.id)
)
_submitter = people.alias("submitter")
_signed = (
    sa.select(
        pay_runs.c.id,
        pay_runs.c.pay_on,
        coops.c.slug,
        coops.c.name,
        _submitter.c.handle.label("by"),
        _submitter.c.name.label("by_name"),
        pay_runs.c.month,
    )
    .join(coops, coops.c.id == pay_runs.c.coop_id)
    .join(_submitter, _submitter.c.id == pay_runs.c.submitted_by)
    .where(coops.c.slug.in_(sa.bindparam("at_coops", expanding=True)), pay_runs.c.state == "submitted")
    .order_by(pay_runs.c.pay_on, pay_runs.c.id)
)
_waiting = _signed.where(pay_runs.c.approved_by.is_(None))
_unpaid = _signed.where(
    pay_runs.c.approved_by.is_not(None),
    pay_runs.c.pay_on <= sa.bindparam("today"),
    pay_runs.c.month == sa.bindparam("in_month"),
    coops.c.status == "active",
)
_twin = (
    sa.select(pay_runs.c.pay_on, pay_runs.c.state)
    .where(
        pay_runs.c.coop_id == sa.bindparam("of_coop"),
        pay_runs.c.digest == sa.bindparam("of_digest"),
        pay_runs.c.id != sa.bindparam("of_id"),
        pay_runs.c.state != "dropped",
    )
    .order_by(pay_runs.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Hold a run as a list shows it; what it pays is not known while it is a draft, whose lines may be lowered yet."""

    id: int
    pay_on: str
    state: str
    is_approved: bool
    returned: str | None
    lines: int
    total_minor: int | None
    res_minor: int | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """Hold a run that waits for a second signature, or to be paid: by whom it was submitted, and where.

    Units: `month` that whose shares it holds.
    """

    id: int
    pay_on: str
    coop: str
    coop_name: str
    by: str
    by_name: str
    month: str


def begun(connection: sa.Connection, coop: str) -> int:
    """Count the runs that a co-op ever began, also those that were dropped."""
    return int(connection.execute(_begun, {"at_coop": coop}).scalar_one())


def listed(connection: sa.Connection, coop: str, before: int | None = None) -> tuple[list[Listed], int | None]:
    """List a co-op's runs, the latest pay date first, and where the next page begins."""
    asked = {"at_coop": coop} | ({} if before is None else {"before": before})
    found = connection.execute(_listed if before is None else _listed_before, asked).all()
    return [Listed(*row) for row in found[:A_PAGE]], found[A_PAGE - 1].id if len(found) > A_PAGE else None


def waiting(connection: sa.Connection, at: Collection[str]) -> list[Submitted]:
    """List the runs of some co-ops that wait for a second signature."""
    return [Submitted(*row) for row in connection.execute(_waiting, {"at_coops": list(at)})]


def unpaid(connection: sa.Connection, at: Collection[str], today: str) -> list[Submitted]:
    """List the runs of some co-ops that two have approved, whose pay date has come and that can still be paid."""
    asked = {"at_coops": list(at), "today": today, "in_month": today[:7]}
    return [Submitted(*row) for row in connection.execute(_unpaid, asked)]


def due(connection: sa.Connection, today: str) -> list[tuple[str, int]]:
    """List, as co-op and run, what two people have approved and whose pay date has come."""
    return [(row.slug, row.id) for row in connection.execute(_due, {"today": today})]


def twin(connection: sa.Connection, run: PayRun) -> str | None:
    """Give the pay date of another run of the co-op with the very same lines."""
    if run.digest is None:
        return None
    asked = {"of_coop": run.coop_id, "of_digest": run.digest, "of_id": run.id}
    return connection.execute(_twin, asked).scalar()
