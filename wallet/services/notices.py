"""Notices of money: noting that they were seen, and whether sums stand beside them."""

from datetime import datetime

from wallet.kit import Kit
from wallet.store import notices
from wallet.store.engine import note, write


def see(kit: Kit, person_id: int, at: datetime) -> None:
    """Note that a person has seen what had moved at `at`, on whichever browser."""
    note(kit.engine, lambda connection: notices.see(connection, person_id, at, notices.MONEY))


def want_amounts(kit: Kit, person_id: int, wanted: bool) -> None:
    """Put sums into a person's list of notices, or leave them out."""
    write(kit.engine, lambda connection: notices.want_amounts(connection, person_id, wanted))
