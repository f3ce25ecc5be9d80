"""What was overpaid: kept back from the next lines of the same co-op, once, and carried on where one is too small."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.races.rush import rush
from tests.services.test_payruns import MAKER, OTHER, TODAY, approved, bakery, code_of, due, kept, seen, submitted
from wallet.kit import Kit
from wallet.services import histories, members, paybounds, payruns
from wallet.store import coops, paylines, verify
from wallet.store import paybounds as rows
from wallet.store.engine import reading, snapshot
from wallet.store.views import payruns as payrun_view

__all__ = ["bakery"]


def carried_on(kit: Kit, number: int) -> list[int]:
    with reading(kit.engine) as connection:
        return [line.carried_minor for line in paylines.as_kept(connection, seen(kit, number))]


def test_what_was_overpaid_is_kept_back_once(bakery: Kit, clock: Clock) -> None:
    paybounds.note_overpayment(bakery, MAKER, "bakery", "ben", 30_000, "October twice", key="one")
    paybounds.note_overpayment(bakery, MAKER, "bakery", "eve", 5_000, "a mistake", key="two")
    paybounds.withdraw_overpayment(bakery, MAKER, "bakery", 2)
    one, two = approved(bakery, due("ben", 20_000), due("eve", 20_000)), approved(bakery, due("ben", 20_000))
    assert kept(bakery, one) == {"ben": (0, 1), "eve": (2_000, 18_000)}
    assert carried_on(bakery, one) == [10_001, 0]

    assert payruns.post_due(bakery) == [("bakery", one, payruns.POSTED), ("bakery", two, payruns.OVERPAID)]

    payruns.submit(bakery, MAKER, "bakery", two, seen(bakery, two).rev)
    assert carried_on(bakery, one) == [10_001, 0], "what is paid is kept back no more"
    # 300.00 less 199.99 kept back already.
    assert kept(bakery, two) == {"ben": (1_000, 8_999)}
    payruns.approve(bakery, OTHER, "bakery", two, seen(bakery, two).rev)
    assert payruns.post(bakery, "bakery", two) == payruns.POSTED
    assert code_of(paybounds.withdraw_overpayment, bakery, MAKER, "bakery", 2) == "changed_meanwhile"
    noted = partial(paybounds.note_overpayment, key="three")
    assert code_of(noted, bakery, MAKER, "bakery", "ana", 1, "") == "unknown_member"
    assert code_of(noted, bakery, MAKER, "bakery", "ben", 0, "") == "bad_amount"


def test_what_was_overpaid_is_kept_back_once_by_two_runs_that_are_posted_at_once(
    bakery: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    paybounds.note_overpayment(bakery, MAKER, "bakery", "ben", 5_000, "a mistake", key="one")
    runs = [approved(bakery, due("ben", 20_000)), approved(bakery, due("ben", 20_000))]
    read, meet = rows.carried, threading.Barrier(2)

    def both_have_read(connection: sa.Connection, coop_id: int) -> dict[int, int]:
        found = read(connection, coop_id)
        # Whom the lock keeps out comes here only when the other is posted, and waits for nobody.
        with suppress(threading.BrokenBarrierError):
            meet.wait(1)
        return found

    monkeypatch.setattr(rows, "carried", both_have_read)

    met = rush([partial(payruns.post, bakery, "bakery", number) for number in runs])

    assert sorted(met.answers) == sorted([payruns.POSTED, payruns.OVERPAID])


def test_what_one_co_op_has_overpaid_another_neither_keeps_back_nor_takes_back(bakery: Kit) -> None:
    for handle in ("dee", "ana"):
        members.grant(bakery, handle, "steward", "mill")
    paybounds.answer_floor(bakery, "dee", "mill", None, "Dee Lindqvist")
    histories.pay(bakery, "mill", "ben", 1_000, 60, key="helped out")
    for who, coop, minor in ((MAKER, "bakery", 100), ("dee", "mill", 1)):
        paybounds.note_overpayment(bakery, who, coop, "ben", minor, f"a mistake of the {coop}", key=coop)
    with reading(bakery.engine) as connection:
        for coop, minor in (("bakery", 100), ("mill", 1)):
            found = rows.overpayments_of(connection, coops.known(connection, coop).id)
            assert [(one.amount_minor, one.note) for one in found] == [(minor, f"a mistake of the {coop}")]
    number = payruns.draft(bakery, "dee", "mill", TODAY)
    payruns.fill(bakery, "dee", "mill", number, 1, (due("ben", 20_000),))
    payruns.submit(bakery, "dee", "mill", number, seen(bakery, number, "mill").rev)
    payruns.approve(bakery, "ana", "mill", number, seen(bakery, number, "mill").rev)
    assert payruns.post(bakery, "mill", number) == payruns.POSTED
    with reading(bakery.engine) as connection:
        (line,) = paylines.as_kept(connection, seen(bakery, number, "mill"))
    assert (line.kept_back_minor, line.total_minor) == (1, 19_999)

    assert code_of(paybounds.withdraw_overpayment, bakery, "dee", "mill", 1) == "changed_meanwhile"
    # 200.00 less the bakery's own 1.00.
    assert kept(bakery, submitted(bakery, due("ben", 20_000))) == {"ben": (1_990, 17_910)}


def test_what_was_kept_back_of_one_that_was_withdrawn_later_settles_no_other(bakery: Kit) -> None:
    def left() -> list[int]:
        with reading(bakery.engine) as connection:
            found = rows.overpayments_of(connection, coops.known(connection, "bakery").id)
            carried = rows.carried(connection, coops.known(connection, "bakery").id)
        assert sum(one.left_minor for one in found) == carried.get(found[0].person_id, 0)
        return [one.left_minor for one in reversed(found)]

    for minor, key in ((30_000, "one"), (1_000, "two")):
        paybounds.note_overpayment(bakery, MAKER, "bakery", "ben", minor, "a mistake", key=key)
    payruns.post(bakery, "bakery", approved(bakery, due("ben", 20_000)))
    assert left() == [10_001, 1_000], "the oldest is settled first"

    paybounds.withdraw_overpayment(bakery, MAKER, "bakery", 1)
    assert left() == [0, 1_000]
    assert code_of(paybounds.withdraw_overpayment, bakery, MAKER, "bakery", 1) == "changed_meanwhile"
    paybounds.note_overpayment(bakery, MAKER, "bakery", "ben", 5_000, "another mistake", key="three")
    assert left() == [0, 1_000, 5_000]

    number = approved(bakery, due("ben", 4_000))
    payruns.post(bakery, "bakery", number)
    assert left() == [0, 0, 2_001]
    assert code_of(paybounds.withdraw_overpayment, bakery, MAKER, "bakery", 2) == "changed_meanwhile"
    with snapshot(bakery.engine) as connection:
        assert verify.check(connection) == []


@pytest.mark.parametrize("ends", ["given back", "month over"])
def test_a_run_that_is_a_draft_again_is_listed_without_what_it_will_pay(bakery: Kit, clock: Clock, ends: str) -> None:
    def listed() -> list[tuple[int | None, int | None]]:
        with reading(bakery.engine) as connection:
            return [(run.total_minor, run.res_minor) for run in payrun_view.listed(connection, "bakery")[0]]

    paybounds.note_overpayment(bakery, MAKER, "bakery", "ben", 5_000, "a mistake", key="four")
    number = approved(bakery, due("ben", 20_000))
    assert listed() == [(15_000, 1_500)]

    if ends == "given back":
        payruns.give_back(bakery, OTHER, "bakery", number)
    else:
        clock.set(datetime(2026, 4, 1, tzinfo=UTC))
        assert payruns.post(bakery, "bakery", number) == payruns.MONTH
    assert listed() == [(None, None)]
