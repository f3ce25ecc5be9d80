"""The oracle itself, held against the rules worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.model import Model, No
from tests.model_events import HEADER, History, rows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Model:
    """Two co-ops; Ana works at the bakery and was paid 24.00 of RES for 16 hours at the reference rate."""
    model = Model()
    model.coop(NOON, "bakery", 1_000_00)
    model.coop(NOON, "farm", 500_00)
    model.member(NOON, "bakery", "ana")
    model.customer(NOON, "ben")
    model.pay(NOON, "bakery", "ana", 240_00, 16 * 60)
    return model


def figures(model: Model, handle: str) -> tuple[int, int, int, int, int]:
    person = model.people[handle]
    return (person.balance, person.eligible, person.eligible_minutes, person.basis, person.qualified_minutes)


def refusal(act: object, *arguments: object) -> str:
    with pytest.raises(No) as caught:
        act(*arguments)  # type: ignore[operator]
    return caught.value.code


def replayed(*lines: str) -> dict[str, object]:
    return History().run(rows("\n".join([HEADER, *lines])))


def test_pay_at_the_floor_share_brings_a_tenth_in_res_and_a_tenth_of_the_minutes(books: Model) -> None:
    assert figures(books, "ana") == (24_00, 24_00, 96, 0, 0)
    assert books.coops["bakery"].balance == -24_00
    assert books.total() == 0


def test_the_res_part_is_rounded_half_up(books: Model) -> None:
    assert books.pay(NOON, "bakery", "ana", 5, 0) == 1
    assert books.pay(NOON, "bakery", "ana", 4, 0) == 0


def test_pay_above_the_highest_rate_is_eligible_only_up_to_it(books: Model) -> None:
    books.pay(NOON, "farm", "ben", 100_00, 60)

    assert figures(books, "ben") == (10_00, 2_25, 6, 0, 0)


def test_minutes_beyond_three_hundred_hours_of_a_month_count_for_nothing(books: Model) -> None:
    books.pay(NOON, "farm", "ben", 2_000_00, 17_940)
    books.pay(NOON, "farm", "ben", 45_00, 120)

    assert books.people["ben"].counted == {"2026-03": 18_000}
    # Of the second line one hour is left: 22.50 of its 45.00 are covered.
    assert figures(books, "ben")[:3] == (204_50, 200_00 + 2_25, 1794 + 6)

    books.pay(NOON, "farm", "ben", 45_00, 120)
    assert figures(books, "ben")[:3] == (209_00, 202_25, 1800)
    books.pay(NOON + 30 * DAY, "farm", "ben", 45_00, 120)
    assert figures(books, "ben")[:3] == (213_50, 206_75, 1812)


def test_the_month_of_work_is_the_federation_zone_s() -> None:
    model = Model("Pacific/Auckland")
    model.coop(NOON, "farm", 500_00)
    model.pay(datetime(2026, 3, 31, 10, 59, 59, tzinfo=UTC), "farm", "ben", 100_00, 60)
    model.pay(datetime(2026, 3, 31, 11, 0, 0, tzinfo=UTC), "farm", "ben", 100_00, 60)

    assert model.people["ben"].counted == {"2026-03": 60, "2026-04": 60}


def test_a_qualifying_sale_turns_eligible_res_into_basis(books: Model) -> None:
    sale = books.sale(NOON, "farm", "ana", 7_00, 1_00, "s1")

    assert (sale.qualifies, sale.basis, sale.minutes) == (True, 7_00, 28)
    assert figures(books, "ana") == (17_00, 17_00, 68, 7_00, 28)


def test_a_sale_at_one_s_own_coop_burns_no_basis_but_only_what_is_not_eligible_first(books: Model) -> None:
    books.pay(NOON, "farm", "ben", 100_00, 60)
    books.gift(NOON, "ben", "ana", 5_00)
    assert figures(books, "ben") == (5_00, 2_25, 6, 0, 0)

    sale = books.sale(NOON, "bakery", "ana", 6_00, 0, "s1")

    assert not sale.qualifies
    # 29.00 - 6.00 = 23.00 is less than the 24.00 eligible: both shrink to it.
    assert figures(books, "ana") == (23_00, 23_00, 92, 0, 0)


def test_own_is_where_one_works_or_was_paid_in_the_last_ninety_days_to_the_second(books: Model) -> None:
    ninety = timedelta(seconds=90 * 86_400)
    books.pay(NOON, "farm", "ana", 100_00, 60)

    assert books.own_set(NOON + ninety, books.people["ana"]) == {"bakery", "farm"}
    assert books.own_set(NOON + ninety + timedelta(seconds=1), books.people["ana"]) == {"bakery"}
    books.member_leaves(NOON, "bakery", "ana")
    assert books.own_set(NOON + DAY, books.people["ana"]) == {"bakery", "farm"}, "paid there still"


def test_pay_without_a_res_part_still_makes_a_coop_one_s_own(books: Model) -> None:
    assert books.pay(NOON, "farm", "ana", 1, 60) == 0

    assert not books.sale(NOON, "farm", "ana", 1_00, 0, "s1").qualifies


def test_refunds_in_steps_give_back_exactly_what_the_sale_made(books: Model) -> None:
    before = figures(books, "ana")
    books.sale(NOON, "farm", "ana", 7_00, 1_00, "s1")
    for part in (3_33, 3_33, 34):
        books.refund(NOON, "s1", part, 0)
    books.refund(NOON, "s1", 0, 1_00)

    assert figures(books, "ana") == before
    assert refusal(books.refund, NOON, "s1", 1, 0) == "refund_exceeds_sale"
    assert refusal(books.refund, NOON, "s1", 0, 1) == "refund_exceeds_sale"
    assert refusal(books.refund, NOON, "s2", 1, 0) == "unknown_sale"


def test_a_refund_of_a_sale_at_one_s_own_coop_brings_balance_only(books: Model) -> None:
    books.sale(NOON, "bakery", "ana", 4_00, 0, "s1")
    books.refund(NOON, "s1", 4_00, 0)

    assert figures(books, "ana") == (24_00, 20_00, 80, 0, 0)


def test_a_ring_of_gifts_leaves_basis_alone_and_never_adds_eligible_res(books: Model) -> None:
    books.gift(NOON, "ana", "ben", 24_00)
    books.gift(NOON, "ben", "ana", 24_00)

    assert figures(books, "ana") == (24_00, 0, 0, 0, 0)


def test_exactly_the_floor_is_allowed_and_nothing_beyond_it(books: Model) -> None:
    assert refusal(books.supply, NOON, "bakery", "farm", 976_01) == "insufficient_funds"
    books.supply(NOON, "bakery", "farm", 976_00)
    assert books.coops["bakery"].balance == -1_000_00
    assert refusal(books.fund, NOON, "bakery", 1) == "insufficient_funds"
    assert books.pay(NOON, "bakery", "ana", 4, 1) == 0, "a debit of 0 always fits"


def test_a_refund_may_pass_the_floor_and_a_coop_that_left_still_refunds(books: Model) -> None:
    books.sale(NOON, "farm", "ana", 7_00, 0, "s1")
    books.supply(NOON, "farm", "bakery", 507_00)
    books.coop_leaves(NOON, "farm")
    books.refund(NOON, "s1", 7_00, 0)

    assert books.coops["farm"].balance == -507_00
    assert refusal(books.sale, NOON, "farm", "ana", 1, 0, "s2") == "account_not_open"
    assert refusal(books.pay, NOON, "farm", "ana", 100, 1) == "account_not_open"
    assert refusal(books.supply, NOON, "bakery", "farm", 1) == "account_not_open"
    assert refusal(books.member, NOON, "farm", "ana") == "account_not_open"
    assert refusal(books.coop_leaves, NOON, "farm") == "account_not_open"
    books.coop(NOON, "farm", 600_00)
    assert books.coops["farm"].balance == -507_00, "admitted again, its balance kept"


def test_a_replayed_line_is_counted_and_changes_nothing() -> None:
    report = replayed(
        "2026-01-01T00:00:00Z,coop,bakery,,,100.00,,,",
        "2026-01-01T00:00:00Z,customer,,ana,,,,,",
        "2026-01-01T00:00:01Z,sale,bakery,ana,,,2.00,,r1",
        "2026-01-02T00:00:00Z,sale,bakery,ana,,0.00,2.00,,r1",
        "2026-01-02T00:00:00Z,sale,bakery,ana,,0.00,2.01,,r1",
        "2026-01-02T00:00:00Z,gift,,ana,bakery,1.00,,,r1",
    )

    assert (report["transfers"], report["replayed"]) == (1, 1)
    assert report["refused"] == [{"line": 6, "code": "key_reused"}, {"line": 7, "code": "key_reused"}]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-01-01T00:00:00Z,sale,bakery,ana,,1.00,,r1", "bad_form"),
        ("2026-01-01T00:00:00,sale,bakery,ana,,1.00,,,r1", "bad_form"),
        ("2026-02-30T00:00:00Z,sale,bakery,ana,,1.00,,,r1", "bad_form"),
        ("2025-12-31T23:59:59Z,sale,bakery,ana,,1.00,,,r1", "bad_form"),
        ("2026-01-01T00:00:00Z,grant,bakery,ana,,1.00,,,r1", "bad_form"),
        ("2026-01-01T00:00:00Z,sale,bakery,ana,,1,,,", "bad_form"),
        ("2026-01-01T00:00:00Z,sale,nowhere,ana,,1,,,r1", "bad_amount"),
        ("2026-01-01T00:00:00Z,sale,nowhere,ana,,01.00,,,r1", "bad_amount"),
        ("2026-01-01T00:00:00Z,sale,nowhere,ana,,10000000000.00,,,r1", "bad_amount"),
        ("2026-01-01T00:00:00Z,sale,nowhere,ana,,,0.00,,r1", "bad_amount"),
        ("2026-01-01T00:00:00Z,pay,nowhere,ana,,0.00,,1.5,r1", "bad_form"),
        ("2026-01-01T00:00:00Z,pay,nowhere,ana,,0.00,,60,r1", "bad_amount"),
        ("2026-01-01T00:00:00Z,sale,nowhere,nobody,,1.00,,,r1", "unknown_coop"),
        ("2026-01-01T00:00:00Z,sale,bakery,nobody,,1.00,,,r1", "unknown_member"),
        ("2026-01-01T00:00:00Z,gift,,ana,ana,1.00,,,r1", "not_allowed"),
        ("2026-01-01T00:00:00Z,supply,bakery,bakery,bakery,1.00,,,r1", "not_allowed"),
        ("2026-01-01T00:00:00Z,coop,bakery,,,1.00,,,", "not_allowed"),
        ("2026-01-01T00:00:00Z,charter,,,,,,,", "not_allowed"),
        ("2026-01-01T00:00:00Z,sale,bakery,ana,,1.00,,,r1", "insufficient_funds"),
        ("2026-01-01T00:00:00Z,refund,,,,1.00,,,r1", "unknown_sale"),
    ],
)
def test_the_first_check_that_fails_names_the_code(line: str, code: str) -> None:
    report = replayed("2026-01-01T00:00:00Z,coop,bakery,,,100.00,,,", "2026-01-01T00:00:00Z,customer,,ana,,,,,", line)

    assert report["refused"] == [{"line": 4, "code": code}]


def test_the_share_stands_at_the_floor_from_the_first_pay_to_the_last_event() -> None:
    report = replayed(
        "2025-11-30T00:00:00Z,coop,bakery,,,100.00,,,",
        "2025-11-30T00:00:00Z,customer,,ana,,,,,",
        "2025-11-30T00:00:00Z,pay,bakery,ben,,10.00,,60,r1",
        "",
        "2026-01-01T00:00:00Z,grant,,,,,,,",
    )

    assert report["members"]["ben"]["share"] == {"2025-11": 1000, "2025-12": 1000, "2026-01": 1000}  # type: ignore[index]
    assert report["members"]["ana"]["share"] == {}  # type: ignore[index]
    assert report["refused"] == [{"line": 6, "code": "bad_form"}]


def test_the_share_follows_what_was_spent_at_others_from_the_month_after() -> None:
    report = replayed(
        "2026-01-05T00:00:00Z,coop,bakery,,,9000.00,,,",
        "2026-01-05T00:00:00Z,coop,mill,,,0.00,,,",
        "2026-01-05T00:00:00Z,pay,bakery,ana,,2400.00,,9600,p1",
        "2026-01-06T00:00:00Z,sale,mill,ana,,200.00,280.00,,s1",
        "2026-01-06T00:00:00Z,sale,bakery,ana,,10.00,,,s2",
        "2026-02-05T00:00:00Z,pay,bakery,ana,,2400.00,,9600,p2",
        "2026-02-06T00:00:00Z,refund,,,,,40.00,,s1",
        "2026-03-31T23:59:59Z,sale,mill,ana,,0.00,90.00,,s3",
        "2026-06-01T00:00:00Z,charter,,,,,,,",
    )

    # 480.00 of 2,400.00; then 440.00 of 4,800.00; of the same again; 530.00; 90.00 of 2,400.00; nothing earned.
    assert report["members"]["ana"]["share"] == {  # type: ignore[index]
        "2026-01": 1000, "2026-02": 2000, "2026-03": 1916, "2026-04": 2104, "2026-05": 1604, "2026-06": 1604,
    }  # fmt: skip
    assert report["members"]["ana"]["balance"] == 24_000 + 48_000 - 20_000 - 1_000  # type: ignore[index]
