"""Acceptance: somebody who is here already takes up an invitation with the wallet that they have."""

import sqlalchemy as sa

from wallet.domain.roles import begins
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import invitations, ownset, people, roles
from wallet.store.engine import write


def accept(kit: Kit, handle: str, token_hash: str) -> None:
    """Begin the membership, or the service, that an invitation offers; a customer's offers nothing to who has a wallet.

    Who has accepted before has accepted.
    Raises: Refusal unknown_invitation, invitation_spent, account_not_open, not_allowed for what one is already.
    Locks:  the link, then the person, until commit: work that ends at this moment has ended before, or ends with this.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        invitation = invitations.held(connection, token_hash, now)
        person = people.holder(connection, handle)
        if invitation.used_by == person.id:
            return
        invitation.require_open()
        people.lock(connection, person.id)
        if invitation.kind == "facilitator":
            if roles.facilitates(connection, person.id):
                raise _is_so(_("You facilitate already."))
            roles.grant(connection, person.id, "facilitator", None, now)
        elif invitation.kind == "worker" and invitation.coop is not None and invitation.coop_id is not None:
            place = invitation.coop_id
            # A co-op whose last steward has ended finds another one among those who work there already.
            brings = [role for role in invitation.roles if not roles.holds(connection, handle, role, place)]
            if not ownset.joined(connection, person.id, place, now) and not brings:
                raise _is_so(_("You work there already."))
        else:
            raise _is_so(_("You have a wallet already."))
        for role in invitation.roles:
            since = begins(role, now, kit.deployment)
            roles.grant(connection, person.id, role, invitation.coop_id, since)
        invitations.use(connection, invitation.id, person.id, now)

    write(kit.engine, work, keyed=False)


def _is_so(already: str) -> Refusal:
    return refuse(
        "not_allowed",
        # i18n: a whole sentence stands first, with its full stop.
        _("%(already)s Nothing was changed. This invitation still works: hand it to whom it is for.", already=already),
    )
