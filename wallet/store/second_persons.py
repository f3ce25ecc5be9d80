"""Second persons: who may agree to a proposal, now or once their role begins, and who of them is asked."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.store import proposals, roles
from wallet.store.proposals import Proposal


def may_agree(connection: sa.Connection, proposal: Proposal, now: datetime) -> dict[str, str]:
    """Name, by handle, those for whom a proposal waits: not who made it, and not whom it is about."""
    could = proposals.who_could(connection, proposal.coop_id, now, proposal.kind)
    return others(could, proposal.by, proposal.content)


def agree_later(connection: sa.Connection, proposal: Proposal, now: datetime) -> dict[str, str]:
    """Name, by handle, who may agree to a proposal once their role begins, while nobody may yet."""
    if may_agree(connection, proposal, now):
        return {}
    return others(proposals.who_will(connection, proposal.coop_id, proposal.kind), proposal.by, proposal.content)


def asked(connection: sa.Connection, handle: str, waiting: list[Proposal], now: datetime) -> list[Proposal]:
    """List what asks somebody by itself: it asks a co-op's own stewards before the facilitators, who help out."""
    deciding = roles.deciding(connection, now)

    def asks(proposal: Proposal) -> bool:
        at_home = {} if proposal.coop_id is None else deciding.get(proposal.coop_id, {})
        help_out = {} if proposal.traits.stewards_only else deciding.get(None, {})
        could = others(help_out | at_home, proposal.by, proposal.content)
        return handle in (could.keys() & at_home.keys() or could)

    return [proposal for proposal in waiting if asks(proposal)]


def others(could: dict[str, str], by: str, content: dict[str, Any]) -> dict[str, str]:
    """Leave out who proposes, and whom it is about."""
    return {handle: name for handle, name in could.items() if handle not in (by, content.get("handle"))}


def nearest(connection: sa.Connection, could: frozenset[str], coop_id: int | None, now: datetime) -> frozenset[str]:
    """Give the co-op's own stewards of those who could agree, or all of them where none is one."""
    at_home = frozenset() if coop_id is None else could & roles.serving(connection, coop_id, "steward", now).keys()
    return at_home or could


def is_alone(connection: sa.Connection, by: str, coop_id: int, kind: str, now: datetime) -> bool:
    """Tell whether nobody could agree now, were `by` to propose something of this kind for a co-op."""
    return not others(proposals.who_could(connection, coop_id, now, kind), by, {})


def is_first(connection: sa.Connection, by: str, coop_id: int, kind: str, now: datetime) -> bool:
    """Tell whether what `by` proposes is done at once: nobody could agree now, nor once their role rests no more."""
    rest = others(proposals.who_rests(connection, coop_id, now, kind), by, {})
    return not rest and is_alone(connection, by, coop_id, kind, now)
