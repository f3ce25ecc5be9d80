"""A pay run: all its lines at once, by the rule by which each would be paid alone."""

from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.basis import Standing
from wallet.domain.charter import Charter, Dated
from wallet.domain.transfer import RunOrder
from wallet.store import accounts, bulk, keys, ownset, patronage, paylines, shares
from wallet.store.ledger import journal
from wallet.store.ledger.coops import sweep
from wallet.store.tables import accounts as account_rows
from wallet.store.tables import pay_lines, people, work_months

SCOPE = "run"
COLUMNS = (
    "ref", "debit_id", "credit_id", "amount_minor", "cash_minor", "debit_seq", "credit_seq", "debit_balance_minor",
    "credit_balance_minor", "total_minor", "minutes", "counted_minutes", "share_bp",
)  # fmt: skip

_of_run = pay_lines.c.run_id == sa.bindparam("of_run")
_wallets = (
    sa.select(account_rows.c.id)
    .join(people, people.c.account_id == account_rows.c.id)
    .join(pay_lines, pay_lines.c.person_id == people.c.id)
    .where(_of_run)
    .order_by(account_rows.c.rank, account_rows.c.id)
    .with_for_update(of=account_rows)
)
_lines = (
    sa.select(
        pay_lines.c.ref,
        people.c.handle,
        pay_lines.c.minutes,
        (pay_lines.c.due_minor - pay_lines.c.kept_back_minor).label("total_minor"),
        pay_lines.c.res_minor,
        pay_lines.c.cash_minor,
        pay_lines.c.share_bp,
        account_rows.c.id.label("wallet_id"),
        account_rows.c.seq,
        account_rows.c.balance_minor,
        account_rows.c.eligible_minor,
        account_rows.c.eligible_minutes,
        sa.func.coalesce(work_months.c.minutes, 0).label("counted_before"),
    )
    .select_from(
        pay_lines.join(people, people.c.id == pay_lines.c.person_id)
        .join(account_rows, account_rows.c.id == people.c.account_id)
        .outerjoin(
            work_months,
            sa.and_(work_months.c.person_id == people.c.id, work_months.c.month == sa.bindparam("in_month")),
        )
    )
    .where(_of_run)
    .order_by(pay_lines.c.number)
)


def lock_wallets(connection: sa.Connection, run_id: int) -> None:
    """Lock the wallets of everybody whom a run pays, in the one order.

    Locks: the wallets until commit.
    """
    connection.execute(_wallets, {"of_run": run_id}).all()


def post_run(connection: sa.Connection, run: RunOrder, dated: Dated) -> None:
    """Pay the lines of a run whose splits are kept, from a co-op to wallets, each as `post_pay` would.

    Raises: Refusal insufficient_funds, account_not_open.
    Locks:  the wallets, the co-op's tills, then the co-op, until commit.
    """
    lock_wallets(connection, run.run_id)
    shares.settle_all(connection, paylines.among(run.run_id), run.month, dated, first=True)
    lines = connection.execute(_lines, {"of_run": run.run_id, "in_month": run.month}).all()
    sweep(connection, run.at, run.coop_id, run.payer)
    res = sum(line.res_minor for line in lines)
    after = accounts.take_many(connection, run.payer, res, len(lines))
    accounts.require_active(connection, run.payer)
    place, before = after.seq - len(lines), after.balance_minor + res
    wallets, transfers = _worked_out(lines, run.payer, place, before, dated.of_month(run.month))
    accounts.stand_all(connection, wallets)
    journal.add_all(connection, "pay", run.at, COLUMNS, transfers)
    run_key, digest = UUID(run.key), keys.digest_of("run", run.key)
    made = [(str(uuid5(run_key, line.handle)), line.ref) for line in lines]
    keys.claim_all(connection, SCOPE, digest, "pay", run.at, made)
    patronage.add_run(connection, run.run_id, run.month)
    ownset.paid_by_run(connection, run.run_id, run.coop_id, run.at)


def _worked_out(lines: Any, payer: int, seq: int, balance: int, charter: Charter) -> tuple[bulk.Rows, bulk.Rows]:
    """Give how each wallet stands after its line, and the transfers, one after another from the payer's `balance`."""
    wallets, transfers = [], []
    for line in lines:
        before = Standing(line.balance_minor, line.eligible_minor, line.eligible_minutes)
        counted = basis.counted_minutes(line.minutes, int(line.counted_before), charter)
        then = basis.paid(before, line.res_minor, line.total_minor, counted, charter)
        seq, balance, wallet_seq = seq + 1, balance - line.res_minor, line.seq + 1
        wallets.append((line.wallet_id, wallet_seq, then.balance_minor, then.eligible_minor, then.eligible_minutes))
        transfers.append(
            (line.ref, payer, line.wallet_id, line.res_minor, line.cash_minor, seq, wallet_seq, balance,
             then.balance_minor, line.total_minor, line.minutes, counted, line.share_bp)
        )  # fmt: skip
    return wallets, transfers
