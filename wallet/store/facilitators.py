"""Who acts for the federation."""

from datetime import datetime

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store import people, proposals


def require(connection: sa.Connection, handle: str, now: datetime) -> int:
    """Give the key of the facilitator `handle`.

    Raises: Refusal not_allowed for anybody else.
    """
    person = people.find(connection, handle)
    if person is None or handle not in proposals.who_could(connection, None, now):
        raise refuse("not_allowed")
    return person.id
