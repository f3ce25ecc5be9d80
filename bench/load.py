"""Load: a number of clients that ask as fast as they are answered, for some seconds."""

import json
import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, cycle

from bench.client import Client
from wallet.domain.money import format_amount

PROCESSES = 2
WARM_UP_SECONDS = 1.0
# A payer comes less than once a second, so a sum comes again only when the wallet no longer takes it for a repetition.
SUMS = 60


@dataclass(frozen=True, slots=True)
class Counter:
    """Name one counter: its till, its cashier's session and the sessions of the members who pay there in turn."""

    till: str
    cashier: str
    payers: tuple[str, ...]

    def purchases(self) -> Iterator[tuple[str, str]]:
        """Give who pays next, and a sum that they have not paid here just now."""
        for turn in count(int(time.monotonic())):
            yield from ((payer, format_amount(1 + turn % SUMS)) for payer in self.payers)


# One client's own round of counters; none for what needs no counter.
Round = tuple[Counter, ...]
Job = Callable[[int, Round], Callable[[], None]]


def healthz(port: int, _round: Round) -> Callable[[], None]:
    """Give a client that asks whether the server is alive."""
    client = Client(port)

    def once() -> None:
        status, _ = client.get("/healthz")
        assert status == 200, status

    return once


def payment(port: int, counters: Round) -> Callable[[], None]:
    """Give cashiers and members: a bill is opened, then paid, with every check of the real pages, at each in turn."""
    turns = cycle([(each.till, Client(port, each.cashier), Client(port), each.purchases()) for each in counters])

    def once() -> None:
        till, cashier, phone, purchases = next(turns)
        phone.cookie, amount = next(purchases)
        charge_and_pay(till, cashier, phone, amount)

    return once


def charge_and_pay(till: str, cashier: Client, phone: Client, amount: str, pause: float = 0.0) -> float:
    """Open a bill and, after the pause, pay it; give the moment when the payer asked.

    Units: seconds, of the monotonic clock.
    """
    status, body = cashier.post(f"/tills/{till}/bills", {"amount": amount, "key": str(uuid.uuid4())})
    assert status == 201, body
    if pause:
        time.sleep(pause)
    asked = time.monotonic()
    status, body = phone.post(f"/b/{json.loads(body)['code']}/pay", {"key": str(uuid.uuid4())})
    assert status == 201, body
    return asked


def crowded(tills: list[Counter], counters: list[Counter], clients: int) -> list[Round]:
    """Give each of `clients` its round at few `tills`, where the payers of all `counters` come together."""
    payers = [payer for counter in counters for payer in counter.payers]
    places = [tills[client % len(tills)] for client in range(clients)]
    return [
        (Counter(place.till, place.cashier, tuple(payers[client::clients])),) for client, place in enumerate(places)
    ]


def shared_out(counters: list[Counter], clients: int) -> list[Round]:
    """Give each of `clients` its round, so that every counter is in just one."""
    return [tuple(counters[place::clients]) for place in range(clients)]


def rate(job: Job, port: int, rounds: list[Round], seconds: float) -> float:
    """Give how often per second `job` is done by one client for each of `rounds`."""
    begin = time.monotonic() + WARM_UP_SECONDS
    queue: multiprocessing.Queue[int] = multiprocessing.Queue()
    groups = [rounds[start::PROCESSES] for start in range(min(PROCESSES, len(rounds)))]
    processes = [
        multiprocessing.Process(target=_group, args=(job, port, group, begin, begin + seconds, queue))
        for group in groups
    ]
    for process in processes:
        process.start()
    done = sum(queue.get(timeout=seconds + 60) for _ in processes)
    for process in processes:
        process.join()
    assert done > 0, "nothing was answered"
    return done / seconds


def _group(
    job: Job, port: int, rounds: list[Round], begin: float, end: float, queue: "multiprocessing.Queue[int]"
) -> None:
    counts = [0] * len(rounds)

    def run(place: int) -> None:
        once = job(port, rounds[place])
        while time.monotonic() < end:
            once()
            if begin <= time.monotonic() < end:
                counts[place] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(rounds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put(sum(counts))
