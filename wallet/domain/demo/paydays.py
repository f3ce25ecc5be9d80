"""The paydays of Alder Valley: the 28th of every month."""

from datetime import date

from wallet.domain.period import next_month, previous_month

PAYDAYS = 12
PAYDAY = 28


def paydays_before(today: date) -> list[date]:
    """List the last twelve paydays that are over by `today`."""
    month = today.isoformat()[:7]
    last = month if today.day > PAYDAY else previous_month(month)
    return [date.fromisoformat(f"{previous_month(last, steps)}-{PAYDAY}") for steps in range(PAYDAYS - 1, -1, -1)]


def next_payday(today: date) -> date:
    """Give the payday that is still to come."""
    month = today.isoformat()[:7]
    return date.fromisoformat(f"{month if today.day <= PAYDAY else next_month(month)}-{PAYDAY}")
