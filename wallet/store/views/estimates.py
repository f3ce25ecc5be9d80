"""What a dividend would bring a member if a period closed today: beside a draft, and if every co-op paid its due."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.domain.charter import Charter
from wallet.domain.dividend import Counts, DividendEstimate, clock_at, estimated
from wallet.store import dues
from wallet.store.charters import InHand
from wallet.store.views import dividends
from wallet.store.views.dividends import DividendRun


@dataclass(frozen=True, slots=True)
class Everybody:
    """Hold what an estimate needs of everybody: what is open of co-ops that are in, and of others, and all counts."""

    at: datetime
    pool_minor: int
    draft: int | None
    open_minor: int
    out_minor: int
    counts: Counts


def everybody(
    connection: sa.Connection, founding: Charter, pool_minor: int, draft: int | None, now: datetime
) -> Everybody:
    """Sum what an estimate needs of everybody, beside the pool and the key of the draft that waits."""
    asked = dues.asked(connection, founding, now)
    return Everybody(now, pool_minor, draft, asked.open_minor, asked.out_minor, dividends.counts_of_all(connection))


def estimates(
    hand: InHand, draft: DividendRun | None, mine: Counts, everyone: Everybody
) -> tuple[DividendEstimate | None, DividendEstimate | None]:
    """Estimate what the pool would bring beside the draft that waits, and what it would if every co-op paid its due.

    Beside a draft that is of the period after it. A time without dividends brings nothing; the period before it can
    still be paid, up to where that time began.
    """
    then = hand if draft is None else hand.after(draft.ends_on)
    if not then.is_payable:
        return None, None
    spare_minor = everyone.pool_minor if draft is None else max(0, everyone.pool_minor - draft.pot_minor)
    clock = clock_at(then.charter_on, then.today if then.spell is None else then.spell.since, then.charter)
    filled = spare_minor + everyone.open_minor
    whole = estimated(filled, mine, everyone.counts, clock) if everyone.open_minor else None
    return estimated(spare_minor, mine, everyone.counts, clock), whole
