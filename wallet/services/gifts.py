"""Gifts: RES from member to member."""

import sqlalchemy as sa

from wallet.domain.transfer import Order, Posted
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import caps, keys, ledger, people
from wallet.store.engine import write
from wallet.store.keys import Made


def send(kit: Kit, sender: str, receiver: str, amount_minor: int, *, key: str, alone: bool = False) -> Posted | None:
    """Send a gift; None says that this key sent it before.

    `alone` tells that nothing but a session vouches for it: then it counts in what the phone may pay by itself.
    Raises: Refusal bad_amount, key_reused, unknown_member, not_allowed (to oneself), insufficient_funds,
            step_up_required.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    content = keys.digest_of("gift", sender, receiver, amount_minor)

    def work(connection: sa.Connection) -> Posted | None:
        now, ref = kit.clock(), ledger.new_ref()
        if keys.claim(connection, "ref", key, content, Made("gift", ref), now) is not None:
            return None
        giver, taker = people.holder(connection, sender), people.holder(connection, receiver)
        if giver.id == taker.id:
            raise refuse("not_allowed")
        sent = ledger.post_gift(connection, Order(ref, now, giver.account_id, taker.account_id, amount_minor))
        if alone:
            caps.require(connection, "phone", giver.id, amount_minor, now)
        return sent

    return write(kit.engine, work)
