"""How the federation grows: a co-op's RES lasts as long as its mean outflow says."""

import pytest

from wallet.domain.growth import days_on_hand, is_stuck


@pytest.mark.parametrize(
    ("balance", "outflow", "days", "stuck"),
    [
        (-5_000, 9_000, 0, False),
        (0, 0, 0, False),
        (0, 9_000, 0, False),
        (100, 0, None, True),
        # 1.00 a day on the mean of ninety.
        (99, 9_000, 0, False),
        (100, 9_000, 1, False),
        (6_000, 9_000, 60, False),
        (6_001, 9_000, 60, True),
        (6_100, 9_000, 61, True),
        (999_999_999_999, 1, 89_999_999_999_910, True),
    ],
)
def test_what_a_co_op_has_lasts_as_long_as_it_pays_out(balance: int, outflow: int, days: int, stuck: bool) -> None:
    assert days_on_hand(balance, outflow) == days
    assert is_stuck(balance, outflow) is stuck
