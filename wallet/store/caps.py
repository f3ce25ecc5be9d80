"""How much a member pays without a passkey: by the phone's session alone, and by a shown code.

On PostgreSQL migrations/functions/ says the same of a paid bill in its own words.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from wallet.domain.period import day_of
from wallet.errors import refuse
from wallet.store.columns import Instant
from wallet.store.tables import code_days, federation, limit_raises, people, phone_days

DAYS = {"code": code_days, "phone": phone_days}
STANDING = {
    "code": (people.c.code_payment_minor, people.c.code_day_minor),
    "phone": (people.c.phone_payment_minor, people.c.phone_day_minor),
}


@dataclass(frozen=True, slots=True)
class Cap:
    """Hold the most that may be paid at once and in a day; 0 asks always."""

    payment_minor: int
    day_minor: int

    @property
    def at_once_minor(self) -> int:
        """Give the most that one payment may take."""
        return min(self.payment_minor, self.day_minor)


def _statements(means: str) -> tuple[Any, Any]:
    days, (payment, day) = DAYS[means], STANDING[means]
    raised = sa.and_(
        limit_raises.c.person_id == people.c.id,
        limit_raises.c.means == means,
        limit_raises.c.from_at <= sa.bindparam("now", type_=Instant),
    )
    cap = (
        sa.select(
            sa.func.coalesce(limit_raises.c.payment_minor, payment),
            sa.func.coalesce(limit_raises.c.day_minor, day),
            sa.select(federation.c.zone).scalar_subquery(),
        )
        .select_from(people.outerjoin(limit_raises, raised))
        .where(people.c.id == sa.bindparam("of_person"))
    )
    spent = insert(days)
    counted = spent.on_conflict_do_update(
        index_elements=["person_id", "day"],
        set_={"spent_minor": days.c.spent_minor + spent.excluded.spent_minor},
        where=days.c.spent_minor + spent.excluded.spent_minor <= sa.bindparam("most", type_=sa.BigInteger),
    ).returning(days.c.spent_minor)
    return cap, counted


_BY_MEANS: dict[str, tuple[Any, Any]] = {means: _statements(means) for means in DAYS}


def allows(connection: sa.Connection, means: str, person_id: int, res_minor: int, now: datetime) -> bool:
    """Count `res_minor` against the member's own limits for `means`; tell whether it fits them.

    Locks: the member's row for the day, until commit.
    """
    find, counted = _BY_MEANS[means]
    payment, day, zone = connection.execute(find, {"of_person": person_id, "now": now}).one()
    if payment == 0 or res_minor > Cap(payment, day).at_once_minor:
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
