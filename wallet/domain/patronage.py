"""Patronage: what of a purchase, or a refund of it, counts for the pay share, in which month, and from when on."""

from datetime import datetime, timedelta

from wallet.domain.charter import Charter, Dated
from wallet.domain.period import month_of, month_start, next_month, previous_month

REFUND_REACH_MONTHS = 2
TICK = timedelta(microseconds=1)


def month_reduced(sold_in: str, refunded_in: str) -> str:
    """Give the month that a refund reduces: the sale's while it is near, else the refund's own."""
    return sold_in if sold_in >= previous_month(refunded_in, REFUND_REACH_MONTHS) else refunded_in


def spend_of(res_minor: int, cash_minor: int, charter: Charter) -> int:
    """Give what counts of a purchase, by the charter of its month: RES, and logged cash if that does."""
    return res_minor + cash_minor * charter.count_logged_cash


def is_left_out(res_minor: int, charter: Charter) -> bool:
    """Tell whether nothing of a purchase counts wherever it is made: it is in cash alone, and logged cash does not."""
    return res_minor == 0 and not charter.count_logged_cash


def own_until(paid_at: datetime, at: datetime, dated: Dated, zone: str) -> datetime:
    """Give the last instant from `at` on, when it does not count, at which nothing counts at a co-op that paid then.

    A purchase is judged by the charter of its own month, so what is voted for a later one may end this time, or not.
    """
    month = month_of(at, zone)
    while True:
        until = paid_at + timedelta(days=dated.of_month(month).own_set_days)
        if month_of(until + TICK, zone) <= month:
            # Of a shorter time that was over already when its month began, the month before has the last instant.
            return max(until, month_start(month, zone) - TICK)
        month = next_month(month)


def is_early(month: str, first_pay: str | None) -> bool:
    """Tell whether what a person buys in `month` counts for no pay share, as theirs has not begun."""
    return first_pay is None or month < first_pay
