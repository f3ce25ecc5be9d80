"""Who acts for the federation."""

from datetime import datetime

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.store import notices, people, proposals


def require(connection: sa.Connection, handle: str, now: datetime) -> int:
    """Give the key of the facilitator `handle`.

    Raises: Refusal not_allowed for anybody else.
    """
    person = people.find(connection, handle)
    if person is None or handle not in proposals.who_could(connection, None, now):
        raise refuse("not_allowed")
    return person.id


def ask_others(connection: sa.Connection, by: str, kind: str, page: str, now: datetime) -> None:
    """Ask every facilitator but `by` for their yes to what stands on a page, until one has answered."""
    others = sorted(proposals.who_could(connection, None, now).keys() - {by})
    notices.ask(connection, [people.holder(connection, handle).id for handle in others], kind, now, "", page)
