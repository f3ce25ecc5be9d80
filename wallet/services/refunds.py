"""Refunds at a counter: back to the payer, in the tender of the sale, above the till's limit with a steward.

Of all who end one that waits (who approves, who declines, who withdraws, the clock) exactly one does: each takes the
lock of its row first, and looks at the clock and at its state afterwards.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa

from wallet.domain import rate
from wallet.domain.bill import require_parts
from wallet.domain.refund import OVER, lapse_of, needs_steward
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import (
    charters,
    keys,
    ledger,
    notices,
    payments,
    people,
    rates,
    refund_transfers,
    refunds,
    roles,
    tills,
)
from wallet.store.bills import BillView
from wallet.store.engine import reading, write
from wallet.store.keys import Made
from wallet.store.payments import Charge
from wallet.store.refund_transfers import GivenBack
from wallet.store.refunds import Sale
from wallet.store.views import refunds as refund_view
from wallet.store.views.refunds import Refund

# Who sees at a co-op the refunds that wait there.
SERVING = ("cashier", "steward")


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold what a cashier asks for: to give back so much RES and cash of the sale `sale`, and why."""

    sale: str
    cashier: str
    amount_minor: int
    cash_minor: int
    reason: str
    note: str | None
    key: str
    # What of the sale was back already as far as who asks could see, if they looked at a page.
    seen_minor: int | None = None

    @property
    def digest(self) -> str:
        """Give the digest of the content."""
        return keys.digest_of("refund", self.sale, self.amount_minor, self.cash_minor, self.reason, self.note)


def give_back(kit: Kit, ask: Ask) -> Refund:
    """Give back a part of a sale, or ask a steward for it above the till's limit.

    Raises: Refusal bad_amount, unknown_sale, not_allowed, key_reused, refunded_meanwhile, refund_exceeds_sale,
            too_many.
    """
    if min(ask.amount_minor, ask.cash_minor) < 0 or ask.amount_minor + ask.cash_minor == 0:
        raise refuse("bad_amount")
    _count(kit, ask, ask.digest)
    refund = write(kit.engine, lambda connection: _given(kit, connection, ask))
    return _told(kit, refund)


def correct(kit: Kit, sale: str, cashier: str, charge: Charge, *, seen_minor: int | None = None) -> Refund | BillView:
    """Give back all that is left of a sale with a wrong sum and make the bill that is right, both or neither.

    Above the till's limit a steward is asked, and no bill is made: the member must not pay twice meanwhile.
    `seen_minor` is as in `Ask`.
    Raises: Refusal bad_amount, unknown_sale, not_allowed, unknown_till, key_reused, refunded_meanwhile,
            refund_exceeds_sale, account_not_open, cash_part_required, too_many.
    """
    require_parts(charge.amount_minor, charge.cash_minor)
    ask = Ask(sale, cashier, 0, 0, "wrong_sum", None, str(uuid5(UUID(charge.key), "refund")), seen_minor)
    _count(kit, ask, _digest_of(ask, charge))
    outcome = write(kit.engine, lambda connection: _corrected(kit, connection, ask, charge))
    if isinstance(outcome, Refund):
        return _told(kit, outcome)
    kit.hint(f"till:{charge.till}")
    return outcome


def approve(kit: Kit, ref: str, steward: str) -> Refund:
    """Agree to a refund that waits, which posts it; agreeing twice is agreeing once.

    Raises: Refusal unknown_refund, not_allowed for cashiers, who asked and who paid, refund_exceeds_sale; of one that
            is over refund_withdrawn, refund_declined, refund_lapsed.
    """

    def work(connection: sa.Connection) -> Refund:
        found, now = _in_hand(kit, connection, ref, steward, "steward")
        if steward in (found.asked_by, found.payer):
            raise refuse("not_allowed", _("Another steward has to approve this refund. No money moved."))
        if _is_over(found, "posted"):
            return replace(found, replayed=True)
        sale = refunds.sale_of(connection, found.sale)
        back = GivenBack(ref, found.amount_minor, found.cash_minor, found.asker_id, found.note)
        dated = charters.standing(connection, kit.charter, now)
        posted = refund_transfers.give_back(connection, sale, back, found.asker_id, now, dated)
        done = refunds.approve(connection, ref, _id_of(connection, steward), posted.id, now)
        assert done, "nobody else ends a refund whose row is locked"
        notices.done(connection, _page(ref), now)
        return _now(connection, ref, now)

    return _told(kit, write(kit.engine, work))


