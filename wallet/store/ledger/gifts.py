"""Gifts, from wallet to wallet."""

import sqlalchemy as sa

from wallet.domain import basis
from wallet.domain.transfer import Order, Posted
from wallet.errors import refuse
from wallet.store import accounts
from wallet.store.ledger import journal


def post_gift(connection: sa.Connection, order: Order) -> Posted:
    """Move a gift between two wallets.

    Raises: Refusal insufficient_funds.
    Locks:  both wallets in their order, until commit.
    """
    wallets = accounts.lock(connection, [order.payer, order.payee])
    giver, taker = wallets[order.payer], wallets[order.payee]
    if order.amount_minor > giver.standing.balance_minor:
        raise refuse("insufficient_funds")
    debited = accounts.stand(connection, giver, basis.spent(giver.standing, order.amount_minor, qualifies=False).after)
    credited = accounts.stand(connection, taker, basis.received(taker.standing, order.amount_minor))
    return journal.add(connection, "gift", order, debited, credited)
