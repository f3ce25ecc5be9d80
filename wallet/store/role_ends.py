"""What ends with a role: what somebody began in it and nobody has agreed to yet, and the links in their hands."""

import json
from datetime import datetime

import sqlalchemy as sa

from wallet.store import asking, ballots, buyers, dividends, notices, paylines, payruns, proposals, roles
from wallet.store.tables import coops, invitations, people
from wallet.store.tables import proposals as proposed

_at_coop = sa.bindparam("at_coop", type_=sa.BigInteger)
_now = sa.bindparam("now", type_=invitations.c.expires_at.type)


def _there(of: sa.Table) -> sa.ColumnElement[bool]:
    """Tell of the rows of a co-op; of a facilitator, the federation's and where they serve as nothing else."""
    helped = sa.and_(_at_coop.is_(None), sa.not_(asking.runs_office(of)))
    return sa.or_(of.c.coop_id.is_not_distinct_from(_at_coop), helped)


# A way back is its owner's, who has lost everything else, and opens no wallet to whoever handed it out.
_links = (
    sa.update(invitations)
    .where(
        invitations.c.invited_by == sa.bindparam("of_person"),
        invitations.c.kind != "person",
        invitations.c.used_at.is_(None),
        invitations.c.withdrawn_at.is_(None),
        invitations.c.expires_at > _now,
        _there(invitations),
    )
    .values(withdrawn_at=_now)
)
_proposals = (
    sa.update(proposed)
    .where(
        proposed.c.proposed_by == sa.bindparam("of_person"),
        proposed.c.state == "waiting",
        proposals.IN_TIME,
        _there(proposed),
    )
    .values(state="withdrawn", decided_at=_now)
    .returning(proposed.c.id, proposed.c.kind, proposed.c.content)
)
_bills = (
    sa.select(proposed.c.content)
    .join(people, people.c.id == proposed.c.proposed_by)
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        proposed.c.coop_id == _at_coop,
        proposed.c.kind == "supply",
        proposed.c.state == "waiting",
        proposals.IN_TIME,
    )
)
_place = sa.select(coops.c.slug, coops.c.name).where(coops.c.id == _at_coop)


def end(connection: sa.Connection, person_id: int, coop_id: int | None, now: datetime) -> None:
    """End what a co-op's steward began there, or a facilitator for the federation; their role ends right after this.

    Whoever calls this holds the person: what they begin at this moment is there, or they are refused it.
    Locks: the links, until commit: who takes one up meanwhile is first, and their new role ends with the others, or
           finds it withdrawn. Then what they proposed, and the bills that waited for it.
    """
    asked = {"of_person": person_id, "at_coop": coop_id, "now": now}
    connection.execute(_links, asked)
    for number, kind, written in connection.execute(_proposals, asked | proposals.in_time(now)).all():
        content = json.loads(written)
        if kind == "supply":
            buyers.note_none(connection, content["bill"])
        notices.done(connection, proposals.asked_on(number, kind, content), now)
    if coop_id is None:
        _end_for_federation(connection, person_id, now)
    else:
        _give_runs_back(connection, person_id, coop_id, now)


def topics(connection: sa.Connection, handle: str, coop_id: int, now: datetime) -> list[str]:
    """Name what open screens watch that show a bill for which a steward, by handle, asks another of the co-op."""
    asked = {"of_handle": handle, "at_coop": coop_id}
    found = connection.execute(_bills, asked | proposals.in_time(now)).scalars()
    return [topic for content in found for topic in buyers.topics(json.loads(content))]


def _end_for_federation(connection: sa.Connection, person_id: int, now: datetime) -> None:
    if dividends.withdraw_of(connection, person_id, now):
        notices.done(connection, dividends.PAGE, now)
    for number in ballots.withdraw_of(connection, person_id):
        notices.done(connection, ballots.page(number), now)


def _give_runs_back(connection: sa.Connection, person_id: int, coop_id: int, now: datetime) -> None:
    """Make drafts again of what they submitted, and ask the other stewards: people wait for their pay."""
    slug, name = connection.execute(_place, {"at_coop": coop_id}).one()
    stewards = [one.id for one in roles.serving(connection, coop_id, "steward", now).values() if one.id != person_id]
    for number in payruns.give_back_of(connection, coop_id, person_id):
        page = payruns.page_of(slug, number)
        paylines.forget(connection, number)
        notices.done(connection, page, now)
        notices.ask(connection, stewards, "run_unsigned", now, name, page)