def withdraw(kit: Kit, ref: str, handle: str) -> Refund:
    """Take back, as a cashier or a steward of the co-op, a refund that waits; twice is once.

    Raises: Refusal unknown_refund; of one that is over refund_posted, refund_declined, refund_lapsed.
    """
    return _ended(kit, ref, handle, SERVING, "withdrawn")


def decline(kit: Kit, ref: str, steward: str, why: str) -> Refund:
    """Decline, as a steward, a refund that waits, and say why; twice is once, and the first reason stands.

    Raises: Refusal unknown_refund, not_allowed for cashiers, who asked and who paid; of one that is over
            refund_posted, refund_withdrawn, refund_lapsed.
    """
    return _ended(kit, ref, steward, ("steward",), "declined", why)


def _ended(kit: Kit, ref: str, handle: str, serving: tuple[str, ...], state: str, why: str | None = None) -> Refund:
    def work(connection: sa.Connection) -> Refund:
        found, now = _in_hand(kit, connection, ref, handle, *serving)
        if why is not None and handle in (found.asked_by, found.payer):
            raise refuse("not_allowed", _("Another steward has to look at this refund. You can withdraw it."))
        if _is_over(found, state):
            return replace(found, replayed=True)
        done = refunds.end(connection, ref, state, _id_of(connection, handle), now, why)
        assert done, "nobody else ends a refund whose row is locked"
        notices.done(connection, _page(ref), now)
        return _now(connection, ref, now)

    return _told(kit, write(kit.engine, work))


def _in_hand(kit: Kit, connection: sa.Connection, ref: str, handle: str, *serving: str) -> tuple[Refund, datetime]:
    """Give a refund as it stands now that nobody else can end it, to who serves there as one of `serving`.

    Raises: Refusal unknown_refund; not_allowed for who sees it and serves there in another role.
    Locks:  the refund's row, until commit.
    """
    known = refunds.lock(connection, ref)
    # Only now: whoever waited for the lock is judged by the time at which it was theirs.
    now = kit.clock()
    found = refund_view.find(connection, ref, now) if known else None
    if found is None:
        raise refuse("unknown_refund")
    held = {role for role in SERVING if handle in roles.serving(connection, found.coop_id, role, now)}
    if not held:
        raise refuse("unknown_refund")
    if held.isdisjoint(serving):
        raise refuse("not_allowed", _("A steward decides about this refund. No money moved. Ask one of the co-op."))
    return found, now


def _is_over(found: Refund, wanted: str) -> bool:
    """Tell whether a refund ended as is wanted; False of one that waits.

    Raises: Refusal by which other way it ended.
    """
    if found.state not in ("waiting", wanted):
        raise refuse(OVER[found.state])
    return found.state == wanted


def _corrected(kit: Kit, connection: sa.Connection, ask: Ask, charge: Charge) -> Refund | BillView:
    now, ref = kit.clock(), ledger.new_ref()
    sale = refunds.sale_at_counter(connection, ask.sale, ask.cashier, now)
    if sale.till != charge.till:
        raise refuse("unknown_sale")
    made = keys.claim(connection, _scope(sale), ask.key, _digest_of(ask, charge), Made("refund", ref), now)
    if made is None:
        back, cash_back = ledger.lock_refunded(connection, sale.id)
        rest = replace(ask, amount_minor=sale.amount_minor - back, cash_minor=sale.cash_minor - cash_back)
        if rest.amount_minor + rest.cash_minor == 0:
            raise refuse("refund_exceeds_sale", _("This payment was given back already. No money moved again."))
        # Nothing goes back, and no steward is asked, for a bill that cannot be made.
        place = tills.at_till(connection, charge.till, ask.cashier)
        tills.require_open(place)
        tills.require_cash_part(place, charge.amount_minor, charge.cash_minor)
        refund = _begin(kit, connection, sale, rest, ref, now)
    else:
        refund = _made_before(connection, made.ref, now)
    if refund.state == "waiting":
        return refund
    return payments.open_bill(connection, charge, now, kit.deployment)


def _digest_of(ask: Ask, charge: Charge) -> str:
    """Give the digest of what is asked for when a sum is put right."""
    return keys.digest_of("correct", ask.sale, charge.digest)


