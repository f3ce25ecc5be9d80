"""Rosters: inviting a whole list of people to a co-op, after a look at it, all or nobody."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from wallet.domain.handle import handle_from
from wallet.domain.roster import Entry
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import coops, invitations, people, rosters
from wallet.store.engine import write

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Made:
    """Hold an invitation of a list; its token is kept nowhere."""

    name: str
    kind: str
    token: str


def keep(kit: Kit, by: str, coop: str, entries: tuple[Entry, ...]) -> int:
    """Keep a list that has been looked at, and give its number.

    Raises: Refusal unknown_coop, account_not_open, unknown_member.
    """

    def work(connection: sa.Connection) -> int:
        place = coops.require_open(coops.known(connection, coop))
        pairs = [[entry.name, entry.kind] for entry in entries]
        return rosters.keep(connection, place.id, people.holder(connection, by).id, pairs, kit.clock())

    return write(kit.engine, work, keyed=False)


def invite_all(kit: Kit, by: str, coop: str, roster: int) -> list[Made]:
    """Make the invitations of a kept list, once.

    Raises: Refusal unknown_coop, account_not_open, unknown_member, invitation_spent for a list that was sent off.
    """

    def work(connection: sa.Connection) -> list[Made]:
        now = kit.clock()
        place = coops.require_open(coops.known(connection, coop))
        host = people.holder(connection, by)
        pairs = rosters.use(connection, roster, place.id, now)
        if pairs is None:
            raise refuse("invitation_spent")
        made = [Made(name, kind, secrets.token_urlsafe(32)) for name, kind in pairs]
        for each in made:
            row = {
                "token_hash": sha256(each.token.encode()).hexdigest(),
                "kind": each.kind,
                "coop_id": place.id,
                "person_id": None,
                "handle": handle_from(each.name),
                "name": each.name,
                "roles": "",
                "invited_by": host.id,
                "created_at": now,
                "expires_at": now + LIFETIME,
            }
            invitations.add(connection, row)
        return made

    return write(kit.engine, work, keyed=False)


def withdraw(kit: Kit, coop: str, invitation: int) -> None:
    """Take back an invitation of a co-op.

    Raises: Refusal unknown_invitation, invitation_spent.
    """

    def work(connection: sa.Connection) -> None:
        found = invitations.by_id(connection, invitation, kit.clock())
        if found.coop != coop:
            raise refuse("unknown_invitation")
        if not invitations.withdraw(connection, invitation, kit.clock()):
            raise refuse("invitation_spent")

    write(kit.engine, work, keyed=False)
