"""Sales and refunds outside a counter: those that a history brings in."""

import sqlalchemy as sa

from wallet.domain.transfer import Circumstance, Order, Posted
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import charters, coops, keys, ledger, people
from wallet.store.engine import write
from wallet.store.keys import Made

HISTORY = Circumstance(means="history")


def sell(kit: Kit, coop: str, handle: str, res_minor: int, cash_minor: int, *, key: str) -> Posted | None:
    """Sell to a member for RES and logged cash, straight into the co-op's account; None says that this key did before.

    Raises: Refusal bad_amount, key_reused, unknown_coop, unknown_member, account_not_open, insufficient_funds.
    """
    if min(res_minor, cash_minor) < 0 or res_minor + cash_minor == 0:
        raise refuse("bad_amount")
    content = keys.digest_of("sale", coop, handle, res_minor, cash_minor)

    def work(connection: sa.Connection) -> Posted | None:
        now, ref = kit.clock(), ledger.new_ref()
        if keys.claim(connection, "ref", key, content, Made("sale", ref), now) is not None:
            return None
        place, payer = coops.known(connection, coop), people.holder(connection, handle)
        coops.require_open(place)
        order = Order(ref, now, payer.account_id, place.account_id, res_minor, cash_minor, place.id, HISTORY)
        return ledger.post_sale(connection, order, charters.in_month_of(connection, kit.charter, now))

    return write(kit.engine, work)


def refund(kit: Kit, key: str, res_minor: int, cash_minor: int) -> Posted:
    """Refund a part of the sale that `key` made, in the same tender.

    Raises: Refusal bad_amount, unknown_sale, refund_exceeds_sale.
    """
    if min(res_minor, cash_minor) < 0 or res_minor + cash_minor == 0:
        raise refuse("bad_amount")

    def work(connection: sa.Connection) -> Posted:
        made = keys.made_by(connection, "ref", key)
        if made is None or made.act != "sale":
            raise refuse("unknown_sale")
        sale, now = ledger.find(connection, made.ref), kit.clock()
        back = Order(ledger.new_ref(), now, sale.credit_id, sale.debit_id, res_minor, cash_minor, where=HISTORY)
        return ledger.post_refund(connection, back, sale, charters.standing(connection, kit.charter, now))

    return write(kit.engine, work, keyed=False)
