"""Two stewards who agree to one supply at once, and one who agrees while the till cancels or the bill runs out."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.figures import coop_balances
from tests.races.rush import rush
from wallet.domain.bill import SECOND_SECONDS
from wallet.kit import Kit
from wallet.services import members, payments, proposals, supplies
from wallet.services.supplies import Supply
from wallet.store import bills
from wallet.store.columns import micros
from wallet.store.engine import write

LARGE = 600_00
SUPPLIED = sa.text("SELECT COUNT(*), COALESCE(SUM(amount_minor), 0), MAX(at) FROM transfers WHERE kind = 'supply'")
LAST = sa.text("SELECT MAX(id) FROM proposals")
COUNT = sa.text("SELECT COUNT(*) FROM proposals WHERE subject = :about")
Asked = Callable[[], tuple[str, int]]


@pytest.fixture
def asked(town: Kit) -> Asked:
    """Give a function that lets Ed of the farm ask Flo and Gil, its other stewards, to agree to a bakery's bill."""
    for handle in ("ed", "flo", "gil"):
        members.accept_customer(town, handle)
        members.grant(town, handle, "steward", "farm")
    made = 0

    def ask() -> tuple[str, int]:
        nonlocal made
        made += 1
        bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=LARGE, key=f"bill {made}")
        assert supplies.pay(town, "ed", "farm", bill.code, key=f"asks {made}").receipt is None
        with town.engine.connect() as connection:
            return bill.code, int(connection.execute(LAST).scalar_one())

    return ask


def supplied(kit: Kit) -> tuple[int, int, int | None]:
    """Count the supplies; give their sum, and the instant of the last."""
    with kit.engine.connect() as connection:
        count, total, at = connection.execute(SUPPLIED).one()
        return int(count), int(total), at


def agreeing(kit: Kit, proposal: int, times: int) -> list[Callable[[], object]]:
    return [partial(proposals.agree, kit, who, proposal) for who in ("flo", "gil") * times]


def busy(kit: Kit, code: str, then: Callable[[], object] = list) -> Callable[[], object]:
    """Keep the bill busy for a moment, so that whoever comes meanwhile meets there; then do something."""

    def hold(connection: sa.Connection) -> object:
        bills.row(connection, code, lock=True)
        time.sleep(0.03)
        return then()

    return partial(write, kit.engine, hold)


def test_two_stewards_who_agree_at_once_pay_once(town: Kit, asked: Asked) -> None:
    code, proposal = asked()

    met = rush([busy(town, code), *agreeing(town, proposal, 4)])

    # Besides who keeps the bill busy: all presses of the steward who was first, and none of the other's.
    assert (len(met.answers), met.refused) == (5, {"already_decided": 4})
    assert supplied(town)[:2] == (1, LARGE)
    assert (coop_balances(town)["farm"], coop_balances(town)["bakery"]) == (-LARGE, LARGE)
    assert payments.show_bill(town, code, "cy").state == "paid"


def test_three_stewards_who_ask_for_one_bill_at_once_make_one_proposal(town: Kit, asked: Asked) -> None:
    asked()
    code = payments.open_bill(town, "bakery-1", "cy", amount_minor=LARGE, key="another").code

    asks = [partial(supplies.pay, town, who, "farm", code, key=f"key {who}") for who in ("ed", "flo", "gil")]
    met = rush([busy(town, code), *asks])

    assert [answer.receipt for answer in met.answers if isinstance(answer, Supply)] == [None] * 3
    with town.engine.connect() as connection:
        assert connection.execute(COUNT, {"about": code}).scalar_one() == 1
    assert supplied(town)[0] == 0, "the first waits still, too"


def test_a_supply_is_either_agreed_to_or_cancelled_when_both_meet(town: Kit, asked: Asked) -> None:
    for _trial in range(6):
        (code, proposal), before = asked(), supplied(town)[0]

        met = rush(
            [busy(town, code), *agreeing(town, proposal, 4), *[partial(payments.cancel_bill, town, code, "cy")] * 4]
        )

        state, paid = payments.show_bill(town, code, "cy").state, supplied(town)[0] - before
        assert (state, paid) in {("paid", 1), ("cancelled", 0)}
        late = {"already_decided": 4, "bill_already_paid": 4} if paid else {"bill_cancelled": 8}
        assert met.refused == late
    count, total, _at = supplied(town)
    assert total == count * LARGE
    assert coop_balances(town)["farm"] == -total


def test_what_runs_out_while_two_agree_is_paid_before_its_end_or_not_at_all(
    town: Kit, asked: Asked, clock: Clock
) -> None:
    for _trial in range(6):
        (code, proposal), before, end = asked(), supplied(town)[0], clock() + timedelta(seconds=SECOND_SECONDS)
        clock.set(end - timedelta(microseconds=1))

        met = rush([busy(town, code, partial(clock.set, end)), *agreeing(town, proposal, 4)])

        count, _total, at = supplied(town)
        state = payments.show_bill(town, code, "cy").state
        assert (state, count - before) in {("paid", 1), ("expired", 0)}
        assert met.refused == ({"already_decided": 4} if count > before else {"bill_expired": 8})
        if count > before:
            assert at == micros(end) - 1, "paid in its last microsecond"
