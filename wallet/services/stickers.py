"""Stickers: a member who stands at a counter makes the bill of its till."""

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import bills, keys, people, stickers, suspensions, tills
from wallet.store.bills import BillView
from wallet.store.engine import write
from wallet.store.keys import Made


def make_bill(kit: Kit, till: str, member: str, *, amount_minor: int, key: str) -> BillView:
    """Make a bill of `till` for a member who has typed its sum; one made there before and not paid ends with it.

    Raises: Refusal bad_amount, unknown_till, unknown_member, key_reused, account_not_open,
            cash_part_required, busy.
    Locks:  the member, so that of two sums that they send at once the first is there, and the till's shift against
            being closed, until commit.
    Source: docs/decisions/0012-a-bill-at-the-sticker-has-no-cashier.md
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    content = keys.digest_of("sticker", till, amount_minor)

    def work(connection: sa.Connection) -> BillView:
        now, code = kit.clock(), bills.new_code()
        payer, place = people.holder(connection, member), stickers.counter(connection, till)
        people.lock(connection, payer.id)
        made = keys.claim(connection, f"person:{payer.id}", key, content, Made("bill", code), now)
        if made is not None:
            return bills.made_before(connection, made.ref, now)
        if not place.is_open:
            raise suspensions.closed_at(connection, till)
        if not place.takes_sums:
            raise refuse("cash_part_required")
        shift = tills.open_shift(connection, till, payer.id, now)
        stickers.take_back(connection, till, payer.id, now)
        bills.add_by_member(connection, code, till, shift, payer.id, amount_minor, now)
        return bills.view(bills.row(connection, code), now)

    bill = write(kit.engine, work)
    kit.hint(f"till:{till}")
    return bill
