"""Patronage: in which month a purchase, or a refund of it, counts for the pay share."""

from wallet.domain.period import previous_month

REFUND_REACH_MONTHS = 2


def month_reduced(sold_in: str, refunded_in: str) -> str:
    """Give the month that a refund reduces: the sale's while it is near, else the refund's own."""
    return sold_in if sold_in >= previous_month(refunded_in, REFUND_REACH_MONTHS) else refunded_in
