"""At every instant all balances sum to 0: a reader in snapshots sees nothing else while sixteen writers write."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
import sqlalchemy as sa

from tests.races.rush import rush
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import gifts, histories, payments
from wallet.store.engine import snapshot, write

WRITERS = 16
PEOPLE = ("ana", "ben", "cleo", "dee")
SUM = sa.text("SELECT COALESCE(SUM(balance_minor), 0) FROM accounts")
HALF = sa.text("UPDATE accounts SET balance_minor = balance_minor + :by WHERE id = :id")


class Reader:
    """Sum all balances again and again, each time in a snapshot of its own, until told to stop."""

    def __init__(self, kit: Kit) -> None:
        self.kit, self.stop, self.sums = kit, threading.Event(), list[int]()
        self.changes = set[int]()

    def read(self) -> None:
        while not self.stop.is_set():
            with snapshot(self.kit.engine) as connection:
                first = int(connection.execute(SUM).scalar_one())
                transfers = int(connection.execute(sa.text("SELECT COUNT(*) FROM transfers")).scalar_one())
                again = int(connection.execute(SUM).scalar_one())
            self.sums += [first, again]
            self.changes.add(transfers)

    def while_doing(self, act: Callable[[], object]) -> None:
        thread = threading.Thread(target=self.read)
        thread.start()
        try:
            act()
        finally:
            self.stop.set()
            thread.join(60)


def trade(town: Kit, thread: int) -> int:
    """Do a few of everything that moves money."""
    dice, done = random.Random(thread), 0
    for number in range(10):
        key = f"{thread}-{number}"
        payer, payee = dice.sample(PEOPLE, 2)
        bill = payments.open_bill(town, "farm-1", "cy", amount_minor=1_00, key=key)
        acts: list[Callable[[], object]] = [
            partial(gifts.send, town, payer, payee, 50, key=f"gift {key}"),
            partial(histories.sell, town, "bakery", payer, 50, 10, key=f"sale {key}"),
            partial(payments.pay_bill, town, bill.code, payer, key=f"bill {key}", confirm=True),
            partial(histories.pay, town, "bakery", payee, 20_00, 60, key=f"pay {key}"),
            partial(histories.supply, town, "farm", "bakery", 70, key=f"supply {key}"),
        ]
        for act in acts:
            with suppress(Refusal):
                act()
                done += 1
    return done


def test_a_reader_in_snapshots_sees_a_sum_of_0_every_time(town: Kit, give_res: Callable[[str, int], str]) -> None:
    for person in PEOPLE:
        give_res(person, 20_00)
    reader = Reader(town)

    reader.while_doing(lambda: rush([partial(trade, town, thread) for thread in range(WRITERS)]))

    assert set(reader.sums) == {0}
    assert len(reader.changes) >= 5, "the reader did not look while money moved"


@pytest.mark.breaks_books
def test_the_reader_catches_a_writer_that_commits_halves(town: Kit, give_res: Callable[[str, int], str]) -> None:
    for person in PEOPLE:
        give_res(person, 20_00)
    with town.engine.connect() as connection:
        coops = [row[0] for row in connection.execute(sa.text("SELECT id FROM accounts WHERE kind = 'coop'"))]
    reader = Reader(town)

    def half(account: int, by: int, connection: sa.Connection) -> None:
        connection.execute(HALF, {"id": account, "by": by})

    def halves(thread: int) -> int:
        for _number in range(10):
            write(town.engine, partial(half, coops[0], -1))
            write(town.engine, partial(half, coops[1], 1))
        return 10

    reader.while_doing(lambda: rush([partial(halves, thread) for thread in range(WRITERS)]))

    assert set(reader.sums) - {0}, "the reader would not notice halves"
    with town.engine.connect() as connection:
        assert connection.execute(SUM).scalar_one() == 0, "in the end the halves are whole again"
