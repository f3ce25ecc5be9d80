"""What stewards and facilitators are asked for; for who is one no longer it is over, and the page theirs no more."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain.addresses import of_office
from wallet.domain.proposal import STEWARDS_ONLY
from wallet.store.tables import coops, dispute_notes, disputes, notices, proposals, refunds, roles

_at_coop = sa.bindparam("at_coop", type_=sa.BigInteger)
_slug = sa.select(coops.c.slug).where(coops.c.id == _at_coop)
_desk = sa.bindparam("at_desk", type_=sa.Text)
_refunds = sa.select(sa.literal("/refunds/") + refunds.c.ref).where(refunds.c.coop_id == _at_coop)
# Facilitators may say yes to what is not for stewards alone, and read what was ever passed on to them.
_helps = sa.bindparam("facilitates", type_=sa.Boolean)
_proposals = sa.select(sa.literal("/proposals/") + sa.cast(proposals.c.id, sa.Text)).where(
    proposals.c.coop_id == _at_coop, sa.or_(proposals.c.kind.in_(STEWARDS_ONLY), sa.not_(_helps))
)
_passed_on = sa.exists().where(dispute_notes.c.dispute_id == disputes.c.id, dispute_notes.c.act == "passed")
_disputes = sa.select(sa.literal("/disputes/") + disputes.c.ref).where(
    disputes.c.coop_id == _at_coop,
    disputes.c.person_id != sa.bindparam("of_person"),
    sa.or_(sa.and_(disputes.c.state != "passed", disputes.c.ruling.is_(None), sa.not_(_passed_on)), sa.not_(_helps)),
)
_now = sa.bindparam("now", type_=notices.c.until_at.type)
_over = sa.case((notices.c.until_at > _now, _now), else_=notices.c.until_at)
_end = (
    sa.update(notices)
    .where(
        notices.c.person_id == sa.bindparam("of_person"),
        sa.or_(
            sa.func.substr(notices.c.link, 1, sa.func.length(_desk)) == _desk,
            sa.and_(notices.c.kind == "approve", notices.c.link.in_(_refunds)),
            sa.and_(notices.c.kind == "second", notices.c.link.in_(_proposals)),
            notices.c.link.in_(_disputes),
        ),
    )
    .values(until_at=_over, link=None)
)


def runs_office(of: sa.Table) -> sa.Exists:
    """Tell of the rows of co-ops whose steward somebody is, `of_person`."""
    return (
        sa.select(roles.c.id)
        .where(
            roles.c.person_id == sa.bindparam("of_person"),
            roles.c.role == "steward",
            roles.c.coop_id == of.c.coop_id,
            roles.c.revoked_at.is_(None),
        )
        .correlate(of)
        .exists()
    )


_not_of_theirs = sa.select(sa.literal("/proposals/") + sa.cast(proposals.c.id, sa.Text)).where(
    sa.not_(runs_office(proposals))
)
_disputes_not_of_theirs = sa.select(sa.literal("/disputes/") + disputes.c.ref).where(
    disputes.c.person_id != sa.bindparam("of_person"), sa.not_(runs_office(disputes))
)
_end_for_federation = (
    sa.update(notices)
    .where(
        notices.c.person_id == sa.bindparam("of_person"),
        sa.or_(
            notices.c.kind.in_(("approve_dividend", "open_ballot")),
            sa.and_(notices.c.kind == "second", notices.c.link.in_(_not_of_theirs)),
            notices.c.link.in_(_disputes_not_of_theirs),
        ),
    )
    .values(until_at=_over, link=None)
)


def end(connection: sa.Connection, person_id: int, coop_id: int, now: datetime, *, facilitates: bool) -> None:
    """Note that who is a co-op's steward no more is asked for nothing there, and led to nothing that is not theirs."""
    asked = {"of_person": person_id, "at_coop": coop_id, "now": now, "facilitates": facilitates}
    desk = f"{of_office(connection.execute(_slug, asked).scalar_one())}/"
    connection.execute(_end, asked | {"at_desk": desk})


def end_for_federation(connection: sa.Connection, person_id: int, now: datetime) -> None:
    """Note that who facilitates no more is asked for, and led to, nothing but what is of their co-ops' stewards."""
    connection.execute(_end_for_federation, {"of_person": person_id, "now": now})
