"""Patronage: what of a purchase, or a refund of it, counts for the pay share, and in which month."""

from wallet.domain.charter import Charter
from wallet.domain.period import previous_month

REFUND_REACH_MONTHS = 2


def month_reduced(sold_in: str, refunded_in: str) -> str:
    """Give the month that a refund reduces: the sale's while it is near, else the refund's own."""
    return sold_in if sold_in >= previous_month(refunded_in, REFUND_REACH_MONTHS) else refunded_in


def spend_of(res_minor: int, cash_minor: int, charter: Charter) -> int:
    """Give what counts of a purchase, by the charter of its month: RES, and logged cash if that does."""
    return res_minor + cash_minor * charter.count_logged_cash
