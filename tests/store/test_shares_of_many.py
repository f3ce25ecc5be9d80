"""The shares of all whom a payday pays: what each alone comes to, from the last year's rows however many there are."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from wallet.domain.charter import Charter
from wallet.domain.payshare import Counted, Share
from wallet.domain.period import months_from_to
from wallet.kit import Kit
from wallet.services import members, network
from wallet.store import shares
from wallet.store.engine import write
from wallet.store.patronage import add_patronage
from wallet.store.tables import people

YEARS = months_from_to("2021-01", "2026-03")
NOW = "2026-03"
# Pay and purchases are written past the ledger.
pytestmark = pytest.mark.breaks_books

# Who was paid in which months: always; never; not for two years; now for the first time; again after a time without.
PAID: dict[str, Sequence[str]] = {
    "ana": YEARS[:-1], "ben": [], "cal": YEARS[:36], "dee": [NOW], "eve": [*YEARS[:12], *YEARS[50:-1]],
}  # fmt: skip
AMONG = sa.select(people.c.id)


@pytest.fixture
def long_since(kit: Kit, clock: Clock) -> Kit:
    """Found a federation whose members have had pay and purchases of five years, each month's share kept as paid."""
    network.found_federation(kit, "Valley", zone="Europe/Lisbon")
    network.admit_coop(kit, "mill", 0)
    for handle in PAID:
        members.join(kit, "mill", handle)

    def work(connection: sa.Connection) -> None:
        ids = {row.handle: row.id for row in connection.execute(sa.select(people.c.handle, people.c.id))}
        for handle, months in PAID.items():
            for place, month in enumerate(months):
                if month < NOW:
                    shares.settle(connection, ids[handle], month, Charter())
                spend = 100_000 + 7_000 * (place % 11)
                add_patronage(connection, ids[handle], month, month, income_minor=240_000, spend_minor=spend)

    write(kit.engine, work)
    return kit


def test_the_share_of_each_among_many_is_what_it_is_alone(long_since: Kit) -> None:
    with long_since.engine.connect() as connection:
        together = shares.in_month(connection, AMONG, NOW, Charter())
        alone = {}
        for person_id in connection.scalars(AMONG):
            found = shares.history(connection, person_id, NOW, Charter())
            alone[person_id] = found[-1].share_bp if found else Charter().floor_bp

    assert together == alone
    assert len(set(together.values())) >= 3


def test_keeping_them_together_keeps_what_keeping_each_would(long_since: Kit) -> None:
    with long_since.engine.connect() as connection:
        shares.settle_all(connection, AMONG, NOW, Charter(), first=True)
        together = kept(connection)
        connection.rollback()
        for person_id in list(connection.scalars(AMONG)):
            shares.settle(connection, person_id, NOW, Charter())

        assert kept(connection) == together
        connection.rollback()


def test_who_is_here_for_years_costs_no_more_than_a_year(long_since: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Iterable[Any]] = []
    counted = shares._counted

    def counting(row: Iterable[Any]) -> Counted:
        read.append(row)
        return counted(row)

    monkeypatch.setattr(shares, "_counted", counting)
    ana = AMONG.where(people.c.handle == "ana")

    with long_since.engine.connect() as connection:
        shares.in_month(connection, ana, NOW, Charter())

    assert len(read) == 13


def kept(connection: sa.Connection) -> list[tuple[int, Share]]:
    """Read all shares that are kept."""
    rows = connection.execute(shares._kept_of_all.order_by("person_id", "month"))
    return [(person_id, Share(*row)) for person_id, *row in rows]
