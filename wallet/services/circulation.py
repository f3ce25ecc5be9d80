"""Circulation: what is over is summed once for all, by whoever looks first."""

from datetime import timedelta

from wallet.domain.circulation import last_months
from wallet.domain.period import month_of, month_start, next_month
from wallet.kit import Kit
from wallet.store import circulation, federation
from wallet.store.engine import note, reading

# A posting takes its instant first and is committed after: by then all of a month are.
SETTLED = timedelta(hours=1)


def keep_months(kit: Kit) -> list[str]:
    """Keep the last twelve months that are over and not kept yet, and none that is not over; name those kept now.

    A month is over by the clock and by the journal's newest posting: neither a clock that is ahead nor a history that
    is still coming in ends one.
    """
    with reading(kit.engine) as connection:
        first, newest = circulation.first_at(connection), circulation.newest_at(connection)
        zone, kept = federation.zone(connection), circulation.months(connection)
    if first is None or newest is None:
        return []
    now = kit.clock()
    last = next_month(month_of(now - SETTLED, zone), -1)
    ends = {month: month_start(next_month(month), zone) for month in {*kept, *last_months(last)}}
    over = {month for month, end in ends.items() if first < end and end + SETTLED <= min(now, newest)}
    due, open_again = sorted(over - set(kept)), sorted(set(kept) - over)
    if due or open_again:
        note(kit.engine, lambda connection: circulation.keep(connection, due, open_again, zone))
    return due
