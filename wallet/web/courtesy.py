"""The courtesy screen: what a payer sees of a paid bill, with what it did to next month's share."""

from flask import render_template

from wallet.domain import period
from wallet.domain.outage import digits_for, minute_of
from wallet.domain.patronage import is_early, is_left_out, spend_of
from wallet.domain.words import band_for
from wallet.store import shares, tillkeys
from wallet.store.engine import reading, snapshot
from wallet.store.views import standing
from wallet.store.views.quote import PaidSale
from wallet.web import charters
from wallet.web.current import kit, signed_in
from wallet.web.today import federation_zone


def came_back(sale: PaidSale) -> int:
    """Give what came back of a sale, RES and cash together."""
    return sale.back_minor + sale.cash_back_minor


def courtesy(sale: PaidSale, here: str, *, again: bool = False, by_code: bool = False) -> str:
    """Render the screen, which is read at `here`: the bill was paid before (`again`), or a till charged a code."""
    zone, moved, digits = federation_zone(), None, None
    month = period.month_of(sale.at, zone)
    with snapshot(kit().engine) as connection:
        dated = charters.voted(connection)
        left_out = is_left_out(sale.amount_minor, dated.of_month(month))
        kept = sale.amount_minor - sale.back_minor, sale.cash_minor - sale.cash_back_minor
        counted = spend_of(*kept, dated.of_month(month))
        # A month that is over moves nothing any more, and what came back since is said instead of what it did at first.
        if sale.qualifies and not left_out and not came_back(sale) and month == period.month_of(kit().clock(), zone):
            moved = shares.moved_by(connection, signed_in().handle, month, dated, counted)
    with reading(kit().engine) as connection:
        secret = tillkeys.secret_of(connection, sale.till)
        balance_minor = standing.balance_minor(connection, signed_in().handle)
    if secret is not None:
        digits = digits_for(secret, sale.amount_minor + sale.cash_minor, minute_of(sale.at))
    return render_template(
        "pay/paid.html",
        sale=sale,
        here=here,
        band=band_for(sale.at),
        moved=moved,
        counted_minor=counted,
        left_out=left_out,
        early=is_early(month, sale.first_pay),
        back_minor=came_back(sale),
        again=again,
        by_code=by_code,
        digits=digits,
        balance_minor=balance_minor,
    )
