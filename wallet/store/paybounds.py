"""What bounds the RES part of pay: agreements and elections of members, ceilings and cash floors of co-ops."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from wallet.domain.payline import settled
from wallet.store.tables import (
    agreements,
    cash_floors,
    coops,
    elections,
    overpayments,
    own_set,
    pay_ceilings,
    pay_lines,
    pay_runs,
    people,
)

# After everything that was noted, taken back or posted.
EVER = datetime(9999, 12, 31, tzinfo=UTC)

_ceiling = (
    sa.select(pay_ceilings.c.ceiling_bp, people.c.name, pay_ceilings.c.set_at)
    .join(people, people.c.id == pay_ceilings.c.set_by)
    .where(pay_ceilings.c.coop_id == sa.bindparam("of_coop"))
    .order_by(pay_ceilings.c.id.desc())
    .limit(1)
)
_floor = (
    sa.select(cash_floors.c.hour_minor, cash_floors.c.name, cash_floors.c.answered_at)
    .where(cash_floors.c.coop_id == sa.bindparam("of_coop"))
    .order_by(cash_floors.c.id.desc())
    .limit(1)
)
_ceiling_there, _floor_there = (
    sa.select(value)
    .where(value.table.c.coop_id == coops.c.id)
    .order_by(value.table.c.id.desc())
    .limit(1)
    .scalar_subquery()
    for value in (pay_ceilings.c.ceiling_bp, cash_floors.c.hour_minor)
)
_at_places = (
    sa.select(coops.c.name, _ceiling_there.label("ceiling_bp"), _floor_there.label("hour_minor"))
    .join(own_set, own_set.c.coop_id == coops.c.id)
    .where(
        own_set.c.person_id == sa.bindparam("of_person"),
        sa.or_(
            own_set.c.is_member, own_set.c.last_paid_at >= sa.bindparam("paid_since", type_=own_set.c.last_paid_at.type)
        ),
        coops.c.status != "left",
    )
    .order_by(coops.c.name)
)
_set_ceiling = sa.insert(pay_ceilings)
_answer = sa.insert(cash_floors)
_note = sa.insert(overpayments).returning(overpayments.c.id)
_withdraw = (
    sa.update(overpayments)
    .where(
        overpayments.c.id == sa.bindparam("of_id"),
        overpayments.c.coop_id == sa.bindparam("of_coop"),
        overpayments.c.withdrawn_at.is_(None),
    )
    .values(
        withdrawn_at=sa.bindparam("now", type_=overpayments.c.withdrawn_at.type),
        withdrawn_minor=sa.bindparam("to_minor", type_=sa.BigInteger),
    )
)
_then = sa.bindparam("then", type_=overpayments.c.noted_at.type)
_of_coop = overpayments.c.coop_id == sa.bindparam("of_coop")
_stood = sa.case(
    (overpayments.c.withdrawn_at <= _then, overpayments.c.amount_minor - overpayments.c.withdrawn_minor),
    else_=overpayments.c.amount_minor,
)
_overpaid = (
    sa.select(overpayments.c.person_id, sa.cast(sa.func.sum(_stood), sa.BigInteger).label("minor"))
    .where(_of_coop, overpayments.c.noted_at <= _then)
    .group_by(overpayments.c.person_id)
)
_kept_back = (
    sa.select(pay_lines.c.person_id, sa.cast(sa.func.sum(pay_lines.c.kept_back_minor), sa.BigInteger).label("minor"))
    .join(pay_runs, pay_runs.c.id == pay_lines.c.run_id)
    .where(
        pay_runs.c.coop_id == sa.bindparam("of_coop"),
        pay_runs.c.state == "posted",
        pay_runs.c.posted_at <= _then,
        pay_lines.c.person_id.in_(sa.select(overpayments.c.person_id).where(_of_coop)),
    )
    .group_by(pay_lines.c.person_id)
)
_noter = people.alias("noter")
_noted = (
    sa.select(
        overpayments.c.id,
        overpayments.c.person_id,
        people.c.name,
        overpayments.c.amount_minor,
        overpayments.c.note,
        overpayments.c.noted_at,
        _noter.c.name.label("noted_by"),
        overpayments.c.withdrawn_at,
        overpayments.c.withdrawn_minor,
    )
    .join(people, people.c.id == overpayments.c.person_id)
    .join(_noter, _noter.c.id == overpayments.c.noted_by)
    .where(_of_coop)
    .order_by(overpayments.c.id)
)
# Who has not agreed takes 0; who has elected nothing takes all of it.
agreed = sa.exists().where(agreements.c.person_id == people.c.id)
elected = (
    sa.select(elections.c.elected_bp)
    .where(elections.c.person_id == people.c.id, elections.c.from_month <= sa.bindparam("in_month"))
    .order_by(elections.c.from_month.desc())
    .limit(1)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Hold a co-op's ceiling, None when it took it away, with who set it and when."""

    ceiling_bp: int | None
    by_name: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class CashFloor:
    """Hold a co-op's answer: the least cash per hour, None for "none applies", with who answered and when."""

    hour_minor: int | None
    name: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceBounds:
    """Hold what a co-op bounds the RES part of somebody's pay with: a ceiling, the least cash per hour, or both."""

    name: str
    ceiling_bp: int | None
    hour_minor: int | None


