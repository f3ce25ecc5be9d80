"""Giving back: the one way in which a refund moves, whoever ordered it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.charter import Dated
from wallet.domain.transfer import Circumstance, Order, Posted
from wallet.store import ledger, notices, tills
from wallet.store.refunds import Sale


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Hold what goes back of a sale as the refund `ref`: so much RES and cash, and by which cashier, if by one."""

    ref: str
    amount_minor: int
    cash_minor: int
    cashier_id: int | None = None
    note: str | None = None


def give_back(
    connection: sa.Connection,
    sale: Sale,
    back: GivenBack,
    opener_id: int,
    now: datetime,
    dated: Dated,
    kind: str = "refunded",
) -> Posted:
    """Move a part of a sale back to its payer, in the till's open shift or one that `opener_id` opens, and tell them.

    A till that is closed for good has no shift any more; what it gives back comes from the co-op at once.
    Raises: Refusal refund_exceeds_sale.
    Locks:  the sale's refund row, the till, the wallet, then the payee, until commit.
    """
    # All who give back of a sale meet here first. Its till may have been closed, or opened again, since it was read.
    ledger.lock_refunded(connection, sale.id)
    closed = sale.till is not None and tills.is_closed(connection, sale.till)
    shift = tills.open_shift(connection, sale.till, opener_id, now) if sale.till and not closed else None
    where = Circumstance(sale.till, shift, back.cashier_id, None, back.note)
    parts = back.amount_minor, back.cash_minor
    order = Order(back.ref, now, sale.credit_id, sale.debit_id, *parts, where=where)
    told = sale.coop_name, f"/receipts/{back.ref}", back.amount_minor
    notices.tell_of_money(connection, sale.payer_id, kind, now, *told)
    posted = ledger.post_refund(connection, order, sale, dated)
    if closed:
        ledger.post_sweep(connection, sale.credit_id, sale.coop_account, now, Circumstance())
    return posted
