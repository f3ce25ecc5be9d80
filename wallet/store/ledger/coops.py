"""What a co-op pays: work, other co-ops and the pool; its tills are swept before."""

from datetime import datetime

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.charter import Dated
from wallet.domain.period import month_of
from wallet.domain.transfer import Circumstance, Order, PayLine, Posted
from wallet.domain.words import words_for
from wallet.store import accounts, ownset, patronage, shares
from wallet.store.ledger import journal


def post_pay(connection: sa.Connection, line: PayLine, dated: Dated) -> Posted:
    """Pay a line, its RES part by the share, from a co-op to a wallet.

    Raises: Refusal insufficient_funds, account_not_open.
    Locks:  the wallet, the co-op's tills, then the co-op, until commit.
    """
    wallet = accounts.lock(connection, [line.payee])[line.payee]
    person, month = wallet.person_id, month_of(line.at, wallet.zone)
    charter, share = dated.of_month(month), shares.settle(connection, person, month, dated)
    res = basis.res_part(line.total_minor, share)
    counted = basis.counted_minutes(line.minutes, patronage.counted_before(connection, person, month), charter)
    credited = accounts.stand(connection, wallet, basis.paid(wallet.standing, res, line.total_minor, counted, charter))
    patronage.add_work(connection, person, month, counted)
    patronage.add_patronage(connection, person, month, month, income_minor=line.total_minor)
    ownset.paid(connection, person, line.coop_id, line.at)
    sweep(connection, line.at, line.coop_id, line.payer)
    debited = accounts.take(connection, line.payer, res)
    accounts.require_active(connection, line.payer)
    return journal.add(
        connection,
        "pay",
        Order(line.ref, line.at, line.payer, line.payee, res, line.total_minor - res),
        debited,
        credited,
        total_minor=line.total_minor,
        minutes=line.minutes,
        counted_minutes=counted,
        share_bp=share,
    )


def post_from_coop(connection: sa.Connection, kind: str, order: Order) -> Posted:
    """Move a `supply` to another co-op or a `fund` to the pool.

    Raises: Refusal insufficient_funds, account_not_open.
    Locks:  the payer's tills, then both accounts in their order, until commit.
    """
    sweep(connection, order.at, order.coop_id, order.payer, order.payee)
    debited = accounts.take(connection, order.payer, order.amount_minor)
    credited = accounts.add(connection, order.payee, order.amount_minor)
    accounts.require_active(connection, order.payer, order.payee)
    # At a counter both screens show the same words.
    words = {"words": words_for(order.ref)} if order.where.bill else {}
    return journal.add(connection, kind, order, debited, credited, **words)


def hold_coop(connection: sa.Connection, coop_id: int, account_id: int) -> None:
    """Let every payment to or from a co-op that is under way come first, and the next ones wait.

    They look at the co-op's status when they hold its account, and so see what is done here meanwhile.
    Locks: the tills, then the co-op's account, until commit.
    """
    accounts.lock_tills(connection, coop_id)
    accounts.lock(connection, [account_id])


def post_sweep(connection: sa.Connection, till: int, coop: int, at: datetime, where: Circumstance) -> Posted | None:
    """Bring what lies in one till, or what it owes, to its co-op's account; None when it stands at 0.

    Locks: the till's account, then the co-op's, until commit.
    """
    balance = accounts.lock(connection, [till, coop])[till].standing.balance_minor
    return None if balance == 0 else _empty(connection, till, balance, coop, at, where)


def sweep(connection: sa.Connection, at: datetime, coop_id: int, account_id: int, *others: int) -> None:
    """Bring what lies in a co-op's tills, or what they owe, to its own account.

    Locks: the tills, then the co-op's account and `others` in their order, until commit.
    """
    lying = [till for till in accounts.lock_tills(connection, coop_id) if till[1] != 0]
    accounts.lock(connection, [account_id, *others])
    for till, balance in lying:
        _empty(connection, till, balance, account_id, at, Circumstance())


def _empty(connection: sa.Connection, till: int, balance: int, coop: int, at: datetime, where: Circumstance) -> Posted:
    emptied, swept = accounts.add(connection, till, -balance), accounts.add(connection, coop, balance)
    if balance > 0:
        order = Order(journal.new_ref(), at, till, coop, balance, where=where)
        return journal.add(connection, "sweep", order, emptied, swept)
    order = Order(journal.new_ref(), at, coop, till, -balance, where=where)
    return journal.add(connection, "sweep", order, swept, emptied)
