"""Who acts for the federation."""

from datetime import datetime

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import notices, people, proposals, role_ends, roles, tables

# Of two who stop at once the second waits, and finds out that they are the last.
_holding = (
    sa.select(tables.roles.c.person_id)
    .where(tables.roles.c.role == "facilitator", tables.roles.c.revoked_at.is_(None))
    .order_by(tables.roles.c.id)
    .with_for_update()
)


def serving(connection: sa.Connection, now: datetime) -> dict[str, str]:
    """Name, by handle, the people whose role for the federation has begun."""
    return proposals.who_could(connection, None, now)


def require(connection: sa.Connection, handle: str, now: datetime) -> int:
    """Give the key of the facilitator `handle`, whose role does not end meanwhile.

    Raises: Refusal not_allowed for anybody else.
    Locks:  the person, as `roles.hold` does.
    """
    roles.hold(connection, handle)
    person = people.find(connection, handle)
    if person is None or handle not in serving(connection, now):
        raise refuse("not_allowed")
    return person.id


def require_with_second(connection: sa.Connection, handle: str, now: datetime) -> int:
    """Give the key of the facilitator `handle`, beside whom another one can agree.

    Raises: Refusal not_allowed for anybody else, second_person for the only one.
    """
    person_id = require(connection, handle, now)
    if len(serving(connection, now)) < 2:
        raise refuse("second_person")
    return person_id


def ask_others(connection: sa.Connection, by: str, kind: str, page: str, now: datetime) -> None:
    """Ask every facilitator but `by` for their yes to what stands on a page, until one has answered."""
    others = sorted(serving(connection, now).keys() - {by})
    notices.ask(connection, [people.holder(connection, handle).id for handle in others], kind, now, "", page)


def require_another(connection: sa.Connection, handle: str) -> int:
    """Give the key of the facilitator `handle`, beside whom somebody else is one, also while a role rests.

    Raises: Refusal unknown_member for who is none, not_allowed for the last one.
    Locks:  the person, then the roles of all facilitators, until commit.
    """
    person = people.find(connection, handle)
    if person is not None:
        people.lock(connection, person.id)
    held = set(connection.execute(_holding).scalars())
    if person is None or person.id not in held:
        says = _("%(handle)s does not facilitate. Nothing was changed. Look at the list again.", handle=handle)
        raise refuse("unknown_member", says)
    if len(held) == 1:
        raise refuse("not_allowed", _("The last facilitator stays. Nothing was changed. Invite another one first."))
    return person.id


def end(connection: sa.Connection, handle: str, now: datetime) -> None:
    """Let `handle` facilitate no more; what waits about that is over, and what they began that waits for a yes.

    Raises: Refusal as in `require_another`.
    """
    person_id = require_another(connection, handle)
    proposals.withdraw_about(connection, handle, None, now)
    role_ends.end(connection, person_id, None, now)
    roles.end_facilitating(connection, person_id, now)
