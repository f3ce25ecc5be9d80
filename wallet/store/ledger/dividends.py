"""Dividends: one transfer from the pool for each line that gives something, all of a run at once."""

from datetime import datetime

import sqlalchemy as sa

from wallet.store import accounts
from wallet.store.ledger import journal
from wallet.store.tables import accounts as account_rows
from wallet.store.tables import dividend_lines, people

COLUMNS = (
    "ref", "debit_id", "credit_id", "amount_minor", "debit_seq", "credit_seq", "debit_balance_minor",
    "credit_balance_minor",
)  # fmt: skip

_lines = (
    sa.select(
        dividend_lines.c.ref,
        (dividend_lines.c.by_basis_minor + dividend_lines.c.by_hours_minor).label("minor"),
        account_rows.c.id,
        account_rows.c.seq,
        account_rows.c.balance_minor,
        account_rows.c.eligible_minor,
        account_rows.c.eligible_minutes,
    )
    .select_from(
        dividend_lines.join(people, people.c.id == dividend_lines.c.person_id).join(
            account_rows, account_rows.c.id == people.c.account_id
        )
    )
    .where(dividend_lines.c.run_id == sa.bindparam("of_run"), dividend_lines.c.ref.is_not(None))
    .order_by(account_rows.c.rank, account_rows.c.id)
    .with_for_update(of=account_rows)
)


def post_dividend(connection: sa.Connection, run_id: int, pool: int, now: datetime) -> int:
    """Pay the lines of a run out of the pool; tell how many members were paid.

    A dividend is an inflow like a gift: it moves no basis and nothing that could become any.
    Raises: Refusal insufficient_funds.
    Locks:  the wallets in their order, then the pool, until commit.
    """
    lines = connection.execute(_lines, {"of_run": run_id}).all()
    if not lines:
        return 0
    total = sum(line.minor for line in lines)
    after = accounts.take_many(connection, pool, total, len(lines))
    place, balance = after.seq - len(lines), after.balance_minor + total
    wallets, transfers = [], []
    for line in lines:
        place, balance = place + 1, balance - line.minor
        seq, then = line.seq + 1, line.balance_minor + line.minor
        wallets.append((line.id, seq, then, line.eligible_minor, line.eligible_minutes))
        transfers.append((line.ref, pool, line.id, line.minor, place, seq, balance, then))
    accounts.stand_all(connection, wallets)
    journal.add_all(connection, "dividend", now, COLUMNS, transfers)
    return len(lines)
