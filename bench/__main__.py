"""Run the benchmarks, print one table, write bench/results.json."""

import os
import platform
import tempfile
from itertools import islice
from pathlib import Path

from bench import dividend, least, payday, robot, streams, visits
from bench.federation import found
from bench.load import Counter, Round, crowded, healthz, payment, rate, shared_out
from bench.server import Server, gunicorn
from bench.table import Table
from tests.postgres import running_postgres

SECONDS = float(os.environ.get("BENCH_SECONDS") or 6)
RESULTS = Path(__file__).parent / "results.json"
CLIENTS = 16
NOBODY: list[Round] = [()] * CLIENTS
TILLS_AT_ONCE = (1, 2, 8, 16)
PACE = 20
STREAMS = 100
# With the streams and without, each so often and so long.
TURNS, TURN_SECONDS = 4, SECONDS / 2
# Nobody pays at these while the idle streams hang on them.
QUIET_TILLS = 8
THREADS = 96
PAYDAY_LINES = 10_000
DIVIDEND_MEMBERS, FEW_SALES, MANY_SALES = 10_000, 20_000, 200_000


def spread(server: Server, counters: list[Counter]) -> tuple[float, float]:
    """Give payments per second over all counters, and the server's CPU milliseconds for each."""
    burnt = server.cpu_seconds()
    done = rate(payment, server.port, shared_out(counters, CLIENTS), SECONDS)
    return done, (server.cpu_seconds() - burnt) / (done * (SECONDS + 1)) * 1000


def postgresql(table: Table, hello: float) -> None:
    """Measure the wallet on PostgreSQL, each commit waiting for the disk."""
    with running_postgres(durable=True) as url:
        counters, engine = found(url)
        with gunicorn("app:app", 2, url, THREADS) as server:
            alive = rate(healthz, server.port, NOBODY, SECONDS)
            table.add("healthz", alive, "/s", "hello world", hello, "at least 0.8")
            paid, cpu = spread(server, counters)
            table.add("payments, PostgreSQL, 40 tills", paid, "/s", "healthz", alive, "at least 0.15")
            table.add("CPU of the server for a payment", cpu, "ms")
            hot = crowded(counters[:1], counters, CLIENTS)
            table.add("payments, all into one till", rate(payment, server.port, hot, SECONDS), "/s", "40 tills", paid)
            at_once(table, server, counters, alive)
            late = streams.lateness(server.port, counters[:8], PACE, SECONDS * 2)
            table.add(
                "till's event after the payer's request, p50",
                streams.percentile(late, 50) * 1000,
                "ms",
                wanted="at most 50",
            )
            table.add("till's event after the payer's request, p99", streams.percentile(late, 99) * 1000, "ms")
            paces = (("quick", robot.QUICK, "at most 700"), ("slow phone", robot.SLOW, "at most 3000"))
            for counter, (name, pace, wanted) in zip(counters[-QUIET_TILLS:], paces, strict=False):
                took = robot.seconds(server.port, counter, pace)
                for part in (50, 95):
                    table.add(
                        f"typed sum to both screens paid, {name}, p{part}",
                        streams.percentile(took, part) * 1000,
                        "ms",
                        wanted=wanted if part == 95 else "",
                    )
            payer = counters[-1].payers[-1]
            for place, path in (("home", "/"), ("the scanner", "/pay")):
                first, again = (sent / 1024 for sent in visits.weighed(server.port, payer, path))
                table.add(f"sent for a first visit to {place}", first, "KiB")
                table.add(f"sent for the next visit to {place}", again, "KiB", "the first", first)
            beside_idle_streams(table, server, counters)
        engine.dispose()
        at_most(table, url, counters, alive, paid)


def at_most(table: Table, url: str, counters: list[Counter], alive: float, paid: float) -> None:
    """Measure servers that do no more than they must in the wallet's place, then the database without a server."""
    least.prepare(url)
    for name, app in (("function of WSGI", "bench.bare:function"), ("Flask", "bench.bare:app")):
        with gunicorn(app, 2, url, THREADS) as bare:
            hello = table.add(
                f"bare {name}, hello world", rate(healthz, bare.port, NOBODY, SECONDS), "/s", "healthz", alive
            )
            most = rate(payment, bare.port, shared_out(counters, CLIENTS), SECONDS)
        table.add(f"bare {name}, the least SQL of a payment", most, "/s", "healthz", alive)
    pgbench = table.add("pgbench, the least SQL of a payment", least.rate(url, CLIENTS, SECONDS), "/s")
    for of, pace in (("bare Flask", most), ("hello world of a Flask", hello), ("pgbench", pgbench)):
        table.add("payments, PostgreSQL, 40 tills", paid, "/s", of, pace)


