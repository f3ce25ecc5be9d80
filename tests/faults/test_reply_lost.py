"""The database commits and its answer is lost on the way: what was asked is done once, and answered all the same."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.handset import Handset
from wallet.domain.passkey import NewPasskey
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import (
    codes,
    dividends,
    gifts,
    histories,
    members,
    network,
    passkeys,
    payments,
    refunds,
    scans,
    shifts,
    supplies,
    tablets,
)  # fmt: skip
from wallet.services.dividends import PaidDividend
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import engine as engines
from wallet.store import pairings, people, sessions, verify
from wallet.store import passkeys as store
from wallet.store.engine import snapshot

MOVED = sa.text("SELECT kind, amount_minor FROM transfers ORDER BY id")
PAID_BY_CODE = sa.text("SELECT amount_minor FROM transfers WHERE means = 'code'")
ASKED = sa.text("SELECT amount_minor FROM bills WHERE state = 'open'")
DECLARED = sa.text("SELECT worth_minor FROM declarations")
SHIFTS = sa.text("SELECT id, till_id FROM shifts WHERE closed_at IS NULL")


@pytest.fixture
def lost(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Lose the first answer of every act on a database that holds the cast; give a list that grows with each."""
    cast.build(kit)
    seen: list[object] = []

    def losing(done: Callable[..., Any]) -> Callable[..., Any]:
        def once(engine: sa.Engine, work: object, *until: float) -> Any:
            answer = done(engine, work, *until)
            if work not in seen:
                seen.append(work)
                raise sa.exc.DBAPIError("", None, OSError("reset by peer"), connection_invalidated=True)
            return answer

        return once

    for name in ("_written", "_called"):
        monkeypatch.setattr(engines, name, losing(getattr(engines, name)))
    return seen


def everything(kit: Kit, sql: sa.TextClause) -> list[Any]:
    with kit.engine.connect() as connection:
        return list(connection.execute(sql))


def test_whatever_moves_money_moves_it_once_when_the_answer_of_its_commit_is_lost(kit: Kit, lost: list[object]) -> None:
    before = everything(kit, MOVED)
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=3_00, key="bill")
    paid = payments.pay_bill(kit, bill.code, "ana", key="payment")
    refunds.give_back(kit, Ask(paid.ref, "ben", 1_00, 0, "damaged", None, "refund"))
    gifts.send(kit, "ana", "ben", 50, key="gift")
    histories.sell(kit, "mill", "ben", 2_00, 0, key="sale")
    histories.pay(kit, "mill", "ana", 10_00, 60, key="pay")
    histories.supply(kit, "bakery", "mill", 4_00, key="supply")
    histories.fund(kit, "mill", 5_00, key="fund")
    (shift,) = everything(kit, SHIFTS)
    shifts.close_shift(kit, "bakery-1", "ben", shift.id, Closing(Register(2_00, 0)), key="shift")

    assert len(lost) >= 9
    assert [tuple(row) for row in everything(kit, MOVED)[len(before) :]] == [
        ("sale", 3_00), ("refund", 1_00), ("gift", 50), ("sale", 2_00), ("pay", 1_00), ("sweep", 2_00),
        ("supply", 4_00), ("fund", 5_00),
    ]  # fmt: skip
    assert everything(kit, SHIFTS) == []


def test_the_till_is_woken_also_when_the_answer_of_what_was_done_there_is_lost(kit: Kit, lost: list[object]) -> None:
    hints = list[str]()
    object.__setattr__(kit, "hint", lambda *topics: hints.extend(topics))
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=3_00, key="bill")
    hints.clear()
    paid = payments.pay_bill(kit, bill.code, "ana", key="pay")
    assert hints == ["till:bakery-1", f"bill:{bill.code}"]
    asked = payments.open_bill(kit, "mill-1", "dee", amount_minor=4_00, key="asked")
    (shift,) = (row for row in everything(kit, SHIFTS) if row.till_id == "bakery-1")

    for till, act in (
        ("bakery-1", partial(refunds.give_back, kit, Ask(paid.ref, "ben", 1_00, 0, "damaged", None, "refund"))),
        ("mill-1", partial(supplies.pay, kit, "eve", "bakery", asked.code, key="supply")),
        (
            "bakery-1",
            partial(shifts.close_shift, kit, "bakery-1", "ben", shift.id, Closing(Register(2_00, 0)), key="z"),
        ),
    ):
        hints.clear()
        act()
        assert f"till:{till}" in hints, act


