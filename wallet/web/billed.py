"""A bill and its payment as JSON, for whoever pays it and for the till that made it."""

from wallet.domain.money import format_amount
from wallet.store.bills import BillView
from wallet.store.sales import Paid
from wallet.web.current import viewer


def described(bill: BillView) -> dict[str, str]:
    """Write the bill; who is signed out learns code, co-op, sum and state alone."""
    known = {"code": bill.code, "state": bill.state, "amount": format_amount(bill.amount_minor), "coop": bill.coop}
    if viewer() is None:
        return known
    known |= {"cash": format_amount(bill.cash_minor), "till": bill.till}
    if bill.payer_name:
        known["payer"] = bill.payer_name
    if bill.receipt:
        known["receipt"] = bill.receipt
    return known


def receipted(paid: Paid) -> dict[str, str]:
    """Write the payment, without what the payer or the till alone may know."""
    return {
        "receipt": paid.ref,
        "state": "paid",
        "amount": format_amount(paid.amount_minor),
        "cash": format_amount(paid.cash_minor),
        "words": paid.words,
    }
