"""Places to spend: what a co-op tells members of itself."""

import sqlalchemy as sa

from wallet.kit import Kit
from wallet.store import coops, places
from wallet.store.engine import write
from wallet.store.places import Described


def describe(kit: Kit, coop: str, described: Described) -> None:
    """Keep what a co-op sells, where it is and when it is open, as members read it.

    Raises: Refusal unknown_coop.
    """

    def work(connection: sa.Connection) -> None:
        places.describe(connection, coops.known(connection, coop).id, described)

    write(kit.engine, work)
