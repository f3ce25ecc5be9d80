"""What another value of a parameter would change: one worked case for each, by the rules themselves.

Source: docs/ballots.md
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from wallet.domain import basis, dividend, patronage, payshare
from wallet.domain.charter import Charter
from wallet.domain.ratio import WHOLE_BP

# Ana is paid 2,400.00 a month; her share stands at 20 %.
PAY_MINOR, SHARE_BP = 2_400_00, 2_000
SOLD_MINOR, POOL_MINOR = 10_000_00, 1_000_00
MONTH, DAY = "2026-04", date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Example:
    """Hold what comes of a case as it is and as proposed; `about` is the sum or the hours that the case is about.

    Units: `unit` as a parameter's, or day, the number of a day of the calendar.
    """

    unit: str
    before: int
    after: int
    about: int = 0


def worked(parameter: str, before: int, after: int, charter: Charter) -> Example:
    """Work a parameter's case with both values; all others are those of `charter`."""
    low, high = sorted((before, after))
    unit, about, case = CASES[parameter]
    chosen = {"low": low, "high": high}.get(about, 0)
    was, comes = (case(replace(charter, **{parameter: value}), chosen) for value in (before, after))
    return Example(unit, was, comes, chosen)


def next_share(before_bp: int, income: int, spend: int, charter: Charter) -> int:
    """Give the share that follows on one, from the income and the spending that are looked at."""
    return payshare.judge(MONTH, before_bp, [MONTH], income, spend, charter).share_bp


def settled(spend_bp: int, charter: Charter) -> int:
    """Give the RES in Ana's pay once her share has come to rest, if she always spends so much of her pay at others."""
    share = SHARE_BP
    for _month in range(WHOLE_BP // charter.rise_bp + WHOLE_BP // max(1, charter.fall_bp)):
        after = next_share(share, PAY_MINOR, PAY_MINOR * spend_bp // WHOLE_BP, charter)
        if after == share:
            break
        share = after
    return basis.res_part(PAY_MINOR, share)


def _one_month_spent(charter: Charter, _about: int) -> int:
    income = PAY_MINOR * charter.window_months
    return payshare.judge(MONTH, SHARE_BP, [MONTH], income, PAY_MINOR * 9 // 10, charter).ratio_bp or 0


def _with_cash(charter: Charter, _about: int) -> int:
    spent = patronage.spend_of(PAY_MINOR // 5, PAY_MINOR // 10, charter)
    return payshare.judge(MONTH, SHARE_BP, [MONTH], PAY_MINOR, spent, charter).ratio_bp or 0


def _hour_covered(charter: Charter, hour: int) -> int:
    return basis.covered_minor(hour, 60, charter)


# Unit of what comes, what the case is about (the lower or the higher value), and the case.
CASES: dict[str, tuple[str, str, Callable[[Charter, int], int]]] = {
    "floor_bp": ("money", "", lambda charter, _: basis.res_part(PAY_MINOR, charter.floor_bp)),
    "cap_bp": ("money", "", lambda charter, _: settled(WHOLE_BP, charter)),
    "headroom_bp": ("money", "", lambda charter, _: settled(3_000, charter)),
    "rise_bp": ("part", "", lambda charter, _: next_share(SHARE_BP, PAY_MINOR, PAY_MINOR, charter)),
    "fall_bp": ("part", "", lambda charter, _: next_share(4_000, PAY_MINOR, 0, charter)),
    "window_months": ("part", "", _one_month_spent),
    "frozen_below_minor": ("part", "low", lambda charter, paid: next_share(SHARE_BP, paid, paid, charter)),
    "own_set_days": ("day", "", lambda charter, _: (DAY + timedelta(days=charter.own_set_days)).toordinal()),
    "count_logged_cash": ("part", "", _with_cash),
    "logged_cash_day_minor": ("switch", "high", lambda charter, cash: int(cash > charter.logged_cash_day_minor)),
    "rate_max_minor": ("money", "high", _hour_covered),
    "month_minutes_max": ("hours", "high", lambda charter, worked: basis.counted_minutes(worked, 0, charter)),
    "pool_rate_bp": ("money", "", lambda charter, _: dividend.due_of(SOLD_MINOR, charter.pool_rate_bp)),
    "dividend_on": ("money", "", lambda charter, _: POOL_MINOR * charter.dividend_on),
    "ballot_days": ("day", "", lambda charter, _: (DAY + timedelta(days=charter.ballot_days)).toordinal()),
}