def at_once(table: Table, server: Server, counters: list[Counter], alive: float) -> None:
    """Measure payments at few tills and at more, each time at tills that nothing was paid at lately.

    What a till did in its last minute is looked up for each bill, and a demo's limits let that go on for thousands: at
    the same tills a later row would bear what earlier ones have done.
    """
    rested = iter(counters[1:])
    for tills in TILLS_AT_ONCE:
        places = list(islice(rested, tills))
        some = rate(payment, server.port, crowded(places, counters, tills), SECONDS)
        table.add(f"payments, {tills} tills at once", some, "/s", "healthz", alive, "rises or holds")


def beside_idle_streams(table: Table, server: Server, counters: list[Counter]) -> None:
    """Measure health and payments with idle streams and without in turns, since a machine's pace changes meanwhile."""

    def measured() -> tuple[float, float]:
        paying = shared_out(counters[:-QUIET_TILLS], CLIENTS)
        return rate(healthz, server.port, NOBODY, TURN_SECONDS), rate(payment, server.port, paying, TURN_SECONDS)

    without, beside = [measured()], []
    for _turn in range(TURNS):
        with streams.idle(server.port, counters[-QUIET_TILLS:], STREAMS) as admitted:
            beside.append(measured())
        without.append(measured())
    table.add("idle event streams open", admitted, "")
    for name, with_them, alone in zip(("healthz", "payments"), mean(beside), mean(without), strict=True):
        table.add(f"{name} beside them", with_them, "/s", f"{name} without", alone)


def mean(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Give the mean of the first and of the second values."""
    first, second = zip(*pairs, strict=True)
    return sum(first) / len(first), sum(second) / len(second)


def paydays(table: Table) -> None:
    """Measure a payday on a PostgreSQL of its own, each commit waiting for the disk."""
    with running_postgres(durable=True) as url:
        posted, copied = payday.compared(url, PAYDAY_LINES)
        table.add(f"COPY of the journal rows of {PAYDAY_LINES} lines", copied, "/s")
        table.add(f"payday of {PAYDAY_LINES} lines", posted, "/s", "COPY", copied, "at least 0.1")


def dividends(table: Table) -> None:
    """Measure a dividend with few and with many sales behind it, each on a PostgreSQL of its own."""
    took = []
    for sales in (FEW_SALES, MANY_SALES):
        with running_postgres(durable=True) as url:
            took.append(dividend.taken(url, DIVIDEND_MEMBERS, sales) * 1000)
    few, many = took
    table.add(f"dividend of {DIVIDEND_MEMBERS} members, {FEW_SALES} sales", few, "ms")
    table.add(f"the same, {MANY_SALES} sales", many, "ms", "fewer sales", few, "at most 1.5")


def sqlite(table: Table) -> None:
    """Measure the wallet on SQLite, each commit waiting for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/wallet.sqlite3"
        counters, engine = found(url)
        engine.dispose()
        with gunicorn("app:app", 1, url, THREADS) as server:
            alive = rate(healthz, server.port, NOBODY, SECONDS)
            table.add("healthz, one worker", alive, "/s")
            paid, cpu = spread(server, counters)
            table.add("payments, SQLite, 40 tills", paid, "/s", "healthz, one worker", alive)
            table.add("CPU of the server for a payment, SQLite", cpu, "ms")


def main() -> None:
    """Run everything."""
    table = Table(RESULTS)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start\n")
    with gunicorn("bench.hello:app", 2) as server:
        hello = table.add("hello world on gunicorn", rate(healthz, server.port, NOBODY, SECONDS), "/s")
    postgresql(table, hello)
    paydays(table)
    dividends(table)
    sqlite(table)


if __name__ == "__main__":
    main()
