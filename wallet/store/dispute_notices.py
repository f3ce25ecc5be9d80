"""Notices about disputes: to the member, to the co-op's stewards, and to who facilitates; each leads to its page."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store import dispute_sides, notices
from wallet.store.disputes import Dispute


def tell_other(connection: sa.Connection, dispute: Dispute, side: str, kind: str, now: datetime) -> None:
    """Tell the side that did not act: the member of what the co-op did, its stewards of what the member did."""
    (tell_member if side == "coop" else tell_stewards)(connection, dispute, kind, now)


def tell_member(connection: sa.Connection, dispute: Dispute, kind: str, now: datetime) -> None:
    """Tell the member."""
    _tell(connection, dispute, dispute.person_id, kind, now)


def tell_stewards(connection: sa.Connection, dispute: Dispute, kind: str, now: datetime) -> None:
    """Tell every steward of the co-op whose own it is not."""
    for steward in dispute_sides.of(connection, dispute.coop_id, dispute.member, now).stewards:
        _tell(connection, dispute, steward.id, kind, now)


def tell_facilitators(connection: sa.Connection, dispute: Dispute, kind: str, now: datetime) -> None:
    """Tell every facilitator who stands on neither side: whose own it is decides nothing of it."""
    for outside in dispute_sides.of(connection, dispute.coop_id, dispute.member, now).facilitators:
        _tell(connection, dispute, outside.id, kind, now)


def _tell(connection: sa.Connection, dispute: Dispute, person_id: int, kind: str, now: datetime) -> None:
    page = f"/disputes/{dispute.ref}"
    notices.tell_of_money(connection, person_id, kind, now, dispute.coop_name, page)
