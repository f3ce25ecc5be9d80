"""Pages of bills: where a member or a co-op looks at one, and the notices that ask there for a yes to it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.addresses import of_office
from wallet.store import notices


def of_member(code: str) -> str:
    """Give the address at which a member looks at a bill, and its notice leads to."""
    return f"/b/{code}"


def of_coop(code: str, buyer: str) -> str:
    """Give the address at which the stewards of the co-op `buyer` look at a bill that it pays."""
    return f"{of_office(buyer)}/bills/{code}"


def answered(connection: sa.Connection, found: Any, now: datetime) -> None:
    """Note that nobody needs to say yes to the bill of a row any more, if notices ask for that."""
    if found.bound_to is not None:
        notices.done(connection, of_member(found.code), now)
    if found.buyer is not None:
        notices.done(connection, of_coop(found.code, found.buyer), now)
