"""Rows of proposals: acts of the office that wait until a second person agrees."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from wallet.domain.bill import SECOND_SECONDS
from wallet.domain.proposal import ABOUT_A_COOP, ENDS_WITH_COOP, KINDS, STEWARDS_ONLY, Kind
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import bill_pages, notices
from wallet.store.tables import bills, coops, invitations, people, proposals, roles, tills

SHOWN = 10
# How long the payment of a bill waits, and the bill with it; all else waits until somebody decides.
SUPPLY_WAITS = timedelta(seconds=SECOND_SECONDS)

_proposer = people.alias("proposer")
_decider = people.alias("decider")
_at = proposals.c.decided_at.type
_asker = coops.alias("asker")
_asked_at = sa.select(_asker.c.slug).where(_asker.c.id == proposals.c.coop_id).correlate(proposals).scalar_subquery()
_owner = people.alias("owner")
# A way back that was agreed to is a link that waits: until it opens, its owner can stop it.
_stopped = (
    sa.select(invitations.c.id)
    .join(_owner, _owner.c.id == invitations.c.person_id)
    .where(
        proposals.c.subject == _asked_at + " " + _owner.c.handle,
        invitations.c.created_at == proposals.c.decided_at,
        invitations.c.opens_at.is_not(None),
        invitations.c.withdrawn_at.is_not(None),
    )
    .correlate(proposals)
    .exists()
)
_seller = coops.alias("seller")
# The bill that a co-op would pay and nobody else has paid, at a till that may charge.
_payable = (
    sa.select(bills.c.code)
    .join(tills, tills.c.id == bills.c.till_id)
    .join(_seller, _seller.c.id == tills.c.coop_id)
    .where(bills.c.code == proposals.c.subject, bills.c.state == "open", _seller.c.status == "active")
    .correlate(proposals)
    .exists()
)
# What nobody answers ends with its bill, and stays as it is.
IN_TIME = sa.or_(proposals.c.kind != "supply", proposals.c.proposed_at > sa.bindparam("asked_since", type_=_at))
_still_waits = sa.and_(proposals.c.state == "waiting", IN_TIME, sa.or_(proposals.c.kind != "supply", _payable))
_about = coops.alias("about")
_about_status = (
    sa.select(_about.c.status)
    .where(_about.c.slug == proposals.c.subject, proposals.c.kind.in_(ABOUT_A_COOP))
    .correlate(proposals)
    .scalar_subquery()
)
_insert = sa.insert(proposals).returning(proposals.c.id)
_find = sa.select(
    proposals.c.id,
    proposals.c.kind,
    proposals.c.coop_id,
    coops.c.slug,
    coops.c.name.label("coop_name"),
    sa.func.coalesce(coops.c.status, _about_status).label("coop_status"),
    proposals.c.content,
    _proposer.c.handle.label("by"),
    _proposer.c.name.label("by_name"),
    proposals.c.proposed_at,
    _decider.c.name.label("decided_by"),
    _decider.c.handle.label("decider"),
    proposals.c.decided_at,
    proposals.c.state,
    sa.and_(proposals.c.kind == "recover", _stopped).label("stopped"),
).select_from(
    proposals.join(_proposer, _proposer.c.id == proposals.c.proposed_by)
    .outerjoin(_decider, _decider.c.id == proposals.c.decided_by)
    .outerjoin(coops, coops.c.id == proposals.c.coop_id)
)
_one = _find.where(proposals.c.id == sa.bindparam("of_id"))
_decide = (
    sa.update(proposals)
    .where(proposals.c.id == sa.bindparam("of_id"), proposals.c.state == "waiting")
    .values(
        state=sa.bindparam("to_state"),
        decided_by=sa.bindparam("to_person"),
        decided_at=sa.bindparam("to_at", type_=_at),
    )
)
_any_way_back = sa.and_(proposals.c.kind == "recover", proposals.c.state == "waiting")
# Of one member each co-op asks for one, so that none keeps another from it.
_way_back = sa.and_(_any_way_back, proposals.c.subject == _asked_at + " " + sa.bindparam("about", type_=sa.Text))
_last_about = (
    _find.where(
        proposals.c.kind == sa.bindparam("of_kind"),
        proposals.c.subject == sa.bindparam("about"),
        proposals.c.coop_id == sa.bindparam("at_coop"),
    )
    .order_by(proposals.c.id.desc())
    .limit(1)
)
_waits_about = sa.select(proposals.c.content).where(
    proposals.c.kind == sa.bindparam("of_kind"),
    proposals.c.subject == sa.bindparam("about"),
    proposals.c.state == "waiting",
)
_asked = sa.select(proposals.c.id).where(_way_back)
_stop = (
    sa.update(proposals)
    .where(_way_back)
    .values(state="withdrawn", decided_by=sa.bindparam("to_person"), decided_at=sa.bindparam("to_at", type_=_at))
    .returning(proposals.c.id)
)
_stop_everyones = (
    sa.update(proposals)
    .where(_any_way_back)
    .values(state="withdrawn", decided_at=sa.bindparam("to_at", type_=_at))
    .returning(proposals.c.id)
)
_at_coop = sa.bindparam("at_coop", type_=sa.BigInteger)
_there_or_of_federation = sa.select(proposals.c.id, proposals.c.kind, proposals.c.content).where(
    proposals.c.state == "waiting", proposals.c.coop_id.is_not_distinct_from(_at_coop)
)
_left = (
    sa.update(proposals)
    .where(
        proposals.c.state == "waiting",
        sa.or_(
            sa.and_(proposals.c.coop_id == _at_coop, proposals.c.kind.in_(ENDS_WITH_COOP)),
            sa.and_(
                proposals.c.kind.in_(ABOUT_A_COOP),
                proposals.c.subject == sa.select(coops.c.slug).where(coops.c.id == _at_coop).scalar_subquery(),
            ),
        ),
    )
    .values(state="withdrawn", decided_at=sa.bindparam("to_at", type_=_at))
    .returning(proposals.c.id)
)
_waiting = _find.where(_still_waits).order_by(proposals.c.id)
_waiting_at = _waiting.where(coops.c.slug.in_(sa.bindparam("at_coops", expanding=True)))
# The facilitators' desk shows what is of every co-op, but for what is its own stewards' alone.
_on_desk = sa.or_(proposals.c.coop_id == _at_coop, sa.and_(_at_coop.is_(None), proposals.c.kind.not_in(STEWARDS_ONLY)))
_newest_on_desk = _find.where(_on_desk).order_by(proposals.c.id.desc())
_waiting_on_desk = _newest_on_desk.where(_still_waits)
_decided_on_desk = _newest_on_desk.where(proposals.c.state != "waiting").limit(SHOWN)

# Who decides about a co-op, its stewards, and facilitators: also while a role rests or is still to begin.
_deciders = (
    sa.select(people.c.handle, people.c.name)
    .join(roles, roles.c.person_id == people.c.id)
    .where(
        roles.c.revoked_at.is_(None),
        sa.or_(
            sa.and_(roles.c.role == "facilitator", sa.bindparam("facilitators", type_=sa.Boolean)),
            sa.and_(roles.c.role == "steward", roles.c.coop_id == _at_coop),
        ),
    )
    .group_by(people.c.id, people.c.handle, people.c.name)
    .order_by(people.c.name)
)
_now = sa.bindparam("now", type_=roles.c.granted_at.type)
_could = _deciders.where(roles.c.granted_at <= _now)
_resting = _deciders.where(people.c.confined_until > _now)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold a proposal as it stands; `content` says what is to be done, in the words of its kind.

    `decider` is the handle of whom `decided_by` names, `stopped` whether a way back was agreed to and then stopped
    before it opened.
    """

    id: int
    kind: str
    coop_id: int | None
    coop: str | None
    coop_name: str | None
    coop_status: str | None
    content: dict[str, Any]
    by: str
    by_name: str
    proposed_at: datetime
    decided_by: str | None
    decider: str | None
    decided_at: datetime | None
    state: str
    stopped: bool

    @property
    def traits(self) -> Kind:
        """Give what is particular about its kind."""
        return KINDS[self.kind]

    @property
    def rests(self) -> bool:
        """Tell whether nobody can agree to it as long as its co-op is suspended or out."""
        return self.coop_status is not None and self.coop_status not in self.traits.statuses


