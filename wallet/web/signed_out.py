"""A till's screen whose cashier was signed out meanwhile: how its bill stands, and the way back."""

from flask import render_template, request, url_for

from wallet.errors import refuse
from wallet.services import payments, tablets
from wallet.web import session
from wallet.web.addresses import read_code
from wallet.web.current import kit

# What the screen knows of the request that found it signed out.
LEFT = frozenset({"undone", "unknown"})


def page(till: str) -> str:
    """Say that nobody is signed in at this till, with what anybody may know of the bill that the query puts in front.

    Raises: unknown_bill.
    """
    code, left = request.args.get("bill"), request.args.get("left")
    bill = payments.show_bill(kit(), read_code(code), None) if code else None
    if bill is not None and bill.till != till:
        raise refuse("unknown_bill")
    return render_template(
        "till/signed_out.html",
        bill=bill,
        left=left if left in LEFT else None,
        back=url_for("till.show", till=till, bill=bill.code if bill else None),
        is_tablet=session.at_the_counter() is not None
        or tablets.standing(kit(), session.device()[1]).tablet is not None,
    )
