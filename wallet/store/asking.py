"""What a co-op's stewards are asked for; for who is one no longer it is over, and the page of it theirs no more."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store.proposals import STEWARDS_ONLY
from wallet.store.tables import coops, notices, proposals, refunds

_at_coop = sa.bindparam("at_coop", type_=sa.BigInteger)
_desk = sa.select(sa.literal("/office/") + coops.c.slug + "/").where(coops.c.id == _at_coop).scalar_subquery()
_refunds = sa.select(sa.literal("/refunds/") + refunds.c.ref).where(refunds.c.coop_id == _at_coop)
# Facilitators may say yes to what is not for stewards alone.
_proposals = sa.select(sa.literal("/proposals/") + sa.cast(proposals.c.id, sa.Text)).where(
    proposals.c.coop_id == _at_coop,
    proposals.c.state == "waiting",
    sa.or_(proposals.c.kind.in_(sorted(STEWARDS_ONLY)), sa.not_(sa.bindparam("facilitates", type_=sa.Boolean))),
)
_now = sa.bindparam("now", type_=notices.c.until_at.type)
_end = (
    sa.update(notices)
    .where(
        notices.c.person_id == sa.bindparam("of_person"),
        notices.c.until_at > _now,
        sa.or_(
            sa.and_(
                notices.c.kind.in_(("agree", "approve_run", "run_back", "run_waits")),
                sa.func.substr(notices.c.link, 1, sa.func.length(_desk)) == _desk,
            ),
            sa.and_(notices.c.kind == "approve", notices.c.link.in_(_refunds)),
            sa.and_(notices.c.kind == "second", notices.c.link.in_(_proposals)),
        ),
    )
    .values(until_at=_now)
)


def end(connection: sa.Connection, person_id: int, coop_id: int, now: datetime, *, facilitates: bool) -> None:
    """Note that who is a co-op's steward no more needs to say yes to nothing there but what facilitators may."""
    asked = {"of_person": person_id, "at_coop": coop_id, "now": now, "facilitates": facilitates}
    connection.execute(_end, asked)
