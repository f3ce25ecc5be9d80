"""Dividends: one transfer from the pool for each line that gives something, all of a run at once."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store import accounts
from wallet.store.ledger import journal
from wallet.store.tables import accounts as account_rows
from wallet.store.tables import dividend_lines, people

_minor = (dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor).label("minor")
# Who gets something, and their wallets as they stand.
_paid = (
    sa.select(
        dividend_lines.c.ref,
        _minor,
        account_rows.c.id,
        account_rows.c.rank,
        account_rows.c.seq,
        account_rows.c.balance_minor,
    )
    .select_from(
        dividend_lines.join(people, people.c.id == dividend_lines.c.person_id).join(
            account_rows, account_rows.c.id == people.c.account_id
        )
    )
    .where(dividend_lines.c.run_id == sa.bindparam("of_run"), dividend_lines.c.ref.is_not(None))
)
_locked = _paid.order_by(account_rows.c.rank, account_rows.c.id).with_for_update(of=account_rows).subquery()
_totals = sa.select(sa.func.count(), sa.func.sum(_locked.c.minor))
_each = _paid.subquery()
_pool = sa.bindparam("from_pool", type_=sa.BigInteger)
_seq = sa.bindparam("before_seq", type_=sa.BigInteger) + sa.func.row_number().over(order_by=_each.c.id)
_left = sa.bindparam("before_minor", type_=sa.BigInteger) - sa.cast(
    sa.func.sum(_each.c.minor).over(order_by=_each.c.id, rows=(None, 0)), sa.BigInteger
)
_columns = {
    "ref": _each.c.ref,
    "debit_id": _pool,
    "credit_id": _each.c.id,
    "amount_minor": _each.c.minor,
    "debit_seq": _seq,
    "credit_seq": _each.c.seq + 1,
    "debit_balance_minor": _left,
    "credit_balance_minor": _each.c.balance_minor + _each.c.minor,
}
_raise = (
    sa.update(account_rows)
    .where(account_rows.c.id == _each.c.id)
    .values(seq=account_rows.c.seq + 1, balance_minor=account_rows.c.balance_minor + _each.c.minor)
)


def post_dividend(connection: sa.Connection, run_id: int, pool: int, now: datetime) -> int:
    """Pay the lines of a run out of the pool; tell how many members were paid.

    A dividend is an inflow like a gift: it moves no basis and nothing that could become any.
    Raises: Refusal insufficient_funds.
    Locks:  the wallets in their order, then the pool, until commit.
    """
    of_run = {"of_run": run_id}
    lines, total = connection.execute(_totals, of_run).one()
    if not lines:
        return 0
    after = accounts.take_many(connection, pool, int(total), lines)
    before = {"from_pool": pool, "before_seq": after.seq - lines, "before_minor": after.balance_minor + int(total)}
    journal.add_selected(connection, "dividend", now, _columns, of_run | before)
    connection.execute(_raise, of_run)
    return int(lines)
