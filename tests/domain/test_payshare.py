"""The pay share: a table of cases for every part of the rule, the worked paths, and what holds for any spending."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wallet.domain import basis
from wallet.domain.charter import Charter
from wallet.domain.patronage import month_reduced
from wallet.domain.payshare import (
    Counted,
    Estimate,
    Share,
    estimate,
    judge,
    most_after,
    spend_for,
    walk,
    walk_on,
    window_of,
)
from wallet.domain.period import month_of, months_from_to, next_month

CHARTER = Charter()
WINDOW = ["2026-01", "2026-02", "2026-03"]
WAGE = 240_000


def spent(month: str, minor: int, posted: str | None = None) -> Counted:
    return Counted(month, posted or month, 0, minor)


def paid(month: str, minor: int = WAGE) -> Counted:
    return Counted(month, month, minor, 0)


def shares(*rows: Counted, last: str) -> list[int]:
    return [share.share_bp for share in walk(rows, last, CHARTER)]


# before, income, spend: ratio, target, share. None, None: the share is frozen.
CASES = {
    "the worked example": (2000, 720_000, 216_000, 3000, 4000, 3000),
    "nothing spent stays at the floor": (1000, 720_000, 0, 0, 1000, 1000),
    "a step that is not a whole percent": (2500, 720_000, 132_000, 1833, 2833, 2833),
    "the ratio is cut, not rounded": (3000, 30_000, 9_999, 3333, 4333, 4000),
    "a unit less is a basis point less": (3000, 30_000, 9_998, 3332, 4332, 4000),
    "a rise ends at ten points": (1000, 720_000, 720_000, 10_000, 10_000, 2000),
    "a rise of exactly ten points": (2000, 10_000, 2_000, 2000, 3000, 3000),
    "a rise of one basis point less": (2000, 10_000, 1_999, 1999, 2999, 2999),
    "a fall ends at five points": (4000, 720_000, 0, 0, 1000, 3500),
    "a fall of exactly five points": (2500, 10_000, 1_000, 1000, 2000, 2000),
    "a fall of one basis point less": (2500, 10_000, 1_001, 1001, 2001, 2001),
    "a fall ends at the floor": (1200, 720_000, 0, 0, 1000, 1000),
    "spending more than the pay is all of it": (9500, 720_000, 999_999, 10_000, 10_000, 10_000),
    "the headroom ends at the cap": (9500, 720_000, 684_000, 9500, 10_000, 10_000),
    "at the cap it stays there": (10_000, 720_000, 648_000, 9000, 10_000, 10_000),
    "refunds beyond the spending count as nothing": (2000, 720_000, -5_000, 0, 1000, 1500),
    "99.99 of pay freezes": (3300, 9_999, 9_999, None, None, 3300),
    "100.00 of pay does not": (3300, 10_000, 10_000, 10_000, 10_000, 4300),
    "no pay freezes": (4567, 0, 0, None, None, 4567),
    "no pay freezes whatever is spent": (4567, 0, 90_000, None, None, 4567),
    "the largest amounts": (5000, 3 * 999_999_999_999, 999_999_999_999, 3333, 4333, 4500),
}


@pytest.mark.parametrize("name", CASES)
def test_a_share_follows_from_the_one_before_and_its_window(name: str) -> None:
    before, income, spend, ratio, target, share = CASES[name]

    found = judge("2026-04", before, WINDOW, income, spend, CHARTER)

    assert (found.ratio_bp, found.target_bp, found.share_bp) == (ratio, target, share)
    assert (found.window_from, found.window_to) == ("2026-01", "2026-03")
    assert (found.income_minor, found.spend_minor) == (income, max(0, spend))
    assert found.is_frozen == (ratio is None)
    assert not found.is_first


@pytest.mark.parametrize(
    ("name", "voted", "step"),
    [
        ("a rise ends at ten points", {}, "rise"),
        ("a rise of exactly ten points", {}, None),
        ("a fall ends at five points", {}, "fall"),
        ("a fall of exactly five points", {}, None),
        ("a fall ends at the floor", {}, None),
        ("99.99 of pay freezes", {}, None),
        # By what the charter says now the floor lies above all that could be risen to, or the cap below all falls.
        ("a rise ends at ten points", {"floor_bp": 4_000}, None),
        ("a fall ends at five points", {"cap_bp": 3_000}, None),
    ],
)
def test_a_share_says_which_step_held_it_back(name: str, voted: dict[str, int], step: str | None) -> None:
    before, income, spend, *_ = CASES[name]
    charter = replace(CHARTER, **voted)

    assert judge("2026-04", before, WINDOW, income, spend, charter).held_back(before, charter) == step


def test_the_parameters_are_the_charters() -> None:
    charter = replace(
        CHARTER, floor_bp=500, cap_bp=6000, headroom_bp=700, rise_bp=300, fall_bp=200, frozen_below_minor=1
    )

    assert judge("2026-04", 2000, WINDOW, 10_000, 2_500, charter).share_bp == 2300
    assert judge("2026-04", 3100, WINDOW, 10_000, 2_500, charter).share_bp == 3200
    assert judge("2026-04", 2000, WINDOW, 10_000, 0, charter).share_bp == 1800
    assert judge("2026-04", 500, WINDOW, 10_000, 0, replace(charter, headroom_bp=0)).share_bp == 500
    assert judge("2026-04", 5900, WINDOW, 10_000, 9_000, charter).share_bp == 6000
    assert judge("2026-04", 2000, WINDOW, 1, 0, charter).share_bp == 1800


WINDOWS = {
    ("2026-03", "2026-03"): [],
    ("2026-04", "2026-03"): ["2026-03"],
    ("2026-05", "2026-03"): ["2026-03", "2026-04"],
    ("2026-06", "2026-03"): ["2026-03", "2026-04", "2026-05"],
    ("2026-07", "2026-03"): ["2026-04", "2026-05", "2026-06"],
    ("2027-01", "2020-01"): ["2026-10", "2026-11", "2026-12"],
}


@pytest.mark.parametrize(("month", "first"), WINDOWS)
def test_the_window_is_three_full_months_and_never_before_the_first_pay(month: str, first: str) -> None:
    assert window_of(month, first, CHARTER) == WINDOWS[month, first]


def test_without_pay_there_is_no_share() -> None:
    assert walk([], "2026-03", CHARTER) == []
    assert walk([spent("2026-01", 5_000)], "2026-03", CHARTER) == []


def test_the_month_of_the_first_pay_has_the_floor_and_no_window() -> None:
    assert walk([paid("2026-03")], "2026-03", CHARTER) == [Share("2026-03", 1000)]
    assert Share("2026-03", 1000).is_first
    assert not Share("2026-03", 1000).is_frozen


def test_what_was_spent_before_the_month_of_the_first_pay_never_counts() -> None:
    early, late = spent("2026-02", 900_000), spent("2026-03", 24_000)

    assert shares(paid("2026-03"), early, late, last="2026-04") == shares(paid("2026-03"), late, last="2026-04")


def test_all_res_pay_spent_at_others_climbs_the_worked_path_to_the_unit() -> None:
    rows: list[Counted] = []
    for month in months_from_to("2026-01", "2026-12"):
        rows.append(paid(month))
        share = walk(rows, month, CHARTER)[-1].share_bp
        rows.append(spent(month, basis.res_part(WAGE, share)))

    path = shares(*rows, last="2027-06")

    assert path[:7] == [1000, 2000, 2500, 2833, 3444, 3925, 4400]
    assert path[:12] == sorted(path[:12])


@pytest.mark.parametrize(("parts", "tends_to"), [((0, 1), 1000), ((1, 2), 2000), ((4, 5), 5000)])
def test_a_steady_part_spent_at_others_tends_to_headroom_by_one_less_it(parts: tuple[int, int], tends_to: int) -> None:
    rows: list[Counted] = []
    for month in months_from_to("2020-01", "2029-12"):
        rows.append(paid(month))
        share = walk(rows, month, CHARTER)[-1].share_bp
        rows.append(spent(month, basis.res_part(WAGE, share) * parts[0] // parts[1]))

    assert abs(walk(rows, "2030-01", CHARTER)[-1].share_bp - tends_to) <= 5


def test_anas_worked_example() -> None:
    rows = [paid(month) for month in WINDOW] + [spent(month, 48_000 + 24_000) for month in WINDOW]
    known = {"2026-03": Share("2026-03", 2000)}

    found = walk(rows, "2026-04", CHARTER, known)[-1]

    assert (found.income_minor, found.spend_minor) == (720_000, 216_000)
    assert (found.ratio_bp, found.target_bp, found.share_bp) == (3000, 4000, 3000)
    assert basis.res_part(WAGE, found.share_bp) == 72_000


def test_a_refund_of_this_month_lowers_the_next_share_and_not_this_one() -> None:
    rows = [paid("2026-01"), spent("2026-01", 24_000), paid("2026-02")]
    refund = spent("2026-01", -24_000, posted="2026-02")

    before, after = (walk(rows + more, "2026-03", CHARTER) for more in ([], [refund]))

    assert before[1] == after[1]
    assert after[1].spend_minor == 24_000
    assert (before[2].spend_minor, after[2].spend_minor) == (24_000, 0)


def test_a_month_may_be_negative_only_the_windows_sum_may_not() -> None:
    rows = [paid("2026-01"), spent("2026-01", -20_000), spent("2026-02", 90_000)]

    assert walk(rows, "2026-03", CHARTER)[-1].spend_minor == 70_000
    assert walk(rows, "2026-02", CHARTER)[-1].spend_minor == 0


@pytest.mark.parametrize(
    ("sold", "refunded", "reduced"),
    [
        ("2026-03", "2026-03", "2026-03"),
        ("2026-02", "2026-03", "2026-02"),
        ("2026-01", "2026-03", "2026-01"),
        ("2025-12", "2026-03", "2026-03"),
        ("2025-12", "2026-02", "2025-12"),
        ("2025-11", "2026-02", "2026-02"),
    ],
)
def test_a_refund_reduces_the_month_of_its_sale_as_long_as_that_is_near(sold: str, refunded: str, reduced: str) -> None:
    assert month_reduced(sold, refunded) == reduced


def test_months_without_pay_keep_the_share_and_take_only_its_last_months_along() -> None:
    rows = [paid("2026-01"), spent("2026-01", 240_000), paid("2026-10"), spent("2026-10", 240_000)]

    assert shares(*rows, last="2026-11") == [1000, 2000, 3000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 5000]


@pytest.mark.parametrize(
    ("at", "zone", "month"),
    [
        ("2026-03-31T23:59:59.999999", "UTC", "2026-03"),
        ("2026-04-01T00:00:00", "UTC", "2026-04"),
        ("2028-02-29T23:59:59.999999", "UTC", "2028-02"),
        ("2026-02-28T23:59:59.999999", "UTC", "2026-02"),
        ("2026-04-01T03:59:59.999999", "America/New_York", "2026-03"),
        ("2026-04-01T04:00:00", "America/New_York", "2026-04"),
        ("2026-03-31T18:14:59.999999", "Asia/Kathmandu", "2026-03"),
        ("2026-03-31T18:15:00", "Asia/Kathmandu", "2026-04"),
    ],
)
def test_the_last_microsecond_of_a_month_still_counts_for_it(at: str, zone: str, month: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    counts_in = month_of(instant, zone)
    rows = [paid(month), spent(counts_in, WAGE)]

    assert counts_in == month
    assert shares(*rows, last=next_month(month)) == [1000, 2000]


def estimated(*rows: Counted, last: str) -> Estimate:
    return estimate(rows, walk(rows, last, CHARTER)[-1], rows[0].month, CHARTER)


def test_the_estimate_assumes_last_months_pay_until_some_is_posted() -> None:
    rows = [paid("2026-01", 200_000), paid("2026-02", 100_000), spent("2026-03", 30_000)]

    without, posted = estimated(*rows, last="2026-03"), estimated(*rows, paid("2026-03", 50_000), last="2026-03")

    assert (without.income_expected_minor, without.share.income_minor) == (100_000, 400_000)
    assert (posted.income_expected_minor, posted.share.income_minor) == (50_000, 350_000)
    assert without.share.month == "2026-04"
    assert (without.share.window_from, without.share.window_to) == ("2026-01", "2026-03")
    assert (without.share.ratio_bp, without.share.share_bp) == (750, 1750)


def test_a_refund_moves_the_estimate_at_once() -> None:
    rows = [paid("2026-01"), spent("2026-01", 24_000)]
    refund = spent("2026-01", -12_000, posted="2026-02")

    assert estimated(*rows, last="2026-02").share.spend_minor == 24_000
    assert estimated(*rows, refund, last="2026-02").share.spend_minor == 12_000


def test_an_estimate_that_comes_true_is_the_share() -> None:
    rows = [paid("2026-01"), spent("2026-01", 30_000), paid("2026-02"), spent("2026-02", 44_000)]

    assert estimated(*rows, last="2026-02").share == walk(rows, "2026-03", CHARTER)[-1]


def test_after_two_months_without_pay_the_estimate_assumes_none() -> None:
    assert estimated(paid("2026-01"), last="2026-03").income_expected_minor == 0


parts = st.integers(0, 10_000)


@given(st.integers(10_000, 10**12), parts, st.tuples(parts, parts), parts, parts, parts)
def test_what_is_to_be_spent_for_a_share_is_the_least_that_brings_it_under_any_charter(
    income: int, before: int, bounds: tuple[int, int], headroom: int, rise: int, fall: int
) -> None:
    floor, cap = sorted(bounds)
    charter = replace(CHARTER, floor_bp=floor, cap_bp=cap, headroom_bp=headroom, rise_bp=rise, fall_bp=fall)
    most = most_after(before, charter)
    assert judge("2026-04", before, WINDOW, income, income, charter).share_bp == most

    for share in {most, min(before, most)}:
        needed = spend_for(share, before, income, charter)
        assert judge("2026-04", before, WINDOW, income, needed, charter).share_bp >= share
        if needed:
            assert judge("2026-04", before, WINDOW, income, needed - 1, charter).share_bp < share


MONTHS = months_from_to("2026-01", "2026-12")
histories = st.lists(
    st.tuples(st.integers(0, 500_000), st.integers(-100_000, 600_000)), min_size=len(MONTHS), max_size=len(MONTHS)
)


def rows_of(history: list[tuple[int, int]]) -> list[Counted]:
    both = zip(MONTHS, history, strict=True)
    return [paid(MONTHS[0], 1), *(Counted(month, month, income, spend) for month, (income, spend) in both)]


@given(histories, st.integers(0, 11), st.integers(0, 10**12))
def test_more_counted_spend_never_lowers_a_share(history: list[tuple[int, int]], where: int, more: int) -> None:
    rows = rows_of(history)

    less, greater = shares(*rows, last="2027-03"), shares(*rows, spent(MONTHS[where], more), last="2027-03")

    assert all(one <= other for one, other in zip(less, greater, strict=True))


@given(histories)
def test_steps_are_bounded_and_stay_between_floor_and_cap(history: list[tuple[int, int]]) -> None:
    path = shares(*rows_of(history), last="2027-03")

    assert all(-CHARTER.fall_bp <= after - before <= CHARTER.rise_bp for before, after in pairwise(path))
    assert all(CHARTER.floor_bp <= share <= CHARTER.cap_bp for share in path)


@given(histories, st.integers(1, 11))
def test_shares_computed_once_are_the_same_when_computed_again_later(history: list[tuple[int, int]], cut: int) -> None:
    rows = rows_of(history)
    early = [row for row in rows if row.posted_month < MONTHS[cut]]

    once = walk(early, MONTHS[cut], CHARTER)

    assert walk(rows, MONTHS[cut], CHARTER) == once
    assert walk(rows, "2027-03", CHARTER, {once[-1].month: once[-1]}) == walk(rows, "2027-03", CHARTER)


YEARS = months_from_to("2026-01", "2028-12")
long_histories = st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 5)), min_size=len(YEARS), max_size=len(YEARS))


@given(long_histories, st.integers(0, 35), st.integers(1, 12))
def test_from_the_newest_share_on_the_year_before_it_is_enough(
    history: list[tuple[int, int]], cut: int, window_months: int
) -> None:
    charter = replace(CHARTER, window_months=window_months)
    both = zip(YEARS, history, strict=True)
    rows = [Counted(month, month, 100_000 * income, 50_000 * spend) for month, (income, spend) in both]
    whole = walk(rows, YEARS[-1], charter)
    assume(whole and whole[0].month <= YEARS[cut])
    newest = next(share for share in whole if share.month == YEARS[cut])
    near = [row for row in rows if row.month >= YEARS[max(0, cut - 12)]]

    found = walk_on(near, whole[0].month, newest, YEARS[-1], charter)

    assert found == whole[whole.index(newest) + 1 :]


@given(st.integers(1, 999_999_999_999), st.integers(0, 10_000))
def test_res_and_cash_are_the_total_and_the_split_is_the_nearest_unit(total: int, share: int) -> None:
    res = basis.res_part(total, share)

    assert 0 <= res <= total
    assert abs(res * 10_000 - total * share) <= 5_000
