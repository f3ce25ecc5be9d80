"""One table of what an event does to a wallet; the rule and the books of both databases are held against it.

The figures of a wallet are (balance, eligible, eligible minutes, basis, qualified minutes), RES in minor units. Every
result was worked out by hand.
"""

from dataclasses import dataclass

Figures = tuple[int, int, int, int, int]
MOST = 999_999_999_999


@dataclass(frozen=True, slots=True)
class Pay:
    """A pay line of `total` for `minutes`, after `counted_before` minutes were counted in the month."""

    total: int
    minutes: int
    counted_before: int = 0
    share_bp: int = 1000


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale of `res`, at another co-op or at one's own; it moves `basis` and `minutes`."""

    res: int
    qualifies: bool
    basis: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Out:
    """Any other outflow."""

    amount: int


@dataclass(frozen=True, slots=True)
class In:
    """Any other inflow."""

    amount: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of `amount` of `sale`, of which `before` was refunded already."""

    sale: Sale
    before: int
    amount: int


@dataclass(frozen=True, slots=True)
class Case:
    """A wallet before and after an event."""

    name: str
    before: Figures
    event: Pay | Sale | Out | In | Refund
    after: Figures


CASES = [
    Case("pay_at_the_reference_rate", (0, 0, 0, 0, 0), Pay(240_00, 960), (24_00, 24_00, 96, 0, 0)),
    Case("pay_adds_to_what_is_there", (5_00, 3_00, 7, 9_00, 11), Pay(240_00, 960), (29_00, 27_00, 103, 9_00, 11)),
    Case("pay_rounds_its_res_half_up", (0, 0, 0, 0, 0), Pay(5, 1), (1, 1, 0, 0, 0)),
    Case("pay_whose_res_part_is_0", (0, 0, 0, 0, 0), Pay(4, 60), (0, 0, 0, 0, 0)),
    Case("pay_for_no_time_is_not_eligible", (0, 0, 0, 0, 0), Pay(100_00, 0), (10_00, 0, 0, 0, 0)),
    Case("pay_at_the_highest_rate_is_all_eligible", (0, 0, 0, 0, 0), Pay(22_50, 60), (2_25, 2_25, 6, 0, 0)),
    Case("pay_above_the_highest_rate", (0, 0, 0, 0, 0), Pay(22_51, 60), (2_25, 2_24, 5, 0, 0)),
    Case("pay_at_twice_the_highest_rate", (0, 0, 0, 0, 0), Pay(45_00, 60), (4_50, 2_25, 6, 0, 0)),
    Case("pay_that_ends_the_month_s_hours", (0, 0, 0, 0, 0), Pay(45_00, 120, 17_940), (4_50, 2_25, 6, 0, 0)),
    Case("pay_after_the_month_s_hours", (0, 0, 0, 0, 0), Pay(45_00, 120, 18_000), (4_50, 0, 0, 0, 0)),
    Case("pay_all_in_res", (0, 0, 0, 0, 0), Pay(240_00, 960, 0, 10_000), (240_00, 240_00, 960, 0, 0)),
    Case("pay_at_most", (0, 0, 0, 0, 0), Pay(MOST, 9_999_999), (100_000_000_000, 675_00, 1_800, 0, 0)),
    Case("pay_at_most_all_in_res", (0, 0, 0, 0, 0), Pay(MOST, 9_999_999, 0, 10_000), (MOST, 6_750_00, 18_000, 0, 0)),
    Case("sale_of_a_part", (24_00, 24_00, 96, 0, 0), Sale(7_00, True, 7_00, 28), (17_00, 17_00, 68, 7_00, 28)),
    Case("sale_rounds_its_minutes_down", (10, 10, 9, 0, 0), Sale(3, True, 3, 2), (7, 7, 7, 3, 2)),
    Case("sale_of_more_than_is_eligible", (9_00, 2_00, 8, 1_00, 4), Sale(5_00, True, 2_00, 8), (4_00, 0, 0, 3_00, 12)),
    Case("sale_with_nothing_eligible", (9_00, 0, 3, 0, 0), Sale(5_00, True, 0, 0), (4_00, 0, 3, 0, 0)),
    Case("sale_that_takes_leftover_minutes", (9_00, 1, 3, 0, 0), Sale(5_00, True, 1, 3), (4_00, 0, 0, 1, 3)),
    Case("sale_all_in_cash", (9_00, 4_00, 3, 2_00, 1), Sale(0, True, 0, 0), (9_00, 4_00, 3, 2_00, 1)),
    Case("sale_at_most", (MOST, MOST, 9_000_000, 0, 0), Sale(MOST, True, MOST, 9_000_000), (0, 0, 0, MOST, 9_000_000)),
    Case(
        "sale_of_all_but_one_at_most",
        (MOST, MOST, 9_000_000, 0, 0),
        Sale(MOST - 1, True, MOST - 1, 8_999_999),
        (1, 1, 1, MOST - 1, 8_999_999),
    ),
    Case("own_sale_takes_what_is_not_eligible_first", (9_00, 2_00, 8, 0, 0), Sale(7_00, False), (2_00, 2_00, 8, 0, 0)),
    Case("own_sale_beyond_it", (9_00, 6_00, 9, 0, 0), Sale(5_00, False), (4_00, 4_00, 6, 0, 0)),
    Case("own_sale_all_in_cash", (9_00, 9_00, 9, 0, 0), Sale(0, False), (9_00, 9_00, 9, 0, 0)),
    Case("gift_of_all", (9_00, 6_00, 9, 3_00, 2), Out(9_00), (0, 0, 0, 3_00, 2)),
    Case("gift_rounds_the_minutes_left_down", (3, 3, 5, 0, 0), Out(2), (1, 1, 1, 0, 0)),
    Case("gift_at_most", (2 * MOST, 2 * MOST, 9_999_999, 0, 0), Out(MOST), (MOST, MOST, 4_999_999, 0, 0)),
    Case("gift_received", (9_00, 6_00, 9, 3_00, 2), In(1_00), (10_00, 6_00, 9, 3_00, 2)),
    Case("gift_received_on_a_fortune", (10**15, 0, 0, 0, 0), In(MOST), (10**15 + MOST, 0, 0, 0, 0)),
    Case(
        "refund_of_all",
        (17_00, 17_00, 68, 7_00, 28),
        Refund(Sale(7_00, True, 7_00, 28), 0, 7_00),
        (24_00, 24_00, 96, 0, 0),
    ),
    Case("refund_first_third", (0, 0, 0, 2, 2), Refund(Sale(3, True, 2, 2), 0, 1), (1, 0, 0, 2, 2)),
    Case("refund_second_third", (1, 0, 0, 2, 2), Refund(Sale(3, True, 2, 2), 1, 1), (2, 1, 1, 1, 1)),
    Case("refund_last_third", (2, 1, 1, 1, 1), Refund(Sale(3, True, 2, 2), 2, 1), (3, 2, 2, 0, 0)),
    Case("refund_of_a_cash_sale", (5, 5, 5, 5, 5), Refund(Sale(0, True, 0, 0), 0, 0), (5, 5, 5, 5, 5)),
    Case("refund_of_one_s_own_sale", (1_00, 1_00, 4, 5, 5), Refund(Sale(5_00, False), 0, 5_00), (6_00, 1_00, 4, 5, 5)),
    Case(
        "refund_second_third_at_most",
        (333_333_333_333, 333_333_333_332, 3_000_000, 666_666_666_666, 6_000_000),
        Refund(Sale(MOST, True, MOST - 1, 9_000_000), 333_333_333_333, 333_333_333_333),
        (666_666_666_666, 666_666_666_665, 6_000_000, 333_333_333_333, 3_000_000),
    ),
    Case(
        "refund_of_all_at_most",
        (0, 0, 0, MOST, 9_999_999),
        Refund(Sale(MOST, True, MOST, 9_999_999), 0, MOST),
        (MOST, MOST, 9_999_999, 0, 0),
    ),
]
