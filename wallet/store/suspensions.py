"""Suspensions: since when, until when and why a co-op may neither charge nor pay; what waited there ends with it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.bill import BILL_SECONDS, SECOND_SECONDS
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import bill_pages, ledger, notices, terms
from wallet.store.tables import bills, coops, own_set, suspensions, tills

# No bill waits longer than its own time and that of a co-op's second steward.
LONGEST = timedelta(seconds=BILL_SECONDS + SECOND_SECONDS)
# The calendar's first instant from which one may look so far back; before it there is nothing to look for.
FIRST = datetime.min.replace(tzinfo=UTC) + LONGEST

# For whoever shows a co-op: since when it takes no payments, None while it does.
stopped_at = sa.func.coalesce(
    sa.select(suspensions.c.from_at)
    .where(suspensions.c.coop_id == coops.c.id, suspensions.c.until_at.is_(None))
    .scalar_subquery(),
    coops.c.left_at,
    type_=coops.c.left_at.type,
).label("stopped_at")

reason = (
    sa.select(suspensions.c.reason)
    .where(suspensions.c.coop_id == coops.c.id, suspensions.c.until_at.is_(None))
    .scalar_subquery()
    .label("reason")
)

_status = sa.update(coops).where(coops.c.id == sa.bindparam("of_id")).values(status=sa.bindparam("to_status"))
_begin = sa.insert(suspensions)
_lift = (
    sa.update(suspensions)
    .where(suspensions.c.coop_id == sa.bindparam("of_coop"), suspensions.c.until_at.is_(None))
    .values(until_at=sa.bindparam("to_at", type_=suspensions.c.until_at.type))
)
_past = (
    sa.select(suspensions.c.from_at, suspensions.c.until_at, suspensions.c.reason)
    .join(coops, coops.c.id == suspensions.c.coop_id)
    .where(coops.c.slug == sa.bindparam("of_slug"))
    .order_by(suspensions.c.from_at.desc(), suspensions.c.id.desc())
)
_at_till = (
    sa.select(coops.c.name, coops.c.status)
    .join(tills, tills.c.coop_id == coops.c.id)
    .where(tills.c.id == sa.bindparam("of_till"))
)
_of_member = (
    sa.select(coops.c.slug, coops.c.name, coops.c.status, stopped_at)
    .join(own_set, own_set.c.coop_id == coops.c.id)
    .where(own_set.c.person_id == sa.bindparam("of_person"), own_set.c.is_member, coops.c.status != "active")
    .order_by(coops.c.name)
)
_buyer = coops.alias("buyer")
_tills = sa.select(tills.c.id).where(tills.c.coop_id == sa.bindparam("of_coop")).order_by(tills.c.id)
_waiting = (
    sa.select(bills.c.code, bills.c.bound_to, _buyer.c.slug.label("buyer"))
    .join(tills, tills.c.id == bills.c.till_id)
    .outerjoin(_buyer, _buyer.c.id == bills.c.buyer_id)
    .where(
        tills.c.coop_id == sa.bindparam("of_coop"),
        bills.c.opened_at > sa.bindparam("since", type_=bills.c.opened_at.type),
        bills.c.expires_at > sa.bindparam("at", type_=bills.c.expires_at.type),
        bills.c.state == "open",
    )
    .order_by(bills.c.code)
)
# Who pays one at this very moment holds it, waits for us, and is refused; it ends for good before payments begin again.
_free = _waiting.with_for_update(of=bills, skip_locked=True)
_end = (
    sa.update(bills)
    .where(bills.c.code.in_(sa.bindparam("codes", expanding=True)), bills.c.state == "open")
    .values(state="cancelled", rev=bills.c.rev + 1)
)


class Suspension(NamedTuple):
    """Hold from when to when a co-op was suspended, and why; without an end it still is."""

    from_at: datetime
    until_at: datetime | None
    reason: str


class Stopped(NamedTuple):
    """Hold a co-op that takes no payments, and since when."""

    slug: str
    name: str
    status: str
    since: datetime


def halt(connection: sa.Connection, coop_id: int, account_id: int, now: datetime) -> None:
    """Let every payment that is under way come before, and end the bills that still wait.

    Locks: the accounts of the co-op's tills and its own, until commit.
    """
    ledger.hold_coop(connection, coop_id, account_id)
    end_bills(connection, coop_id, now)


def begin(connection: sa.Connection, coop_id: int, account_id: int, why: str, now: datetime) -> None:
    """Suspend a co-op that is active; those who work there are told.

    Locks: as `halt`.
    """
    halt(connection, coop_id, account_id, now)
    connection.execute(_status, {"of_id": coop_id, "to_status": "suspended"})
    connection.execute(_begin, {"coop_id": coop_id, "from_at": now, "reason": why})
    terms.coop_leaves(connection, coop_id, now)
    notices.tell_workers(connection, coop_id, "suspended", now)


def lift(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """Let a suspended co-op charge and pay again; no bill from before comes back to life."""
    end_bills(connection, coop_id, now)
    connection.execute(_status, {"of_id": coop_id, "to_status": "active"})
    connection.execute(_lift, {"of_coop": coop_id, "to_at": now})
    terms.coop_enters(connection, coop_id, now)
    notices.tell_workers(connection, coop_id, "lifted", now)


def end_bills(connection: sa.Connection, coop_id: int, now: datetime) -> None:
    """End the bills that wait at a co-op's tills, before payments stop there and again before they go on."""
    asked = _asked(coop_id, now)
    # Also one that somebody pays at this moment: it is refused.
    for bill in connection.execute(_waiting, asked).all():
        bill_pages.answered(connection, now, bill.code, bound_to=bill.bound_to, buyer=bill.buyer)
    codes = connection.execute(_free, asked).scalars().all()
    if codes:
        connection.execute(_end, {"codes": codes})


