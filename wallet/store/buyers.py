"""Buyers: which co-op pays a bill of another one, or is about to, and how long the bill waits for it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.bill import expiry_of
from wallet.store.tables import bills

_still = sa.and_(bills.c.code == sa.bindparam("of_code"), bills.c.state == "open")
_note = (
    sa.update(bills)
    .where(_still)
    .values(
        buyer_id=sa.bindparam("by_coop"),
        expires_at=sa.bindparam("until", type_=bills.c.expires_at.type),
        rev=bills.c.rev + 1,
    )
)
_opened_at = sa.select(bills.c.opened_at).where(_still)


def topics(proposed: dict[str, Any]) -> list[str]:
    """Name what open screens watch that show the bill which a co-op's stewards have proposed to pay."""
    return [f"till:{proposed['till']}", f"bill:{proposed['bill']}"]


def note(connection: sa.Connection, code: str, coop_id: int | None, until: datetime) -> None:
    """Note which co-op pays, or is about to pay, a bill that is open; it stays so `until`."""
    connection.execute(_note, {"of_code": code, "by_coop": coop_id, "until": until})


def note_none(connection: sa.Connection, code: str) -> None:
    """Note that no co-op pays a bill after all: it waited longer for that alone, and ends like any other."""
    opened_at = connection.execute(_opened_at, {"of_code": code}).scalar()
    if opened_at is not None:
        note(connection, code, None, expiry_of(opened_at))
