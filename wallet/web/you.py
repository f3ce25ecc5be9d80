"""You: who is signed in on this browser, and how the wallet looks here."""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wallet.errors import refuse
from wallet.store import codes
from wallet.store.engine import reading
from wallet.store.views import office
from wallet.store.views import tills as till_view
from wallet.web.current import kit, public, signed_in
from wallet.web.fields import text
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("you", __name__)

THEME = "theme"
THEMES = ("system", "light", "dark")
YEAR_SECONDS = 365 * 24 * 60 * 60


@bp.get("/you")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the member's own page."""
    with reading(kit().engine) as connection:
        owner = codes.owner(connection, signed_in().handle)
        tills = till_view.tills_of(connection, signed_in().handle)
        coming = office.coming(connection, signed_in().handle, kit().clock())
        desks = [coop for coop in office.all_coops(connection) if signed_in().is_steward_at(coop.slug)]
    chosen = request.cookies.get(THEME)
    return render_template(
        "you/show.html",
        theme=chosen if chosen in THEMES else "system",
        tills=tills,
        desks=desks,
        coming=coming,
        frozen=owner.frozen if owner else False,
        has_wallet=owner is not None and owner.account_id is not None,
    )


@bp.post("/you/theme")
@public
def choose_theme() -> ResponseReturnValue:
    """Keep in this browser whether pages are light or dark."""
    chosen = read(theme=text(10)).theme
    if chosen not in THEMES:
        raise refuse("bad_form")
    response = make_response(redirect("/you", 303))
    if chosen == "system":
        response.delete_cookie(THEME, path="/", samesite="Lax", secure=kit().settings.secure)
    else:
        # No secret: a page that the phone keeps reads it by script.
        response.set_cookie(THEME, chosen, max_age=YEAR_SECONDS, path="/", samesite="Lax", secure=kit().settings.secure)
    return response
