"""Rows of invitations: who may join as what, by a link that works once."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store.tables import coops, federation, invitations, passkeys, people
from wallet.store.upserts import claim_row

LIVES = timedelta(days=7)

_insert = sa.insert(invitations)
_claim = claim_row(invitations).returning(invitations.c.id)
_now = sa.bindparam("now", type_=invitations.c.expires_at.type)
_stands = sa.and_(
    invitations.c.used_at.is_(None), invitations.c.withdrawn_at.is_(None), invitations.c.expires_at > _now
)
_open = sa.and_(_stands, sa.or_(invitations.c.opens_at.is_(None), invitations.c.opens_at <= _now))
_find = sa.select(
    invitations.c.id,
    invitations.c.kind,
    invitations.c.coop_id,
    coops.c.slug,
    coops.c.name.label("coop_name"),
    coops.c.mark,
    coops.c.status,
    invitations.c.person_id,
    sa.func.coalesce(people.c.handle, invitations.c.handle).label("handle"),
    sa.func.coalesce(people.c.name, invitations.c.name).label("name"),
    invitations.c.roles,
    invitations.c.expires_at,
    _open.label("is_open"),
    _stands.label("stands"),
    invitations.c.opens_at,
    invitations.c.used_by,
).select_from(
    invitations.outerjoin(coops, coops.c.id == invitations.c.coop_id).outerjoin(
        people, people.c.id == invitations.c.person_id
    )
)
_hold = sa.select(invitations.c.id).where(invitations.c.token_hash == sa.bindparam("of_token")).with_for_update()
_by_token = _find.where(invitations.c.token_hash == sa.bindparam("of_token"))
_standing_at = sa.select(invitations.c.token_hash).where(invitations.c.coop_id == sa.bindparam("at_coop"), _stands)
_by_id = _find.where(invitations.c.id == sa.bindparam("of_id"))
_of_person = sa.and_(invitations.c.person_id == sa.bindparam("of_person"), _stands)
_stop = (
    sa.update(invitations)
    .where(_of_person)
    .values(withdrawn_at=sa.bindparam("now", type_=invitations.c.withdrawn_at.type))
)
_way_back = sa.select(sa.func.max(invitations.c.opens_at)).where(_of_person)
_use = (
    sa.update(invitations)
    .where(invitations.c.id == sa.bindparam("of_id"), _open)
    .values(used_at=sa.bindparam("now", type_=invitations.c.used_at.type), used_by=sa.bindparam("by_person"))
)
_withdraw_everyones = (
    sa.update(invitations)
    .where(_stands)
    .values(withdrawn_at=sa.bindparam("now", type_=invitations.c.withdrawn_at.type))
)
_withdraw = _withdraw_everyones.where(invitations.c.id == sa.bindparam("of_id"))
# A way back is its owner's, who may work elsewhere, too.
_withdraw_at = (
    sa.update(invitations)
    .where(invitations.c.coop_id == sa.bindparam("at_coop"), invitations.c.kind != "person", _stands)
    .values(withdrawn_at=sa.bindparam("now", type_=invitations.c.withdrawn_at.type))
)

# People of a history are here without a passkey. The row's lock keeps two from inviting at once.
_not_joined = sa.select(federation.c.id).where(~sa.exists(sa.select(passkeys.c.id))).with_for_update()
# The one that `init` made: nobody invited, as with those that whoever runs the server made later.
_first = (
    sa.select(sa.func.min(invitations.c.id))
    .where(invitations.c.kind == "facilitator", invitations.c.invited_by.is_(None), invitations.c.used_at.is_(None))
    .scalar_subquery()
)
# Nobody of a demo or of a history was: their people are here without a link.
_from_the_server = sa.select(sa.exists().where(invitations.c.kind == "facilitator", invitations.c.invited_by.is_(None)))
_first_name = sa.select(invitations.c.name).where(invitations.c.id == _first)
_renew_first = (
    sa.update(invitations)
    .where(invitations.c.id == _first)
    .values(
        token_hash=sa.bindparam("to_token"),
        expires_at=sa.bindparam("to_end", type_=invitations.c.expires_at.type),
        # Nobody who joined has taken it back: a restore has.
        withdrawn_at=None,
    )
)


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """Hold a new invitation: to whom, as what, by whom, and for how long its link works."""

    token_hash: str
    kind: str
    name: str
    created_at: datetime
    expires_at: datetime
    handle: str | None = None
    person_id: int | None = None
    coop_id: int | None = None
    roles: str = ""
    invited_by: int | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Hold an invitation as it stands: to whom, as what, and whether it still works."""

    id: int
    kind: str
    coop_id: int | None
    coop: str | None
    coop_name: str | None
    coop_mark: str | None
    person_id: int | None
    handle: str | None
    name: str
    roles: tuple[str, ...]
    expires_at: datetime
    is_open: bool
    stands: bool
    # Of a way back agreed in person: when it begins to work.
    opens_at: datetime | None
    coop_status: str | None
    used_by: int | None

    @property
    def is_barred(self) -> bool:
        """Tell whether this is of a co-op that takes nobody in at present: it is suspended, or has left."""
        return self.coop_status not in (None, "active")

    def waits(self, now: datetime) -> bool:
        """Tell whether this will work, and does not yet."""
        return self.stands and self.opens_at is not None and now < self.opens_at

    def require_open(self) -> None:
        """Refuse who joins by this while it does not work.

        Raises: Refusal invitation_spent, account_not_open.
        """
        if not self.is_open:
            raise refuse("invitation_spent")
        if self.is_barred:
            raise refuse(
                "account_not_open",
                _("%(coop)s takes nobody in at present. Nothing was changed. Ask there how to go on.")
                % {"coop": self.coop_name},
            )


