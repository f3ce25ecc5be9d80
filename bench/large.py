"""Run the benchmarks that take minutes and gigabytes, print one table, write bench/results-large.json.

A payday, and a year of so many members and sales: what a member's pages, a dividend and `verify` take behind it.
"""

import os
import platform
import resource
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench import payday
from bench.table import Table
from bench.year import ENDS, STARTS, Size, write_year
from tests.postgres import running_postgres
from wallet.config import Settings
from wallet.domain import dividend as dividend_rule
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network
from wallet.store import dividend_split, migrate, verify
from wallet.store.bulk import Figures
from wallet.store.dividend_lines import Cut
from wallet.store.engine import make_engine, snapshot, write

MEMBERS = int(os.environ.get("BENCH_MEMBERS") or 1_000_000)
SALES = int(os.environ.get("BENCH_SALES") or 20 * MEMBERS)
LINES = int(os.environ.get("BENCH_LINES") or 100_000)
RESULTS = Path(__file__).parent / "results-large.json"
MINT, FIRST, SECOND = "mint", "first", "second"
ENDS_ON = date(2027, 1, 1)
# A pot that gives everybody something.
EACH_MINOR = 160
VIEWS = 20


class Clock:
    """Stand at an instant until somebody moves it."""

    def __init__(self) -> None:
        self.now = STARTS

    def __call__(self) -> Any:
        """Tell the time."""
        return self.now


def paydays(table: Table) -> None:
    """Measure a payday of many lines, and what memory this process needed for it."""
    with running_postgres(durable=True) as url:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        posted, copied = payday.compared(url, LINES)
        table.add(f"payday of {LINES} lines", posted, "/s", "COPY", copied, "at least 0.1")
        table.add(
            "memory at most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB", "before", before / 1024
        )


def found(engine: sa.Engine, clock: Clock, size: Size) -> Kit:
    """Found a federation with two facilitators and a pool, and write its year."""
    kit = Kit(engine, clock, Settings(database_url=engine.url.render_as_string(hide_password=False)))
    network.found_federation(kit, "Bench", charter_on=STARTS.date().isoformat())
    network.admit_coop(kit, MINT, 10**12)
    for handle in (FIRST, SECOND):
        members.join(kit, MINT, handle)
        members.grant(kit, handle, "facilitator")
    histories.fund(kit, MINT, pot(size), key="pool")
    write_year(engine, size)
    clock.now = ENDS
    return kit


def pot(size: Size) -> int:
    """Give the pot of the dividend."""
    return size.members * EACH_MINOR


def pages(table: Table, kit: Kit) -> None:
    """Measure a member's pages: home sums what all have when it is opened first, the others once in a while."""
    settings = replace(kit.settings, demo=True, secret_key="for benchmarks only: more than 32 letters")
    app = create_app(settings, engine=kit.engine, clock=kit.clock)
    try:
        browser = app.test_client()
        assert browser.post("/demo/sign-in", json={"handle": "member-1"}).status_code == 204
        table.add("home, opened first after a start", _opened(browser, "/"), "ms")
        for address in ("/", "/activity"):
            taken = [_opened(browser, address) for _view in range(VIEWS)]
            table.add(f"{address}, then", median(taken), "ms", wanted="at most 100")
        kit.clock.now += timedelta(minutes=11)  # type: ignore[attr-defined]
        table.add("home, eleven minutes later", _opened(browser, "/"), "ms", wanted="at most 1000")
    finally:
        app.extensions["streams"].live.close()


def _opened(browser: FlaskClient, address: str) -> float:
    begun = time.perf_counter()
    assert browser.get(address).status_code == 200
    return (time.perf_counter() - begun) * 1000


def split(table: Table, kit: Kit, size: Size) -> None:
    """Measure how long it takes until the line of every member is known; nothing is kept."""
    label, clock = dividend_rule.period_label(ENDS_ON), dividend_rule.Clock(months=12, sunset_months=180)

    def work(connection: sa.Connection) -> tuple[Figures, Figures]:
        return dividend_split.split(connection, Cut(ENDS_ON, ENDS, "UTC").weights(connection), pot(size), label, clock)

    begun = time.perf_counter()
    by_basis, by_hours = write(kit.engine, work)
    taken = time.perf_counter() - begun
    given = int((by_basis + by_hours).sum())
    assert (len(by_basis), given) == (size.members, pot(size)), f"{given} of {pot(size)} for {len(by_basis)} members"
    table.add(f"a dividend's split among {size.members}", taken * 1000, "ms", wanted="at most 2000")


def dividend(table: Table, kit: Kit, size: Size) -> None:
    """Measure a dividend: its draft until all lines are kept, and its posting; then count the money."""
    begun = time.perf_counter()
    run = dividends.draft(kit, FIRST, ENDS_ON, pot(size))
    table.add("its lines kept", time.perf_counter() - begun, "s")
    dividends.approve(kit, SECOND, run)
    kit.clock.now += timedelta(days=7)  # type: ignore[attr-defined]
    begun = time.perf_counter()
    paid = dividends.post(kit)
    table.add("the dividend posted", time.perf_counter() - begun, "s")
    assert paid is not None, "nothing was posted"
    assert paid.members == size.members, f"{paid.members} of {size.members} were paid"
    with kit.engine.connect() as connection:
        lines, moved, pool, everything = (
            int(connection.exec_driver_sql(statement).scalar_one())
            for statement in (
                "SELECT sum(by_basis_minor + by_hours_minor) FROM dividend_lines",
                "SELECT sum(amount_minor) FROM transfers WHERE kind = 'dividend'",
                "SELECT balance_minor FROM accounts WHERE kind = 'pool'",
                "SELECT sum(balance_minor) FROM accounts",
            )
        )
    assert lines == moved == pot(size), f"{lines} in lines, {moved} moved, {pot(size)} in the pot"
    assert (pool, everything) == (0, 0), f"{pool} is left in the pool, and all balances sum to {everything}"


def books(table: Table, engine: sa.Engine) -> None:
    """Measure `verify`, over everything."""
    begun = time.perf_counter()
    with snapshot(engine) as connection:
        checked = verify.examine(connection)
    table.add(f"verify, {checked.transfers} transfers", checked.transfers / (time.perf_counter() - begun), "/s")
    assert checked.breaches == [], f"the books are broken: {checked.breaches[0]}"


def year(table: Table, url: str, size: Size) -> None:
    """Write the year into an empty database, and measure what lies before it."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    begun = time.perf_counter()
    kit = found(engine, Clock(), size)
    table.add(f"{size.members} members, {size.sales} sales written", time.perf_counter() - begun, "s")
    pages(table, kit)
    split(table, kit, size)
    dividend(table, kit, size)
    books(table, engine)
    engine.dispose()


def main() -> None:
    """Run everything."""
    table = Table(RESULTS)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start\n")
    paydays(table)
    with running_postgres(durable=True) as url:
        year(table, url, Size.of(MEMBERS, SALES))


if __name__ == "__main__":
    main()
