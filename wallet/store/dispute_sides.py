"""The sides of a dispute: whom somebody speaks for, and who is on each: stewards, and facilitators on neither."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store import facilitators, people, roles
from wallet.store.disputes import Dispute
from wallet.store.people import Holder
from wallet.store.roles import Serving


@dataclass(frozen=True, slots=True)
class Sides:
    """Hold the stewards who may answer and the facilitators who may decide, each without the member."""

    stewards: tuple[Serving, ...]
    facilitators: tuple[Holder, ...]


def of(connection: sa.Connection, coop_id: int, member: str, now: datetime) -> Sides:
    """Tell who can act in a dispute of `member` with a co-op: who is its steward decides nothing of it."""
    stewards = roles.serving(connection, coop_id, "steward", now)
    outside = sorted(facilitators.serving(connection, now).keys() - {member, *stewards})
    return Sides(
        tuple(one for one in stewards.values() if one.handle != member),
        tuple(people.holder(connection, handle) for handle in outside),
    )


def side_of(connection: sa.Connection, dispute: Dispute, handle: str, now: datetime) -> str | None:
    """Tell whom somebody speaks for: the member, or the co-op as its steward; None on neither side."""
    if dispute.member == handle:
        return "member"
    return "coop" if handle in roles.serving(connection, dispute.coop_id, "steward", now) else None
