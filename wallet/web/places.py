"""Where to spend RES: the federation's co-ops by need, and whether what the viewer buys there counts."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.money import format_amount
from wallet.domain.names import has_words, sort_key, words_of
from wallet.domain.needs import NEEDS, OTHER
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.store import places
from wallet.store.engine import reading
from wallet.store.places import Place
from wallet.store.views import activity, counterparties
from wallet.web import charters
from wallet.web.current import Viewer, kit, signed_in, wants_json
from wallet.web.fields import text
from wallet.web.filters import instant_iso
from wallet.web.forms import read_query
from wallet.web.policy import needs

bp = Blueprint("places", __name__, url_prefix="/places")


@dataclass(frozen=True, slots=True)
class Need:
    """Hold a need in words, with the places that serve it; those that count for the viewer come first."""

    key: str
    word: str
    places: tuple[Place, ...]


@bp.get("")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """List the places to spend, all or those of a need or a search."""
    form = read_query(need=text(20, optional=True), q=text(optional=True))
    words = words_of_needs()
    if form.need and form.need not in words:
        raise refuse("bad_form")
    with reading(kit().engine) as connection:
        everywhere = places.all_of(connection, signed_in().person_id, kit().clock(), charters.voted(connection))
    found = [one for one in everywhere if form.need in ("", need_of(one)) and matches(one, words[need_of(one)], form.q)]
    groups = by_need(found, words)
    if wants_json():
        return jsonify(places=[as_json(one) for group in groups for one in group.places])
    served = {need_of(one) for one in everywhere if one.is_active}
    return render_template(
        "places/list.html",
        groups=groups,
        asked=form,
        words={key: word for key, word in words.items() if key in {need_of(one) for one in everywhere}},
        missing=[word for key, word in words.items() if key not in served and key != OTHER],
        counting=sum(one.counts for one in everywhere),
        open_now=sum(one.is_open for one in everywhere),
        has_pay=any(one.has_pay for one in everywhere),
    )


@bp.get("/<coop>")
@needs("signed_in")
def show_one(coop: str) -> ResponseReturnValue:
    """Show one place: what it sells, where and when, how it is paid, and whether that counts for the viewer."""
    with reading(kit().engine) as connection:
        one = places.one(connection, coop, signed_in().person_id, kit().clock(), charters.voted(connection))
        met = has_met(connection, signed_in(), coop)
    if wants_json():
        return jsonify(as_json(one))
    return render_template("places/show.html", one=one, word=words_of_needs()[need_of(one)], met=met)


def words_of_needs() -> dict[str, str]:
    """Give every need in words, in the order in which they are shown."""
    return {key: _(word) for key, word in NEEDS.items()} | {OTHER: _("Other things")}


def need_of(one: Place) -> str:
    """Give the need that a place serves."""
    return one.described.need if one.described.need in NEEDS else OTHER


def by_need(found: list[Place], words: dict[str, str]) -> list[Need]:
    """Gather places by need, in the order in which needs are shown."""

    def order(one: Place) -> tuple[object, ...]:
        return (not one.is_open, not one.counts, sort_key(one.name), one.slug)

    groups = (
        Need(key, word, tuple(sorted((one for one in found if need_of(one) == key), key=order)))
        for key, word in words.items()
    )
    return [group for group in groups if group.places]


def matches(one: Place, need: str, sought: str) -> bool:
    """Tell whether every word of a search stands somewhere in what is known of a place."""
    offers, place, open_hours, _key = one.described
    return has_words(" ".join((one.name, need, offers, place, open_hours)), words_of(sought))


def has_met(connection: sa.Connection, who: Viewer, coop: str) -> bool:
    """Tell whether the viewer's activity has movements with a co-op to show."""
    wallet = activity.wallet(connection, who.handle)
    return wallet is not None and any(one.coop == coop for one in counterparties.of(connection, wallet.account_id))


def as_json(one: Place) -> dict[str, object]:
    """Write a place as scripts read it."""
    return {
        "coop": one.slug,
        "name": one.name,
        **one.described._asdict(),
        "need": need_of(one),
        "open": one.is_open,
        "res_part": format_amount(one.res_part_bp),
        "counts": one.counts,
        "own": one.own,
        "counts_again": None if one.own_until is None else instant_iso(one.own_until),
    }
