"""Invitations: who may join as what, by a link that works once."""

import secrets
from dataclasses import dataclass, field

import sqlalchemy as sa

from wallet.domain.handle import handle_from
from wallet.domain.roles import AT_A_COOP
from wallet.domain.secret import digest_of, drawn, is_token
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, federation, invitations, notices, people, roles
from wallet.store.engine import reading, write
from wallet.store.invitations import Invitation, NewInvitation

# The first facilitator, where nobody names them.
USUAL = "First facilitator"


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold what somebody is invited to: kind is worker (of `coop`), customer, facilitator, or person.

    A person is here already, by `handle`, and gets a passkey. For the others `handle` and `name` are proposals, and
    `roles` are held at `coop`.
    """

    kind: str
    coop: str | None = None
    handle: str | None = None
    name: str = ""
    roles: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Link:
    """Hold the token of an invitation's link, kept nowhere, and whether it had been made before."""

    token: str
    again: bool


def invite(kit: Kit, offer: Offer) -> str:
    """Make an invitation and give the token of its link, which is kept nowhere.

    Raises: Refusal unknown_coop, account_not_open, unknown_member, bad_form for a role that is none.
    """
    token = secrets.token_urlsafe(32)
    _invite(kit, offer, token, None)
    return token


def invite_once(kit: Kit, offer: Offer, *, invited_by: str, key: str) -> Link:
    """Make an invitation of a co-op as its steward `invited_by`; the same key gives them the same link again.

    Its token is drawn from the key, which is random and kept nowhere.

    Raises: Refusal unknown_coop, account_not_open, not_allowed, bad_form for a role that is none, invitation_spent
        when the key's invitation works no more.
    Locks:  the co-op, then the steward, until commit: who lets one of them go ends this link too.
    """
    token = drawn(key, f"{invited_by} {offer.coop} {offer.kind} {offer.name}")
    return Link(token, _invite(kit, offer, token, invited_by))


def _invite(kit: Kit, offer: Offer, token: str, invited_by: str | None) -> bool:
    """Keep an invitation with this token; tell whether it was there before."""
    if not set(offer.roles) <= AT_A_COOP or (offer.roles and offer.coop is None):
        raise refuse("bad_form")
    now = kit.clock()

    def work(connection: sa.Connection) -> bool:
        place = None if offer.coop is None else coops.require_inviting(coops.known(connection, offer.coop, lock=True))
        assert invited_by is None or place is not None, "a steward invites to their co-op"
        host = roles.require_steward(connection, place.id, invited_by, now) if place and invited_by else None
        known = people.find(connection, offer.handle or "") if offer.kind == "person" else None
        if offer.kind == "person" and known is None:
            raise refuse("unknown_member")
        invited = NewInvitation(
            digest_of(token),
            offer.kind,
            offer.name,
            now,
            now + invitations.LIVES,
            handle=offer.handle,
            person_id=known.id if known else None,
            coop_id=place.id if place else None,
            roles=",".join(offer.roles),
            invited_by=host.id if host else None,
        )
        if not invitations.add_once(connection, invited):
            return True
        if known is not None:
            notices.tell(connection, known.id, "invited_back", now)
        return False

    return write(kit.engine, work, keyed=False)


def invite_first_again(
    kit: Kit, name: str | None, *, federation_name: str | None = None, cash: str | None = None
) -> str | None:
    """Give a new link to the facilitator who was invited first, in place of the former; None once anybody has joined.

    Where nobody was invited, as to a federation that a history founded, it is a first one for `name`. Such a federation
    has no name yet, and its cash is the usual one: both are as given from then on.
    Raises: Refusal not_allowed, where somebody of another name was invited.
    """
    token, now = secrets.token_urlsafe(32), kit.clock()
    until = now + invitations.LIVES

    def work(connection: sa.Connection) -> bool:
        if not invitations.is_joined_by_nobody(connection):
            return False
        first = invitations.first_name(connection)
        if name is not None and first not in (None, name):
            says = _(
                "%(name)s is invited already. Nothing was changed. Leave the name out: who joins chooses their own.",
                name=first,
            )
            raise refuse("not_allowed", says)
        federation.rename(connection, federation_name, cash)
        if first is None:
            called = name or USUAL
            row = NewInvitation(digest_of(token), "facilitator", called, now, until, handle=handle_from(called))
            invitations.add(connection, row)
        else:
            invitations.renew_first(connection, digest_of(token), until)
        return True

    return token if write(kit.engine, work, keyed=False) else None


def withdraw(kit: Kit, coop: str | None, invitation: int) -> None:
    """Take back an invitation of a co-op; for the federation, with None, one of a facilitator or a steward.

    Raises: Refusal unknown_invitation, invitation_spent.
    """

    def work(connection: sa.Connection) -> None:
        found = invitations.by_id(connection, invitation, kit.clock())
        to_serve = found.kind == "facilitator" or "steward" in found.roles
        if not (to_serve if coop is None else found.coop == coop):
            raise refuse("unknown_invitation")
        if not invitations.withdraw(connection, invitation, kit.clock()):
            says = _(
                "It was taken back or taken up before, or has run out. Nothing was changed. Look at the list again."
            )
            raise refuse("invitation_spent", says)

    write(kit.engine, work, keyed=False)


def look_up(kit: Kit, token: str) -> Invitation:
    """Give the invitation of a link, whether or not it still works.

    Raises: Refusal unknown_invitation.
    """
    if not is_token(token):
        raise refuse("unknown_invitation")
    with reading(kit.engine) as connection:
        return invitations.find(connection, digest_of(token), kit.clock())
