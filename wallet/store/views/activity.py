"""What happened on a member's wallet, the newest first, with the other side of each movement.

A list is put together from lanes (`wallet/store/views/lanes.py`), each a run of movements in one index.
So a page costs the same however long the wallet's history is and whatever it is narrowed to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Any, NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import History
from wallet.domain.names import has_words
from wallet.domain.patronage import is_early, is_left_out
from wallet.domain.payline import part_bp
from wallet.domain.period import month_of
from wallet.store import patronage
from wallet.store.columns import Instant
from wallet.store.tables import accounts, coops, patronage_months, people, sale_refunds, tills, transfers
from wallet.store.views import lanes
from wallet.store.views.lanes import EVERYTHING, HERE, MINE, NEWEST, OUT, THEIRS, Cursor, Narrowing

PAGE = 25
# Further than that nobody counts.
MOST_COUNTED = 1_000
# So many movements are looked through for a sum or a note at once.
REACH = 1_000


@dataclass(frozen=True, slots=True)
class Movement:
    """Hold one movement as the wallet's owner sees it; `other` is the name of the other side.

    Units: `signed_minor` the RES that came in, negative what went out; `mark` None where the other side is a person.
    `in_cash_alone` is of a sale, and what comes back of it, in a month in which logged cash does not count; `early` of
    one before the month of the owner's first pay.
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
    note: str | None
    refunded_minor: int
    cash_refunded_minor: int
    in_cash_alone: bool
    early: bool

    @property
    def part_bp(self) -> int | None:
        """Give which part of a pay came in RES; None of all else."""
        return None if self.share_bp is None else part_bp(self.signed_minor, self.cash_minor, self.share_bp)

    @property
    def reason(self) -> str | None:
        """Say whether it counts: `counts`, `own` at one's own co-op, `early` or `cash` for what does not, or None."""
        if self.kind == "refund":
            return None if self.qualifies else "own"
        if self.kind != "sale":
            return None
        if not self.qualifies:
            return "own"
        if self.early:
            return "early"
        return "cash" if self.in_cash_alone else "counts"

    @property
    def is_given_back(self) -> bool:
        """Tell whether all of it, RES and cash, was given back."""
        back = self.refunded_minor, self.cash_refunded_minor
        return any(back) and back == (abs(self.signed_minor), self.cash_minor)

    @property
    def counts(self) -> bool:
        """Tell whether it counts, or takes back what did."""
        return self.qualifies and not (self.in_cash_alone or self.early)

    @property
    def cursor(self) -> Cursor:
        """Give the place after which the next page begins."""
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Page:
    """Hold some movements and where the next ones begin, None at the end."""

    movements: tuple[Movement, ...]
    after: Cursor | None


class Wallet(NamedTuple):
    """Hold a wallet's account, what is in it, how many movements it has had, when the first was, and the first pay.

    Units: `balance_minor` of RES; `first_pay` is a month. What was not yet is None.
    """

    account_id: int
    balance_minor: int
    movements: int
    first_at: datetime | None
    first_pay: str | None


