"""Receipts: one transfer on one page, for those who have a part in it."""

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.errors import refuse
from wallet.store import receipts
from wallet.store.engine import snapshot
from wallet.store.receipts import Receipt
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.policy import needs

bp = Blueprint("receipts", __name__)


@bp.get("/receipts/<ref>")
@needs("party", of="ref")
def show(ref: str) -> ResponseReturnValue:
    """Show the receipt `ref` as far as the viewer may see it."""
    with snapshot(kit().engine) as connection:
        found = receipts.find(connection, ref, signed_in().handle)
    if found is None:
        raise refuse("unknown_receipt")
    return jsonify(as_json(found)) if wants_json() else render_template("receipts/show.html", receipt=found)


def as_json(receipt: Receipt) -> dict[str, Any]:
    """Write a receipt for scripts."""
    return {
        "receipt": receipt.ref,
        "kind": receipt.kind,
        "at": format_instant(receipt.at),
        "amount": format_amount(receipt.amount_minor),
        "cash": format_amount(receipt.cash_minor),
        "person": receipt.person,
        "other": receipt.other,
        "note": receipt.note,
        "words": receipt.words,
        "counts": receipt.qualifies,
        "refunded": format_amount(receipt.refunded_minor),
        "cash_refunded": format_amount(receipt.cash_refunded_minor),
        "refunds": [refund.ref for refund in receipt.refunds],
    }
