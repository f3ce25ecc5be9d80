"""A suspended co-op gives back and lets members go; it neither charges nor pays, until two people lift this."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.web.phone import MemberPhone
from wallet.domain.secret import digest_of
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import (
    acceptance,
    disputes,
    dividends,
    gifts,
    histories,
    invitations,
    members,
    network,
    payments,
    payruns,
    proposals,
    refunds,
    scans,
    shifts,
    stickers,
    supplies,
)
from wallet.services.invitations import Offer
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import notices as notice_rows
from wallet.store import people, suspensions
from wallet.store import proposals as rows
from wallet.store import stickers as sticker_rows
from wallet.store.engine import reading
from wallet.store.payments import Charge
from wallet.store.sales import Paid
from wallet.store.views import dividends as dividend_view
from wallet.store.views import office, till_bills, tills
from wallet.store.views import shifts as shift_view


@pytest.fixture
def valley(kit: Kit) -> Kit:
    return cast.build_in_pairs(kit)


def agreed(kit: Kit, outcome: proposals.Outcome) -> None:
    """Let Gil agree to what Flo has just proposed."""
    assert not outcome.done
    with reading(kit.engine) as connection:
        newest = max(each.id for each in rows.waiting(connection, kit.clock()))
    proposals.agree(kit, "gil", newest)


def suspend(kit: Kit, coop: str = "bakery") -> None:
    agreed(kit, proposals.suspend(kit, "flo", coop, "Its books are open."))


def lift(kit: Kit, coop: str = "bakery") -> None:
    agreed(kit, proposals.lift(kit, "flo", coop))


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def bill(kit: Kit, minor: int = 2_00, till: str = "bakery-1", cashier: str = "ben") -> str:
    return payments.open_bill(kit, till, cashier, amount_minor=minor, key=str(uuid4())).code


def bought(kit: Kit, minor: int, who: str = "ana") -> Paid:
    return payments.pay_bill(kit, bill(kit, minor), who, key=str(uuid4()), confirm=True)


def state(kit: Kit, bill_code: str) -> str:
    return payments.show_bill(kit, bill_code, "ben").state


def told(kit: Kit, handle: str) -> list[str]:
    with reading(kit.engine) as connection:
        person = people.holder(connection, handle).id
        return [one.kind for one in notice_rows.last(connection, person, notice_rows.MONEY)]


def test_two_facilitators_suspend_and_lift_and_the_dates_are_kept(valley: Kit, clock: Clock) -> None:
    hints = list[str]()
    object.__setattr__(valley, "hint", lambda *topics: hints.extend(topics))
    waits = bill(valley)
    assert code(lambda: proposals.lift(valley, "flo", "bakery")) == "not_suspended"
    assert code(lambda: proposals.suspend(valley, "eve", "bakery", "No")) == "not_allowed"
    proposals.suspend(valley, "flo", "bakery", "Its books are open.")
    with reading(valley.engine) as connection:
        (one,) = (each.id for each in rows.waiting(connection, clock()))
    assert code(lambda: proposals.agree(valley, "flo", one)) == "second_person"
    assert state(valley, waits) == "open"
    noon = clock()

    hints.clear()
    proposals.agree(valley, "gil", one)

    assert {"till:bakery-1", "till:bakery-2", f"bill:{waits}"} <= set(hints)
    with reading(valley.engine) as connection:
        found = office.one_coop(connection, "bakery")
        mine = suspensions.of_member(connection, people.holder(connection, "ben").id)
    assert found is not None
    assert (found.status, found.stopped_at, found.reason) == ("suspended", noon, "Its books are open.")
    assert [(each.slug, each.since) for each in mine] == [("bakery", noon)]
    assert (told(valley, "ben")[0], told(valley, "ivo")[0], "suspended" in told(valley, "ana")) == (
        "suspended", "suspended", False,
    )  # fmt: skip
    assert code(lambda: proposals.suspend(valley, "flo", "bakery", "Again")) == "account_not_open"
    assert code(lambda: proposals.admit_again(valley, "flo", "bakery", 1)) == "not_allowed"
    clock.advance(hours=3)
    lift(valley)
    with reading(valley.engine) as connection:
        past = suspensions.past(connection, "bakery")
        assert suspensions.of_member(connection, people.holder(connection, "ben").id) == []
    assert [(each.from_at, each.until_at, each.reason) for each in past] == [(noon, clock(), "Its books are open.")]
    assert told(valley, "ben")[0] == "lifted"


def test_lifting_one_suspension_ends_neither_anothers_nor_one_that_is_past(valley: Kit, clock: Clock) -> None:
    begun = clock()
    for act, coop in (
        (suspend, "clinic"),
        (suspend, "bakery"),
        (lift, "bakery"),
        (suspend, "bakery"),
        (lift, "bakery"),
    ):
        act(valley, coop)
        clock.advance(days=1)

    with reading(valley.engine) as connection:
        times = {coop: suspensions.past(connection, coop) for coop in ("bakery", "clinic")}
    days = {
        coop: [(one.from_at - begun, one.until_at and one.until_at - begun) for one in times[coop]] for coop in times
    }
    one = timedelta(days=1)
    assert days == {"bakery": [(3 * one, 4 * one), (one, 2 * one)], "clinic": [(0 * one, None)]}


def test_what_waits_at_the_tills_ends_for_good_and_the_next_bill_after_lifting_is_paid(valley: Kit) -> None:
    lying, looked_at, elsewhere = bill(valley), bill(valley), bill(valley, till="mill-1", cashier="dee")
    payments.claim_bill(valley, looked_at, "ana")
    paid = bought(valley, 5_00)
    suspend(valley)

    for each in (lying, looked_at):
        assert state(valley, each) == "cancelled"
        assert code(partial(payments.pay_bill, valley, each, "ana", key=str(uuid4()))) == "account_not_open"
        assert code(partial(payments.claim_bill, valley, each, "ana")) == "account_not_open"
        assert payments.cancel_bill(valley, each, "ben").state == "cancelled"
    assert payments.pay_bill(valley, elsewhere, "ben", key="of the mill").amount_minor == 2_00
    with reading(valley.engine) as connection:
        till = tills.find_till(connection, "bakery-1", "ben")
        assert till is not None
        assert (till.coop_status, till_bills.recent(connection, till, valley.clock())[0].sale.ref) == (  # type: ignore[union-attr]
            "suspended", paid.ref,
        )  # fmt: skip
        assert not sticker_rows.counter(connection, "bakery-1").is_open
    lift(valley)
    assert [state(valley, each) for each in (lying, looked_at)] == ["cancelled", "cancelled"]
    assert code(partial(payments.pay_bill, valley, lying, "ana", key="late")) == "bill_cancelled"
    assert bought(valley, 1_00).amount_minor == 1_00


def test_what_slipped_in_while_it_was_suspended_waits_for_nobody_and_ends_when_this_is_lifted(valley: Kit) -> None:
    slipped = bill(valley)
    suspend(valley)
    with valley.engine.begin() as connection:
        connection.execute(sa.text("UPDATE bills SET state = 'open' WHERE code = :code"), {"code": slipped})

    assert state(valley, slipped) == "cancelled"
    assert code(partial(payments.pay_bill, valley, slipped, "ana", key="slipped")) == "account_not_open"
    lift(valley)
    assert code(partial(payments.pay_bill, valley, slipped, "ana", key="slipped")) == "bill_cancelled"


def test_a_suspended_co_op_neither_charges_nor_pays_nor_takes_anybody_in(
    valley: Kit, balances: Callable[[], dict[str, int]]
) -> None:
    waits, of_mill = bill(valley), bill(valley, till="mill-1", cashier="dee")
    phone, worker = MemberPhone(valley, "ana"), invitations.invite(valley, Offer("worker", coop="bakery", name="Hal"))
    sold = bought(valley, 5_00)
    run = payruns.draft(valley, "eve", "bakery", valley.clock().date().isoformat())
    suspend(valley)
    before, token = balances(), phone.token()
    wrong = Charge("bakery-1", "ben", 4_00, 0, None, str(uuid4()))
    refused: dict[str, Callable[[], object]] = {
        "bill": lambda: bill(valley),
        "scan": lambda: scans.scan_code(valley, "bakery-1", "ben", token=token, amount_minor=1_00, key="scan"),
        "sticker": lambda: stickers.make_bill(valley, "bakery-1", "ana", amount_minor=1_00, key="sticker"),
        "history": lambda: histories.sell(valley, "bakery", "ana", 1_00, 0, key="history"),
        "bought for the mill": lambda: supplies.pay(valley, "gil", "mill", waits, key="supply"),
        "bought at the mill": lambda: supplies.pay(valley, "eve", "bakery", of_mill, key="supply"),
        "supply": lambda: histories.supply(valley, "mill", "bakery", 1_00, key="supply"),
        "supplied": lambda: histories.supply(valley, "bakery", "mill", 1_00, key="supplied"),
        "pool": lambda: histories.fund(valley, "bakery", 1_00, key="fund"),
        "pool by two": lambda: proposals.put_in(valley, "eve", "bakery", 1_00, key="pool"),
        "pay": lambda: histories.pay(valley, "bakery", "ben", 10_00, 60, key="pay"),
        "pay run": lambda: payruns.draft(valley, "eve", "bakery", "2026-12-24"),
        "wrong sum": lambda: refunds.correct(valley, sold.ref, "ben", wrong),
        "join": lambda: members.join(valley, "bakery", "cy"),
        "invite": lambda: invitations.invite(valley, Offer("customer", coop="bakery", name="Hal")),
        "accept": lambda: acceptance.accept(valley, "cy", digest_of(worker)),
        "new steward": lambda: proposals.invite_to_serve(valley, "flo", "bakery", "Hal", "steward"),
        "credit line": lambda: proposals.change_line(valley, "flo", "bakery", 1),
        "leaving": lambda: proposals.let_go(valley, "flo", "bakery"),
    }
    members.grant(valley, "gil", "steward", "mill")

    assert {name: code(act) for name, act in refused.items()} == dict.fromkeys(refused, "account_not_open")
    assert balances() == before
    lift(valley)
    # The code was not used up, and what waited in the office waits on.
    assert isinstance(scans.scan_code(valley, "bakery-1", "ben", token=token, amount_minor=1_00, key="scan"), Paid)
    assert payruns.draft(valley, "eve", "bakery", "2026-12-24") > run


def test_a_suspended_co_op_gives_back_closes_its_shift_and_helps_its_members(
    valley: Kit, balances: Callable[[], dict[str, int]]
) -> None:
    small, large = bought(valley, 5_00), bought(valley, 120_00)
    token = MemberPhone(valley, "ana").token()
    charged = scans.scan_code(valley, "bakery-1", "ben", token=token, amount_minor=3_00, key="scan")
    assert isinstance(charged, Paid)
    held = balances()["ana"]
    suspend(valley)

    refunds.give_back(valley, Ask(small.ref, "ben", 5_00, 0, "returned", None, str(uuid4())))
    waiting = refunds.give_back(valley, Ask(large.ref, "ben", 120_00, 0, "returned", None, str(uuid4())))
    refunds.approve(valley, waiting.ref, "eve")
    disputes.begin(valley, "ana", charged.ref, "That was not me", not_me=True)
    assert balances()["ana"] == held + 128_00
    gifts.send(valley, "ben", "ana", 1_00, key="gift")
    assert bought_elsewhere(valley, "ben").amount_minor == 2_00
    with reading(valley.engine) as connection:
        place = shift_view.counter(connection, "bakery-1", "ben", valley.clock())
        assert place is not None
        running = shift_view.running(connection, "bakery-1", place.account_id)
    assert running is not None
    shifts.close_shift(valley, "bakery-1", "ben", running.id, Closing(Register(0, 0)), key="close")
    agreed_role = proposals.end_role(valley, "eve", "bakery", "ben", "cashier")
    assert not agreed_role.done
    assert not proposals.give_role(valley, "eve", "bakery", "ivo", "cashier").done
    assert not proposals.recover(valley, "eve", "bakery", "ben").done
    members.leave(valley, "bakery", "ivo")


def bought_elsewhere(kit: Kit, who: str) -> Paid:
    return payments.pay_bill(kit, bill(kit, till="mill-1", cashier="dee"), who, key=str(uuid4()))


def test_a_co_op_that_leaves_ends_what_waits_at_its_tills_too(valley: Kit) -> None:
    waits = bill(valley)
    agreed(valley, proposals.let_go(valley, "flo", "bakery"))

    assert state(valley, waits) == "cancelled"
    with pytest.raises(Refusal) as refused:
        payments.pay_bill(valley, waits, "ana", key="late")
    assert (refused.value.code, "has left" in refused.value.sentence) == ("account_not_open", True)
    agreed(valley, proposals.admit_again(valley, "flo", "bakery", 1_00))
    assert code(partial(payments.pay_bill, valley, waits, "ana", key="late")) == "bill_cancelled"


def test_what_slipped_in_while_a_co_op_left_ends_when_it_is_admitted_again(valley: Kit) -> None:
    slipped = bill(valley)
    agreed(valley, proposals.let_go(valley, "flo", "bakery"))
    with valley.engine.begin() as connection:
        connection.execute(sa.text("UPDATE bills SET state = 'open' WHERE code = :code"), {"code": slipped})

    assert state(valley, slipped) == "cancelled"
    agreed(valley, proposals.admit_again(valley, "flo", "bakery", 1_00))
    assert state(valley, slipped) == "cancelled"
    assert code(partial(payments.pay_bill, valley, slipped, "ana", key="slipped")) == "bill_cancelled"


def test_whose_only_co_op_is_suspended_at_a_periods_end_is_paid_from_the_next_one_on(valley: Kit, clock: Clock) -> None:
    network.found_federation(valley, "Alder Valley", charter_on="2026-01-01")
    members.leave(valley, "mill", "gil")
    histories.sell(valley, "bakery", "ana", 100_00, 0, key="bread")
    histories.sell(valley, "mill", "ben", 100_00, 0, key="flour")
    histories.fund(valley, "clinic", 900_00, key="pool")

    def shared_out(month: int) -> list[str]:
        clock.set(datetime(2026, month, 1, tzinfo=UTC))
        dividends.pay(valley, f"month {month}", clock().date(), 100_00)
        with reading(valley.engine) as connection:
            runs = {who: dividend_view.statements(connection, who) for who in ("ana", "ben")}
        return [who for who, found in runs.items() if any(each.label == f"month {month}" for each in found)]

    suspend(valley, "mill")
    assert shared_out(5) == ["ben"]
    lift(valley, "mill")
    assert shared_out(6) == ["ana", "ben"]
