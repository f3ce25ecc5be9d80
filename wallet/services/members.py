"""Members: who works where, who shops as a customer, who holds which role."""

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import coops, facilitators, ownset, people, roles
from wallet.store.engine import write


def join(kit: Kit, coop: str, handle: str, *, name: str | None = None, counter_name: str | None = None) -> None:
    """Begin a worker membership; the first one opens a wallet.

    Raises: Refusal unknown_coop, account_not_open, not_allowed if it stands already.
    """

    def work(connection: sa.Connection) -> None:
        place = coops.require_open(coops.known(connection, coop))
        person, _ = people.with_wallet(connection, handle, kit.clock(), name, counter_name)
        if not ownset.joined(connection, person.id, place.id, kit.clock()):
            raise refuse("not_allowed")

    write(kit.engine, work, keyed=False)


def leave(kit: Kit, coop: str, handle: str) -> None:
    """End a worker membership, and with it the roles at that co-op; a co-op that has left lets its members go too.

    Raises: Refusal unknown_coop, unknown_member, not_allowed if there is none.
    Locks:  the co-op, then what `ownset.left` locks, until commit: who signs a run there has signed before.
    """

    def work(connection: sa.Connection) -> None:
        place = coops.known(connection, coop, lock=True)
        person = people.holder(connection, handle)
        if not ownset.left(connection, person.id, place.id, kit.clock()):
            raise refuse("not_allowed")

    write(kit.engine, work, keyed=False)


def accept_customer(kit: Kit, handle: str, *, name: str | None = None, counter_name: str | None = None) -> None:
    """Accept a person as a customer, which opens a wallet.

    Raises: Refusal not_allowed, if the person has one.
    """

    def work(connection: sa.Connection) -> None:
        if not people.with_wallet(connection, handle, kit.clock(), name, counter_name)[1]:
            raise refuse("not_allowed")

    write(kit.engine, work, keyed=False)


def grant(kit: Kit, handle: str, role: str, coop: str | None = None) -> None:
    """Give a person the role cashier or steward at a co-op, or facilitator in the federation.

    Raises: Refusal unknown_member, unknown_coop.
    """

    def work(connection: sa.Connection) -> None:
        place = None if coop is None else coops.known(connection, coop).id
        roles.grant(connection, people.holder(connection, handle).id, role, place, kit.clock())

    write(kit.engine, work)


def end_facilitator(kit: Kit, handle: str) -> None:
    """Let somebody facilitate no more, by whoever runs the server: of two who are left nobody else could agree.

    Raises: Refusal unknown_member for who does not facilitate, not_allowed for the last one.
    """
    write(kit.engine, lambda connection: facilitators.end(connection, handle, kit.clock()), keyed=False)