def add(connection: sa.Connection, row: dict[str, Any], content: dict[str, Any]) -> int:
    """Keep a new proposal.

    Raises: Refusal already_waiting, when one about the same waits; it says so when that one asks for something else.
    """
    try:
        with connection.begin_nested():
            return int(connection.execute(_insert, row | {"content": json.dumps(content)}).scalar_one())
    except exc.IntegrityError:
        waits = connection.execute(_waits_about, {"of_kind": row["kind"], "about": row["subject"]}).scalar()
        if waits is None or _asked_for(json.loads(waits)) == _asked_for(content):
            raise refuse("already_waiting") from None
    raise refuse(
        "already_waiting",
        _(
            "Something else than this waits for a second person here already. Nothing was changed. To propose this "
            "instead, have what waits withdrawn or declined first."
        ),
    )


def _asked_for(content: dict[str, Any]) -> dict[str, Any]:
    # What is drawn anew each time is nobody's wish.
    return {name: value for name, value in content.items() if name not in ("key", "slug")}


def last_about(connection: sa.Connection, kind: str, subject: str, coop_id: int) -> Proposal | None:
    """Give the last proposal of a co-op of this kind about this subject, whatever became of it."""
    row = connection.execute(_last_about, {"of_kind": kind, "about": subject, "at_coop": coop_id}).first()
    return None if row is None else _read(row)


def page(proposal_id: int) -> str:
    """Name the page that leads to a proposal, on whichever desk."""
    return f"/proposals/{proposal_id}"


def asked_on(proposal_id: int, kind: str, content: dict[str, Any]) -> str:
    """Name the page to which the notices lead that ask for a yes to a proposal."""
    return bill_pages.of_coop(content["bill"], content["buyer"]) if kind == "supply" else page(proposal_id)