def add(connection: sa.Connection, invited: NewInvitation) -> None:
    """Keep a new invitation."""
    connection.execute(_insert, asdict(invited))


def add_once(connection: sa.Connection, invited: NewInvitation) -> bool:
    """Keep a new invitation, unless its link was given out before; tell whether it was not.

    Raises: Refusal invitation_spent, for a link that was given out and works no more.
    Locks:  the link, until commit: another request with it waits.
    """
    if connection.execute(_claim, asdict(invited)).first() is not None:
        return True
    made = made_before(connection, invited.token_hash, invited.created_at)
    assert made, "whose link it was claimed for is there"
    return False


def made_before(connection: sa.Connection, token_hash: str, now: datetime) -> bool:
    """Tell whether this link was given out before.

    Raises: Refusal invitation_spent, if it works no more.
    """
    row = connection.execute(_by_token, {"of_token": token_hash, "now": now}).first()
    if row is None:
        return False
    found = _read(row)
    if not found.stands:
        raise refuse(
            "invitation_spent",
            _("You invited %(name)s by this form before, and that link works no more. Nothing was changed.")
            % {"name": found.name},
        )
    return True


def find(connection: sa.Connection, token_hash: str, now: datetime) -> Invitation:
    """Give the invitation of a link.

    Raises: Refusal unknown_invitation.
    """
    return _read(connection.execute(_by_token, {"of_token": token_hash, "now": now}).first())


def held(connection: sa.Connection, token_hash: str, now: datetime) -> Invitation:
    """Give the invitation of a link, for who is about to use it.

    Raises: Refusal unknown_invitation.
    Locks:  the link, until commit: whoever else is about to use it waits.
    """
    connection.execute(_hold, {"of_token": token_hash})
    return find(connection, token_hash, now)


def standing_at(connection: sa.Connection, coop_id: int, now: datetime) -> frozenset[str]:
    """Give the digests of a co-op's links that still work."""
    return frozenset(connection.execute(_standing_at, {"at_coop": coop_id, "now": now}).scalars())


def by_id(connection: sa.Connection, invitation_id: int, now: datetime) -> Invitation:
    """Give the invitation with this key.

    Raises: Refusal unknown_invitation.
    """
    return _read(connection.execute(_by_id, {"of_id": invitation_id, "now": now}).first())


def is_joined_by_nobody(connection: sa.Connection) -> bool:
    """Tell whether there is a federation, and nobody who could invite others to it.

    Locks:  whoever else asks this, until commit.
    """
    return connection.execute(_not_joined).first() is not None


def is_for_real_people(connection: sa.Connection) -> bool:
    """Tell whether whoever runs the server has invited somebody to facilitate, as every founder is."""
    return bool(connection.execute(_from_the_server).scalar_one())


def first_name(connection: sa.Connection) -> str | None:
    """Give the name by which the first facilitator is invited; None where nobody is."""
    name: str | None = connection.execute(_first_name).scalar_one_or_none()
    return name


def renew_first(connection: sa.Connection, token_hash: str, until: datetime) -> None:
    """Give the first facilitator's invitation another link."""
    connection.execute(_renew_first, {"to_token": token_hash, "to_end": until})


def use(connection: sa.Connection, invitation_id: int, person_id: int, now: datetime) -> None:
    """Use an invitation up; of any number of people at once one gets it.

    Raises: Refusal invitation_spent.
    """
    if connection.execute(_use, {"of_id": invitation_id, "by_person": person_id, "now": now}).rowcount != 1:
        raise refuse("invitation_spent")


def withdraw(connection: sa.Connection, invitation_id: int, now: datetime) -> bool:
    """Take an invitation back; tell whether it still worked."""
    return connection.execute(_withdraw, {"of_id": invitation_id, "now": now}).rowcount == 1


def withdraw_at(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """Take back the links of a co-op that leaves: admitted again, it invites anew."""
    connection.execute(_withdraw_at, {"at_coop": coop_id, "now": now})


def withdraw_everyones(connection: sa.Connection, now: datetime) -> None:
    """Take back every link of everybody, ways back as well."""
    connection.execute(_withdraw_everyones, {"now": now})


def way_back(connection: sa.Connection, person_id: int, now: datetime) -> datetime | None:
    """Tell when a way back for this person begins to work, if one was agreed."""
    opens_at: datetime | None = connection.execute(_way_back, {"of_person": person_id, "now": now}).scalar_one()
    return opens_at


def stop_ways_back(connection: sa.Connection, person_id: int, now: datetime) -> bool:
    """Withdraw every way back for this person; tell whether there was one."""
    return connection.execute(_stop, {"of_person": person_id, "now": now}).rowcount > 0


def _read(row: Any) -> Invitation:
    if row is None:
        raise refuse("unknown_invitation")
    found = row._mapping
    return Invitation(
        found["id"],
        found["kind"],
        found["coop_id"],
        found["slug"],
        found["coop_name"],
        found["mark"],
        found["person_id"],
        found["handle"],
        found["name"],
        tuple(filter(None, found["roles"].split(","))),
        found["expires_at"],
        bool(found["is_open"]),
        bool(found["stands"]),
        found["opens_at"],
        found["status"],
        found["used_by"],
    )
