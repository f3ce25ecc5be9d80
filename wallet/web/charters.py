"""The charter for pages: of this month, with all that was voted, and of the dividend's period in hand."""

import sqlalchemy as sa

from wallet.domain.charter import Charter, History
from wallet.store import charters
from wallet.store.charters import InHand
from wallet.web.current import kit


def this_month(connection: sa.Connection) -> Charter:
    """Give the charter of the month that runs."""
    return charters.in_month_of(connection, kit().charter, kit().clock())


def voted(connection: sa.Connection) -> History:
    """Give the charter of every month, the next one's as far as it is voted."""
    return charters.history(connection, kit().charter, kit().clock())


def present(hand: InHand | None) -> Charter:
    """Give what holds now, of months and periods alike; as the charter began before it has a day."""
    return kit().charter if hand is None else hand.present(kit().clock())


def in_hand(connection: sa.Connection) -> InHand | None:
    """Give the dividend's period in hand; None before there is a charter."""
    return charters.in_hand(connection, kit().charter, kit().clock())
