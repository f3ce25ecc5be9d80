"""Disputes: a member says that something is wrong; stewards answer or give back; a facilitator decides what stays open.

Acts on a dispute take its lock first, so that of two people who press at once the second sees what the first did.
"""

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from wallet.domain import paycode
from wallet.domain.dispute import Return, may_carry, whole_in_words
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import codes, dispute_notices, dispute_refunds, disputes, facilitators, keys, ledger, refunds, roles
from wallet.store.disputes import Dispute, DisputeTold
from wallet.store.engine import reading, write
from wallet.store.keys import Made
from wallet.store.people import Holder, holder
from wallet.store.views.disputable import subject_of


def begin(kit: Kit, handle: str, ref: str, words: str, *, not_me: bool = False) -> DisputeTold:
    """Dispute a purchase or a line of pay; twice is once, and other words are said in the dispute that is there.

    A charge by code that is disputed in time is given back at once, and so carried by the co-op until it is settled;
    nobody who owes such a sum is carried again before. "Not me" freezes the member's codes, also when it is settled.
    Raises: Refusal unknown_receipt for what is not theirs to dispute; dispute_over for other words of what is settled.
    Locks:  the dispute, the sale's refund row if it may be carried, then the codes, the wallet and the payee, until
            commit.
    """

    def work(connection: sa.Connection) -> DisputeTold:
        now, made = kit.clock(), ledger.new_ref()
        found = subject_of(connection, ref, handle)
        kind = "line" if found.kind == "pay" else "not_me" if not_me and found.means == "code" else "wrong"
        row = {"ref": made, "transfer_id": found.id, "coop_id": found.coop_id, "person_id": found.person_id}
        row |= {"kind": kind, "state": "open", "opened_at": now, "waits_since": now}
        if not disputes.add(connection, row):
            return _once_more(connection, kit, ref, kind)
        in_time = may_carry(found.means, found.at, now)
        if in_time:
            # A cashier may be giving back a part at this moment: what is left is read once nobody is.
            ledger.lock_refunded(connection, found.id)
        dispute = _now(connection, kit, made)
        disputes.say(connection, dispute.id, found.person_id, "member", "opened", words, now)
        if kind == "not_me":
            codes.freeze(connection, found.person_id, paycode.step_at(now), now)
        # While payments are stopped disputes are heard all the same, and carried once they go on.
        can = not dispute.carried_later and not disputes.owes(connection, found.person_id)
        if in_time and dispute.left_minor and can:
            dispute_refunds.carry(connection, kit.charter, dispute, now)
        dispute_notices.tell_stewards(connection, dispute, "disputed", kit.clock())
        return _now(connection, kit, made)

    dispute = write(kit.engine, work)
    if words in [one.words for one in dispute.said]:
        return dispute
    if dispute.ended and dispute.by_code and not_me:
        says = _("This is settled already, so your words were not sent. Your codes are frozen, on every phone.")
        raise refuse("dispute_over", says)
    return say(kit, handle, dispute.ref, words)


def carry_late(kit: Kit) -> int:
    """Carry what was disputed in time while payments were stopped, now that they go on; tell how many. Twice is once.

    Raises: Refusal payments_stopped, busy.
    Locks:  each dispute, then what `begin` locks of it, until the commit of its own.
    """

    def work(connection: sa.Connection, one: Dispute) -> bool:
        disputes.find(connection, one.ref, kit.clock(), lock=True)
        ledger.lock_refunded(connection, refunds.sale_of(connection, one.about).id)
        dispute = _now(connection, kit, one.ref)
        can = dispute.carried_later and not disputes.owes(connection, dispute.person_id)
        if can:
            dispute_refunds.carry(connection, kit.charter, dispute, kit.clock())
        return can

    with reading(kit.engine) as connection:
        waiting = disputes.uncarried(connection, kit.clock())
    return sum(write(kit.engine, partial(work, one=one)) for one in waiting)


def look(kit: Kit, ref: str, handle: str, *, facilitates: bool) -> tuple[DisputeTold, str]:
    """Give a dispute and whom the reader speaks for: the member, a steward, or a facilitator of what was passed on.

    Raises: Refusal unknown_dispute for anybody else.
    """
    with reading(kit.engine) as connection:
        found = disputes.find(connection, ref, kit.clock())
        if found is None:
            raise refuse("unknown_dispute")
        side = _side(connection, kit, found, handle)
        if side is None and facilitates and found.concerns_federation:
            side = "federation"
        if side is None:
            raise refuse("unknown_dispute")
        return found, side


