"""Stickers: the counter that one names, and the bills that its till shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wallet.domain.bill import state_of
from wallet.domain.ratio import WHOLE_BP
from wallet.errors import refuse
from wallet.store import bills as made
from wallet.store import suspensions
from wallet.store.tables import bills, coops, tills

# A sticker leads to what the till has shown so lately.
SHOWN_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sticker:
    """Hold whose counter a sticker stands at."""

    till: str
    name: str
    coop: str
    coop_name: str
    mark: str
    place: str
    since: datetime
    res_part_bp: int
    is_open: bool
    coop_status: str
    stopped_at: datetime | None

    @property
    def takes_sums(self) -> bool:
        """Tell whether a member types the sum here; cash is logged by who takes it."""
        return self.res_part_bp == WHOLE_BP


_counter = (
    sa.select(
        tills.c.id,
        tills.c.name,
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        coops.c.place,
        coops.c.admitted_at,
        coops.c.res_part_bp,
        sa.and_(coops.c.status == "active", tills.c.closed_at.is_(None)),
        coops.c.status,
        suspensions.stopped_at,
    )
    .join(coops, coops.c.id == tills.c.coop_id)
    .where(tills.c.id == sa.bindparam("till"))
)
# What a member has made at the sticker is that member's own, a scan's bill nobody else's, and one may wait for a co-op.
_shown = (
    sa.select(bills.c.code, bills.c.state, bills.c.expires_at, bills.c.claimed_at)
    .where(
        bills.c.till_id == sa.bindparam("till"),
        bills.c.opened_at > sa.bindparam("since"),
        bills.c.state == "open",
        bills.c.made_by.is_(None),
        bills.c.bound_to.is_(None),
        bills.c.buyer_id.is_(None),
    )
    .order_by(bills.c.opened_at)
)
_taken_back = (
    sa.update(bills)
    .where(
        bills.c.till_id == sa.bindparam("at_till"),
        bills.c.opened_at > sa.bindparam("since"),
        bills.c.made_by == sa.bindparam("of_member"),
        bills.c.state == "open",
        bills.c.expires_at > sa.bindparam("now"),
        bills.c.buyer_id.is_(None),
    )
    .values(state="declined", rev=bills.c.rev + 1)
)


def counter(connection: sa.Connection, till: str) -> Sticker:
    """Give the counter whose sticker names `till`.

    Raises: Refusal unknown_till.
    """
    row = connection.execute(_counter, {"till": till}).first()
    if row is None:
        raise refuse("unknown_till")
    return Sticker(*row)


def shown(connection: sa.Connection, till: str, now: datetime) -> list[str]:
    """List the codes of the bills that the till made in the last minute and that can still be paid."""
    found = connection.execute(_shown, {"till": till, "since": now - SHOWN_WITHIN})
    return [row.code for row in found if state_of(*row[1:], bound=False, now=now) != "expired"]


def take_back(connection: sa.Connection, till: str, person_id: int, now: datetime) -> None:
    """End what the member has asked for at the sticker before and has not paid: one counter, one sum.

    One about which a co-op's second steward is asked stays.
    """
    since = now - made.LIVES
    connection.execute(_taken_back, {"at_till": till, "of_member": person_id, "since": since, "now": now})
