"""Histories: what a past that is brought in or made up holds, with no counter, pay run or second person of its own."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from wallet.domain.transfer import Circumstance, Order, PayLine, Posted
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import charters, coops, declarations, keys, ledger, people, pool
from wallet.store.engine import write
from wallet.store.keys import Made

HISTORY = Circumstance(means="history")


@dataclass(frozen=True, slots=True)
class PaidLine:
    """Hold what a pay line came to; amounts in minor units."""

    ref: str
    res_minor: int
    cash_minor: int


def pay(kit: Kit, coop: str, handle: str, total_minor: int, minutes: int, *, key: str) -> PaidLine | None:
    """Pay a person for `minutes` of work, in RES by their share; the first accepted pay opens a wallet.

    None says that this key paid it before.
    Raises: Refusal key_reused, unknown_coop, account_not_open, insufficient_funds.
    """
    content = keys.digest_of("pay", coop, handle, total_minor, minutes)

    def work(connection: sa.Connection) -> PaidLine | None:
        now, ref = kit.clock(), ledger.new_ref()
        if keys.claim(connection, "ref", key, content, Made("pay", ref), now) is not None:
            return None
        place = coops.require_open(coops.known(connection, coop))
        person, _ = people.with_wallet(connection, handle, now)
        line = PayLine(ref, now, place.id, place.account_id, person.account_id, total_minor, minutes)
        posted = ledger.post_pay(connection, line, charters.standing(connection, kit.charter, now))
        return PaidLine(ref, posted.amount_minor, posted.cash_minor)

    return write(kit.engine, work)


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
        sale, now = ledger.find_sale(connection, made.ref), kit.clock()
        back = Order(ledger.new_ref(), now, sale.credit_id, sale.debit_id, res_minor, cash_minor, where=HISTORY)
        return ledger.post_refund(connection, back, sale, charters.standing(connection, kit.charter, now))

    return write(kit.engine, work, keyed=False)


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

    write(kit.engine, work, keyed=False)