@pytest.mark.parametrize("frozen", [False, True], ids=["as it was", "frozen since"])
@pytest.mark.parametrize(("amount", "made"), [(12_50, PAID_BY_CODE), (70_00, ASKED)], ids=["paid", "asked"])
def test_a_scan_whose_answer_is_lost_is_answered_with_what_it_made(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, amount: int, made: sa.TextClause, frozen: bool
) -> None:
    cast.build(kit)
    phone, done, tries = Handset(kit, "ana"), engines._written, list[object]()

    def losing(engine: sa.Engine, work: object, until: float) -> Any:
        answer = done(engine, work, until)
        tries.append(work)
        # The first takes the code, the second charges, and the third has another try at that.
        if len(tries) == 2:
            if frozen:
                codes.freeze(kit, "ana")
            raise sa.exc.DBAPIError("", None, OSError("reset by peer"), connection_invalidated=True)
        return answer

    monkeypatch.setattr(engines, "_written", losing)
    token = phone.shows(kit.clock())
    answer, again = (
        scans.scan_code(kit, "bakery-1", "ben", token=token, amount_minor=amount, key="scan") for _ in range(2)
    )

    assert [tuple(row) for row in everything(kit, made)] == [(amount,)]
    assert (answer.replayed, again) == (True, answer)
    with snapshot(kit.engine) as connection:
        assert verify.check(connection) == []


def removal_of_one_of_two(kit: Kit) -> Callable[[], object]:
    """Give Ana two passkeys, and the act that removes the first."""
    with engines._writer(kit.engine).begin() as connection:
        person_id = people.holder(connection, "ana").id
        for name in ("one", "two"):
            store.add(connection, person_id, "ana", NewPasskey(name, b"key", 0, False, False, ""), name, kit.clock())
        first = store.of_person(connection, person_id)[0].id
        until = kit.clock() + timedelta(days=1)
        sessions.open_for(connection, "ana", "her session", kit.clock(), until, means="passkey")
    return partial(passkeys.remove, kit, person_id, "her session", first)


def registration(kit: Kit) -> Callable[[], object]:
    """Let a browser show its code; give the act that makes it a tablet of the bakery's counter."""
    with engines._writer(kit.engine).begin() as connection:
        code = pairings.show_code(connection, "a browser", None, kit.clock())
        steward_id = people.holder(connection, "eve").id
    return partial(tablets.register, kit, steward_id, "bakery", code, "bakery-1", "Blue")


ACTS: dict[str, Callable[[Kit], Callable[[], object]]] = {
    "joins": lambda kit: partial(members.join, kit, "bakery", "ana"),
    "leaves": lambda kit: partial(members.leave, kit, "mill", "ana"),
    "customer": lambda kit: partial(members.accept_customer, kit, "hal"),
    "facilitates no more": lambda kit: partial(members.end_facilitator, kit, "eve"),
    "co-op": lambda kit: partial(network.admit_coop, kit, "dairy", 0),
    "co-op leaves": lambda kit: partial(network.coop_leaves, kit, "mill"),
    "till": lambda kit: partial(network.open_till, kit, "mill", "mill-9", "Nine"),
    "passkey": removal_of_one_of_two,
    "tablet": registration,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_act_that_its_second_run_would_refuse_is_not_run_again(
    kit: Kit, lost: list[object], act: Callable[[Kit], Callable[[], object]]
) -> None:
    """Whoever asks hears that nobody knows; a refusal would say that nothing was done."""
    members.grant(kit, "eve", "facilitator")
    once = act(kit)
    with pytest.raises(sa.exc.DBAPIError, match="reset by peer"):
        once()
    with pytest.raises((Refusal, sa.exc.IntegrityError)):
        once()


def test_a_dividend_whose_answer_is_lost_is_answered_with_whom_it_paid(
    kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.share_out(kit)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    dividends.approve(kit, "eve", dividends.draft(kit, "flo", date(2026, 4, 1), cast.POT))
    clock.advance(days=7)
    done, tries = engines._written, list[object]()

    def losing(engine: sa.Engine, work: object, until: float) -> Any:
        answer = done(engine, work, until)
        tries.append(work)
        if len(tries) == 1:
            raise sa.exc.DBAPIError("", None, OSError("reset by peer"), connection_invalidated=True)
        return answer

    monkeypatch.setattr(engines, "_written", losing)

    assert (dividends.post(kit), dividends.post(kit)) == (PaidDividend(2), None)
    assert [row.kind for row in everything(kit, MOVED)].count("dividend") == 2


def test_what_is_declared_is_declared_once_when_its_answer_is_lost(kit: Kit, lost: list[object]) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="reset by peer"):
        histories.declare(kit, "mill", 1_000_00, date(2026, 3, 1))

    assert [tuple(row) for row in everything(kit, DECLARED)] == [(1_000_00,)]


def test_an_act_without_a_key_is_not_done_again_and_would_be_done_twice(
    kit: Kit, lost: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: two equal refunds of a history are two, so who brings it in hears that nobody knows."""
    histories.sell(kit, "mill", "ben", 8_00, 0, key="sale")
    before = len(everything(kit, MOVED))
    with pytest.raises(sa.exc.DBAPIError):
        histories.refund(kit, "sale", 2_00, 0)
    assert len(everything(kit, MOVED)) == before + 1

    monkeypatch.setattr(histories, "write", lambda engine, work, **_keyed: engines.write(engine, work))
    histories.refund(kit, "sale", 2_00, 0)

    assert len(everything(kit, MOVED)) == before + 3, "it was caught doing one act twice"
