"""How much a member pays without a passkey: by the phone's session alone, and by a shown code.

On PostgreSQL migrations/functions/ says the same of a paid bill in its own words.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from wallet.domain.limit import MEANS, USUAL, Limit, Most, Raise
from wallet.domain.period import day_of
from wallet.errors import refuse
from wallet.store import people as persons
from wallet.store.columns import Instant
from wallet.store.federation import zone as federation_zone
from wallet.store.tables import code_days, federation, limit_raises, people, phone_days
from wallet.store.upserts import insert_or_change, new_row

DAYS = {"code": code_days, "phone": phone_days}
STANDING = {
    "code": (people.c.code_payment_minor, people.c.code_day_minor),
    "phone": (people.c.phone_payment_minor, people.c.phone_day_minor),
}


def _statements(means: str) -> tuple[sa.Select[int, int, str], ReturningInsert[int]]:
    days, (payment, day) = DAYS[means], STANDING[means]
    raised = sa.and_(
        limit_raises.c.person_id == people.c.id,
        limit_raises.c.means == means,
        limit_raises.c.from_at <= sa.bindparam("now", type_=Instant),
    )
    found = (
        sa.select(
            sa.func.coalesce(limit_raises.c.payment_minor, payment),
            sa.func.coalesce(limit_raises.c.day_minor, day),
            sa.select(federation.c.zone).scalar_subquery(),
        )
        .select_from(people.outerjoin(limit_raises, raised))
        .where(people.c.id == sa.bindparam("of_person"))
    )
    new = new_row(days)
    spent = days.c.spent_minor + new.excluded.spent_minor
    fits = spent <= sa.bindparam("most", type_=sa.BigInteger)
    return found, insert_or_change(new, {"spent_minor": spent}, where=fits).returning(days.c.spent_minor)


_BY_MEANS = {means: _statements(means) for means in DAYS}


_limits = {
    means: sa.select(*STANDING[means], limit_raises.c.payment_minor, limit_raises.c.day_minor, limit_raises.c.from_at)
    .select_from(
        people.outerjoin(limit_raises, sa.and_(limit_raises.c.person_id == people.c.id, limit_raises.c.means == means))
    )
    .where(people.c.id == sa.bindparam("of_person"))
    for means in MEANS
}
_spent = {
    means: sa.select(days.c.spent_minor).where(
        days.c.person_id == sa.bindparam("of_person"), days.c.day == sa.bindparam("of_day")
    )
    for means, days in DAYS.items()
}
_of_means = sa.and_(limit_raises.c.person_id == sa.bindparam("of_person"), limit_raises.c.means == sa.bindparam("of"))
_forget = sa.delete(limit_raises).where(_of_means)
_insert = sa.insert(limit_raises)


def of(connection: sa.Connection, means: str, person_id: int, now: datetime) -> Limit:
    """Give the member's own limit for `means` as it stands, and the raise that waits."""
    row = connection.execute(_limits[means], {"of_person": person_id}).one()
    standing, from_at = Most(row[0], row[1]), row[4]
    if from_at is None:
        return Limit(standing)
    raised = Most(row[2], row[3])
    return Limit(raised) if from_at <= now else Limit(standing, Raise(raised, from_at))


def spent(connection: sa.Connection, means: str, person_id: int, now: datetime) -> int:
    """Give what the member has paid today, in the federation's zone, by `means` and without a passkey."""
    zone = federation_zone(connection)
    asked = {"of_person": person_id, "of_day": day_of(now, zone)}
    return int(connection.execute(_spent[means], asked).scalar() or 0)


def keep(connection: sa.Connection, means: str, person_id: int, held: Limit) -> None:
    """Keep the member's limit for `means`; the caller holds the person's lock."""
    payment, day = STANDING[means]
    values = {payment.name: held.most.payment_minor, day.name: held.most.day_minor}
    connection.execute(sa.update(people).where(people.c.id == person_id).values(values))
    connection.execute(_forget, {"of_person": person_id, "of": means})
    if held.raised is not None:
        most = held.raised.most
        connection.execute(
            _insert,
            {
                "person_id": person_id,
                "means": means,
                "payment_minor": most.payment_minor,
                "day_minor": most.day_minor,
                "from_at": held.raised.from_at,
            },
        )


def bring_down(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Take back every raise, in force or waiting: nothing stays above what is usual.

    Locks: the person's row, until commit.
    """
    persons.lock(connection, person_id)
    for means in MEANS:
        held = of(connection, means, person_id, now)
        usual = Limit(held.most.lower(USUAL))
        if held != usual:
            keep(connection, means, person_id, usual)


def allows(connection: sa.Connection, means: str, person_id: int, res_minor: int, now: datetime) -> bool:
    """Count `res_minor` against the member's own limits for `means`; tell whether it fits them.

    Locks: the member's row for the day, until commit.
    """
    find, counted = _BY_MEANS[means]
    payment, day, zone = connection.execute(find, {"of_person": person_id, "now": now}).one()
    if payment == 0 or res_minor > Most(payment, day).at_once_minor:
        return False
    row = {"person_id": person_id, "day": day_of(now, zone), "spent_minor": res_minor, "most": day}
    return connection.execute(counted, row).first() is not None


def require(connection: sa.Connection, means: str, person_id: int, res_minor: int, now: datetime) -> None:
    """Count `res_minor` against the member's own limits for `means`; what exceeds them asks for a passkey.

    Raises: Refusal step_up_required.
    Locks:  the member's row for the day, until commit.
    """
    if not allows(connection, means, person_id, res_minor, now):
        raise refuse("step_up_required")