def past(connection: sa.Connection, slug: str) -> list[Suspension]:
    """List a co-op's suspensions, the newest first."""
    return [Suspension(*row) for row in connection.execute(_past, {"of_slug": slug})]


def of_member(connection: sa.Connection, person_id: int) -> list[Stopped]:
    """List the co-ops at which a person works that are suspended or have left."""
    return [Stopped(*row) for row in connection.execute(_of_member, {"of_person": person_id})]


def topics(connection: sa.Connection, coop_id: int, now: datetime) -> list[str]:
    """Name what screens watch who show the co-op's tills and the bills that wait there."""
    waiting = connection.execute(_waiting, _asked(coop_id, now)).scalars()
    counters = connection.execute(_tills, {"of_coop": coop_id}).scalars()
    return [*(f"till:{till}" for till in counters), *(f"bill:{code}" for code in waiting)]


def closed(name: str, status: str) -> Refusal:
    """Say that the co-op `name`, which is not active, neither charges nor pays."""
    if status == "suspended":
        says = _(
            "%(coop)s is suspended: it gives back, but neither charges nor pays. No money moved. "
            "Its stewards can read why.",
            coop=name,
        )
    else:
        says = _(
            "%(coop)s has left the federation: it gives back, but neither charges nor pays. No money moved.", coop=name
        )
    return refuse("account_not_open", says)


def rests(name: str, status: str) -> Refusal:
    """Say that nothing is changed at the co-op `name`, which is not active."""
    if status == "suspended":
        says = _("%(coop)s is suspended. Nothing was changed. It can be done once this is lifted.", coop=name)
    else:
        says = _(
            "%(coop)s has left the federation. Nothing was changed. It can be done once it is admitted again.",
            coop=name,
        )
    return refuse("account_not_open", says)


def takes_nobody_in(name: str, status: str) -> Refusal:
    """Say that the co-op `name`, which is not active, invites nobody."""
    if status == "suspended":
        says = _(
            "%(coop)s is suspended and takes nobody in. Nobody was invited. It can invite again once this is lifted.",
            coop=name,
        )
    else:
        says = _(
            "%(coop)s has left the federation and takes nobody in. Nobody was invited. Admitted again, it can "
            "invite again.",
            coop=name,
        )
    return refuse("account_not_open", says)


def closed_at(connection: sa.Connection, till: str) -> Refusal:
    """Say why `till` takes no payments."""
    found = connection.execute(_at_till, {"of_till": till}).first()
    return refuse("account_not_open") if found is None or found.status == "active" else closed(*found)


def _asked(coop_id: int, now: datetime) -> dict[str, object]:
    return {"of_coop": coop_id, "since": max(now, FIRST) - LONGEST, "at": now}
