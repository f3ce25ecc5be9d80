"""Places to spend RES: the co-ops as members look for them, and whether what they buy there counts."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import History
from wallet.domain.patronage import own_until
from wallet.errors import refuse
from wallet.store import keys, ownset, patronage
from wallet.store.tables import coops, own_set, tills

# Nobody can be charged by a co-op that has no counter.
has_counter = sa.exists().where(tills.c.coop_id == coops.c.id, tills.c.closed_at.is_(None))

_places = (
    sa.select(
        coops.c.slug,
        coops.c.name,
        coops.c.mark,
        coops.c.offers,
        coops.c.place,
        coops.c.open_hours,
        coops.c.need,
        coops.c.status,
        coops.c.res_part_bp,
        coops.c.admitted_at,
        has_counter.label("has_counter"),
        own_set.c.is_member,
        own_set.c.last_paid_at,
        patronage.first_pay(sa.bindparam("of_person", type_=sa.BigInteger)).label("first_pay"),
    )
    .select_from(coops)
    .outerjoin(own_set, sa.and_(own_set.c.coop_id == coops.c.id, own_set.c.person_id == sa.bindparam("of_person")))
    .where(coops.c.status != "left")
)
_place = _places.where(coops.c.slug == sa.bindparam("of_slug"))
_described = sa.select(coops.c.offers, coops.c.place, coops.c.open_hours, coops.c.need).where(
    coops.c.slug == sa.bindparam("of_slug")
)
_describe = sa.update(coops).where(coops.c.id == sa.bindparam("of_id"))


class Described(NamedTuple):
    """Hold what a co-op says of itself: what it sells, where it is, and when it is open, each of which may be empty.

    `need` is the one that it serves, a key of NEEDS or OTHER; empty in what leaves that as it stands.
    """

    offers: str
    place: str
    open_hours: str
    need: str

    @property
    def digest(self) -> str:
        """Give what tells whether it is still what somebody has seen."""
        return keys.digest_of(*self)

    def over(self, stands: "Described") -> "Described":
        """Give this with the need that stands where it names none."""
        return self._replace(need=self.need or stands.need)


class Place(NamedTuple):
    """Hold a place to spend, as one person sees it.

    Units: `res_part_bp` is the highest part of a sale that it takes in RES; `own` is `member` or `paid` for a co-op of
    their own set, else None; then `last_paid_at` is when it last paid them, and `own_until` until when that counts.
    `has_pay` tells whether any co-op has ever paid them: before that nothing counts anywhere.
    """

    slug: str
    name: str
    mark: str
    described: Described
    is_active: bool
    has_counter: bool
    res_part_bp: int
    admitted_at: datetime
    own: str | None
    last_paid_at: datetime | None
    own_until: datetime | None
    has_pay: bool

    @property
    def is_open(self) -> bool:
        """Tell whether something can be bought there now."""
        return self.is_active and self.has_counter

    @property
    def counts(self) -> bool:
        """Tell whether a purchase there would count now for who has a pay share."""
        return self.is_open and self.own is None

    @property
    def own_days(self) -> int:
        """Give for how many days nothing counts there because it paid them."""
        return (self.own_until - self.last_paid_at).days if self.own_until and self.last_paid_at else 0


def all_of(connection: sa.Connection, person_id: int, now: datetime, voted: History) -> list[Place]:
    """List every co-op that has not left, as a person sees it at `now`."""
    return [_seen(row, now, voted) for row in connection.execute(_places, {"of_person": person_id})]


def one(connection: sa.Connection, slug: str, person_id: int, now: datetime, voted: History) -> Place:
    """Give one place, as a person sees it at `now`.

    Raises: Refusal unknown_coop, for one that has left too.
    """
    found = connection.execute(_place, {"of_person": person_id, "of_slug": slug}).first()
    if found is None:
        raise refuse("unknown_coop")
    return _seen(found, now, voted)


def described(connection: sa.Connection, slug: str) -> Described:
    """Give what the co-op `slug`, which is there, says of itself; one that has left keeps it."""
    return Described(*connection.execute(_described, {"of_slug": slug}).one())


def describe(connection: sa.Connection, coop_id: int, described: Described) -> None:
    """Keep what a co-op says of itself."""
    connection.execute(_describe.values(**described._asdict()), {"of_id": coop_id})


def _seen(row: Any, now: datetime, voted: History) -> Place:
    own = ownset.reason(row.is_member, row.last_paid_at, now, voted.in_month_of(now).own_set_days)
    return Place(
        row.slug,
        row.name,
        row.mark,
        Described(row.offers, row.place, row.open_hours, row.need),
        row.status == "active",
        row.has_counter,
        row.res_part_bp,
        row.admitted_at,
        own,
        row.last_paid_at,
        own_until(row.last_paid_at, now, voted, voted.zone) if own == "paid" else None,
        row.first_pay is not None,
    )
