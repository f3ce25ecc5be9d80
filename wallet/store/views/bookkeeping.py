"""A co-op's side of the journal: its balances at an instant, and its entries of a period."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.bookkeeping import MAIN, OTHERS, Book, Entry, Period, till_account
from wallet.domain.period import date_of
from wallet.store.columns import Instant
from wallet.store.tables import accounts, coops, federation, people, tills, transfers

# So many rows are read at a time.
BATCH = 500

_coop = sa.bindparam("of_coop", type_=sa.Text)
_since, _until = sa.bindparam("since", type_=Instant), sa.bindparam("until", type_=Instant)
_own = sa.union_all(
    sa.select(coops.c.account_id, sa.literal(None, sa.Text).label("till")).where(coops.c.slug == _coop),
    sa.select(tills.c.account_id, tills.c.id).join(coops, coops.c.id == tills.c.coop_id).where(coops.c.slug == _coop),
).cte("own")
_own_ids = sa.select(_own.c.account_id)


def _moved_since(side: sa.Column[int]) -> sa.ColumnElement[int]:
    summed = sa.select(sa.func.sum(transfers.c.amount_minor)).where(side == _own.c.account_id, transfers.c.at >= _until)
    return sa.func.coalesce(summed.scalar_subquery(), 0)


def _moved_before(side: sa.Column[int]) -> sa.ColumnElement[bool]:
    return sa.select(sa.func.min(transfers.c.at)).where(side == _own.c.account_id).scalar_subquery() < _until


# From what an account has now back to the instant: the periods that one mostly asks for lie near the journal's end.
_had = accounts.c.balance_minor - _moved_since(transfers.c.credit_id) + _moved_since(transfers.c.debit_id)
_BALANCES = (
    sa.select(_own.c.till, sa.cast(_had, sa.BigInteger).label("minor"))
    .join(accounts, accounts.c.id == _own.c.account_id)
    .where(sa.or_(_moved_before(transfers.c.credit_id), _moved_before(transfers.c.debit_id)))
    .order_by(_own.c.till.is_not(None), _own.c.till)
)

_payer_till, _payee_till = _own.alias("payer_till"), _own.alias("payee_till")
_person, _till = people.alias("person"), tills.alias("till")
_partner, _at_till = coops.alias("partner"), coops.alias("at_till")
_other = sa.case((_payer_till.c.account_id.is_(None), transfers.c.debit_id), else_=transfers.c.credit_id)
_answered = transfers.alias("answered")
_ids = sa.union(
    *(
        sa.select(transfers.c.id).where(side.in_(_own_ids), transfers.c.at >= _since, transfers.c.at < _until)
        for side in (transfers.c.debit_id, transfers.c.credit_id)
    )
).subquery()
_ENTRIES: sa.Select[Any] = (
    sa.select(
        transfers,
        _payer_till.c.account_id.label("pays"),
        _payer_till.c.till.label("payer_till"),
        _payee_till.c.account_id.label("is_paid"),
        _payee_till.c.till.label("payee_till"),
        _person.c.handle,
        sa.func.coalesce(_at_till.c.slug, _partner.c.slug).label("slug"),
        _answered.c.ref.label("answers"),
    )
    .join(_ids, _ids.c.id == transfers.c.id)
    .outerjoin(_payer_till, _payer_till.c.account_id == transfers.c.debit_id)
    .outerjoin(_payee_till, _payee_till.c.account_id == transfers.c.credit_id)
    .outerjoin(_person, _person.c.account_id == _other)
    .outerjoin(_partner, _partner.c.account_id == _other)
    .outerjoin(_till, _till.c.account_id == _other)
    .outerjoin(_at_till, _at_till.c.id == _till.c.coop_id)
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    # Not by instants: after a clock was set back they would make balances that never were.
    .order_by(transfers.c.id)
    .execution_options(yield_per=BATCH)
)
_comes_in = transfers.c.debit_id.not_in(_own_ids).label("comes_in")
_TOTALS = (
    sa.select(transfers.c.kind, _comes_in, sa.cast(sa.func.sum(transfers.c.amount_minor), sa.BigInteger).label("minor"))
    .join(_ids, _ids.c.id == transfers.c.id)
    .group_by(transfers.c.kind, _comes_in)
)
_FEDERATION = sa.select(federation.c.zone, federation.c.cash)


def book(connection: sa.Connection, coop: str, period: Period, now: datetime) -> Book:
    """Give what a co-op's own accounts had before a period and have after it: those that ever moved by then."""
    zone, cash = connection.execute(_FEDERATION).one()
    opening, closing = (balances(connection, coop, at) for at in (period.since, period.until))
    return Book(coop, period, zone, cash, period.is_closed(now), opening, closing)


def balances(connection: sa.Connection, coop: str, before: datetime) -> dict[str, int]:
    """Give what each of a co-op's accounts had of what was posted before an instant, the main account first."""
    rows = connection.execute(_BALANCES, {"of_coop": coop, "until": before})
    return {_name(row.till): int(row.minor) for row in rows}


def entries(connection: sa.Connection, book: Book) -> Iterator[Entry]:
    """Read the entries of a book in the order in which they were posted, some at a time."""
    asked = {"of_coop": book.coop, "since": book.period.since, "until": book.period.until}
    rows = connection.execute(_ENTRIES, asked)
    return (_entry(row, book.zone) for row in rows)


def totals(connection: sa.Connection, book: Book) -> dict[str, int]:
    """Sum up what came from others, and what went to them as a negative sum, by the account that says what for."""
    asked = {"of_coop": book.coop, "since": book.period.since, "until": book.period.until}
    found = dict.fromkeys(OTHERS.values(), 0)
    for row in connection.execute(_TOTALS, asked):
        if row.kind != "sweep":
            found[OTHERS[row.kind, row.comes_in]] += int(row.minor if row.comes_in else -row.minor)
    return found


def _entry(row: Any, zone: str) -> Entry:
    comes_in = row.pays is None
    other = "" if row.kind == "sweep" else OTHERS[row.kind, comes_in]
    return Entry(
        ref=row.ref,
        at=row.at,
        on=date_of(row.at, zone),
        kind=row.kind,
        debit=other if comes_in else _name(row.payer_till),
        credit=_name(row.payee_till) if row.is_paid is not None else other,
        amount_minor=row.amount_minor,
        cash_minor=-row.cash_minor if row.kind == "refund" else row.cash_minor,
        # Who bought is nobody's business but the receipt's; who worked is on the co-op's payroll.
        other=(row.handle if row.kind == "pay" else row.slug if row.kind == "supply" else "") or "",
        till=row.till_id or "",
        minutes=row.minutes,
        note=row.note or "",
        answers=row.answers or "",
    )


def _name(till: str | None) -> str:
    return MAIN if till is None else till_account(till)
