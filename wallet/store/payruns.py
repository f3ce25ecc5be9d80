"""Rows of pay runs: drafted, submitted, approved, posted; each step guarded by the one before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.addresses import of_office
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store.tables import coops, pay_runs, people

_maker, _submitter, _approver, _returner = (people.alias(name) for name in ("maker", "submitter", "approver", "giver"))
_now = sa.bindparam("now", type_=pay_runs.c.made_at.type)
_insert = sa.insert(pay_runs).returning(pay_runs.c.id)
_runs = (
    sa.select(
        pay_runs,
        coops.c.slug,
        coops.c.account_id,
        coops.c.status,
        _maker.c.name.label("made_by_name"),
        _submitter.c.handle.label("submitted_by_handle"),
        _submitter.c.name.label("submitted_by_name"),
        _approver.c.name.label("approved_by_name"),
        _returner.c.name.label("returned_by_name"),
    )
    .select_from(
        pay_runs.join(coops, coops.c.id == pay_runs.c.coop_id)
        .join(_maker, _maker.c.id == pay_runs.c.made_by)
        .outerjoin(_submitter, _submitter.c.id == pay_runs.c.submitted_by)
        .outerjoin(_approver, _approver.c.id == pay_runs.c.approved_by)
        .outerjoin(_returner, _returner.c.id == pay_runs.c.returned_by)
    )
    .order_by(pay_runs.c.pay_on.desc(), pay_runs.c.id.desc())
)
_without_lines = (
    sa.select(pay_runs.c.id)
    .where(
        pay_runs.c.coop_id == sa.bindparam("of_coop"),
        pay_runs.c.pay_on == sa.bindparam("on_day"),
        pay_runs.c.state == "draft",
        pay_runs.c.digest.is_(None),
    )
    .order_by(pay_runs.c.id)
    .limit(1)
)
_here = coops.c.slug == sa.bindparam("at_coop")
_one = _runs.where(pay_runs.c.id == sa.bindparam("of_id"), _here)
_submitted = _runs.where(pay_runs.c.coop_id == sa.bindparam("of_coop"), pay_runs.c.state == "submitted")
_lock = sa.select(pay_runs.c.id).where(pay_runs.c.id == sa.bindparam("of_id")).with_for_update()
_changed = sa.update(pay_runs).where(pay_runs.c.id == sa.bindparam("of_id")).values(rev=pay_runs.c.rev + 1)
_seen = pay_runs.c.rev == sa.bindparam("at_rev")
_edit = _changed.where(pay_runs.c.state == "draft", _seen)
_refill = _edit.values(digest=sa.bindparam("to_digest"))
_move = _edit.values(pay_on=sa.bindparam("to_day"))
_ceiling = _edit.values(ceiling_bp=sa.bindparam("to_bp", type_=sa.Integer))
_drop = _edit.values(state="dropped")
_submit = _edit.values(
    state="submitted",
    month=sa.bindparam("to_month"),
    submitted_by=sa.bindparam("by"),
    submitted_at=_now,
    returned=None,
    returned_by=None,
)
# Maker and approver are two people whatever else happens at the same time: the row itself decides.
_approve = _changed.where(
    pay_runs.c.state == "submitted",
    _seen,
    pay_runs.c.approved_by.is_(None),
    pay_runs.c.submitted_by != sa.bindparam("by"),
).values(approved_by=sa.bindparam("by"), approved_at=_now)
_return_to_draft = (
    sa.update(pay_runs)
    .where(pay_runs.c.state == "submitted")
    .values(
        rev=pay_runs.c.rev + 1,
        state="draft",
        month=None,
        submitted_by=None,
        submitted_at=None,
        approved_by=None,
        approved_at=None,
    )
)
_return = _return_to_draft.where(pay_runs.c.id == sa.bindparam("of_id")).values(
    returned=sa.bindparam("why"), returned_by=sa.bindparam("by", type_=sa.BigInteger)
)
_return_of = (
    _return_to_draft.where(
        pay_runs.c.coop_id == sa.bindparam("of_coop"),
        pay_runs.c.submitted_by == sa.bindparam("of_person"),
        pay_runs.c.approved_by.is_(None),
    )
    .values(returned="ended", returned_by=None)
    .returning(pay_runs.c.id)
)
_post = _changed.where(pay_runs.c.state == "submitted", pay_runs.c.approved_by.is_not(None)).values(
    state="posted", posted_at=_now
)


@dataclass(frozen=True, slots=True)
class PayRun:
    """Hold a pay run as it stands; of whom there is nothing yet the names are None."""

    id: int
    key: str
    coop: str
    coop_id: int
    account_id: int
    coop_is_open: bool
    pay_on: str
    state: str
    rev: int
    digest: str | None
    ceiling_bp: int | None
    month: str | None
    made_by: str
    made_at: datetime
    submitted_by: str | None
    submitted_by_handle: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    posted_at: datetime | None
    returned: str | None
    returned_by: str | None

    @property
    def is_draft(self) -> bool:
        """Tell whether its lines can still be changed."""
        return self.state == "draft"

    @property
    def is_open(self) -> bool:
        """Tell whether anybody may yet be paid by it."""
        return self.state not in ("posted", "dropped")

    @property
    def is_approved(self) -> bool:
        """Tell whether two people have signed it, and it is not posted."""
        return self.state == "submitted" and self.approved_at is not None


def page_of(coop: str, run_id: int) -> str:
    """Name the page of a run."""
    return f"{of_office(coop)}/payday/{run_id}"


def add(connection: sa.Connection, coop_id: int, key: str, pay_on: str, made_by: int, now: datetime) -> int:
    """Keep a new draft."""
    row = {"coop_id": coop_id, "key": key, "pay_on": pay_on, "state": "draft", "made_by": made_by, "made_at": now}
    return int(connection.execute(_insert, row).scalar_one())


def without_lines(connection: sa.Connection, coop_id: int, pay_on: str) -> int | None:
    """Give a co-op's draft for a day that has no lines yet, if there is one."""
    return connection.execute(_without_lines, {"of_coop": coop_id, "on_day": pay_on}).scalar()


