"""A federation that votes, and a ballot, for whoever asks about the ballots' addresses."""

import sqlalchemy as sa

from wallet.kit import Kit
from wallet.services import ballots, members, network

OF_A_PROPOSAL = {"ballot_proposals.agree", "ballot_proposals.withdraw"}


def chartered(federation: Kit) -> Kit:
    """Give the federation a charter's day and a second facilitator, Gus."""
    network.found_federation(federation, "Valley", charter_on="2026-01-01")
    members.join(federation, "mill", "gus", name="Gus Paz")
    members.grant(federation, "gus", "facilitator")
    return federation


def clear(kit: Kit) -> None:
    """Have no ballot."""
    with kit.engine.begin() as connection:
        for table in ("ballot_papers", "ballot_places", "ballot_coops", "ballots"):
            connection.execute(sa.text(f"DELETE FROM {table}"))


def opened(kit: Kit) -> int:
    """Have one ballot, open, by Gus and Fay."""
    number = proposed(kit)
    ballots.agree(kit, "fay", number)
    return number


def proposed(kit: Kit) -> int:
    """Have one proposed ballot, by Gus."""
    clear(kit)
    return ballots.propose(kit, "gus", 156, "Sooner", 30)


def for_endpoint(kit: Kit, endpoint: str) -> int:
    """Have the ballot that an address asks for."""
    return proposed(kit) if endpoint in OF_A_PROPOSAL else opened(kit)
