"""Payday: pay lines, in RES by the pay share and the rest in cash."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain.transfer import PayLine
from wallet.kit import Kit
from wallet.store import charters, coops, keys, ledger, people
from wallet.store.engine import write
from wallet.store.keys import Made


@dataclass(frozen=True, slots=True)
class PaidLine:
    """Hold what a pay line came to; amounts in minor units."""

    ref: str
    res_minor: int
    cash_minor: int


def pay_line(kit: Kit, coop: str, handle: str, total_minor: int, minutes: int, *, key: str) -> PaidLine | None:
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
