"""Unit value: what co-ops own for each RES, and its index against the first day, both half up."""

from datetime import date

import pytest

from wallet.domain.unitvalue import Stand, index_hundredths, is_stale, value_hundredths


@pytest.mark.parametrize(
    ("worth", "outstanding", "value"),
    [
        (150_000_000, 45_000_000, 333),
        (0, 1, 0),
        (1, 0, None),
        (0, 0, None),
        # Half up: 0.005 is 0.01, less is 0.00.
        (1, 200, 1),
        (1, 201, 0),
        (999_999_999_999, 1, 99_999_999_999_900),
    ],
)
def test_the_value_of_a_unit_is_what_stands_behind_it(worth: int, outstanding: int, value: int | None) -> None:
    assert value_hundredths(Stand(worth, outstanding)) == value


@pytest.mark.parametrize(
    ("declared", "uncovered", "worth"),
    [(500_00, 0, 500_00), (500_00, 120_00, 380_00), (500_00, 500_00, 0), (500_00, 500_01, 0), (0, 0, 0)],
)
def test_what_nobody_covers_is_taken_off_what_is_declared_down_to_nothing(
    declared: int, uncovered: int, worth: int
) -> None:
    assert Stand.of(declared, uncovered, outstanding_minor=100) == Stand(worth, 100)


@pytest.mark.parametrize(
    ("now", "first", "index"),
    [
        (Stand(500, 100), Stand(500, 100), 10_000),
        (Stand(150_000_000, 45_000_000), Stand(90_000_000, 30_000_000), 11_111),
        # More RES and no more assets: each stands for less.
        (Stand(500, 200), Stand(500, 100), 5_000),
        (Stand(1, 20_000), Stand(1, 1), 1),
        (Stand(1, 20_001), Stand(1, 1), 0),
        (Stand(500, 0), Stand(500, 100), None),
        (Stand(500, 100), Stand(0, 100), None),
        (Stand(500, 100), Stand(500, 0), None),
    ],
)
def test_the_index_is_a_hundred_on_the_first_day(now: Stand, first: Stand, index: int | None) -> None:
    assert index_hundredths(now, first) == index


@pytest.mark.parametrize(
    ("meeting", "today", "stale"),
    [
        ("2026-03-10", "2027-03-10", False),
        ("2026-03-10", "2027-03-11", True),
        ("2026-03-10", "2027-04-01", True),
        ("2026-03-31", "2027-02-28", False),
        ("2024-02-29", "2025-02-28", False),
        ("2024-02-29", "2025-03-01", True),
        ("2026-12-31", "2026-12-31", False),
    ],
)
def test_a_declaration_is_stale_after_twelve_months(meeting: str, today: str, stale: bool) -> None:
    assert is_stale(date.fromisoformat(meeting), date.fromisoformat(today)) is stale
