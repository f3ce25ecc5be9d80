"""Disputes: a member says that something is wrong, both sides write, pass it on; its member ends it."""

import sqlalchemy as sa

from wallet.domain import paycode
from wallet.domain.dispute import may_carry
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import codes, dispute_notices, dispute_refunds, disputes, ledger
from wallet.store.dispute_acts import acting, answered, owed, pressed
from wallet.store.dispute_sides import side_of
from wallet.store.disputes import DisputeTold
from wallet.store.engine import reading, write
from wallet.store.people import Holder
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
        dispute = disputes.known(connection, made, kit.clock())
        disputes.say(connection, dispute.id, found.person_id, "member", "opened", words, now)
        if kind == "not_me":
            codes.freeze(connection, found.person_id, paycode.step_at(now), now)
        # While payments are stopped disputes are heard all the same, and carried once they go on.
        can = not dispute.carried_later and not disputes.owes(connection, found.person_id)
        if in_time and dispute.left_minor and can:
            dispute_refunds.carry(connection, kit.charter, dispute, now)
        dispute_notices.tell_stewards(connection, dispute, "disputed", kit.clock())
        return disputes.known(connection, made, kit.clock())

    dispute = write(kit.engine, work)
    if words in [one.words for one in dispute.said]:
        return dispute
    if dispute.ended and dispute.by_code and not_me:
        says = _("This is settled already, so your words were not sent. Your codes are frozen, on every phone.")
        raise refuse("dispute_over", says)
    return say(kit, handle, dispute.ref, words)


def look(kit: Kit, ref: str, handle: str, *, facilitates: bool) -> tuple[DisputeTold, str]:
    """Give a dispute and whom the reader speaks for: the member, a steward, or a facilitator of what was passed on.

    Raises: Refusal unknown_dispute for anybody else.
    """
    with reading(kit.engine) as connection:
        found = disputes.known(connection, ref, kit.clock())
        side = side_of(connection, found, handle, kit.clock())
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
            answered(connection, dispute)
        else:
            disputes.change(connection, dispute.id, state="open", waits_since=dispute.waits_since or now)
        dispute_notices.tell_other(connection, dispute, side, "answered" if side == "coop" else "disputed", kit.clock())

    return write(kit.engine, acting(kit.clock, handle, ref, ("member", "coop"), done), keyed=False)


def pass_on(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Pass a dispute to the federation's facilitators; what is with them already stays so.

    What they have decided for the member comes to them again as a reminder, by the member alone.
    Raises: Refusal unknown_dispute, dispute_over.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, side: str) -> None:
        if dispute.state == "owed":
            raise owed()
        if dispute.ruling and side == "coop":
            raise refuse("dispute_over", _("A facilitator has decided this. Nothing was changed. Look at it again."))
        if dispute.state == "passed":
            return
        disputes.say(connection, dispute.id, person.id, side, "passed", "", kit.clock())
        disputes.change(connection, dispute.id, state="passed")
        dispute_notices.tell_other(connection, dispute, side, "passed", kit.clock())
        dispute_notices.tell_facilitators(connection, dispute, "disputed", kit.clock())

    return write(kit.engine, acting(kit.clock, handle, ref, ("member", "coop"), done), keyed=False)


def take_back(kit: Kit, handle: str, ref: str) -> DisputeTold:
    """Let the member end their dispute; what is carried and not decided to be theirs is owed, since nobody can pull it.

    Raises: Refusal unknown_dispute, dispute_over.
    """

    def done(connection: sa.Connection, dispute: DisputeTold, person: Holder, _side: str) -> None:
        if dispute.state == "owed":
            raise owed()
        disputes.say(connection, dispute.id, person.id, "member", "ended", "", kit.clock())
        disputes.change(connection, dispute.id, state="owed" if dispute.may_be_owed else "settled", waits_since=None)
        dispute_notices.tell_stewards(connection, dispute, "settled", kit.clock())

    return write(kit.engine, acting(kit.clock, handle, ref, ("member",), done, pressed("ended")), keyed=False)


def _once_more(connection: sa.Connection, kit: Kit, ref: str, kind: str) -> DisputeTold:
    """Give the dispute of what is disputed again, which says "not me" from now on if it is said while it is open."""
    before = disputes.about(connection, ref, kit.clock())
    assert before is not None
    found = disputes.known(connection, before.ref, kit.clock(), lock=True)
    if kind != "not_me":
        return found
    # Somebody else may hold the codes, whatever was said of this charge before.
    codes.freeze(connection, found.person_id, paycode.step_at(kit.clock()), kit.clock())
    if found.is_undecided:
        # Nor is its cash the member's, since they were not there.
        disputes.change(connection, found.id, kind=kind)
    return disputes.known(connection, found.ref, kit.clock())
