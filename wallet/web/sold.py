"""What co-ops sold in a period of dues, some minutes old: it sums up most of the journal, and all may look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wallet.store import dues
from wallet.store.dues import DuesPeriod
from wallet.web.kept import some_minutes_old


@dataclass(frozen=True, slots=True)
class SoldByCoops:
    """Hold what each co-op had sold at an instant, by its key."""

    at: datetime
    by_coop: Mapping[int, int]


def some_minutes_ago(connection: sa.Connection, period: DuesPeriod) -> Mapping[int, int]:
    """Give what each co-op had sold in `period`; one that goes on is the same until it ends."""

    def summed(now: datetime) -> SoldByCoops:
        return SoldByCoops(now, dues.sold_in(connection, period))

    return some_minutes_old(f"sold {period.since} {period.ends_on} {period.as_of}", summed).by_coop
