"""Many cashiers who give back one sale at once, and all who would end one refund that waits."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.closing_up import close
from tests.figures import figures
from tests.races.conftest import Meets
from tests.races.rush import rush
from wallet.domain.refund import OVER
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import members, network, payments, refunds
from wallet.services.refunds import Ask
from wallet.store.engine import reading
from wallet.store.views import refunds as refund_view
from wallet.store.views.refunds import Refund

SPEND = sa.text("SELECT SUM(spend_minor) FROM patronage_months")


@pytest.fixture
def sold(town: Kit, give_res: Callable[[str, int], str]) -> Callable[[int], str]:
    """Give a function that lets Ana buy at the bakery, where Cy and Di are cashiers, Ed and Flo stewards."""
    give_res("ana", 1_000_00)
    for handle, role in (("di", "cashier"), ("ed", "steward"), ("flo", "steward")):
        members.accept_customer(town, handle)
        members.grant(town, handle, role, "bakery")

    def buy(minor: int) -> str:
        bill = payments.open_bill(town, "bakery-1", "cy", amount_minor=minor, key=f"bill of {minor}")
        return payments.pay_bill(town, bill.code, "ana", key=f"bill of {minor}").ref

    return buy


def ask(kit: Kit, sale: str, cashier: str, minor: int, key: str) -> Refund:
    return refunds.give_back(kit, Ask(sale, cashier, minor, 0, "returned", None, key))


def test_of_32_cashiers_who_give_back_30_of_100_three_pass_then_10_and_nothing_more(
    town: Kit, sold: Callable[[int], str]
) -> None:
    before = figures(town)["ana"]
    sale = sold(100_00)
    met = rush(
        [partial(ask, town, sale, "cy" if number % 2 else "di", 30_00, f"part {number}") for number in range(32)]
    )

    assert (len(met.answers), met.refused) == (3, Counter({"refund_exceeds_sale": 29}))
    assert sorted(answer.refunded_minor for answer in met.answers) == [30_00, 60_00, 90_00]
    assert met.together >= 2, "they did not meet"
    with pytest.raises(Refusal, match="refund_exceeds_sale"):
        ask(town, sale, "di", 11_00, "eleven")
    assert ask(town, sale, "di", 10_00, "ten").refunded_minor == 100_00
    with pytest.raises(Refusal, match="refund_exceeds_sale"):
        ask(town, sale, "cy", 1, "one more")
    assert figures(town)["ana"] == before, "balance, eligible, minutes, basis and qualified minutes stand as before"
    with town.engine.connect() as connection:
        assert connection.execute(SPEND).scalar_one() == 0


def test_the_limit_of_a_sale_holds_for_all_who_give_it_back_at_once(town: Kit, sold: Callable[[int], str]) -> None:
    sale = sold(480_00)
    met = rush(
        [partial(ask, town, sale, "cy" if number % 2 else "di", 30_00, f"part {number}") for number in range(16)]
    )

    assert Counter(answer.state for answer in met.answers) == {"posted": 3, "waiting": 13}
    assert met.together >= 2, "they did not meet"


def test_two_stewards_who_agree_at_once_give_back_once(town: Kit, sold: Callable[[int], str]) -> None:
    waiting = ask(town, sold(200_00), "cy", 150_00, "large")
    before = figures(town)["ana"][0]
    met = rush([partial(refunds.approve, town, waiting.ref, who) for who in ("ed", "flo") * 4])

    assert {answer.refunded_minor for answer in met.answers} == {150_00}
    assert len(met.answers) == 8
    assert figures(town)["ana"][0] == before + 150_00


def test_of_all_who_end_a_refund_exactly_one_does_and_the_clock_is_one_of_them(
    town: Kit, sold: Callable[[int], str]
) -> None:
    sale = sold(900_00)
    # For some it is too late by the time it is their turn.
    late = replace(town, clock=lambda: town.clock() + timedelta(minutes=10))
    for hurry in range(4):
        ref = ask(town, sale, "cy", 150_00 + hurry, f"large {hurry}").ref
        before = figures(town)["ana"][0]
        acts: list[Callable[[], Refund]] = [
            *(partial(refunds.approve, late if hurry % 2 else town, ref, who) for who in ("ed", "flo")),
            *(partial(refunds.withdraw, town, ref, who) for who in ("cy", "di")),
            *(partial(refunds.decline, late if hurry > 1 else town, ref, who, "no") for who in ("ed", "flo")),
            partial(refunds.withdraw, late, ref, "cy"),
        ]
        met = rush(acts[hurry:] + acts[:hurry])

        (how,) = {answer.state for answer in met.answers}
        assert set(met.refused) <= {OVER[how], OVER["lapsed"]}
        assert sum(not answer.replayed for answer in met.answers) == 1
        assert figures(town)["ana"][0] == before + (150_00 + hurry if how == "posted" else 0)
        with reading(town.engine) as connection:
            found = refund_view.find(connection, ref, town.clock())
        assert found is not None
        assert found.state == how


def test_one_key_sent_many_times_at_once_gives_back_once(town: Kit, sold: Callable[[int], str]) -> None:
    sale = sold(80_00)
    before = figures(town)["ana"][0]
    met = rush([partial(ask, town, sale, "cy", 20_00, "the key")] * 8)

    assert len({answer.ref for answer in met.answers}) == 1
    assert sum(not answer.replayed for answer in met.answers) == 1
    assert figures(town)["ana"][0] == before + 20_00


def test_of_eight_payments_with_much_cash_at_once_those_above_the_day_want_a_steward(
    town: Kit, sold: Callable[[int], str]
) -> None:
    sold(1_00)
    bills = [
        payments.open_bill(town, "bakery-1", "cy", amount_minor=60_00 + more, cash_minor=60_00, key=f"cash {more}").code
        for more in range(8)
    ]
    met = rush([partial(payments.pay_bill, town, code, "ana", key=code) for code in bills])

    assert (len(met.answers), met.refused) == (3, Counter({"steward_required": 5}))
    assert met.together >= 2, "they did not meet"


@pytest.mark.parametrize("refund_is_first", [True, False])
@pytest.mark.only_on("postgresql")
def test_a_refund_that_meets_the_closing_of_its_till_is_given(
    town: Kit, sold: Callable[[int], str], meets: Meets, refund_is_first: bool
) -> None:
    sale = sold(5_00)
    close(town, "bakery-1", "cy", 5_00)
    give = partial(ask, town, sale, "cy", 1_00, "given")
    close_for_good = partial(network.close_till, town, "bakery", "bakery-1")
    if refund_is_first:
        given, _closed = meets("wallet.store.ledger.lock_refunded", give, close_for_good)
    else:
        _closed, given = meets("wallet.store.tills.for_closing", close_for_good, give)

    assert isinstance(given, Refund), given
    assert (given.state, figures(town)["ana"][0]) == ("posted", 996_00)
