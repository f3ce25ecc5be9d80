"""What comes back in a dispute: a steward gives it back, or it is carried late; and what is noted of it afterwards."""

import sqlalchemy as sa

from wallet.domain.dispute import Return, left_in_words, whole_in_words
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import dispute_notices, dispute_refunds, disputes, keys, ledger, refunds
from wallet.store.dispute_acts import acting, answered, owed, pressed
from wallet.store.disputes import Dispute, DisputeTold
from wallet.store.engine import write
from wallet.store.keys import Made
from wallet.store.people import Holder


def give_back(kit: Kit, handle: str, ref: str, back: Return) -> tuple[DisputeTold, bool]:
    """Give back what is left of the disputed sale, which ends the dispute; a part of it is an answer.

    0 leaves with the member what they have already, where nothing is left. Decided for the member, it is the whole.
    Safe to send twice with one key; tell also whether it was given back before.
    Raises: Refusal unknown_dispute, key_reused, dispute_over, refunded_meanwhile, bad_amount, refund_exceeds_sale.
    """
    amount_minor, cash_minor = back.amount_minor, back.cash_minor
    content, before = keys.digest_of("dispute", ref, amount_minor, cash_minor, back.words), False

    def again(connection: sa.Connection, dispute: DisputeTold, person: Holder) -> bool:
        nonlocal before
        before = keys.find(connection, f"person:{person.id}", back.key, content) is not None
        if not amount_minor + cash_minor:
            # What leaves with the member what they have makes nothing that a key could stand for.
            before = pressed("refunded", back.words)(connection, dispute, person)
        return before

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.about_kind != "sale":
            raise refuse("bad_amount", _("A line of pay is set right with the next pay. No money moved."))
        if dispute.state == "owed":
            raise owed()
        if cash_minor and dispute.kind == "not_me":
            raise refuse("bad_amount", _("The cash is not the member’s: somebody else laid it down. No money moved."))
        # Two stewards who answer at once would give back twice what each gives back once.
        refunded = ledger.lock_refunded(connection, refunds.sale_of(connection, dispute.about).id)
        if back.seen_minor not in (None, sum(refunded)):
            raise refuse("refunded_meanwhile")
        is_whole = _is_whole(dispute, amount_minor, cash_minor)
        if amount_minor + cash_minor:
            parts, now = (amount_minor, cash_minor), kit.clock()
            posted = dispute_refunds.give_back(connection, kit.charter, dispute, parts, now, person.id)
            keys.claim(connection, f"person:{person.id}", back.key, content, Made("refund", posted.ref), now)
        elif not is_whole:
            raise refuse("bad_amount")
        act = "refunded" if is_whole else "part"
        disputes.say(connection, dispute.id, person.id, "coop", act, back.words, kit.clock())
        if is_whole:
            disputes.change(connection, dispute.id, state="refunded", waits_since=None)
        else:
            answered(connection, dispute)
        dispute_notices.tell_other(connection, dispute, "coop", "settled" if is_whole else "answered", kit.clock())

    return write(kit.engine, acting(kit.clock, handle, ref, ("coop",), done, again), keyed=False), before


def carry_late(kit: Kit, late: Dispute) -> bool:
    """Carry what was disputed in time while payments were stopped, now that they go on; tell whether. Twice is once.

    Raises: Refusal payments_stopped, busy.
    Locks:  the dispute, then what `begin` locks of it, until commit.
    """

    def work(connection: sa.Connection) -> bool:
        disputes.known(connection, late.ref, kit.clock(), lock=True)
        ledger.lock_refunded(connection, refunds.sale_of(connection, late.about).id)
        dispute = disputes.known(connection, late.ref, kit.clock())
        can = dispute.carried_later and not disputes.owes(connection, dispute.person_id)
        if can:
            dispute_refunds.carry(connection, kit.charter, dispute, kit.clock())
        return can

    return write(kit.engine, work)


def note_paid(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Note that the member has paid at a till what was carried for them and owed since.

    Raises: Refusal unknown_dispute, dispute_over for what is not owed.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.state != "owed":
            raise refuse("dispute_over")
        disputes.say(connection, dispute.id, person.id, "coop", "paid", "", kit.clock())
        disputes.change(connection, dispute.id, state="settled")
        dispute_notices.tell_other(connection, dispute, "coop", "settled", kit.clock())

    return write(kit.engine, acting(kit.clock, handle, ref, ("coop",), done, pressed("paid")), keyed=False)


def note_right(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Note that a line of pay that was decided for the member is set right, of which they have the last word.

    What the member has passed on since it was decided stays with the facilitators.
    Raises: Refusal unknown_dispute, dispute_over for what is no such line, too.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.about_kind != "pay" or dispute.ruling != "member":
            says = _("Only a line of pay that was decided for the member is noted as set right. Nothing was changed.")
            raise refuse("dispute_over", says)
        disputes.say(connection, dispute.id, person.id, "coop", "right", "", kit.clock())
        if not dispute.passed_on:
            disputes.change(connection, dispute.id, state="answered", waits_since=None)
        dispute_notices.tell_member(connection, dispute, "answered", kit.clock())

    return write(
        kit.engine,
        acting(kit.clock, handle, ref, ("coop",), done, lambda _connection, dispute, _person: dispute.said_right),
        keyed=False,
    )


def _is_whole(dispute: Dispute, amount_minor: int, cash_minor: int) -> bool:
    """Tell whether so much is all that is left; refuse more than that, and less where all was decided."""
    left_minor, left_cash_minor = dispute.whole_minor
    if amount_minor > left_minor or cash_minor > left_cash_minor:
        raise refuse("refund_exceeds_sale", left_in_words(left_minor, left_cash_minor))
    is_whole = amount_minor == left_minor and cash_minor == left_cash_minor
    if dispute.ruling == "member" and not is_whole:
        raise refuse("bad_amount", whole_in_words(left_minor, left_cash_minor))
    return is_whole
