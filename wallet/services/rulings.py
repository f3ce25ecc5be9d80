"""Rulings: a facilitator decides what was passed on to them."""

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import dispute_notices, disputes
from wallet.store.dispute_acts import acting, pressed
from wallet.store.disputes import DisputeTold
from wallet.store.engine import write
from wallet.store.people import Holder


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

    return write(
        kit.engine, acting(kit.clock, handle, ref, ("federation",), done, pressed(f"for_{ruling}", words)), keyed=False
    )
