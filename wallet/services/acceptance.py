"""Acceptance: somebody who is here already takes up an invitation with the wallet that they have."""

import sqlalchemy as sa

from wallet.domain.roles import begins
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import invitations, ownset, people, roles
from wallet.store.engine import reading, write
from wallet.store.invitations import Invitation


def accept(kit: Kit, handle: str, token_hash: str) -> None:
    """Begin the membership, or the service, that an invitation offers; a customer's offers nothing to who has a wallet.

    Who has accepted before has accepted.
    Raises: Refusal unknown_invitation, invitation_spent, account_not_open, not_allowed for what one is already.
    Locks:  the person, then the link, until commit: work that ends at this moment has ended before, or ends with this.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        person = people.holder(connection, handle)
        people.lock(connection, person.id)
        invitation = invitations.held(connection, token_hash, now)
        if invitation.used_by == person.id:
            return
        invitation.require_open()
        already = _already(connection, person.id, invitation)
        if already is not None:
            raise _is_so(already)
        if invitation.kind == "facilitator":
            roles.grant(connection, person.id, "facilitator", None, now)
        elif invitation.coop_id is not None:
            ownset.joined(connection, person.id, invitation.coop_id, now)
        for role in invitation.roles:
            since = begins(role, now, kit.deployment)
            roles.grant(connection, person.id, role, invitation.coop_id, since)
        invitations.use(connection, invitation.id, person.id, now)

    write(kit.engine, work, keyed=False)


def is_already(kit: Kit, person_id: int, invitation: Invitation) -> str | None:
    """Say what somebody with a wallet is already, if an invitation offers them nothing more; else None."""
    with reading(kit.engine) as connection:
        return _already(connection, person_id, invitation)


def _already(connection: sa.Connection, person_id: int, invitation: Invitation) -> str | None:
    if invitation.kind == "facilitator":
        return _("You facilitate already.") if roles.facilitates(connection, person_id) else None
    place = invitation.coop_id
    if invitation.kind != "worker" or place is None:
        return _("You have a wallet already.")
    # A co-op whose last steward has ended finds another one among those who work there already.
    handle = people.handle_of(connection, person_id)
    brings = [role for role in invitation.roles if not roles.holds(connection, handle, role, place)]
    return _("You work there already.") if ownset.works_at(connection, person_id, place) and not brings else None


def _is_so(already: str) -> Refusal:
    further = _("Nothing was changed. This invitation still works: hand it to whom it is for.")
    return refuse("not_allowed", f"{already} {further}")