def find(connection: sa.Connection, coop: str, run_id: int, *, lock: bool = False) -> PayRun:
    """Give a run of a co-op.

    Raises: Refusal unknown_run.
    Locks:  the run until commit, if asked.
    """
    if lock:
        connection.execute(_lock, {"of_id": run_id})
    row = connection.execute(_one, {"of_id": run_id, "at_coop": coop}).first()
    if row is None:
        raise refuse("unknown_run")
    return _read(row)


def submitted_at(connection: sa.Connection, coop_id: int) -> list[PayRun]:
    """List a co-op's runs that wait for a second signature or to be paid."""
    return [_read(row) for row in connection.execute(_submitted, {"of_coop": coop_id})]


def edit(connection: sa.Connection, run: PayRun, rev: int, **change: Any) -> None:
    """Change a draft that still is as somebody saw it: its `digest`, `pay_on` or `ceiling_bp`; or drop it.

    Raises: Refusal changed_meanwhile.
    """
    (what, value), *others = change.items()
    assert not others
    statements = {"digest": (_refill, "to_digest"), "pay_on": (_move, "to_day"), "ceiling_bp": (_ceiling, "to_bp")}
    statement, name = statements[what]
    _or_refuse(run, connection.execute(statement, {"of_id": run.id, "at_rev": rev, name: value}).rowcount)


def drop(connection: sa.Connection, run: PayRun, rev: int) -> None:
    """Give up a draft.

    Raises: Refusal changed_meanwhile.
    """
    _or_refuse(run, connection.execute(_drop, {"of_id": run.id, "at_rev": rev}).rowcount)


def submit(connection: sa.Connection, run: PayRun, rev: int, by: int, month: str, now: datetime) -> None:
    """Sign a draft first, with the shares of `month`.

    Raises: Refusal changed_meanwhile.
    """
    values = {"of_id": run.id, "at_rev": rev, "by": by, "to_month": month, "now": now}
    _or_refuse(run, connection.execute(_submit, values).rowcount)


def approve(connection: sa.Connection, run: PayRun, rev: int, by: int, now: datetime) -> bool:
    """Sign what somebody else has submitted; tell whether this was the second signature."""
    values = {"of_id": run.id, "at_rev": rev, "by": by, "now": now}
    return connection.execute(_approve, values).rowcount == 1


def give_back(connection: sa.Connection, run: PayRun, why: str, by: int | None = None) -> bool:
    """Make what was submitted a draft again; tell whether it was submitted."""
    return connection.execute(_return, {"of_id": run.id, "why": why, "by": by}).rowcount == 1


def give_back_of(connection: sa.Connection, coop_id: int, person_id: int) -> list[int]:
    """Make drafts again of what somebody submitted for a co-op and nobody has approved; give the keys."""
    asked = {"of_coop": coop_id, "of_person": person_id}
    return list(connection.execute(_return_of, asked).scalars())


def mark_posted(connection: sa.Connection, run: PayRun, now: datetime) -> bool:
    """Say that a run is posted; of any number at once one may."""
    return connection.execute(_post, {"of_id": run.id, "now": now}).rowcount == 1


def changed_meanwhile(run: PayRun) -> Refusal:
    """Say what became of a run since somebody saw it: who presses twice pays, or signs, with the first press."""
    if run.state == "posted":
        says = _("This run is paid already. Everybody on it was paid once. No further money moved.")
    elif run.is_approved:
        says = _("This run is approved already. Nothing more was done and no money moved. Look at it as it is now.")
    elif run.state == "submitted":
        says = _("This run is submitted already. Nothing more was done and no money moved. Look at it as it is now.")
    else:
        says = _(
            "Somebody has changed this run meanwhile. Nothing was done and no money moved. Look at it again as it is "
            "now."
        )
    return refuse("changed_meanwhile", says)


def _or_refuse(run: PayRun, changed: int) -> None:
    if changed != 1:
        raise changed_meanwhile(run)


def _read(row: Any) -> PayRun:
    return PayRun(
        row.id,
        row.key,
        row.slug,
        row.coop_id,
        row.account_id,
        row.status == "active",
        row.pay_on,
        row.state,
        row.rev,
        row.digest,
        row.ceiling_bp,
        row.month,
        row.made_by_name,
        row.made_at,
        row.submitted_by_name,
        row.submitted_by_handle,
        row.submitted_at,
        row.approved_by_name,
        row.approved_at,
        row.posted_at,
        row.returned,
        row.returned_by_name,
    )
