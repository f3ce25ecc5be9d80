"""Notices: what moved in the viewer's wallet or waits for their answer."""

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.period import format_instant
from wallet.services import notices as acts
from wallet.store import notices
from wallet.store.engine import reading
from wallet.store.notices import Notice
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import flag
from wallet.web.forms import read
from wallet.web.policy import needs

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show what happened, newest first; what is shown is seen."""
    who, now = signed_in(), kit().clock()
    with reading(kit().engine) as connection:
        found = notices.last(connection, who.person_id, notices.MONEY)
        with_sums = notices.wants_amounts(connection, who.person_id)
    if who.has_news:
        # What comes from here on was not shown.
        acts.see(kit(), who.person_id, now)
    if wants_json():
        return jsonify(notices=[as_json(one) for one in found])
    return render_template("notices/list.html", notices=found, with_sums=with_sums)


@bp.post("/amounts")
@needs("signed_in")
def choose_amounts() -> ResponseReturnValue:
    """Keep whether sums stand in the list."""
    acts.want_amounts(kit(), signed_in().person_id, read(wanted=flag()).wanted)
    return redirect(url_for("notices.show"), 303)


def as_json(one: Notice) -> dict[str, object]:
    """Write a notice for scripts, which asked for it and get its sum."""
    return {
        "kind": one.kind,
        "about": one.about,
        "at": format_instant(one.at),
        "amount": None if one.amount_minor is None else format_amount(one.amount_minor),
        "page": one.link,
        "new": one.seen_at is None and not one.is_over(kit().clock()),
        "until": None if one.ends_at is None else format_instant(one.ends_at),
    }