def say(kit: Kit, handle: str, ref: str, words: str) -> DisputeTold:
    """Write to the other side: a steward's words answer, a member's make it wait for the stewards again; twice is once.

    Raises: Refusal unknown_dispute, dispute_over.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, side: str) -> None:
        now, last = kit.clock(), dispute.said[-1] if dispute.said else None
        if last is not None and (last.side, last.words) == (side, words):
            return
        disputes.say(connection, dispute.id, person.id, side, "answered" if side == "coop" else "wrote", words, now)
        if side == "coop" or dispute.state in ("passed", "owed"):
            _answered(connection, dispute)
        else:
            disputes.change(connection, dispute.id, state="open", waits_since=dispute.waits_since or now)
        dispute_notices.tell_other(connection, dispute, side, "answered" if side == "coop" else "disputed", kit.clock())

    return _act(kit, handle, ref, ("member", "coop"), done)


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
            before = _pressed("refunded", back.words)(connection, dispute, person)
        return before

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.about_kind != "sale":
            raise refuse("bad_amount", _("A line of pay is set right with the next pay. No money moved."))
        if dispute.state == "owed":
            raise _owed()
        if cash_minor and dispute.kind == "not_me":
            raise refuse("bad_amount", _("The cash is not the member’s: somebody else laid it down. No money moved."))
        res_minor, left_cash_minor = dispute.whole_minor
        is_whole = amount_minor >= res_minor and cash_minor >= left_cash_minor
        if dispute.ruling == "member" and not is_whole:
            raise refuse("bad_amount", whole_in_words(res_minor, left_cash_minor))
        # Two stewards who answer at once would give back twice what each gives back once.
        refunded = ledger.lock_refunded(connection, refunds.sale_of(connection, dispute.about).id)
        if back.seen_minor not in (None, sum(refunded)):
            raise refuse("refunded_meanwhile")
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
            _answered(connection, dispute)
        dispute_notices.tell_other(connection, dispute, "coop", "settled" if is_whole else "answered", kit.clock())

    return _act(kit, handle, ref, ("coop",), done, again), before


def pass_on(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Pass a dispute to the federation's facilitators; what is with them already stays so.

    What they have decided for the member comes to them again as a reminder, by the member alone.
    Raises: Refusal unknown_dispute, dispute_over.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, side: str) -> None:
        if dispute.state == "owed":
            raise _owed()
        if dispute.ruling and side == "coop":
            raise refuse("dispute_over", _("A facilitator has decided this. Nothing was changed. Look at it again."))
        if dispute.state == "passed":
            return
        disputes.say(connection, dispute.id, person.id, side, "passed", "", kit.clock())
        disputes.change(connection, dispute.id, state="passed")
        dispute_notices.tell_other(connection, dispute, side, "passed", kit.clock())
        dispute_notices.tell_facilitators(connection, dispute, "disputed", kit.clock())

    return _act(kit, handle, ref, ("member", "coop"), done)


def take_back(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Let the member end their dispute; what is carried and not decided to be theirs is owed, since nobody can pull it.

    Raises: Refusal unknown_dispute, dispute_over.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.state == "owed":
            raise _owed()
        disputes.say(connection, dispute.id, person.id, "member", "ended", "", kit.clock())
        disputes.change(connection, dispute.id, state="owed" if dispute.may_be_owed else "settled", waits_since=None)
        dispute_notices.tell_stewards(connection, dispute, "settled", kit.clock())

    return _act(kit, handle, ref, ("member",), done, _pressed("ended"))


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

    return _act(kit, handle, ref, ("coop",), done, _pressed("paid"))


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

    return _act(kit, handle, ref, ("coop",), done, lambda _connection, dispute, _person: dispute.said_right)


def decide(kit: Kit, handle: str, ref: str, words: str, *, for_member: bool) -> DisputeTold:
    """Decide, as a facilitator, what was passed on; never one's own, nor otherwise what was decided before.

    For the member: what is carried stays with them, and what is left the co-op has to give back. For the co-op: what is
    carried is owed, else it is over. No facilitator moves money.
    Raises: Refusal unknown_dispute, not_allowed for who is no facilitator, dispute_over.
    """

    ruling = "member" if for_member else "coop"

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        now = kit.clock()
        # What is decided for the member and not given back in a week comes here again: the stewards are told once more.
        if dispute.state != "passed" or (dispute.ruling == "member" and not for_member):
            raise refuse("dispute_over")
        disputes.say(connection, dispute.id, person.id, "federation", f"for_{ruling}", words, now)
        if for_member:
            has_all = dispute.about_kind == "sale" and not any(dispute.whole_minor)
            after, since = ("refunded", None) if has_all else ("open", now)
        else:
            after, since = "owed" if dispute.carried else "settled", None
        disputes.change(connection, dispute.id, state=after, waits_since=since, ruling=ruling)
        dispute_notices.tell_stewards(connection, dispute, "settled", kit.clock())
        dispute_notices.tell_member(connection, dispute, "settled", kit.clock())

    return _act(kit, handle, ref, ("federation",), done, _pressed(f"for_{ruling}", words))


Done = Callable[[sa.Connection, DisputeTold, Holder, str], None]
Again = Callable[[sa.Connection, DisputeTold, Holder], bool]


def _act(
    kit: Kit,
    handle: str,
    ref: str,
    sides: tuple[str, ...],
    done: Done,
    again: Again = lambda _connection, _dispute, _person: False,
) -> DisputeTold:
    """Do something with a dispute that is not over, as one of `sides`, unless it was done before."""

    def work(connection: sa.Connection) -> DisputeTold:
        found = disputes.find(connection, ref, kit.clock(), lock=True)
        if found is None:
            raise refuse("unknown_dispute")
        side = _side(connection, kit, found, handle)
        if side is None and "federation" in sides:
            facilitators.require(connection, handle, kit.clock())
            side = "federation"
        if side not in sides:
            raise refuse("unknown_dispute")
        person = holder(connection, handle)
        if again(connection, found, person):
            return found
        if found.ended:
            raise refuse("dispute_over")
        done(connection, found, person, side)
        return _now(connection, kit, ref)

    return write(kit.engine, work, keyed=False)


def _pressed(act: str, words: str = "") -> Again:
    """Give what tells whether somebody has just done `act`, so that its button was pressed twice."""

    def again(_connection: sa.Connection, dispute: DisputeTold, person: Holder) -> bool:
        last = [(one.person_id, one.act, one.words) for one in dispute.said[-1:]]
        # What is with the facilitators again waits for the same act once more.
        return last == [(person.id, act, words)] and dispute.state != "passed"

    return again


def _owed() -> Refusal:
    return refuse("dispute_over", _("What came back at once is owed by now. Nothing was changed. Look at it again."))


def _answered(connection: sa.Connection, dispute: Dispute) -> None:
    # What is a facilitator's to decide, or decided, does not become an open question again; nor do words give back.
    kept = dispute.state in ("passed", "owed") or dispute.ruling == "member"
    after = {"state": dispute.state} if kept else {"state": "answered", "waits_since": None}
    disputes.change(connection, dispute.id, **after)


def _once_more(connection: sa.Connection, kit: Kit, ref: str, kind: str) -> DisputeTold:
    """Give the dispute of what is disputed again, which says "not me" from now on if it is said while it is open."""
    known = disputes.about(connection, ref, kit.clock())
    assert known is not None
    found = _now(connection, kit, known.ref, lock=True)
    if kind != "not_me":
        return found
    # Somebody else may hold the codes, whatever was said of this charge before.
    codes.freeze(connection, found.person_id, paycode.step_at(kit.clock()), kit.clock())
    if found.is_undecided:
        # Nor is its cash the member's, since they were not there.
        disputes.change(connection, found.id, kind=kind)
    return _now(connection, kit, found.ref)


def _side(connection: sa.Connection, kit: Kit, dispute: Dispute, handle: str) -> str | None:
    if dispute.member == handle:
        return "member"
    return "coop" if handle in roles.serving(connection, dispute.coop_id, "steward", kit.clock()) else None


def _now(connection: sa.Connection, kit: Kit, ref: str, *, lock: bool = False) -> DisputeTold:
    found = disputes.find(connection, ref, kit.clock(), lock=lock)
    assert found is not None
    return found
