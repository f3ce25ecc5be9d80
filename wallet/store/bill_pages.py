"""Pages of bills: where a member or a co-op looks at one, and the notices that ask there for a yes to it."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain.addresses import of_office
from wallet.store import notices


def of_member(code: str) -> str:
    """Give the address at which a member looks at a bill, and its notice leads to."""
    return f"/b/{code}"


def of_coop(code: str, buyer: str) -> str:
    """Give the address at which the stewards of the co-op `buyer` look at a bill that it pays."""
    return f"{of_office(buyer)}/bills/{code}"


def answered(connection: sa.Connection, now: datetime, code: str, *, bound_to: int | None, buyer: str | None) -> None:
    """Note that nobody needs to say yes to the bill `code` any more, if notices ask for that."""
    if bound_to is not None:
        notices.done(connection, of_member(code), now)
    if buyer is not None:
        notices.done(connection, of_coop(code, buyer), now)
