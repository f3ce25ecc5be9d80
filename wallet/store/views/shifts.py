"""What the pages of a shift show: what it holds now, what was signed, and the shifts before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.bill import state_of
from wallet.domain.shift import Register, ShiftLine, Totals
from wallet.store import shifts as acts
from wallet.store.roles import IN_OFFICE
from wallet.store.tables import bills, closings, coops, keys, people, refunds, roles, shifts, tills, transfers

A_PAGE = 30


class Counter(NamedTuple):
    """Hold whose counter a till is, and whether its reader may work at it."""

    id: str
    name: str
    coop: str
    coop_name: str
    coop_mark: str
    account_id: int
    closed_at: datetime | None
    is_cashier: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hold a bill that can still be paid."""

    code: str
    amount_minor: int
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """Hold a shift that is open, with what it holds so far."""

    id: int
    opened_at: datetime
    opened_by: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what was signed; `swept_minor` went to the co-op's account, below zero what the till owed."""

    id: int
    opened_at: datetime
    opened_by: str
    closed_at: datetime
    closed_by: str
    totals: Totals
    register: Register
    reason: str | None
    note: str | None
    swept_minor: int

    @property
    def difference(self) -> Register:
        """Give by how much the register was above what the ledger holds."""
        return self.register.over(self.totals)


@dataclass(frozen=True, slots=True)
class PostedLine:
    """Hold one line of a shift; of a refund also what it answers, why, and whether a dispute ordered it."""

    line: ShiftLine
    cashier: str
    answers: str
    reason: str
    ordered: bool


