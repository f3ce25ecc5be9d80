"""A till that is cut off: its key, the page that checks payments without a network, and what they turn out to be."""

from base64 import urlsafe_b64encode

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.store import tillkeys
from wallet.store.engine import reading
from wallet.store.views import tills
from wallet.web.current import kit, public, signed_in
from wallet.web.fields import amount, text
from wallet.web.forms import read_query
from wallet.web.own_tablet import own_tablet
from wallet.web.policy import needs

bp = Blueprint("outage", __name__)

MINUTE_DIGITS = 9


@bp.get("/outage")
@public
def show() -> ResponseReturnValue:
    """Show what a tablet can do without a network; the tablet fills in which till it is."""
    return render_template("outage/show.html")


@bp.get("/tills/<till>/key")
@needs("cashier", of="till")
def key(till: str) -> ResponseReturnValue:
    """Give the tablet of a till the key by which it checks payments; an empty one to whatever is not that tablet."""
    tablet = own_tablet()
    with reading(kit().engine) as connection:
        facts = tills.known_till(connection, till, signed_in().handle)
        # A cashier's own phone leaves the shop with them, and needs no key to take payments.
        own = tablet is not None and tablet.till == till
        secret = (tillkeys.secret_of(connection, till) if own else None) or b""
    written = urlsafe_b64encode(secret).decode().rstrip("=")
    return jsonify(till=facts.id, key=written, coop=facts.coop_name, name=facts.name)


@bp.get("/tills/<till>/paid")
@needs("cashier", of="till")
def paid(till: str) -> ResponseReturnValue:
    """Tell which payment of a sum in a minute a line was that the tablet checked alone; an empty receipt for none."""
    asked = read_query(amount=amount(optional=True), minute=text(MINUTE_DIGITS, optional=True))
    with reading(kit().engine) as connection:
        facts = tills.known_till(connection, till, signed_in().handle)
        minute = int(asked.minute) if asked.minute.isascii() and asked.minute.isdigit() else 0
        found = tillkeys.paid_in(connection, facts.id, facts.account_id, asked.amount, minute)
    receipt, payer = found or ("", "")
    return jsonify(receipt=receipt, payer=payer)