_person = people.alias("person")
_direct = coops.alias("direct")
_at_till = coops.alias("at_till")
_answered = transfers.alias("answered")
_other = sa.case((OUT, THEIRS), else_=MINE)
_MOVEMENTS: sa.Select[Any] = (
    sa.select(
        transfers.c.id,
        transfers.c.ref,
        transfers.c.at,
        transfers.c.kind,
        sa.case((OUT, -transfers.c.amount_minor), else_=transfers.c.amount_minor).label("signed_minor"),
        transfers.c.cash_minor,
        sa.func.coalesce(_at_till.c.name, _direct.c.name, _person.c.name, "").label("other"),
        sa.func.coalesce(_at_till.c.mark, _direct.c.mark).label("mark"),
        sa.func.coalesce(_answered.c.qualifies, transfers.c.qualifies, sa.false(), type_=sa.Boolean).label("qualifies"),
        transfers.c.share_bp,
        transfers.c.note,
        sa.func.coalesce(sale_refunds.c.refunded_minor, 0).label("refunded_minor"),
        sa.func.coalesce(sale_refunds.c.cash_refunded_minor, 0).label("cash_refunded_minor"),
        # A refund takes back what its sale had counted, by the charter of the month in which that was.
        sa.func.coalesce(_answered.c.at, transfers.c.at, type_=Instant).label("sold_at"),
        sa.func.coalesce(_answered.c.amount_minor, transfers.c.amount_minor).label("sold_minor"),
    )
    .select_from(transfers)
    .outerjoin(_person, _person.c.account_id == _other)
    .outerjoin(_direct, _direct.c.account_id == _other)
    .outerjoin(tills, tills.c.account_id == _other)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    .outerjoin(sale_refunds, sale_refunds.c.sale_id == transfers.c.id)
    .where(transfers.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)

_LOOKED_AT = (
    sa.select(transfers.c.at, transfers.c.id, transfers.c.amount_minor, transfers.c.cash_minor, transfers.c.note)
    .where(transfers.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(transfers.c.at.desc(), transfers.c.id.desc())
)


def _first(side: sa.ColumnElement[bool]) -> Any:
    return sa.select(transfers.c.at).where(side).order_by(transfers.c.at).limit(1).scalar_subquery()


_owned = people.c.account_id == accounts.c.id
_wallets = (accounts.c.id == MINE, accounts.c.id == THEIRS)
_WALLET = (
    sa.select(
        accounts.c.id,
        accounts.c.balance_minor,
        accounts.c.seq,
        patronage.first_pay(people.c.id),
        *(_first(side) for side in _wallets),
    )
    .join(people, _owned)
    .where(people.c.handle == sa.bindparam("of_handle"))
)
_COUNTED = (
    sa.select(patronage_months.c.month, sa.func.sum(patronage_months.c.spend_minor))
    .join(people, people.c.id == patronage_months.c.person_id)
    .where(people.c.account_id == HERE, patronage_months.c.month.in_(sa.bindparam("months", expanding=True)))
    .group_by(patronage_months.c.month)
)


def wallet(connection: sa.Connection, handle: str) -> Wallet | None:
    """Give the wallet of a person, None for who has none."""
    row = connection.execute(_WALLET, {"of_handle": handle}).first()
    if row is None:
        return None
    account_id, balance_minor, movements, first_pay, *firsts = row
    first_at = min((at for at in firsts if at is not None), default=None)
    return Wallet(account_id, int(balance_minor), movements, first_at, first_pay)


def page(
    connection: sa.Connection,
    owned: Wallet,
    voted: History,
    narrowing: Narrowing = EVERYTHING,
    *,
    before: Cursor = NEWEST,
    most: int = PAGE,
) -> Page:
    """List the movements of a wallet that came before a cursor, the newest first.

    Of those with a sum or a note a page may hold fewer than `most`, or none, and yet not be the last.
    """
    before = min(before, (narrowing.until, 0))
    reach = REACH if narrowing.is_by_look else most
    asked = {"of_account": owned.account_id, "since": narrowing.since, "most": reach + 1}
    asked |= {"before_at": before[0], "before_id": before[1]}
    found_lanes = lanes.of(connection, voted, owned.first_pay, narrowing)
    runs = (connection.execute(lane.keys, asked | there) for lane, there in found_lanes)
    keys = nlargest(reach + 1, (tuple(row) for run in runs for row in run))
    after = keys[reach - 1] if len(keys) > reach else None
    found = keys[:reach]
    if narrowing.is_by_look:
        looked_at = connection.execute(_LOOKED_AT, {"ids": [key[1] for key in found]})
        found = [(row.at, row.id) for row in looked_at if _is_meant(row, narrowing)]
        after = found[most - 1] if len(found) > most else after
    return Page(tuple(_read(connection, owned, voted, [key[1] for key in found[:most]])), after)


def _is_meant(row: Any, narrowing: Narrowing) -> bool:
    if narrowing.sum_minor in (row.amount_minor, row.cash_minor, row.amount_minor + row.cash_minor):
        return True
    return narrowing.words is not None and row.note is not None and has_words(row.note, narrowing.words)


def count(connection: sa.Connection, owned: Wallet, voted: History, narrowing: Narrowing) -> int | None:
    """Count the movements that a list is narrowed to, None for more than MOST_COUNTED."""
    asked = {"of_account": owned.account_id, "since": narrowing.since, "until": narrowing.until}
    found = 0
    for lane, there in lanes.of(connection, voted, owned.first_pay, narrowing):
        left = MOST_COUNTED + 1 - found
        found += connection.execute(lane.tally, asked | there | {"most": left}).scalar_one()
        if found > MOST_COUNTED:
            return None
    return found


def counted(connection: sa.Connection, owned: Wallet, months: list[str]) -> dict[str, int]:
    """Read what each of `months` counted towards the pay share: RES and logged cash, net of refunds."""
    begun = [month for month in months if not is_early(month, owned.first_pay)]
    rows = connection.execute(_COUNTED, {"of_account": owned.account_id, "months": begun})
    return {month: int(minor) for month, minor in rows}


def _read(connection: sa.Connection, owned: Wallet, voted: History, ids: list[int]) -> Iterator[Movement]:
    if ids:
        for row in connection.execute(_MOVEMENTS, {"of_account": owned.account_id, "ids": ids}).mappings():
            moved = dict(row)
            month = month_of(moved.pop("sold_at"), voted.zone)
            left_out = is_left_out(moved.pop("sold_minor"), voted.of_month(month))
            yield Movement(**moved, in_cash_alone=left_out, early=is_early(month, owned.first_pay))