_serves = (
    sa.select(sa.func.max(sa.case((roles.c.role == "cashier", 1), else_=0)))
    .join(people, people.c.id == roles.c.person_id)
    .where(
        roles.c.coop_id == coops.c.id,
        roles.c.role.in_(("cashier", "steward")),
        IN_OFFICE,
        people.c.handle == sa.bindparam("reader"),
    )
    .scalar_subquery()
)
_counter = (
    sa.select(
        tills.c.id,
        tills.c.name,
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        tills.c.account_id,
        tills.c.closed_at,
        _serves.label("serves"),
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .where(tills.c.id == sa.bindparam("till"))
)
_opener, _signer, _cashier = people.alias("opener"), people.alias("signer"), people.alias("cashier")
_open = (
    sa.select(shifts.c.id, shifts.c.opened_at, _opener.c.counter_name)
    .join(_opener, _opener.c.id == shifts.c.opened_by)
    .where(shifts.c.till_id == sa.bindparam("till"), shifts.c.closed_at.is_(None))
)
_reports = (
    sa.select(
        closings,
        shifts.c.opened_at,
        _opener.c.counter_name.label("opener"),
        _signer.c.counter_name.label("signer"),
        tills.c.account_id,
        transfers.c.debit_id,
        transfers.c.amount_minor,
    )
    .join(shifts, shifts.c.id == closings.c.shift_id)
    .join(tills, tills.c.id == shifts.c.till_id)
    .join(_opener, _opener.c.id == shifts.c.opened_by)
    .join(_signer, _signer.c.id == closings.c.closed_by)
    .outerjoin(transfers, transfers.c.id == closings.c.sweep_id)
    .where(shifts.c.till_id == sa.bindparam("till"))
)
_one_report = _reports.where(closings.c.shift_id == sa.bindparam("shift"))
_last_note = (
    sa.select(closings.c.note)
    .join(shifts, shifts.c.id == closings.c.shift_id)
    .where(shifts.c.till_id == sa.bindparam("till"))
    .order_by(closings.c.shift_id.desc())
    .limit(1)
)
_past = _reports.order_by(closings.c.shift_id.desc()).limit(A_PAGE + 1)
_past_before = _past.where(closings.c.shift_id < sa.bindparam("before"))
_answered = transfers.alias("answered")
_lines = (
    sa.select(
        transfers.c.kind,
        transfers.c.ref,
        transfers.c.at,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.note,
        _cashier.c.counter_name.label("cashier"),
        _answered.c.ref.label("answers"),
        refunds.c.reason,
        refunds.c.dispute_id,
    )
    .outerjoin(_cashier, _cashier.c.id == transfers.c.cashier_id)
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    .outerjoin(refunds, refunds.c.transfer_id == transfers.c.id)
    .where(acts.IN_SHIFT)
    .order_by(transfers.c.at, transfers.c.id)
)
_back = _lines.where(transfers.c.kind == "refund")
_bills = sa.select(bills).where(
    bills.c.till_id == sa.bindparam("till"), bills.c.shift_id == sa.bindparam("shift"), bills.c.state != "paid"
)
# What the till was answered: a bill that is paid, a scan that charged a code.
_paid_bills = (
    sa.select(transfers.c.ref)
    .select_from(bills.outerjoin(transfers, transfers.c.id == bills.c.transfer_id))
    .where(bills.c.till_id == sa.bindparam("till"), bills.c.shift_id == sa.bindparam("shift"), bills.c.state == "paid")
)
# The clock may have been set back since the shift was opened: what the journal holds is of the shift stamped on it.
_stamp = sa.select(transfers.c.shift_id).where(transfers.c.ref == keys.c.made).scalar_subquery()
_charged = sa.union(
    sa.select(transfers.c.ref).where(
        transfers.c.shift_id == sa.bindparam("shift"), transfers.c.kind == "sale", transfers.c.means == "code"
    ),
    sa.select(keys.c.made).where(
        # Written out, not bound: a partial index is taken only for what the statement itself says.
        sa.text("act = 'sale' AND substr(scope, 1, 5) = 'till:'"),
        keys.c.scope == sa.bindparam("scope"),
        keys.c.at >= sa.bindparam("since", type_=keys.c.at.type),
        sa.func.coalesce(_stamp, sa.bindparam("shift")) == sa.bindparam("shift"),
    ),
)


def counter(connection: sa.Connection, till: str, reader: str, now: datetime) -> Counter | None:
    """Give `till` if `reader` is a cashier or a steward of its co-op, in office, else None."""
    row = connection.execute(_counter, {"till": till, "reader": reader, "now": now}).first()
    return None if row is None or row.serves is None else Counter(*row[:-1], bool(row.serves))


def running(connection: sa.Connection, till: str, account_id: int) -> Running | None:
    """Give the till's open shift with its totals so far."""
    row = connection.execute(_open, {"till": till}).first()
    return None if row is None else Running(*row, acts.totals(connection, account_id, row.id))


def last_note(connection: sa.Connection, till: str) -> str | None:
    """Give the note that the last shift left for the next one."""
    return connection.execute(_last_note, {"till": till}).scalar()


def report(connection: sa.Connection, till: str, shift: int) -> Report | None:
    """Give what was signed when a shift of `till` was closed."""
    row = connection.execute(_one_report, {"till": till, "shift": shift}).first()
    return None if row is None else _report(row)


def past(connection: sa.Connection, till: str, before: int | None = None) -> tuple[list[Report], int | None]:
    """List shifts that are closed, the last first, and where the next page begins."""
    asked = {"till": till} | ({} if before is None else {"before": before})
    found = connection.execute(_past if before is None else _past_before, asked).all()
    return [_report(row) for row in found[:A_PAGE]], found[A_PAGE - 1].shift_id if len(found) > A_PAGE else None


def posted(connection: sa.Connection, account_id: int, shift: int) -> list[PostedLine]:
    """List every sale and refund of a shift, in their order."""
    return _listed(connection, _lines, account_id, shift)


def given_back(connection: sa.Connection, account_id: int, shift: int) -> list[PostedLine]:
    """List the refunds of a shift, in their order."""
    return _listed(connection, _back, account_id, shift)


def unpaid(
    connection: sa.Connection, till: str, running: Running, now: datetime
) -> tuple[list[Waiting], list[ShiftLine]]:
    """List the bills of an open shift that can still be paid, and those that nobody paid."""
    asked = {"till": till, "shift": running.id}
    waiting, over = [], []
    for row in connection.execute(_bills, asked):
        stands = state_of(row.state, row.expires_at, row.claimed_at, row.bound_to is not None, now)
        if stands in ("open", "claimed"):
            waiting.append(Waiting(row.code, row.amount_minor, row.opened_at, row.expires_at))
        else:
            parts = row.amount_minor - row.cash_minor, row.cash_minor
            over.append(ShiftLine("unpaid", row.code, row.opened_at, *parts, row.note))
    return sorted(waiting, key=lambda bill: bill.opened_at), over


def unheard(connection: sa.Connection, till: str, running: Running, known: set[str]) -> tuple[int, list[str]]:
    """Count what the till was told is paid, and list what of it is not among the `known` lines of the journal."""
    asked = {"till": till, "shift": running.id, "scope": f"till:{till}", "since": running.opened_at}
    told = {str(ref) for (ref,) in connection.execute(_paid_bills, asked)}
    told |= {ref for (ref,) in connection.execute(_charged, asked)}
    return len(told), sorted(told - known)


def _listed(connection: sa.Connection, lines: sa.Select[Any], account_id: int, shift: int) -> list[PostedLine]:
    asked = {"of_account": account_id, "of_shift": shift}
    return [_posted(row) for row in connection.execute(lines, asked)]


def _posted(row: Any) -> PostedLine:
    sign = -1 if row.kind == "refund" else 1
    line = ShiftLine(row.kind, row.ref, row.at, sign * row.amount_minor, sign * row.cash_minor, row.note)
    return PostedLine(line, row.cashier or "", row.answers or "", row.reason or "", row.dispute_id is not None)


def _report(row: Any) -> Report:
    parts = {name: getattr(row, name) for name in Totals.__dataclass_fields__}
    swept = 0 if row.amount_minor is None else row.amount_minor
    return Report(
        row.shift_id,
        row.opened_at,
        row.opener,
        row.closed_at,
        row.signer,
        Totals(**parts),
        Register(row.register_minor, row.register_cash_minor),
        row.reason,
        row.note,
        swept if row.debit_id == row.account_id else -swept,
    )
