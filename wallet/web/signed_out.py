"""The till's addresses for whoever is signed out: how a bill stands and the way back, or a tablet's way to its till."""

from flask import render_template, request, url_for

from wallet.errors import refuse
from wallet.services import payments, tablets
from wallet.web import home, session
from wallet.web.addresses import read_code
from wallet.web.current import kit, viewer
from wallet.web.fields import held

# What the screen knows of the request that found it signed out.
LEFT = frozenset({"undone", "unknown"})


def page(till: str) -> str:
    """Say that nobody is signed in at this till, or who does not serve there, with what anybody may know of its bill.

    That is the bill which the query puts in front.
    Raises: unknown_bill; unknown_till, for who is signed in and asks for no bill.
    """
    code, left = held(request.args, "bill"), request.args.get("left")
    # Whoever is signed in to a wallet on the till's own tablet is led back to the till: nobody works there.
    is_out = viewer() is None or tablets.stands_at(kit(), session.device()[1], till)
    if not is_out and not code:
        raise refuse("unknown_till")
    bill = payments.show_bill(kit(), read_code(code), None) if code else None
    if bill is not None and bill.till != till:
        raise refuse("unknown_bill")
    return render_template(
        "till/signed_out.html",
        bill=bill,
        left=left if left in LEFT and is_out else None,
        is_out=is_out,
        back=url_for("till.show", till=till, bill=bill.code if bill else None),
        is_tablet=session.at_the_counter() is not None or session.is_tablet(),
    )


def choice() -> str:
    """Lead a shop's tablet to its till: it has no others to choose from.

    Raises: not_signed_in, for any other device.
    """
    if not session.is_tablet():
        raise refuse("not_signed_in")
    return home.welcome()
