"""The dues that are open, and what all together count with: a little old where only a member's estimate needs them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.store import dividend_view, dividends, dues
from wallet.store.dividend_view import Weights
from wallet.store.dues import Due, Period
from wallet.web import charters
from wallet.web.current import kit
from wallet.web.kept import some_minutes_old
from wallet.web.today import federation_zone


@dataclass(frozen=True, slots=True)
class Everybody:
    """Hold what an estimate needs of everybody: what is open of co-ops that are in, and of others, and all weights."""

    at: datetime
    pool_minor: int
    draft: int | None
    open_minor: int
    out_minor: int
    weights: Weights


class Sunset(NamedTuple):
    """Hold whether the dues had ended when a period began, and have by its end, so that it asks for nothing."""

    at_begin: bool
    at_end: bool


class Asked(NamedTuple):
    """Hold the period whose dues are open, the dues, the charter by which they are asked for, and its sunset.

    `goes_on` tells whether what is sold from the end of the draft that waits is asked for once that is paid.
    """

    period: Period | None
    dues: list[Due]
    charter: Charter
    sunset: Sunset
    goes_on: bool


def asked(connection: sa.Connection) -> Asked:
    """Work out what is asked for now; there are no dues before there is a charter.

    Of a draft that waits that is what its own period asks for, by the charter that period began with.
    """
    hand, draft = charters.in_hand(connection), dividends.draft(connection)
    if hand is None:
        return Asked(None, [], kit().charter, Sunset(at_begin=False, at_end=False), goes_on=False)
    now, zone = kit().clock(), federation_zone()
    then = hand if draft is None else hand.of_run(draft.ends_on)
    period = dues.period(connection, then, zone, None if draft is None else draft.ends_on, now)
    at_begin, at_end = (dues.have_ended(then, at, zone) for at in (period.since, period.until))
    after = hand if draft is None else hand.after(draft.ends_on)
    begins = draft is not None and after.is_payable and after.since == draft.ends_on
    goes_on = begins and not dues.have_ended(after, now, zone)
    found = dues.of_all(connection, period, then, zone)
    return Asked(period, found, then.charter, Sunset(at_begin, at_end), goes_on)


def everybody(connection: sa.Connection, pool_minor: int, draft: int | None) -> Everybody:
    """Sum what an estimate needs, some minutes old as long as the pool and the draft that waits stand as they stood."""

    def summed(now: datetime) -> Everybody:
        found = asked(connection).dues
        # Of what is open, no more than this can come in.
        owed = sum(due.open_minor for due in found if due.status == "active")
        out = sum(due.open_minor for due in found) - owed
        return Everybody(now, pool_minor, draft, owed, out, dividend_view.weights_of_all(connection))

    return some_minutes_old("everybody", summed, lambda known: (known.pool_minor, known.draft) == (pool_minor, draft))
