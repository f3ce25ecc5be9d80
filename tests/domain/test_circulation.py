"""Turns a year: sales of 365 days by what was outstanding at month ends that were."""

from datetime import UTC, datetime, timedelta

from wallet.domain.circulation import month_ends, turns_hundredths, year_by_month
from wallet.domain.period import month_start, months_from_to

KATHMANDU = "Asia/Kathmandu"


def test_turns_are_sales_by_the_mean_of_the_month_ends_half_up() -> None:
    assert turns_hundredths(340_00, [100_00, 100_00]) == 340
    assert turns_hundredths(1, [2, 1]) == 67
    assert turns_hundredths(1, [200]) == 1
    assert turns_hundredths(1, [201]) == 0
    assert turns_hundredths(500, [0, 0]) is None
    assert turns_hundredths(500, []) is None


def test_twelve_month_ends_count_and_none_that_came_before_the_first_transfer() -> None:
    now = datetime(2026, 11, 14, 9, tzinfo=UTC)

    assert month_ends(None, now, "UTC") == {}
    assert sorted(month_ends(datetime(2020, 1, 1, tzinfo=UTC), now, "UTC")) == months_from_to("2025-11", "2026-10")
    assert sorted(month_ends(datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC), now, "UTC")) == months_from_to(
        "2026-08", "2026-10"
    )
    # The first instant of a month is of no month before it.
    assert sorted(month_ends(datetime(2026, 9, 1, tzinfo=UTC), now, "UTC")) == ["2026-09", "2026-10"]
    assert month_ends(datetime(2026, 11, 2, tzinfo=UTC), now, "UTC") == {}


def test_a_month_ends_by_the_clocks_of_the_federation() -> None:
    end = month_start("2026-11", KATHMANDU)
    first = datetime(2026, 10, 31, 12, tzinfo=UTC)

    assert end == datetime(2026, 10, 31, 18, 15, tzinfo=UTC)
    assert month_ends(first, end - timedelta(microseconds=1), KATHMANDU) == {}
    assert month_ends(first, end, KATHMANDU) == {"2026-10": end}


def test_sales_count_for_365_days_of_which_the_first_month_is_a_part() -> None:
    now = datetime(2026, 11, 14, 9, tzinfo=UTC)
    first, *others = year_by_month(now, "UTC")

    assert (first.month, first.since, first.is_whole) == ("2025-11", now - timedelta(days=365), False)
    assert [one.month for one in others] == months_from_to("2025-12", "2026-11")
    assert all(one.is_whole and one.since == month_start(one.month, "UTC") for one in others)
    # Nothing is counted twice and nothing left out.
    assert [one.before for one in (first, *others[:-1])] == [one.since for one in others]
    assert others[-1].before > now


def test_the_first_month_of_the_year_counts_whole_where_it_begins_with_it() -> None:
    first = year_by_month(datetime(2027, 1, 1, tzinfo=UTC), "UTC")[0]

    assert (first.month, first.is_whole) == ("2026-01", True)
