"""What a co-op sets for its pay: a ceiling of the RES part, its answer about a cash floor, and what it overpaid."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.ratio import WHOLE_BP
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, keys, paybounds, paylines, roles
from wallet.store.engine import write
from wallet.store.keys import Made

StewardsAct = Callable[[sa.Connection, int, int, datetime], None]


def set_ceiling(kit: Kit, by: str, coop: str, ceiling_bp: int | None) -> None:
    """Set the most of anybody's pay that the co-op pays in RES, or take that away; submitted runs keep theirs.

    Raises: Refusal unknown_coop, not_allowed, bad_form.
    Locks:  the co-op until commit.
    """
    if ceiling_bp is not None and not 0 <= ceiling_bp <= WHOLE_BP:
        raise refuse("bad_form")

    def act(connection: sa.Connection, coop_id: int, by_id: int, now: datetime) -> None:
        paybounds.set_ceiling(connection, coop_id, ceiling_bp, by_id, now)

    _as_steward(kit, by, coop, act)


def answer_floor(kit: Kit, by: str, coop: str, hour_minor: int | None, name: str) -> None:
    """Answer whether a cash floor per hour applies: an amount, or None for "none applies"; `name` answers for it.

    Raises: Refusal unknown_coop, not_allowed, bad_amount, bad_form.
    Locks:  the co-op until commit.
    """
    if hour_minor is not None and hour_minor <= 0:
        raise refuse("bad_amount")
    if not name.strip():
        raise refuse("bad_form")

    def act(connection: sa.Connection, coop_id: int, by_id: int, now: datetime) -> None:
        paybounds.answer_floor(connection, coop_id, hour_minor, name.strip(), by_id, now)

    _as_steward(kit, by, coop, act)


def note_overpayment(kit: Kit, by: str, coop: str, handle: str, amount_minor: int, note: str, *, key: str) -> bool:
    """Note that somebody was paid too much: their next lines are lowered by it. Tell whether `key` had noted it before.

    Raises: Refusal unknown_coop, not_allowed, unknown_member, bad_amount, key_reused.
    Locks:  the co-op until commit: of two that come at once with one key, the second finds what the first has noted.
    """
    if amount_minor <= 0:
        raise refuse("bad_amount")
    content, again = keys.digest_of("overpaid", coop, handle, amount_minor, note), False

    def act(connection: sa.Connection, coop_id: int, by_id: int, now: datetime) -> None:
        nonlocal again
        again = keys.find(connection, f"person:{by_id}", key, content) is not None
        if again:
            return
        payee = paylines.payees(connection, coop_id).get(handle)
        if payee is None:
            says = _("%(handle)s is not paid here. Nothing was noted. Choose somebody from the list.", handle=handle)
            raise refuse("unknown_member", says)
        noted = paybounds.note_overpayment(connection, coop_id, payee.id, amount_minor, note, by_id, now)
        keys.claim(connection, f"person:{by_id}", key, content, Made("overpayment", str(noted)), now)

    _as_steward(kit, by, coop, act)
    return again


def withdraw_overpayment(kit: Kit, by: str, coop: str, overpayment: int) -> None:
    """Take back what is left of what was noted; what has been kept back of it stays so.

    Raises: Refusal unknown_coop, not_allowed, changed_meanwhile.
    Locks:  the co-op until commit: a run that is posted keeps back what is still carried.
    """

    def act(connection: sa.Connection, coop_id: int, _by_id: int, now: datetime) -> None:
        if not paybounds.withdraw_overpayment(connection, coop_id, overpayment, now):
            raise refuse("changed_meanwhile")

    _as_steward(kit, by, coop, act)


def _as_steward(kit: Kit, by: str, coop: str, act: StewardsAct) -> None:
    def work(connection: sa.Connection) -> None:
        place = coops.known(connection, coop, lock=True)
        # Who signs a run holds the co-op, too: what bounds it was set before or after it, by the clock as in the books.
        now = kit.clock()
        steward = roles.require_steward(connection, place.id, by, now)
        act(connection, place.id, steward.id, now)

    write(kit.engine, work, keyed=False)
