"""The office: what a co-op pays to another co-op and into the federation's pool, and what it declares that it owns."""

from datetime import date

import sqlalchemy as sa

from wallet.domain.transfer import Order, Posted
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import coops, declarations, keys, ledger, pool
from wallet.store.engine import write
from wallet.store.keys import Made


def supply(kit: Kit, buyer: str, seller: str, amount_minor: int, *, key: str) -> Posted | None:
    """Pay another co-op for what it supplied; None says that this key paid it before.

    Raises: Refusal bad_amount, key_reused, unknown_coop, not_allowed (to itself), account_not_open, insufficient_funds.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    content = keys.digest_of("supply", buyer, seller, amount_minor)

    def work(connection: sa.Connection) -> Posted | None:
        now, ref = kit.clock(), ledger.new_ref()
        if keys.claim(connection, "ref", key, content, Made("supply", ref), now) is not None:
            return None
        debtor, creditor = coops.known(connection, buyer), coops.known(connection, seller)
        if debtor.id == creditor.id:
            raise refuse("not_allowed")
        payer, payee = coops.require_open(debtor).account_id, coops.require_open(creditor).account_id
        order = Order(ref, now, payer, payee, amount_minor, coop_id=debtor.id)
        return ledger.post_from_coop(connection, "supply", order)

    return write(kit.engine, work)


def fund(kit: Kit, coop: str, amount_minor: int, *, key: str) -> Posted | None:
    """Pay into the federation's pool; None says that this key paid it before.

    Raises: Refusal bad_amount, key_reused, unknown_coop, account_not_open, insufficient_funds.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    return write(kit.engine, lambda connection: pool.put_in(connection, coop, amount_minor, key, kit.clock()))


def declare(kit: Kit, coop: str, worth_minor: int, meeting_on: date) -> None:
    """Keep what a co-op owns, in cash, as its meeting approved it.

    Raises: Refusal unknown_coop, account_not_open.
    """

    def work(connection: sa.Connection) -> None:
        place = coops.require_open(coops.known(connection, coop))
        declarations.declare(connection, place.id, worth_minor, meeting_on, kit.clock())

    write(kit.engine, work)
