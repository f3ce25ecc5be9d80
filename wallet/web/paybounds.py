"""What co-ops bound the RES part of the viewer's pay with, for the pages that tell what comes in RES."""

from datetime import timedelta

import sqlalchemy as sa

from wallet.domain.charter import Dated
from wallet.store import paybounds
from wallet.store.elections import Taken
from wallet.store.paybounds import PlaceBounds
from wallet.store.shares import Outlook
from wallet.web.current import kit, signed_in


def of_mine(connection: sa.Connection, mine: Outlook | None, taken: Taken, dated: Dated) -> list[PlaceBounds]:
    """List the co-ops of the viewer that may pay less in RES than the part of their share that they take."""
    if mine is None:
        return []
    lately = kit().clock() - timedelta(days=dated.of_month(mine.now.month).own_set_days)
    return paybounds.at_places_of(connection, signed_in().person_id, lately, taken.of(mine.now.share_bp))