def _count(kit: Kit, ask: Ask, digest: str) -> None:
    """Count the request against the till's rate; who may not ask, and what was done already, is counted nowhere."""
    now, held = kit.clock(), rate.MONEY_OF_TILL.here(kit.deployment)
    with reading(kit.engine) as connection:
        sale = refunds.sale_at_counter(connection, ask.sale, ask.cashier, now)
        made = keys.find(connection, _scope(sale), ask.key, digest)
    if made is None and not write(kit.engine, lambda connection: rates.take(connection, held, _place(sale), now)):
        raise refuse("too_many", retry_after=held.wait_seconds)


def _place(sale: Sale) -> str:
    """Name where a sale's refunds are asked for; a sale of a history was made at no till."""
    return f"till {sale.till}" if sale.till else f"coop {sale.slug}"


def _scope(sale: Sale) -> str:
    """Give the scope in which the keys of a sale's refunds are unique."""
    return _place(sale).replace(" ", ":", 1)


def _given(kit: Kit, connection: sa.Connection, ask: Ask) -> Refund:
    now, ref = kit.clock(), ledger.new_ref()
    sale = refunds.sale_at_counter(connection, ask.sale, ask.cashier, now)
    made = keys.claim(connection, _scope(sale), ask.key, ask.digest, Made("refund", ref), now)
    if made is not None:
        return _made_before(connection, made.ref, now)
    return _begin(kit, connection, sale, ask, ref, now)


def _begin(kit: Kit, connection: sa.Connection, sale: Sale, ask: Ask, ref: str, now: datetime) -> Refund:
    """Post the refund `ref` of a sale, or let it wait for a steward."""
    asker_id = _id_of(connection, ask.cashier)
    back, cash_back = ledger.lock_refunded(connection, sale.id)
    if ask.seen_minor not in (None, back + cash_back):
        raise refuse("refunded_meanwhile")
    if ask.amount_minor > sale.amount_minor - back or ask.cash_minor > sale.cash_minor - cash_back:
        raise refuse("refund_exceeds_sale")
    limit = kit.charter.refund_limit_minor if sale.refund_limit_minor is None else sale.refund_limit_minor
    row = {
        "ref": ref,
        "sale_id": sale.id,
        "coop_id": sale.coop_id,
        "amount_minor": ask.amount_minor,
        "cash_minor": ask.cash_minor,
        "reason": ask.reason,
        "note": ask.note or None,
        "asked_by": asker_id,
        "asked_at": now,
    }
    if needs_steward(back + cash_back, ask.amount_minor + ask.cash_minor, limit):
        refunds.add(connection, row | {"state": "waiting", "lapses_at": lapse_of(now)})
        _ask_stewards(connection, sale, ask, ref, now)
    else:
        back_now = GivenBack(ref, ask.amount_minor, ask.cash_minor, asker_id, ask.note or None)
        dated = charters.standing(connection, kit.charter, now)
        posted = refund_transfers.give_back(connection, sale, back_now, asker_id, now, dated)
        refunds.add(connection, row | {"state": "posted", "transfer_id": posted.id})
    return _now(connection, ref, now)


def _ask_stewards(connection: sa.Connection, sale: Sale, ask: Ask, ref: str, now: datetime) -> None:
    """Leave a notice for every steward who may approve a refund that waits."""
    for steward in roles.serving(connection, sale.coop_id, "steward", now).values():
        if steward.handle not in (ask.cashier, sale.payer):
            told = sale.coop_name, _page(ref), ask.amount_minor or None, lapse_of(now)
            notices.tell_of_money(connection, steward.id, "approve", now, *told)


def _page(ref: str) -> str:
    return f"/refunds/{ref}"


def _id_of(connection: sa.Connection, handle: str) -> int:
    person = people.find(connection, handle)
    assert person is not None
    return person.id


def _now(connection: sa.Connection, ref: str, now: datetime) -> Refund:
    found = refund_view.find(connection, ref, now)
    assert found is not None
    return found


def _made_before(connection: sa.Connection, ref: str, now: datetime) -> Refund:
    """Give a refund as it was answered when its key made it."""
    found = _now(connection, ref, now)
    return replace(found, state="posted" if found.lapses_at is None else "waiting", replayed=True)


def _told(kit: Kit, refund: Refund) -> Refund:
    """Wake the screens of its till; a sale of a history was made at none."""
    if refund.till:
        kit.hint(f"till:{refund.till}")
    return refund