@dataclass(frozen=True, slots=True)
class Overpayment:
    """Hold what a co-op noted to have paid somebody too much: `withdrawn_minor` of it was given up later, and
    `left_minor` is still to be kept back.
    """

    id: int
    person_id: int
    name: str
    amount_minor: int
    note: str
    noted_at: datetime
    noted_by: str
    withdrawn_at: datetime | None
    withdrawn_minor: int | None
    left_minor: int


def ceiling_of(connection: sa.Connection, coop_id: int) -> Ceiling | None:
    """Give the ceiling that holds at a co-op; None if it never set one."""
    row = connection.execute(_ceiling, {"of_coop": coop_id}).first()
    return None if row is None else Ceiling(*row)


def floor_of(connection: sa.Connection, coop_id: int) -> CashFloor | None:
    """Give what a co-op answered about a cash floor; None if it was never asked."""
    row = connection.execute(_floor, {"of_coop": coop_id}).first()
    return None if row is None else CashFloor(*row)


def at_places_of(connection: sa.Connection, person_id: int, paid_since: datetime, most_bp: int) -> list[PlaceBounds]:
    """List the co-ops where somebody works or was paid lately that may pay less than `most_bp` of it in RES."""
    found = []
    for row in connection.execute(_at_places, {"of_person": person_id, "paid_since": paid_since}):
        ceiling_bp = row.ceiling_bp if row.ceiling_bp is not None and row.ceiling_bp < most_bp else None
        if most_bp and (ceiling_bp is not None or row.hour_minor):
            found.append(PlaceBounds(row.name, ceiling_bp, row.hour_minor))
    return found


def set_ceiling(connection: sa.Connection, coop_id: int, ceiling_bp: int | None, by: int, now: datetime) -> None:
    """Set a co-op's ceiling, or take it away."""
    connection.execute(_set_ceiling, {"coop_id": coop_id, "ceiling_bp": ceiling_bp, "set_by": by, "set_at": now})


def answer_floor(
    connection: sa.Connection, coop_id: int, hour_minor: int | None, name: str, by: int, now: datetime
) -> None:
    """Keep a co-op's answer about a cash floor."""
    row = {"coop_id": coop_id, "hour_minor": hour_minor, "name": name, "answered_by": by, "answered_at": now}
    connection.execute(_answer, row)


def note_overpayment(
    connection: sa.Connection, coop_id: int, person_id: int, amount_minor: int, note: str, by: int, now: datetime
) -> int:
    """Note that somebody was paid too much."""
    row = {"coop_id": coop_id, "person_id": person_id, "amount_minor": amount_minor, "note": note, "noted_by": by}
    return int(connection.execute(_note, row | {"noted_at": now}).scalar_one())


def withdraw_overpayment(connection: sa.Connection, coop_id: int, overpayment: int, now: datetime) -> bool:
    """Take back what is left of what was noted; tell whether anything was. The caller holds the co-op."""
    left = next((one.left_minor for one in overpayments_of(connection, coop_id) if one.id == overpayment), 0)
    if not left:
        return False
    values = {"of_id": overpayment, "of_coop": coop_id, "now": now, "to_minor": left}
    return connection.execute(_withdraw, values).rowcount == 1


def overpayments_of(connection: sa.Connection, coop_id: int) -> list[Overpayment]:
    """List what a co-op noted to have paid too much, the newest first."""
    kept = _kept_by_person(connection, coop_id, EVER)
    found = []
    for row in connection.execute(_noted, {"of_coop": coop_id}):
        left, kept[row.person_id] = settled(row.amount_minor - (row.withdrawn_minor or 0), kept.get(row.person_id, 0))
        found.append(Overpayment(**row._mapping, left_minor=left))
    return found[::-1]


def carried(connection: sa.Connection, coop_id: int, then: datetime = EVER) -> dict[int, int]:
    """Give what a co-op had overpaid and not kept back by `then`, by person; only who owed something."""
    kept = _kept_by_person(connection, coop_id, then)
    noted = connection.execute(_overpaid, {"of_coop": coop_id, "then": then})
    owed = {row.person_id: row.minor - kept.get(row.person_id, 0) for row in noted}
    return {person_id: minor for person_id, minor in owed.items() if minor > 0}


def _kept_by_person(connection: sa.Connection, coop_id: int, then: datetime) -> dict[int, int]:
    return {row.person_id: row.minor for row in connection.execute(_kept_back, {"of_coop": coop_id, "then": then})}
