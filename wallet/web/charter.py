"""The charter: the values that hold, what is voted and still to come, and everything that was ever changed."""

from dataclasses import dataclass

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain.charter import Change
from wallet.domain.parameter import DIVIDEND, PARAMETERS
from wallet.domain.period import local, month_of, month_start
from wallet.i18n import date_name
from wallet.i18n import gettext as _
from wallet.services import ballots
from wallet.store.charters import InHand
from wallet.store.engine import snapshot
from wallet.store.views import ballots as ballot_view
from wallet.web import charter_words, charters
from wallet.web.current import kit, wants_json
from wallet.web.filters import day, month_and_year
from wallet.web.policy import needs

bp = Blueprint("charter", __name__)


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """Hold a parameter as it stands: its name, value, and what is voted and to come, in words; its open ballot's id."""

    name: str
    value: str
    coming: tuple[tuple[int, str, str], ...]
    ballot: int | None


@bp.get("/charter")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show every parameter of the charter that a ballot can change, with its history."""
    # A snapshot that is older than the count would show the ballot open beside what it voted.
    ballots.close_due(kit())
    with snapshot(kit().engine) as connection:
        hand, voted = charters.in_hand(connection), charters.voted(connection)
        opened = ballot_view.opened(connection)
    present = charters.present(hand)
    if wants_json():
        return jsonify(version=present.version, values={name: getattr(present, name) for name in PARAMETERS})
    asked = {one.parameter: one.id for one in opened if one.state == "open"}
    replaced = hand.replaced if hand else frozenset()
    coming: dict[str, list[tuple[int, str, str]]] = {}
    for change in voted.changes:
        if hand is not None and change.ballot not in replaced and (since := starts(change, hand)):
            coming.setdefault(change.parameter, []).append((change.ballot, written(change), since))
    groups = [
        (_(title), [line(name, getattr(present, name), tuple(coming.get(name, ())), asked.get(name)) for name in names])
        for title, names in charter_words.GROUPS.items()
    ]
    return render_template(
        "charter/show.html",
        groups=groups,
        version=present.version,
        charter_on=hand.charter_on if hand else None,
        changes=[(one, charter_words.name_of(one.parameter), written(one)) for one in reversed(voted.changes)],
        replaced=replaced,
    )


def line(name: str, value: int, coming: tuple[tuple[int, str, str], ...], ballot: int | None) -> ParameterRow:
    """Say how a parameter stands."""
    return ParameterRow(charter_words.name_of(name), charter_words.value_of(PARAMETERS[name], value), coming, ballot)


def written(change: Change) -> str:
    """Write the value that a change gave."""
    return charter_words.value_of(PARAMETERS[change.parameter], change.value)


def starts(change: Change, hand: InHand) -> str:
    """Say from when a change holds that does not hold yet; nothing of one that does, or did."""
    now, history = kit().clock(), hand.history
    if PARAMETERS[change.parameter].starts == "month":
        if change.at <= month_start(month_of(now, history.zone), history.zone):
            return ""
        return _("from %(month)s on", month=month_and_year(history.month_from(change)))
    if change.parameter == DIVIDEND:
        for one in hand.chances:
            if one.ballot == change.ballot:
                return _(
                    "from where a period ends that is paid, if it does from %(first)s to %(last)s",
                    first=date_name(one.first),
                    last=date_name(one.last),
                )
        first = hand.periods.starts_on(history.day_from(change))
        if first <= local(now, history.zone).date():
            return ""
        return _("from %(day)s on, or from where an earlier period ends that is paid", day=date_name(first))
    if change not in hand.waiting(change.parameter):
        return ""
    return _("from the first period on that begins after %(day)s", day=day(change.at))
