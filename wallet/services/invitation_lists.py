"""Invitation lists: inviting a whole list of people to a co-op, after a look at it, all or nobody."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain.handle import handle_from
from wallet.domain.invitation_list import Invitee
from wallet.domain.secret import digest_of, drawn
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, invitation_lists, invitations, people, roles
from wallet.store.engine import write
from wallet.store.invitations import NewInvitation


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """Hold an invitation of a list; its token is kept nowhere."""

    name: str
    kind: str
    token: str


@dataclass(frozen=True, slots=True)
class SentList:
    """Hold the invitations of a list, and whether they had been made before; then, how many of them work no more."""

    made: list[MadeInvitation]
    again: bool
    gone: int = 0


def keep(kit: Kit, by: str, coop: str, entries: tuple[Invitee, ...]) -> int:
    """Keep a list that has been looked at, and give its number.

    Raises: Refusal unknown_coop, account_not_open, unknown_member.
    """

    def work(connection: sa.Connection) -> int:
        place = coops.require_inviting(coops.known(connection, coop))
        pairs = [[entry.name, entry.kind] for entry in entries]
        return invitation_lists.keep(connection, place.id, people.holder(connection, by).id, pairs, kit.clock())

    return write(kit.engine, work, keyed=False)


def invite_all(kit: Kit, by: str, coop: str, number: int, *, key: str) -> SentList:
    """Make the invitations of a kept list, once; the same key gives those of them again that still work.

    Their tokens are drawn from the key, which is random and kept nowhere, so that nobody who reads the database can
    join by one.

    Raises: Refusal unknown_coop, account_not_open, not_allowed, invitation_spent for a list that was sent off with
        another key, or of which none works any more.
    Locks:  the co-op, then the steward, until commit: who lets one of them go ends these links too.
    """

    def work(connection: sa.Connection) -> SentList:
        now = kit.clock()
        place = coops.require_inviting(coops.known(connection, coop, lock=True))
        host = roles.require_steward(connection, place.id, by, now)
        kept = invitation_lists.use(connection, number, place.id, digest_of(key), now)
        if kept is None:
            says = _("This list was sent off before, or is gone. Nobody was invited again. Look at who is invited.")
            raise refuse("invitation_spent", says)
        made = [
            MadeInvitation(name, kind, drawn(key, f"{number} {line}")) for line, (name, kind) in enumerate(kept.people)
        ]
        if kept.again:
            return _again(made, invitations.standing_at(connection, place.id, now))
        for each in made:
            invited = NewInvitation(
                digest_of(each.token),
                each.kind,
                each.name,
                now,
                now + invitations.LIVES,
                handle=handle_from(each.name),
                coop_id=place.id,
                invited_by=host.id,
            )
            invitations.add(connection, invited)
        return SentList(made, again=False)

    return write(kit.engine, work, keyed=False)


def _again(made: list[MadeInvitation], standing: frozenset[str]) -> SentList:
    left = [each for each in made if digest_of(each.token) in standing]
    if not left:
        says = _("None of these invitations works any more. Nobody was invited again. Look at who is invited.")
        raise refuse("invitation_spent", says)
    return SentList(left, again=True, gone=len(made) - len(left))
