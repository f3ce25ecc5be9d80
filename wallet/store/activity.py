"""What happened on a member's wallet, the newest first, with the other side of each movement. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any

import sqlalchemy as sa

from wallet.store.columns import Instant
from wallet.store.tables import coops, patronage_months, people, sale_refunds, tills, transfers

PAGE = 25
# Later than any movement: the cursor of the first page.
NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), 0)

Cursor = tuple[datetime, int]

# What a list can be narrowed to.
COUNTS, NOT_COUNTING, PAY, GIFTS = "counts", "not", "pay", "gifts"
KINDS = (COUNTS, NOT_COUNTING, PAY, GIFTS)


@dataclass(frozen=True, slots=True)
class Movement:
    """Hold one movement as the wallet's owner sees it; `other` is the name of the other side.

    Units: `signed_minor` the RES that came in, negative what went out; `mark` None where the other side is a person.
    """

    id: int
    ref: str
    at: datetime
    kind: str
    signed_minor: int
    cash_minor: int
    other: str
    mark: str | None
    qualifies: bool
    share_bp: int | None
    refunded_minor: int
    cash_refunded_minor: int

    @property
    def reason(self) -> str | None:
        """Say whether it counts: `counts`, `own` for one's own co-op, None where that is no question."""
        if self.kind == "refund":
            return None if self.qualifies else "own"
        if self.kind != "sale":
            return None
        return "counts" if self.qualifies else "own"

    @property
    def cursor(self) -> Cursor:
        """Give the place after which the next page begins."""
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Page:
    """Hold some movements and where the next ones begin, None at the end."""

    movements: tuple[Movement, ...]
    after: Cursor | None


_owner = people.alias("owner")
_person = people.alias("person")
_direct = coops.alias("direct")
_at_till = coops.alias("at_till")
_answered = transfers.alias("answered")

_narrowed = sa.case(
    (transfers.c.kind == "pay", PAY),
    (transfers.c.kind == "gift", GIFTS),
    (transfers.c.kind != "sale", "other"),
    (transfers.c.qualifies, COUNTS),
    else_=NOT_COUNTING,
)


def _side(mine: sa.Column[int], other: sa.Column[int], sign: int) -> sa.Select[Any]:
    """Select the movements of one side of a wallet: an index holds each side in the order of time."""
    return (
        sa.select(
            transfers.c.id,
            transfers.c.ref,
            transfers.c.at,
            transfers.c.kind,
            (transfers.c.amount_minor * sign).label("signed_minor"),
            transfers.c.cash_minor,
            sa.func.coalesce(_at_till.c.name, _direct.c.name, _person.c.name, "").label("other"),
            sa.func.coalesce(_at_till.c.mark, _at_till.c.slug, _direct.c.mark, _direct.c.slug).label("mark"),
            sa.func.coalesce(_answered.c.qualifies, transfers.c.qualifies, sa.false(), type_=sa.Boolean).label(
                "qualifies"
            ),
            transfers.c.share_bp,
            sa.func.coalesce(sale_refunds.c.refunded_minor, 0).label("refunded_minor"),
            sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0).label("cash_refunded_minor"),
        )
        .select_from(transfers)
        .join(_owner, _owner.c.account_id == mine)
        .outerjoin(_person, _person.c.account_id == other)
        .outerjoin(_direct, _direct.c.account_id == other)
        .outerjoin(tills, tills.c.account_id == other)
        .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
        .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
        .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
        .where(
            _owner.c.handle == sa.bindparam("of_handle"),
            sa.tuple_(transfers.c.at, transfers.c.id)
            < sa.tuple_(sa.bindparam("before_at", type_=Instant), sa.bindparam("before_id", type_=sa.BigInteger)),
        )
        .order_by(transfers.c.at.desc(), transfers.c.id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


_SIDES = (_side(transfers.c.debit_id, transfers.c.credit_id, -1), _side(transfers.c.credit_id, transfers.c.debit_id, 1))
_NARROWED_SIDES = tuple(side.where(_narrowed == sa.bindparam("narrowed")) for side in _SIDES)
_TALLIES = tuple(
    sa.select(_narrowed, sa.func.count())
    .select_from(transfers)
    .join(_owner, _owner.c.account_id == mine)
    .where(_owner.c.handle == sa.bindparam("of_handle"))
    .group_by(_narrowed)
    for mine in (transfers.c.debit_id, transfers.c.credit_id)
)
_COUNTED = (
    sa.select(patronage_months.c.month, sa.func.sum(patronage_months.c.spend_minor))
    .join(people, people.c.id == patronage_months.c.person_id)
    .where(
        people.c.handle == sa.bindparam("of_handle"),
        patronage_months.c.month.in_(sa.bindparam("months", expanding=True)),
    )
    .group_by(patronage_months.c.month)
)


def page(
    connection: sa.Connection, handle: str, *, before: Cursor = NEWEST, most: int = PAGE, narrowed: str | None = None
) -> Page:
    """List the movements of a wallet that came before a cursor, the newest first."""
    asked = {"of_handle": handle, "before_at": before[0], "before_id": before[1], "most": most + 1}
    if narrowed:
        asked["narrowed"] = narrowed
    sides = [_read(connection, side, asked) for side in (_NARROWED_SIDES if narrowed else _SIDES)]
    found = tuple(islice(merge(*sides, key=lambda movement: movement.cursor, reverse=True), most + 1))
    shown = found[:most]
    return Page(shown, shown[-1].cursor if len(found) > most else None)


def tally(connection: sa.Connection, handle: str) -> dict[str, int]:
    """Count the movements of a wallet by what a list can be narrowed to, and under "all" all of them."""
    found = dict.fromkeys(KINDS, 0)
    found["all"] = 0
    for side in _TALLIES:
        for kind, number in connection.execute(side, {"of_handle": handle}):
            found["all"] += number
            found[kind] = found.get(kind, 0) + number
    return found


def counted(connection: sa.Connection, handle: str, months: list[str]) -> dict[str, int]:
    """Read what each of `months` counted towards the pay share: RES and logged cash, net of refunds."""
    rows = connection.execute(_COUNTED, {"of_handle": handle, "months": months})
    return {month: int(minor) for month, minor in rows}


def _read(connection: sa.Connection, side: sa.Select[Any], asked: dict[str, Any]) -> Iterator[Movement]:
    for row in connection.execute(side, asked):
        yield Movement(*row)
