"""Acts on a dispute: by whom, on what is not over, and once however often a button is pressed.

They take its lock first, so that of two people who press at once the second sees what the first did.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.store import disputes, facilitators
from wallet.store.dispute_sides import side_of
from wallet.store.disputes import Dispute, DisputeTold
from wallet.store.people import Holder, holder

Done = Callable[[sa.Connection, DisputeTold, Holder, str], None]
Again = Callable[[sa.Connection, DisputeTold, Holder], bool]


def acting(
    clock: Callable[[], datetime],
    handle: str,
    ref: str,
    sides: tuple[str, ...],
    done: Done,
    again: Again = lambda _connection, _dispute, _person: False,
) -> Callable[[sa.Connection], DisputeTold]:
    """Give what does something with a dispute that is not over, as one of `sides`, unless it was done before.

    Raises: Refusal unknown_dispute, not_allowed for who is no facilitator where one decides, dispute_over.
    Locks:  the dispute, then what `done` locks, until commit.
    """

    def act(connection: sa.Connection) -> DisputeTold:
        found = disputes.known(connection, ref, clock(), lock=True)
        side = side_of(connection, found, handle, clock())
        if side is None and "federation" in sides:
            facilitators.require(connection, handle, clock())
            side = "federation"
        if side not in sides:
            raise refuse("unknown_dispute")
        person = holder(connection, handle)
        if again(connection, found, person):
            return found
        if found.ended:
            raise refuse("dispute_over")
        done(connection, found, person, side)
        return disputes.known(connection, ref, clock())

    return act


def pressed(act: str, words: str = "") -> Again:
    """Give what tells whether somebody has just done `act`, so that its button was pressed twice."""

    def again(_connection: sa.Connection, dispute: DisputeTold, person: Holder) -> bool:
        last = [(one.person_id, one.act, one.words) for one in dispute.said[-1:]]
        # What is with the facilitators again waits for the same act once more.
        return last == [(person.id, act, words)] and dispute.state != "passed"

    return again


def answered(connection: sa.Connection, dispute: Dispute) -> None:
    """Note that a dispute is answered, unless it is with the facilitators, owed, or decided for the member."""
    # What is a facilitator's to decide, or decided, does not become an open question again; nor do words give back.
    kept = dispute.state in ("passed", "owed") or dispute.ruling == "member"
    after = {"state": dispute.state} if kept else {"state": "answered", "waits_since": None}
    disputes.change(connection, dispute.id, **after)


def owed() -> Refusal:
    """Give the no to what cannot be done with a sum that is owed by now."""
    return refuse("dispute_over", _("What came back at once is owed by now. Nothing was changed. Look at it again."))
