"""The charter: the federation's parameters, with the values every federation starts with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Charter:
    """Hold the parameters in force; amounts in minor units, ratios in basis points."""

    version: int = 1
    floor_bp: int = 1000
    cap_bp: int = 10_000
    headroom_bp: int = 1000
    rise_bp: int = 1000
    fall_bp: int = 500
    window_months: int = 3
    frozen_below_minor: int = 10_000
    own_set_days: int = 90
    rate_max_minor: int = 2250
    month_minutes_max: int | None = 18_000
    sunset_months: int = 180
    pool_rate_bp: int = 100
    code_payment_minor: int = 5_000
    code_day_minor: int = 15_000
    repeat_seconds: int = 30
    logged_cash_day_minor: int = 20_000
    refund_limit_minor: int = 10_000
    supply_alone_minor: int = 50_000
    waiting_bills: int = 3
