"""The dividend's rule: the clock, the split to the last unit, and what no order and no age changes."""

from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain.charter import Charter
from wallet.domain.dividend import (
    Clock,
    Counts,
    DividendEstimate,
    Weight,
    clock_at,
    complete_months,
    estimated,
    month_after,
    new_minutes,
    parted,
    split,
)

LABELS = st.text("abcdefgh", min_size=1, max_size=3)
WEIGHTS = st.dictionaries(LABELS, st.integers(0, 10**12), max_size=30)


@pytest.mark.parametrize(
    ("months", "by_history"),
    [(0, 180_00), (1, 179_00), (12, 168_00), (90, 90_00), (179, 1_00), (180, 0), (181, 0), (1_000, 0)],
)
def test_history_s_part_falls_by_the_same_amount_each_month_down_to_nothing(months: int, by_history: int) -> None:
    assert Clock(months, 180).by_basis(180_00) == by_history


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2021-08-01", "2026-11-01", 63),
        ("2021-08-01", "2021-08-01", 0),
        ("2021-08-01", "2021-08-31", 0),
        ("2021-08-15", "2021-09-14", 0),
        ("2021-08-15", "2021-09-15", 1),
        ("2021-08-31", "2021-09-29", 0),
        ("2021-08-31", "2021-09-30", 1),
        ("2021-08-31", "2021-10-30", 1),
        ("2021-08-31", "2021-10-31", 2),
        ("2023-10-31", "2024-02-28", 3),
        ("2023-10-31", "2024-02-29", 4),
        ("2022-10-31", "2023-02-28", 4),
        ("2024-02-29", "2025-02-28", 12),
        ("2021-08-01", "2036-08-01", 180),
        ("2021-08-01", "2020-01-01", 0),
    ],
)
def test_a_month_is_complete_on_the_start_s_day_or_on_the_last_of_a_shorter_month(
    start: str, end: str, months: int
) -> None:
    assert complete_months(date.fromisoformat(start), date.fromisoformat(end)) == months


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_the_day_a_number_of_months_after_is_the_first_on_which_they_are_complete(start: date, months: int) -> None:
    day = month_after(start, months)

    assert complete_months(start, day) == months
    assert complete_months(start, date.fromordinal(day.toordinal() - 1)) == months - 1


@pytest.mark.parametrize(
    ("mine", "everybody", "by_basis", "by_hours"),
    [
        (Counts(180_00, 480), Counts(240_00, 960), 67_50, 45_00),
        # Odd units are left out.
        (Counts(1, 1), Counts(7, 7), 12_85, 12_85),
        (Counts(), Counts(240_00, 960), 0, 0),
        # Where nobody has any, that part stays in the pool.
        (Counts(5_00, 0), Counts(5_00, 0), 90_00, 0),
        (Counts(), Counts(), 0, 0),
        # What all together have may be older than what is mine.
        (Counts(50_00, 120), Counts(40_00, 60), 90_00, 90_00),
    ],
)
def test_an_estimate_is_a_part_of_each_part_and_never_more_than_the_whole(
    mine: Counts, everybody: Counts, by_basis: int, by_hours: int
) -> None:
    found = estimated(180_00, mine, everybody, Clock(90, 180))

    assert found == DividendEstimate(180_00, by_basis, by_hours)
    assert found.total_minor == by_basis + by_hours


def test_another_sunset_moves_the_whole_line() -> None:
    clock = clock_at(date(2021, 8, 1), date(2026, 11, 1), Charter(sunset_months=126))

    assert (clock.months, clock.by_basis(1_000_00)) == (63, 500_00)


def test_the_worked_example_comes_out_to_the_last_unit() -> None:
    weights = {
        "ana": Weight(15_600_00, 99_000, 180 * 60),
        "ben": Weight(4_800_00, 99_000, 240 * 60),
        "cy": Weight(600_00, 99_000, 40 * 60),
    }

    came = split(1_000_00, weights, "2026", Clock(63, 180))

    assert came.by_basis == {"ana": 482_86, "ben": 148_57, "cy": 18_57}
    assert came.by_hours == {"ana": 136_96, "ben": 182_61, "cy": 30_43}
    assert came.total == {"ana": 619_82, "ben": 331_18, "cy": 49_00}


def test_a_part_in_which_nobody_has_weight_stays_in_the_pool() -> None:
    weights = {"ana": Weight(600, 0, 0), "ben": Weight(600, 60, 0)}

    came = split(180, weights, "2026", Clock(90, 180))

    assert (came.by_basis, came.by_hours) == ({"ana": 45, "ben": 45}, {})
    assert split(180, {}, "2026", Clock(90, 180)).total == {}


def test_a_member_at_nothing_in_a_part_is_left_out_of_it() -> None:
    assert parted(1, {"ana": 3, "ben": 1}, "2026") == {"ana": 1}


@given(WEIGHTS, LABELS)
def test_of_equal_members_the_smallest_hash_gets_the_odd_unit(weights: dict[str, int], label: str) -> None:
    people = sorted(weights, key=lambda one: sha256(f"{label}:{one}".encode()).hexdigest())
    for odd in range(len(people)):
        came = parted(odd, dict.fromkeys(weights, 7), label)
        assert came == dict.fromkeys(people[:odd], 1)


@given(st.integers(0, 10**13), WEIGHTS, LABELS)
def test_a_part_is_given_out_to_the_last_unit_and_never_a_unit_beside_the_quota(
    part: int, weights: dict[str, int], label: str
) -> None:
    came, total = parted(part, weights, label), sum(weights.values())

    assert sum(came.values()) == (part if total else 0)
    for handle, weight in weights.items():
        assert 0 <= came.get(handle, 0) - part * weight // total <= 1 if total else handle not in came


@given(st.integers(0, 10**9), st.lists(st.tuples(LABELS, st.integers(0, 50)), unique_by=lambda pair: pair[0]))
def test_who_stands_first_in_the_list_gains_nothing(part: int, pairs: list[tuple[str, int]]) -> None:
    assert parted(part, dict(pairs), "2026") == parted(part, dict(reversed(pairs)), "2026")


@given(st.integers(0, 10**9), WEIGHTS, st.integers(0, 300))
def test_both_parts_are_one_pot(pot: int, weights: dict[str, int], months: int) -> None:
    counted = {handle: Weight(weight, 0, weight // 3) for handle, weight in weights.items()}
    clock = Clock(months, 180)

    came = split(pot, counted, "2026", clock)

    assert sum(came.by_basis.values()) in (0, clock.by_basis(pot))
    assert sum(came.by_hours.values()) in (0, pot - clock.by_basis(pot))
    assert sum(came.total.values()) <= pot


def test_hours_count_once_and_a_late_refund_is_made_up_for_before_new_ones_count() -> None:
    paid_on, minutes, counted = 0, [600, 480, 540, 660], []
    for lifetime in minutes:
        counted.append(new_minutes(lifetime, paid_on))
        paid_on = max(paid_on, lifetime)

    assert counted == [600, 0, 0, 60]
    assert sum(counted) == max(minutes)
