"""How a till stands, told to whoever watches it: its waiting bills, last payments and refunds."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.store.views import refunds, till_bills, till_sales, tills
from wallet.store.views.refunds import TillRefund
from wallet.store.views.till_bills import TillBill
from wallet.store.views.till_sales import TillSale
from wallet.web.current import signed_in


def status_of(connection: sa.Connection, till: str, now: datetime) -> dict[str, Any]:
    """Give how a till stands that the viewer is cashier of.

    Raises: unknown_till.
    """
    facts = tills.known_till(connection, till, signed_in().handle)
    return {
        "coop": facts.coop_status,
        "bills": [bill_state(bill) for bill in till_bills.recent(connection, facts, now)],
        "last": [sale_state(sale) for sale in till_sales.last(connection, facts)],
        "refunds": [refund_state(back) for back in refunds.at_till(connection, facts.account_id, now)],
    }


def rev_of(shown: object) -> str:
    """Give a mark that differs whenever what is shown differs."""
    return sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def bill_state(bill: TillBill) -> dict[str, str | None]:
    """Give one bill for the watching screen."""
    return {
        "code": bill.code,
        "state": bill.state,
        "amount": format_amount(bill.amount_minor),
        "cash": format_amount(bill.cash_minor),
        "payer": bill.payer_name,
        "receipt": bill.sale.ref if bill.sale else None,
        "expires_at": format_instant(bill.expires_at),
    }


def sale_state(sale: TillSale) -> dict[str, str]:
    """Give one payment for the watching screen."""
    return {
        "receipt": sale.ref,
        "at": format_instant(sale.at),
        "amount": format_amount(sale.total_minor),
        "cash": format_amount(sale.cash_minor),
        "payer": sale.name,
        "refunded": format_amount(sale.refunded_minor),
    }


def refund_state(refund: TillRefund) -> dict[str, str | None]:
    """Give one refund that the till shows, for the watching screen."""
    return {
        "refund": refund.ref,
        "state": refund.state,
        "sale": refund.sale,
        "amount": format_amount(refund.amount_minor),
        "cash": format_amount(refund.cash_minor),
        "lapses_at": None if refund.lapses_at is None else format_instant(refund.lapses_at),
    }
