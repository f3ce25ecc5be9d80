"""Paying a line: the worked examples to the unit, and what holds for every line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.money import MAX_MINOR
from wallet.domain.payline import (
    Lowered,
    Split,
    Terms,
    cash_at_least,
    ceiling_that_fits,
    lower,
    lowered,
    part_bp,
    split,
)

SHARES = st.integers(0, 10_000)
BOUNDS = st.none() | SHARES
TERMS = st.builds(Terms, SHARES, BOUNDS, BOUNDS, st.none() | st.integers(1, 100_000))
TOTALS, MINUTES = st.integers(1, MAX_MINOR), st.integers(0, 9_999_999)
LINES = st.lists(st.tuples(st.integers(1, 1_000_000), st.integers(0, 20_000), TERMS), max_size=8)


@pytest.mark.parametrize(
    ("total", "minutes", "terms", "res"),
    [
        # Ana: 30 % of 2,400.00.
        (240_000, 9_600, Terms(3000), 72_000),
        (240_000, 9_600, Terms(3000, elected_bp=2000), 48_000),
        (240_000, 9_600, Terms(3000, elected_bp=4000), 72_000),
        (240_000, 9_600, Terms(3000, ceiling_bp=2500), 60_000),
        (240_000, 9_600, Terms(3000, 2000, 1500), 36_000),
        # Not agreed yet: everything in cash.
        (240_000, 9_600, Terms(3000, elected_bp=0), 0),
        # 160 hours at 12.00 of cash are 1,920.00: 480.00 are left for RES.
        (240_000, 9_600, Terms(3000, floor_hour_minor=1_200), 48_000),
        # The floor is more than all that is due, or just that.
        (240_000, 9_600, Terms(3000, floor_hour_minor=1_600), 0),
        (240_000, 9_600, Terms(3000, floor_hour_minor=1_500), 0),
        # A floor that leaves room enough changes nothing.
        (240_000, 9_600, Terms(3000, floor_hour_minor=1_000), 72_000),
        # One minute at 0.01 an hour asks for a whole hundredth.
        (1, 1, Terms(10_000, floor_hour_minor=1), 0),
        # Halves go up.
        (1, 60, Terms(5000), 1),
        (1, 60, Terms(4999), 0),
        (3, 60, Terms(5000), 2),
        (MAX_MINOR, 9_999_999, Terms(10_000), MAX_MINOR),
    ],
)
def test_a_line_is_split_as_worked_out_by_hand(total: int, minutes: int, terms: Terms, res: int) -> None:
    assert split(total, minutes, terms) == Split(terms.share_bp, res, total - res)


@pytest.mark.parametrize(
    ("total", "terms", "part"),
    [
        (100_000, Terms(1000, floor_hour_minor=1_550), 700),
        (100_000, Terms(1000, floor_hour_minor=1_700), 0),
        (300_000, Terms(1000, floor_hour_minor=2_900), 1000),
        # To the nearest hundredth, up from half.
        (93_007, Terms(1000, floor_hour_minor=1_550), 1),
        # Rounded to a whole cent it is the share all the same.
        (3, Terms(5000), 5000),
    ],
)
def test_the_part_that_came_in_res_is_the_share_or_what_a_cash_floor_left_of_it(
    total: int, terms: Terms, part: int
) -> None:
    parts = split(total, 3_600, terms)

    assert part_bp(parts.res_minor, parts.cash_minor, parts.share_bp) == part


def test_the_cash_of_a_part_of_an_hour_is_rounded_up() -> None:
    assert [cash_at_least(minutes, 1_001) for minutes in (0, 1, 59, 60, 61)] == [0, 17, 985, 1_001, 1_018]
    assert cash_at_least(60, None) == 0


@given(TOTALS, MINUTES, TERMS)
def test_res_and_cash_are_the_total_and_stay_within_every_bound(total: int, minutes: int, terms: Terms) -> None:
    found = split(total, minutes, terms)

    assert found.res_minor + found.cash_minor == total
    assert 0 <= found.res_minor <= total
    assert found.share_bp <= terms.entitlement_bp
    assert found.res_minor <= split(total, minutes, Terms(terms.entitlement_bp)).res_minor
    assert found.cash_minor >= min(total, cash_at_least(minutes, terms.floor_hour_minor))


@given(TOTALS, MINUTES, TERMS, SHARES)
def test_a_lower_ceiling_never_gives_more_res(total: int, minutes: int, terms: Terms, ceiling: int) -> None:
    assert split(total, minutes, terms.under(ceiling)).res_minor <= split(total, minutes, terms).res_minor
    assert terms.under(None) == terms


@pytest.mark.parametrize(
    ("due", "overpaid", "found"),
    [
        (100_000, 0, Lowered(100_000, 0, 0)),
        (100_000, 30_000, Lowered(70_000, 30_000, 0)),
        (100_000, 99_999, Lowered(1, 99_999, 0)),
        (100_000, 100_000, Lowered(1, 99_999, 1)),
        (100_000, 250_000, Lowered(1, 99_999, 150_001)),
        (1, 50, Lowered(1, 0, 50)),
    ],
)
def test_what_was_overpaid_lowers_the_next_lines_and_the_rest_is_carried(
    due: int, overpaid: int, found: Lowered
) -> None:
    assert lowered(due, overpaid) == found


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), min_size=1, max_size=12))
def test_an_overpayment_is_kept_back_once_and_no_pay_falls_to_nothing(overpaid: int, dues: list[int]) -> None:
    carried, kept = overpaid, 0
    for due in dues:
        found = lowered(due, carried)
        assert found.total_minor >= 1
        assert found.total_minor + found.kept_back_minor == due
        carried, kept = found.carried_minor, kept + found.kept_back_minor

    assert kept + carried == overpaid
    assert carried == max(0, overpaid - sum(due - 1 for due in dues))


@given(LINES, st.integers(-1_000, 3_000_000))
def test_the_ceiling_offered_fits_and_the_next_higher_one_does_not(
    lines: list[tuple[int, int, Terms]], available: int
) -> None:
    def res(ceiling: int | None) -> int:
        return sum(split(total, minutes, terms.under(ceiling)).res_minor for total, minutes, terms in lines)

    found = ceiling_that_fits(lines, available)

    if found is None:
        assert res(None) in (0, min(res(None), available))
    else:
        assert res(found) in (0, min(res(found), available))
        assert res(found + 1) > max(0, available)


def test_of_two_bounds_the_lower_one_holds() -> None:
    assert [lower(*pair) for pair in ((None, None), (1, None), (None, 2), (3, 2), (0, None))] == [None, 1, 2, 2, 0]
