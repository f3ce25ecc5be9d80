"""Pay: the scanner, and the field where the till's code is typed."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.bill import normalise
from wallet.errors import Refusal
from wallet.web.addresses import LINK_LENGTH, pasted
from wallet.web.answers import said
from wallet.web.current import wants_json
from wallet.web.fields import text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("pay", __name__, url_prefix="/pay")


@bp.get("")
@needs("signed_in")
def scan() -> ResponseReturnValue:
    """Show the scanner with the typed code beside it."""
    return render_template("pay/scan.html", typed="", refusal=None)


@bp.post("")
@needs("signed_in")
def type_code() -> ResponseReturnValue:
    """Lead from a typed code to its bill, which leads on where a tablet shows it: guesses are counted there."""
    typed = ""
    try:
        typed = read(code=text(LINK_LENGTH)).code
        code = normalise(pasted(typed, "b"))
    except Refusal as refusal:
        if wants_json():
            raise
        return said(render_template("pay/scan.html", typed=typed, refusal=refusal), refusal)
    return redirect(url_for("bills.show", code=code), 303)
