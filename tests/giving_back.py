"""Giving back a part of any sale in one step, as a history does it: below every act that asks who may."""

import sqlalchemy as sa

from wallet.domain.transfer import Order, Posted
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.services.histories import HISTORY
from wallet.store import ledger
from wallet.store.engine import write


def refund_sale(kit: Kit, ref: str, res_minor: int, cash_minor: int) -> Posted:
    """Refund a part of the sale `ref`, in the same tender."""
    if min(res_minor, cash_minor) < 0 or res_minor + cash_minor == 0:
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> Posted:
        sale = ledger.find_sale(connection, ref)
        back = Order(ledger.new_ref(), kit.clock(), sale.credit_id, sale.debit_id, res_minor, cash_minor, where=HISTORY)
        return ledger.post_refund(connection, back, sale, kit.charter)

    return write(kit.engine, work, keyed=False)
