"""A wallet's movements of a month, in the order of its postings, and what it held before."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wallet.domain.charter import Charter, Dated
from wallet.domain.patronage import spend_of
from wallet.domain.period import month_of, month_start, next_month
from wallet.domain.wallet_statement import Statement, StatementLine
from wallet.store.columns import Instant
from wallet.store.tables import coops, people, tills, transfers

_here = sa.bindparam("of_account", type_=sa.BigInteger)
_since, _until = sa.bindparam("since", type_=Instant), sa.bindparam("until", type_=Instant)
_out, _in = transfers.c.debit_id == _here, transfers.c.credit_id == _here


def _sum(side: sa.ColumnElement[bool]) -> Any:
    summed = sa.cast(sa.func.sum(transfers.c.amount_minor), sa.BigInteger)
    return sa.select(sa.func.coalesce(summed, 0)).where(side, transfers.c.at < _since).scalar_subquery()


_OPENING = sa.select(_sum(_in) - _sum(_out))
_person, _direct, _at_till = people.alias("person"), coops.alias("direct"), coops.alias("at_till")
_answered = transfers.alias("answered")
_other = sa.case((_out, transfers.c.credit_id), else_=transfers.c.debit_id)
_ids = sa.union_all(
    *(sa.select(transfers.c.id).where(side, transfers.c.at >= _since, transfers.c.at < _until) for side in (_out, _in))
).subquery()
_seq = sa.case((_out, transfers.c.debit_seq), else_=transfers.c.credit_seq)
_LINES: sa.Select[Any] = (
    sa.select(
        transfers.c.ref,
        transfers.c.at,
        transfers.c.kind,
        sa.func.coalesce(_at_till.c.name, _direct.c.name, _person.c.name, "").label("other"),
        sa.case((_out, -transfers.c.amount_minor), else_=transfers.c.amount_minor).label("signed_minor"),
        transfers.c.cash_minor,
        # A refund takes back what its sale had counted, by the charter of the month in which that was.
        sa.func.coalesce(_answered.c.at, transfers.c.at, type_=transfers.c.at.type).label("sold_at"),
        sa.func.coalesce(_answered.c.qualifies, transfers.c.qualifies, sa.false(), type_=sa.Boolean).label("qualifies"),
        sa.func.coalesce(transfers.c.basis_minor, 0).label("basis_minor"),
        sa.func.coalesce(transfers.c.note, "").label("note"),
    )
    .join(_ids, _ids.c.id == transfers.c.id)
    .outerjoin(_person, _person.c.account_id == _other)
    .outerjoin(_direct, _direct.c.account_id == _other)
    .outerjoin(tills, tills.c.account_id == _other)
    .outerjoin(_at_till, _at_till.c.id == tills.c.coop_id)
    .outerjoin(_answered, _answered.c.id == transfers.c.answers_id)
    # Not by instants: after a clock was set back they would make balances that never were.
    .order_by(_seq)
)


def of(connection: sa.Connection, account_id: int, month: str, zone: str, dated: Dated) -> Statement:
    """Give the statement of a month for the wallet `account_id`, by the charter of every month."""
    since, until = (month_start(each, zone) for each in (month, next_month(month)))
    asked = {"of_account": account_id, "since": since, "until": until}
    opening = int(connection.execute(_OPENING, {"of_account": account_id, "since": since}).scalar_one())
    moved = connection.execute(_LINES, asked)
    return Statement(month, opening, tuple(_lines(moved, opening, lambda at: dated.of_month(month_of(at, zone)))))


def _lines(rows: Any, balance_minor: int, charter_at: Callable[[datetime], Charter]) -> Iterator[StatementLine]:
    for row in rows:
        balance_minor += row.signed_minor
        sign = {"sale": 1, "refund": -1}.get(row.kind, 0) if row.qualifies else 0
        spent = spend_of(abs(row.signed_minor), row.cash_minor, charter_at(row.sold_at))
        cash = -row.cash_minor if row.kind == "refund" else row.cash_minor
        yield StatementLine(
            row.ref, row.at, row.kind, row.other, row.signed_minor, cash, sign * spent,
            sign * row.basis_minor, row.note, balance_minor,
        )  # fmt: skip
