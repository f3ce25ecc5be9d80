"""Gifts: RES from member to member; whoever has it sends it, and nobody can pull it."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from wallet.domain import passkey, rate
from wallet.domain.transfer import Circumstance, Order, Posted
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import keys, ledger, limits, notices, passkeys, people, proofs, receiving, sales, sessions
from wallet.store.engine import reading, write
from wallet.store.keys import Made
from wallet.store.passkeys import Proof
from wallet.store.people import Holder
from wallet.store.sessions import Asker, Bearer
from wallet.store.views import gifts
from wallet.store.views.gifts import SentGift


@dataclass(frozen=True, slots=True)
class Gift:
    """Hold what a member asks for: so much RES to whom `to` names, by handle or, with `by_code`, by a receive code."""

    to: str
    by_code: bool
    amount_minor: int
    note: str
    key: str

    @property
    def digest(self) -> str:
        """Give the digest of the content; confirming is not content."""
        return keys.digest_of("give", self.to, self.by_code, self.amount_minor, self.note)

    @property
    def bound(self) -> str:
        """Give the digest of what a passkey proves: to whom, how much, and key."""
        return passkey.digest_of_gift(f"{'code' if self.by_code else 'handle'} {self.to}", self.amount_minor, self.key)


def send(kit: Kit, sender: str, receiver: str, amount_minor: int, *, key: str) -> Posted | None:
    """Send a gift of a history; None says that this key sent it before.

    Raises: Refusal bad_amount, key_reused, unknown_member, not_allowed (to oneself), insufficient_funds.
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
        return ledger.post_gift(connection, Order(ref, now, giver.account_id, taker.account_id, amount_minor))

    return write(kit.engine, work)


def give(kit: Kit, giver: Asker, gift: Gift, *, confirm: bool = False, proof: Proof | None = None) -> SentGift:
    """Send RES from the wallet of `giver`, who alone can; safe to send twice.

    `proof` is a passkey's answer to the challenge of this very gift; without one a session sends only so much.
    Raises: Refusal not_signed_in, unknown_member, key_reused, too_many, not_allowed to oneself, insufficient_funds,
            looks_repeated, step_up_required, passkey_doubted.
    Locks:  the key, both wallets, then the giver's row for the day, until commit.
    """

    def work(connection: sa.Connection) -> SentGift:
        now, ref = kit.clock(), ledger.new_ref()
        member = people.holder(connection, sessions.handle_of(connection, giver, now))
        # In the gift's own transaction: one that is refused leaves the answer to be used again.
        asserted = proof is not None and proofs.lifts_limits(connection, member.id, proof, gift.bound, gift.key, now)
        made = keys.claim(connection, f"person:{member.id}", gift.key, gift.digest, Made("gift", ref), now)
        if made is not None:
            return gifts.sent(connection, made.ref, replayed=True)
        _refuse_busy(connection, kit, giver, member)
        taker = _receiver(connection, kit, gift, member.id)
        order = Order(ref, now, member.account_id, taker.account_id, gift.amount_minor)
        posted = ledger.post_gift(connection, replace(order, where=Circumstance(note=gift.note or None, means="phone")))
        if not confirm:
            asked = member.account_id, taker.account_id, gift.amount_minor
            gifts.refuse_repeated(connection, *asked, now, kit.charter, posted.id)
        if proofs.is_alone(connection, giver, kit.deployment, asserted=asserted):
            limits.require(connection, "phone", member.id, gift.amount_minor, now)
        told = member.name, f"/receipts/{ref}", gift.amount_minor
        notices.tell_of_money(connection, taker.id, "received", now, *told)
        return gifts.sent(connection, ref)

    return write(kit.engine, work)


def find(kit: Kit, giver_id: int, to: str, *, by_code: bool) -> str:
    """Give the name of whom a handle or a live receive code finds; by a code it is the one chosen for counters.

    Raises: Refusal unknown_member, not_allowed for oneself.
    """
    with reading(kit.engine) as connection:
        found = _receiver(connection, kit, Gift(to, by_code, 0, "", ""), giver_id)
        return found.counter_name if by_code else found.name


def sent_with(kit: Kit, giver_id: int, key: str, gift: Gift | None = None) -> str | None:
    """Give the ref of the gift that the giver's `key` has sent, if it has; with `gift`, it must be that very one.

    Raises: Refusal key_reused, when the key has sent another.
    """
    with reading(kit.engine) as connection:
        scope = f"person:{giver_id}"
        made = keys.find(connection, scope, key, gift.digest) if gift else keys.made_by(connection, scope, key)
    return made.ref if made is not None and made.act == "gift" else None


def show_code(kit: Kit, person_id: int, *, keep: bool = False) -> None:
    """Draw a new code by which others find this person for ten minutes; the former finds nobody any more.

    With `keep` one that lives stays: somebody may be typing what they send by it.
    """

    def work(connection: sa.Connection) -> None:
        now = kit.clock()
        if not keep or receiving.of_person(connection, person_id, now) is None:
            receiving.draw(connection, person_id, now)

    write(kit.engine, work, keyed=False)


def begin(kit: Kit, giver_id: int, bearer: str, gift: Gift) -> dict[str, Any]:
    """Ask the giver for a passkey's answer that counts for this gift alone.

    Raises: Refusal unknown_member, not_allowed to oneself.
    """

    def work(connection: sa.Connection) -> dict[str, Any]:
        _receiver(connection, kit, gift, giver_id)
        return passkeys.ask_bound(connection, giver_id, bearer, kit.site, gift.bound, kit.clock())

    return write(kit.engine, work)


def _receiver(connection: sa.Connection, kit: Kit, gift: Gift, giver_id: int) -> Holder:
    handle = gift.to
    if gift.by_code:
        live = receiving.whose(connection, gift.to, kit.clock())
        if live is None:
            gone = _("This code finds nobody, or has run out. No money moved. Ask for a new one.")
            raise refuse("unknown_member", gone)
        handle = live.handle
    found = people.holder(connection, handle)
    if found.id == giver_id:
        raise refuse("not_allowed", _("This is yourself. No money moved."))
    return found


def _refuse_busy(connection: sa.Connection, kit: Kit, giver: Asker, member: Holder) -> None:
    held = rate.MONEY_OF_PERSON.here(kit.deployment)
    if not isinstance(giver, Bearer):
        return
    now = kit.clock()
    if sales.paid_since(connection, member.account_id, now - held.span, held.times, now):
        raise refuse("too_many", retry_after=held.wait_seconds)
