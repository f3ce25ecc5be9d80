"""How members find a co-op: what it says of itself among the places to spend."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.needs import NEEDS, OTHER
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import places as acts
from wallet.store import places
from wallet.store.engine import reading
from wallet.store.places import Described
from wallet.store.views import office
from wallet.web.answers import led_to
from wallet.web.current import kit
from wallet.web.fields import name, text
from wallet.web.filters import need_name
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
            coop=office.one_coop(connection, coop),
            described=places.described(connection, coop),
            needs=(*NEEDS, OTHER),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("place_office.show")
def describe(coop: str) -> ResponseReturnValue:
    """Keep what the co-op says of itself, unless it has changed since it was shown; members read it at once."""
    form = read(
        offers=name(optional=True),
        place=name(optional=True),
        open_hours=name(optional=True),
        need=text(20, optional=True),
        seen=text(optional=True),
    )
    if form.need not in ("", *NEEDS, OTHER):
        raise refuse("bad_form")
    described = Described(form.offers, form.place, form.open_hours, form.need)
    try:
        kept = acts.describe(kit(), coop, described, form.seen or None)
    except Refusal as refusal:
        if refusal.code == "changed_meanwhile":
            refusal.wrong = written_otherwise(coop, described)
        raise
    back = url_for("place_office.show", coop=coop, saved=1)
    return led_to(lambda: back, lambda: show(coop), kept._asdict(), 200)


def written_otherwise(coop: str, described: Described) -> dict[str, str]:
    """Say of each field in which members read something else what that is."""
    with reading(kit().engine) as connection:
        stands = places.described(connection, coop)
    ours = described.over(stands)
    return {
        field: _("Members read now: %(words)s", words=need_name(words) if field == "need" else words or _("nothing"))
        for field, words in stands._asdict().items()
        if words != getattr(ours, field)
    }
