"""Shifts: closed once, against the shop's register, with the till swept in the same step."""

from dataclasses import dataclass

import sqlalchemy as sa

from wallet.domain.shift import Register
from wallet.domain.transfer import Circumstance
from wallet.errors import refuse
from wallet.kit import Kit
from wallet.store import keys, ledger, shifts
from wallet.store.engine import write
from wallet.store.keys import Made
from wallet.store.shifts import Signed, StaffedTill


@dataclass(frozen=True, slots=True)
class Closing:
    """Hold what somebody signs: what the register says, why it says something else, a note for the next shift."""

    register: Register
    reason: str = ""
    note: str = ""
    # The difference that the reason is for, if it was read on a page.
    seen: Register | None = None

    @property
    def digest(self) -> str:
        """Give the digest of the content."""
        return keys.digest_of("shift", self.register.res_minor, self.register.cash_minor, self.reason, self.note)


def close_shift(kit: Kit, till: str, who: str, shift_id: int, closing: Closing, *, key: str) -> bool:
    """Close a shift of `till` and sweep the till into its co-op's account; True says that this key did so before.

    Raises: Refusal unknown_till, unknown_shift, key_reused, shift_closed, bill_open; difference, if the register says
            something else than the ledger and there is no reason, or it is for another difference.
    Locks:  the key, the shift, its unpaid bills, the till's account, the co-op's, until commit.
    """

    def work(connection: sa.Connection) -> bool:
        now, made = kit.clock(), Made("shift", str(shift_id))
        place = shifts.at_till(connection, till, who, now)
        before = keys.claim(connection, f"till:{till}", key, closing.digest, made, now)
        if before is not None and before != made:
            raise refuse("key_reused")
        if before is not None:
            return True
        _close(kit, connection, place, shift_id, closing)
        return False

    again = write(kit.engine, work)
    kit.hint(f"till:{till}")
    return again


def _close(kit: Kit, connection: sa.Connection, place: StaffedTill, shift_id: int, closing: Closing) -> None:
    shifts.lock_open(connection, place.id, shift_id)
    # Only now: whatever was waited for is over, and nothing of this shift is posted later.
    now = kit.clock()
    shifts.end_bills(connection, place.id, shift_id, now)
    totals = shifts.totals(connection, place.account_id, shift_id)
    difference = closing.register.over(totals)
    if not difference.agrees and not (closing.reason and closing.seen in (None, difference)):
        raise refuse("difference")
    where = Circumstance(place.id, shift_id, place.person_id)
    sweep = ledger.post_sweep(connection, place.account_id, place.coop_account, now, where)
    seq = shifts.till_seq(connection, place.account_id)
    words = None if difference.agrees else closing.reason, closing.note or None
    sweep_id = None if sweep is None else sweep.id
    shifts.close(connection, Signed(shift_id, place.person_id, now, totals, closing.register, *words, sweep_id, seq))
