"""A co-op that takes no payments, suspended or because it has left, for whoever asks what is shown of it."""

import sqlalchemy as sa

from wallet.kit import Kit
from wallet.services import network
from wallet.store import coops, suspensions
from wallet.store.engine import write

HOW = ("suspended", "left")


def stop(kit: Kit, coop: str, how: str) -> None:
    """Suspend a co-op, or let it leave."""

    def suspend(connection: sa.Connection) -> None:
        place = coops.known(connection, coop)
        suspensions.begin(connection, place.id, place.account_id, "Its books are open.", kit.clock())

    if how == "left":
        network.coop_leaves(kit, coop)
    else:
        write(kit.engine, suspend)


def let_go_on(kit: Kit, coop: str, how: str) -> None:
    """Admit a co-op again that has left, or lift its suspension."""

    def lift(connection: sa.Connection) -> None:
        suspensions.lift(connection, coops.known(connection, coop).id, kit.clock())

    if how == "left":
        network.admit_coop(kit, coop, 100_000)
    else:
        write(kit.engine, lift)