def waiting(connection: sa.Connection, now: datetime, at: list[str] | None = None) -> list[Proposal]:
    """List what waits for a second person, at these co-ops or in the whole federation, the oldest first."""
    query, asked = (_waiting, {}) if at is None else (_waiting_at, {"at_coops": at})
    return [_read(row) for row in connection.execute(query, asked | in_time(now))]


def in_time(now: datetime) -> dict[str, datetime]:
    """Give what `IN_TIME` asks at an instant."""
    return {"asked_since": now - SUPPLY_WAITS}


def find(connection: sa.Connection, proposal_id: int) -> Proposal | None:
    """Give the proposal with this key."""
    row = connection.execute(_one, {"of_id": proposal_id}).first()
    return None if row is None else _read(row)


def waiting_on_desk(connection: sa.Connection, coop_id: int | None, now: datetime) -> list[Proposal]:
    """List what waits on the desk of a co-op, or of the facilitators, and is not over, the newest first."""
    return [_read(row) for row in connection.execute(_waiting_on_desk, {"at_coop": coop_id} | in_time(now))]


def decided_on_desk(connection: sa.Connection, coop_id: int | None) -> list[Proposal]:
    """List the last that were decided on the desk of a co-op, or of the facilitators, the newest first."""
    return [_read(row) for row in connection.execute(_decided_on_desk, {"at_coop": coop_id})]


def decide(connection: sa.Connection, proposal_id: int, state: str, person_id: int | None, now: datetime) -> bool:
    """End a proposal in `state`; of any number of people at once one does."""
    row = {"of_id": proposal_id, "to_state": state, "to_person": person_id, "to_at": now}
    return connection.execute(_decide, row).rowcount == 1


def way_back_asked(connection: sa.Connection, handle: str) -> bool:
    """Tell whether a way back for `handle` waits for a second person, at whichever co-op."""
    return connection.execute(_asked, {"about": handle}).first() is not None


def withdraw_ways_back(connection: sa.Connection, handle: str, person_id: int, now: datetime) -> bool:
    """Take back what waits about a way back for `handle`, at every co-op; tell whether something did."""
    stopped = connection.execute(_stop, {"about": handle, "to_person": person_id, "to_at": now}).scalars().all()
    for number in stopped:
        notices.done(connection, page(number), now)
    return bool(stopped)


def withdraw_everyones_ways_back(connection: sa.Connection, now: datetime) -> None:
    """End what waits about a way back for anybody."""
    for number in connection.execute(_stop_everyones, {"to_at": now}).scalars().all():
        notices.done(connection, page(number), now)


def withdraw_at(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """End what waits at a co-op that leaves, or about it: nobody could agree, and it would keep others waiting."""
    for number in connection.execute(_left, {"at_coop": coop_id, "to_at": now}).scalars().all():
        notices.done(connection, page(number), now)


def withdraw_about(connection: sa.Connection, handle: str, coop_id: int | None, now: datetime) -> None:
    """End what waits about somebody who leaves a co-op, or facilitates no more, but a way back into their wallet.

    Locks: what waits, until commit: who agrees to it meanwhile is either first or finds it ended.
    """
    for number, kind, content in connection.execute(_there_or_of_federation, {"at_coop": coop_id}).all():
        if kind == "recover" or json.loads(content).get("handle") != handle:
            continue
        if decide(connection, number, "withdrawn", None, now):
            notices.done(connection, page(number), now)


def who_could(connection: sa.Connection, coop_id: int | None, now: datetime, kind: str = "") -> dict[str, str]:
    """Name, by handle, the people who may decide about a co-op (its stewards too) or about the federation."""
    asked = {"at_coop": coop_id, "now": now, "facilitators": kind not in STEWARDS_ONLY}
    return {row.handle: row.name for row in connection.execute(_could, asked)}


def who_will(connection: sa.Connection, coop_id: int | None, kind: str = "") -> dict[str, str]:
    """Name, by handle, whom `who_could` names now or once their role begins."""
    asked = {"at_coop": coop_id, "facilitators": kind not in STEWARDS_ONLY}
    return {row.handle: row.name for row in connection.execute(_deciders, asked)}


def who_rests(connection: sa.Connection, coop_id: int | None, now: datetime, kind: str = "") -> dict[str, str]:
    """Name, by handle, whom `who_could` would name but that they came back by a way in person, and their role rests."""
    asked = {"at_coop": coop_id, "now": now, "facilitators": kind not in STEWARDS_ONLY}
    return {row.handle: row.name for row in connection.execute(_resting, asked)}


def _read(row: Any) -> Proposal:
    values = row._mapping
    return Proposal(
        values["id"],
        values["kind"],
        values["coop_id"],
        values["slug"],
        values["coop_name"],
        values["coop_status"],
        json.loads(values["content"]),
        values["by"],
        values["by_name"],
        values["proposed_at"],
        values["decided_by"],
        values["decider"],
        values["decided_at"],
        values["state"],
        bool(values["stopped"]),
    )
