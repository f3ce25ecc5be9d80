"""Pay slips: every pay of one person, with what bounded its RES part where a run says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.payline import Terms, cash_at_least, part_bp
from wallet.domain.payslip import lowered_by
from wallet.store import paybounds
from wallet.store.tables import agreements, coops, pay_lines, pay_runs, people, transfers

_SLIPS = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.total_minor,
        transfers.c.minutes,
        transfers.c.amount_minor,
        transfers.c.cash_minor,
        transfers.c.share_bp,
        people.c.id.label("person_id"),
        people.c.name.label("person"),
        coops.c.id.label("coop_id"),
        coops.c.name.label("coop"),
        coops.c.mark,
        pay_runs.c.pay_on,
        pay_runs.c.submitted_at,
        pay_lines.c.due_minor,
        pay_lines.c.kept_back_minor,
        pay_lines.c.deductions_minor,
        pay_lines.c.entitlement_bp,
        pay_lines.c.elected_bp,
        pay_lines.c.ceiling_bp,
        pay_lines.c.floor_hour_minor,
    )
    .select_from(
        transfers.join(people, people.c.account_id == transfers.c.credit_id)
        .join(coops, coops.c.account_id == transfers.c.debit_id)
        .outerjoin(pay_lines, pay_lines.c.ref == transfers.c.ref)
        .outerjoin(pay_runs, pay_runs.c.id == pay_lines.c.run_id)
    )
    .where(transfers.c.kind == "pay", people.c.handle == sa.bindparam("of_handle"))
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)
_ONE = _SLIPS.where(transfers.c.ref == sa.bindparam("of_ref"))
_AGREED = sa.select(sa.func.min(agreements.c.agreed_at, type_=agreements.c.agreed_at.type)).where(
    agreements.c.person_id == sa.bindparam("of_person")
)


@dataclass(frozen=True, slots=True)
class Slip:
    """Hold one pay: `due_minor` after the deductions, of which `kept_back_minor` settled an overpayment.

    Units: `pay_on` a day `YYYY-MM-DD`, None of a pay that no run made; `signed_at` when a run's lines were fixed.
    """

    ref: str
    at: datetime
    person_id: int
    person: str
    coop_id: int
    coop: str
    mark: str
    pay_on: str | None
    signed_at: datetime | None
    minutes: int
    due_minor: int
    kept_back_minor: int
    deductions_minor: int
    res_minor: int
    cash_minor: int
    share_bp: int
    terms: Terms

    @property
    def total_minor(self) -> int:
        """Give what was paid, in RES and cash together."""
        return self.res_minor + self.cash_minor

    @property
    def part_bp(self) -> int:
        """Give which part of it came in RES."""
        return part_bp(self.res_minor, self.cash_minor, self.share_bp)

    @property
    def lowered_by(self) -> tuple[str, ...]:
        """Name what made the RES part less than the share of it."""
        return lowered_by(self.total_minor, self.minutes, self.terms)

    @property
    def cash_least_minor(self) -> int:
        """Give the least cash that the co-op's cash floor asked for."""
        return cash_at_least(self.minutes, self.terms.floor_hour_minor)


def of(connection: sa.Connection, handle: str) -> list[Slip]:
    """List the slips of the person `handle`, the newest first."""
    return [_slip(row) for row in connection.execute(_SLIPS, {"of_handle": handle})]


def find(connection: sa.Connection, handle: str, ref: str) -> Slip | None:
    """Give the slip `ref` if it is one of the person `handle`."""
    row = connection.execute(_ONE, {"of_handle": handle, "of_ref": ref}).first()
    return None if row is None else _slip(row)


def had_agreed(connection: sa.Connection, slip: Slip) -> bool:
    """Tell whether the person had agreed to be paid in RES when the slip's line was fixed; a history asks nobody."""
    agreed_at = connection.execute(_AGREED, {"of_person": slip.person_id}).scalar()
    return slip.signed_at is None or (agreed_at is not None and agreed_at <= slip.signed_at)


def carried_after(connection: sa.Connection, slip: Slip) -> int:
    """Give what the co-op had overpaid and still not kept back after this pay."""
    return paybounds.carried(connection, slip.coop_id, slip.at).get(slip.person_id, 0)


def _slip(row: Any) -> Slip:
    of_run = row.entitlement_bp is not None
    terms = Terms(row.entitlement_bp, row.elected_bp, row.ceiling_bp, row.floor_hour_minor)
    return Slip(
        ref=row.ref,
        at=row.at,
        person_id=row.person_id,
        person=row.person,
        coop_id=row.coop_id,
        coop=row.coop,
        mark=row.mark,
        pay_on=row.pay_on,
        signed_at=row.submitted_at,
        minutes=row.minutes or 0,
        due_minor=row.due_minor if of_run else row.total_minor,
        kept_back_minor=row.kept_back_minor or 0,
        deductions_minor=row.deductions_minor or 0,
        res_minor=row.amount_minor,
        cash_minor=row.cash_minor,
        share_bp=row.share_bp,
        terms=terms if of_run else Terms(row.share_bp),
    )
