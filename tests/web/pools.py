"""A pool and drafts of dividends, for whoever asks about the dividend's addresses."""

from datetime import date

from wallet.kit import Kit
from wallet.services import dividends, histories, network
from wallet.store import dividends as rows
from wallet.store.engine import reading


def filled(kit: Kit) -> None:
    """Let the federation have a charter, and its pool something to share out."""
    network.found_federation(kit, "Valley", charter_on="2026-01-01")
    histories.fund(kit, "mill", 1, key="pool")


def draft(kit: Kit) -> int:
    """Have one draft, by Gus."""
    none(kit)
    return dividends.draft(kit, "gus", date(2026, 2, 1), 1)


def none(kit: Kit) -> None:
    """Have no draft."""
    with reading(kit.engine) as connection:
        found = rows.draft(connection)
    if found is not None:
        dividends.withdraw(kit, "gus", found.id)
