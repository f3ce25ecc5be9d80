"""Roles and sessions that were taken back: whoever was let in a moment before, the act itself looks again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.persona import sign_in
from tests.web.phone import MemberPhone
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import payments, refunds, scans, sessions, shifts
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store import coops, people, roles
from wallet.store.engine import write
from wallet.store.sessions import Bearer

EVEN = Closing(Register(1_000, 0), "counted", "")


@pytest.fixture
def sold(kit: Kit) -> str:
    """Let Ana buy for 10.00 of Ben at the bakery's till; give the receipt."""
    cast.build(kit)
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=1_000, key="bread")
    return payments.pay_bill(kit, bill.code, "ana", key="bread", confirm=True).ref


def take_back(kit: Kit, handle: str, role: str) -> None:
    def work(connection: sa.Connection) -> bool:
        person, coop = people.holder(connection, handle), coops.known(connection, "bakery")
        return roles.revoke(connection, person.id, role, coop.id, kit.clock())

    assert write(kit.engine, work)


def charge(kit: Kit, _sold: str) -> object:
    return payments.open_bill(kit, "bakery-1", "ben", amount_minor=500, key="cake")


def scan(kit: Kit, _sold: str) -> object:
    return scans.scan_code(kit, "bakery-1", "ben", token=MemberPhone(kit, "ana").token(), amount_minor=500, key="cake")


def give_back(kit: Kit, sold: str) -> object:
    return refunds.give_back(kit, Ask(sold, "ben", 500, 0, "returned", None, key="back"))


def close(kit: Kit, _sold: str) -> object:
    return shifts.close_shift(kit, "bakery-1", "ben", 1, EVEN, key="evening")


@pytest.mark.parametrize(
    ("act", "code"),
    [(charge, "unknown_till"), (scan, "unknown_till"), (give_back, "unknown_sale"), (close, "unknown_till")],
)
def test_a_cashier_whose_role_was_taken_back_does_nothing_at_the_till_any_more(
    kit: Kit, sold: str, act: Callable[[Kit, str], object], code: str
) -> None:
    take_back(kit, "ben", "cashier")

    with pytest.raises(Refusal) as refused:
        act(kit, sold)

    assert refused.value.code == code


@pytest.mark.parametrize("act", [charge, scan, give_back, close])
def test_the_same_acts_are_done_by_who_still_is_one(kit: Kit, sold: str, act: Callable[[Kit, str], object]) -> None:
    act(kit, sold)


def signed_in(kit: Kit, handle: str) -> tuple[str, Bearer]:
    """Give the token of a new session, and who asks by it."""
    token = sign_in(kit, handle)
    found = sessions.bearer(token)
    assert found is not None
    return token, found


def charge_by(kit: Kit, who: Bearer) -> object:
    return payments.open_bill(kit, "bakery-1", who, amount_minor=500, key="cake")


def pay_by(kit: Kit, who: Bearer) -> object:
    bill = payments.open_bill(kit, "mill-1", "dee", amount_minor=500, key="flour")
    return payments.pay_bill(kit, bill.code, who, key="flour", confirm=True)


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("act", [charge_by, pay_by])
def test_a_session_that_was_revoked_charges_and_pays_nothing(kit: Kit, act: Callable[[Kit, Bearer], object]) -> None:
    token, ben = signed_in(kit, "ben")
    sessions.sign_out(kit, token)

    with pytest.raises(Refusal) as refused:
        act(kit, ben)

    assert refused.value.code == "not_signed_in"


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("act", [charge_by, pay_by])
def test_a_session_charges_and_pays_to_the_last_microsecond_of_its_time_and_no_longer(
    kit: Kit, clock: Clock, act: Callable[[Kit, Bearer], object]
) -> None:
    ends = kit.clock() + sessions.LIFETIME
    _token, ben = signed_in(kit, "ben")

    clock.set(ends)
    with pytest.raises(Refusal) as refused:
        act(kit, ben)
    assert refused.value.code == "not_signed_in"

    clock.set(ends - timedelta(microseconds=1))
    act(kit, ben)
