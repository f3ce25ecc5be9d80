"""Elections: whether a member is paid in RES at all, and how much of their share they take at most."""

import sqlalchemy as sa

from wallet.domain import agreement, period
from wallet.domain.election import Election
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import charters, elections, federation, shares
from wallet.store.elections import Taken
from wallet.store.engine import reading, write


def taken(kit: Kit, person_id: int) -> Taken:
    """Give how much of their share a member takes."""
    with reading(kit.engine) as connection:
        return elections.taken(connection, person_id, _month(kit, connection))


def agree(kit: Kit, person_id: int, version: str, words: str) -> None:
    """Keep a member's agreement to be paid in RES with the `words` that they read; once is enough for good.

    Who had said no before takes the whole share from the next month on.
    Raises: Refusal bad_form, when these are not the words of today.
    Locks:  the wallet until commit: who signs a run that pays them holds it, too.
    """
    if version != str(agreement.VERSION):
        raise refuse("bad_form", _("These words have changed meanwhile. Nothing was kept. Read them again."))

    def work(connection: sa.Connection) -> None:
        elections.hold(connection, person_id)
        now, month = kit.clock(), _month(kit, connection)
        before = elections.taken(connection, person_id, month)
        elections.agree(connection, person_id, agreement.VERSION, words, now)
        if before.agreement is None and before.is_answered:
            elections.choose(connection, person_id, Election(period.next_month(month), None), now)

    write(kit.engine, work)


def decline(kit: Kit, person_id: int) -> None:
    """Keep that a member wants all their pay in cash, and has not agreed to RES."""
    _choose(kit, person_id, 0)


def choose(kit: Kit, person_id: int, handle: str, most_bp: int | None) -> None:
    """Let a member take at most `most_bp` of their pay in RES from the next month on; None is the whole share.

    Raises: Refusal not_allowed before they have agreed to RES; bad_amount for more than their share.
    Locks:  the wallet until commit.
    """
    with reading(kit.engine) as connection:
        month = _month(kit, connection)
        if elections.taken(connection, person_id, month).agreement is None:
            raise refuse("not_allowed", _("Agree to being paid in RES first. Nothing was changed."))
        dated = charters.history(connection, kit.charter, kit.clock())
        mine = shares.outlook(connection, handle, month, dated)
    coming = dated.of_month(period.next_month(month)).floor_bp
    most = max(mine.now.share_bp, mine.next.share.share_bp) if mine else coming
    if most_bp is not None and most_bp > most:
        raise refuse("bad_amount", _("Your share is less than that. Nothing was changed."))
    _choose(kit, person_id, most_bp)


def _choose(kit: Kit, person_id: int, most_bp: int | None) -> None:
    def work(connection: sa.Connection) -> None:
        elections.hold(connection, person_id)
        now = kit.clock()
        month = period.next_month(_month(kit, connection))
        elections.choose(connection, person_id, Election(month, most_bp), now)

    write(kit.engine, work)


def _month(kit: Kit, connection: sa.Connection) -> str:
    return period.month_of(kit.clock(), federation.zone(connection))
