"""Installing the wallet on a phone: how it is done, and the quiet offer, which stays away once it was put off."""

from flask import Blueprint, make_response, redirect, render_template
from flask.typing import ResponseReturnValue

from wallet.web.current import kit, public
from wallet.web.forms import read

bp = Blueprint("install", __name__, url_prefix="/install")

# What templates/install/offer.html looks for.
OFFER, PUT_OFF = "install", "later"
YEAR_SECONDS = 365 * 24 * 60 * 60


@bp.get("")
@public
def show() -> ResponseReturnValue:
    """Explain how the wallet gets onto a home screen, on Android and on an iPhone."""
    return render_template("install/show.html")


@bp.post("/later")
@public
def put_off() -> ResponseReturnValue:
    """Keep in this browser that the wallet is installed or not wanted as an app: it offers itself no more."""
    read()
    response = make_response(redirect("/", 303))
    response.set_cookie(
        OFFER, PUT_OFF, max_age=YEAR_SECONDS, path="/", samesite="Lax", secure=kit().settings.secure, httponly=True
    )
    return response
