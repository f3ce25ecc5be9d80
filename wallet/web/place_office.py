"""How members find a co-op: what it says of itself among the places to spend."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.services import places as acts
from wallet.store import office_view, places
from wallet.store.engine import reading
from wallet.store.places import Described
from wallet.web.answers import led_to
from wallet.web.current import kit
from wallet.web.fields import name
from wallet.web.forms import read
from wallet.web.in_place import answered_on
from wallet.web.policy import needs

bp = Blueprint("place_office", __name__, url_prefix="/office/<coop>/place")


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> str:
    """Show what the co-op says of itself, and let its stewards change it."""
    with reading(kit().engine) as connection:
        return render_template(
            "office/place.html",
            coop=office_view.one_coop(connection, coop),
            described=places.described(connection, coop),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("place_office.show")
def describe(coop: str) -> ResponseReturnValue:
    """Keep what the co-op says of itself; members read it at once."""
    form = read(offers=name(optional=True), place=name(optional=True), open_hours=name(optional=True))
    described = Described(form.offers, form.place, form.open_hours)
    acts.describe(kit(), coop, described)
    back = url_for("place_office.show", coop=coop, saved=1)
    return led_to(lambda: back, lambda: show(coop), described._asdict(), 200)
