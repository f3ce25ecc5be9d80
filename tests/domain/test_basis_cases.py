"""The rule of eligible RES, basis and minutes, case by case, and what must hold for any sequence of events."""

from dataclasses import astuple
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.basis_cases import CASES, MOST, Case, In, Out, Pay, Refund, Sale
from wallet.domain import basis
from wallet.domain.basis import SoldBasis, Standing
from wallet.domain.charter import Charter

CHARTER = Charter()


def applied(before: Standing, event: Pay | Sale | Out | In | Refund) -> Standing:
    match event:
        case Pay(total, minutes, counted_before, share_bp):
            counted = basis.counted_minutes(minutes, counted_before, CHARTER)
            return basis.paid(before, basis.res_part(total, share_bp), total, counted, CHARTER)
        case Sale(res, qualifies, moved, minutes):
            found = basis.spent(before, res, qualifies=qualifies)
            assert (found.basis_minor, found.minutes) == (moved, minutes) or not qualifies
            return found.after
        case Out(amount):
            return basis.spent(before, amount, qualifies=False).after
        case In(amount):
            return basis.received(before, amount)
        case Refund(sale, refunded, amount):
            sold = SoldBasis(sale.res, sale.basis, sale.minutes)
            return basis.refunded(before, amount, *basis.given_back(sold, refunded, refunded + amount))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_event_leaves_the_wallet_as_worked_out_by_hand(case: Case) -> None:
    assert astuple(applied(Standing(*case.before), case.event)) == case.after


@given(
    sold=st.integers(1, MOST).flatmap(
        lambda res: st.tuples(st.just(res), st.integers(0, res), st.integers(0, 9_999_999))
    ),
    cuts=st.lists(st.fractions(0, 1), max_size=8),
)
def test_a_sale_refunded_in_any_steps_gives_back_exactly_what_it_made(
    sold: tuple[int, int, int], cuts: list[Fraction]
) -> None:
    res, made, minutes = sold
    steps = sorted({0, res, *(int(cut * res) for cut in cuts)})
    parts = [basis.given_back(SoldBasis(*sold), before, after) for before, after in pairwise(steps)]

    assert all(0 <= back <= after - before for (back, _), (before, after) in zip(parts, pairwise(steps), strict=True))
    assert (sum(back for back, _ in parts), sum(part for _, part in parts)) == (made, minutes)


@given(st.data())
def test_eligible_never_exceeds_the_balance_nor_basis_the_lifetime_pay(data: st.DataObject) -> None:
    standing, counted, pay = Standing(), 0, 0
    for _step in range(data.draw(st.integers(1, 20))):
        kind = data.draw(st.sampled_from(["pay", "sale", "out", "in"]))
        if kind == "pay":
            total, minutes = data.draw(st.integers(1, MOST)), data.draw(st.integers(0, 40_000))
            event = Pay(total, minutes, counted, data.draw(st.integers(0, 10_000)))
            counted += basis.counted_minutes(minutes, counted, CHARTER)
            pay += basis.res_part(total, event.share_bp)
            standing = applied(standing, event)
        elif kind == "in":
            standing = basis.received(standing, data.draw(st.integers(1, MOST)))
        else:
            amount = data.draw(st.integers(0, standing.balance_minor))
            standing = basis.spent(standing, amount, qualifies=kind == "sale").after

        assert 0 <= standing.eligible_minor <= standing.balance_minor
        assert standing.basis_minor + standing.eligible_minor <= pay
        assert 0 <= standing.eligible_minutes + standing.qualified_minutes <= counted <= 18_000
