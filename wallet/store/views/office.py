"""What the office's screens show: the co-ops of the federation, and the people and tills of one co-op."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.names import SortKey, searchable, sort_key
from wallet.store import suspensions
from wallet.store.tables import accounts, coops, invitations, own_set, people, roles, shifts, tills

WORKERS_A_PAGE = 100
INVITED_A_PAGE = 100

_lying = (
    sa.select(
        tills.c.coop_id,
        sa.cast(sa.func.sum(accounts.c.balance_minor), sa.BigInteger).label("minor"),
        sa.func.count().label("tills"),
    )
    .join(accounts, accounts.c.id == tills.c.account_id)
    .group_by(tills.c.coop_id)
    .subquery()
)
_workers = (
    sa.select(own_set.c.coop_id, sa.func.count().label("number"))
    .where(own_set.c.is_member)
    .group_by(own_set.c.coop_id)
    .subquery()
)
_coops = (
    sa.select(
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        coops.c.need,
        coops.c.place,
        coops.c.status,
        (-accounts.c.floor_minor).label("line_minor"),
        (accounts.c.balance_minor + sa.func.coalesce(_lying.c.minor, 0)).label("balance_minor"),
        sa.func.coalesce(_lying.c.tills, 0).label("tills"),
        sa.func.coalesce(_workers.c.number, 0).label("workers"),
        suspensions.stopped_at,
        suspensions.reason,
    )
    .join(accounts, accounts.c.id == coops.c.account_id)
    .outerjoin(_lying, _lying.c.coop_id == coops.c.id)
    .outerjoin(_workers, _workers.c.coop_id == coops.c.id)
    .order_by(coops.c.status, coops.c.name)
)
_coop = _coops.where(coops.c.slug == sa.bindparam("of_slug"))
_facilitators = (
    sa.select(people.c.handle, people.c.name, roles.c.granted_at)
    .join(roles, roles.c.person_id == people.c.id)
    .where(roles.c.role == "facilitator", roles.c.revoked_at.is_(None))
    .order_by(people.c.name)
)
_at_work = (
    sa.select(people.c.handle, people.c.name)
    .select_from(own_set.join(people, people.c.id == own_set.c.person_id).join(coops, coops.c.id == own_set.c.coop_id))
    .where(own_set.c.is_member, coops.c.slug == sa.bindparam("of_slug"))
)
_serving = (
    sa.select(people.c.handle, people.c.name, roles.c.role, roles.c.granted_at)
    .select_from(roles.join(people, people.c.id == roles.c.person_id).join(coops, coops.c.id == roles.c.coop_id))
    .where(roles.c.revoked_at.is_(None), coops.c.slug == sa.bindparam("of_slug"))
    .order_by(roles.c.role)
)
_coming = (
    sa.select(coops.c.slug, coops.c.name, coops.c.mark, roles.c.granted_at)
    .join(people, people.c.id == roles.c.person_id)
    .join(coops, coops.c.id == roles.c.coop_id)
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        roles.c.role == "steward",
        roles.c.revoked_at.is_(None),
        roles.c.granted_at > sa.bindparam("now", type_=roles.c.granted_at.type),
    )
    .order_by(roles.c.granted_at)
)
_counters = (
    sa.select(coops.c.res_part_bp, tills.c.id, tills.c.name, tills.c.refund_limit_minor)
    .select_from(coops.outerjoin(tills, tills.c.coop_id == coops.c.id))
    .where(coops.c.slug == sa.bindparam("of_slug"))
)
_standing = (
    sa.select(tills.c.id, tills.c.name, tills.c.closed_at, shifts.c.opened_at)
    .join(coops, coops.c.id == tills.c.coop_id)
    .outerjoin(shifts, sa.and_(shifts.c.till_id == tills.c.id, shifts.c.closed_at.is_(None)))
    .where(coops.c.slug == sa.bindparam("of_slug"))
)
_working = (
    sa.select(
        invitations.c.id, invitations.c.kind, invitations.c.name, invitations.c.roles, invitations.c.expires_at,
        coops.c.name.label("coop"),
    )
    .outerjoin(coops, coops.c.id == invitations.c.coop_id)
    .where(
        invitations.c.used_at.is_(None),
        invitations.c.withdrawn_at.is_(None),
        invitations.c.expires_at > sa.bindparam("now", type_=invitations.c.expires_at.type),
    )
    .order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
)  # fmt: skip
_invited = _working.where(coops.c.slug == sa.bindparam("of_slug"))
_to_serve = _working.where(sa.or_(invitations.c.kind == "facilitator", invitations.c.roles.contains("steward")))


class CoopRow(NamedTuple):
    """Hold a co-op as a facilitator sees it; its balance is that of the co-op and its tills together."""

    slug: str
    name: str
    mark: str
    need: str
    place: str
    status: str
    line_minor: int
    balance_minor: int
    tills: int
    workers: int
    # Since when it takes no payments.
    stopped_at: datetime | None
    # Why it is suspended.
    reason: str | None


class Facilitator(NamedTuple):
    """Hold who facilitates by handle and name, and since or from when."""

    id: str
    name: str
    since: datetime


class Limited(NamedTuple):
    """Hold a till with what its cashiers give back of one sale alone."""

    id: str
    name: str
    limit_minor: int


class Counters(NamedTuple):
    """Hold what a co-op has settled about its counters."""

    res_part_bp: int
    tills: tuple[Limited, ...]


class TillRow(NamedTuple):
    """Hold a till as its steward sees it: since when a shift is open there, and when it was closed for good."""

    id: str
    name: str
    closed_at: datetime | None
    shift_at: datetime | None


class Coming(NamedTuple):
    """Hold a co-op whose office somebody will run, and from when."""

    slug: str
    name: str
    mark: str
    begins_at: datetime


class Invited(NamedTuple):
    """Hold an invitation that still works; its link is kept nowhere."""

    id: int
    kind: str
    name: str
    roles: str
    expires_at: datetime
    coop: str | None


@dataclass(frozen=True, slots=True)
class Open:
    """Hold a page of invitations that still work: `number` are as sought, `of` in all, more follow after `further`."""

    invited: list[Invited]
    number: int
    of: int
    further: int | None


@dataclass(slots=True)
class Worker:
    """Hold who works at a co-op, or serves it without, with when each of their roles begins, or began."""

    handle: str
    name: str
    works: bool
    roles: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class Staff:
    """Hold a page of a co-op's people: `number` are as sought, `of` in all, more follow after the handle `further`.

    Of all, `at_work` work there.
    """

    workers: list[Worker]
    number: int
    of: int
    at_work: int
    further: str | None


def all_coops(connection: sa.Connection) -> list[CoopRow]:
    """List every co-op that was ever admitted, those that are active first."""
    return [CoopRow._make(row) for row in connection.execute(_coops)]


def one_coop(connection: sa.Connection, slug: str) -> CoopRow | None:
    """Give one co-op."""
    row = connection.execute(_coop, {"of_slug": slug}).first()
    return None if row is None else CoopRow._make(row)


def coming(connection: sa.Connection, handle: str, now: datetime) -> list[Coming]:
    """List the offices that somebody runs later, as a new steward waits, or somebody who came back in person."""
    return [Coming(*row) for row in connection.execute(_coming, {"of_handle": handle, "now": now})]


def facilitators(connection: sa.Connection) -> list[Facilitator]:
    """List who serves the federation, also while their role rests."""
    return [Facilitator(*row) for row in connection.execute(_facilitators)]


def workers(connection: sa.Connection, slug: str) -> list[Worker]:
    """List who works at a co-op, or serves it without, as who founded it may, by name."""
    found = {row.handle: Worker(*row, True, {}) for row in connection.execute(_at_work, {"of_slug": slug})}
    for handle, name, role, since in connection.execute(_serving, {"of_slug": slug}):
        found.setdefault(handle, Worker(handle, name, False, {})).roles[role] = since
    return sorted(found.values(), key=lambda worker: (sort_key(worker.name), worker.handle))


def staff(connection: sa.Connection, slug: str, part: str = "", after: str = "") -> Staff:
    """Give a page of the people whose name or handle holds `part`, those behind the handle `after`."""
    everybody, wanted = workers(connection, slug), searchable(part)
    alike = [each for each in everybody if wanted in searchable(each.name) or wanted in each.handle]
    start = next((place for place, each in enumerate(alike, 1) if each.handle == after), 0)
    page = alike[start : start + WORKERS_A_PAGE]
    further = page[-1].handle if len(alike) > start + len(page) else None
    return Staff(page, len(alike), len(everybody), sum(each.works for each in everybody), further)


def counters_of(connection: sa.Connection, slug: str) -> Counters:
    """Give what a co-op, which exists, has settled about its counters."""
    rows = connection.execute(_counters, {"of_slug": slug}).all()
    limited = (Limited(*row[1:]) for row in rows if row.id is not None)
    return Counters(rows[0].res_part_bp, tuple(sorted(limited, key=_by_name)))


def standing_tills(connection: sa.Connection, slug: str) -> list[TillRow]:
    """List the tills of a co-op with the shifts that are open there, those closed for good last."""
    found = [TillRow(*row) for row in connection.execute(_standing, {"of_slug": slug})]
    return sorted(found, key=lambda till: (till.closed_at is not None, _by_name(till)))


def invited(connection: sa.Connection, slug: str, now: datetime) -> list[Invited]:
    """List a co-op's invitations that still work, the newest first."""
    return [Invited(*row) for row in connection.execute(_invited, {"of_slug": slug, "now": now})]


def invited_like(connection: sa.Connection, slug: str, now: datetime, part: str = "", after: int | None = None) -> Open:
    """Give a page of a co-op's invitations that still work to names that hold `part`, those behind the one `after`."""
    everybody, wanted = invited(connection, slug, now), searchable(part)
    alike = [each for each in everybody if wanted in searchable(each.name)]
    start = next((place for place, each in enumerate(alike, 1) if each.id == after), 0)
    page = alike[start : start + INVITED_A_PAGE]
    return Open(page, len(alike), len(everybody), page[-1].id if len(alike) > start + len(page) else None)


def invited_to_serve(connection: sa.Connection, now: datetime) -> list[Invited]:
    """List the invitations of facilitators and of stewards that still work, the newest first."""
    return [Invited(*row) for row in connection.execute(_to_serve, {"now": now})]


def _by_name(till: Limited | TillRow) -> tuple[SortKey, str]:
    return sort_key(till.name), till.id
