"""The facilitators’ ballots: proposing another value with a reason, opening it as a second person, taking it back."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain.parameter import PARAMETERS, Parameter
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.services import ballots as acts
from wallet.store import federation
from wallet.store.engine import snapshot
from wallet.store.views import ballots, quilt
from wallet.web import charter_words, charters, desk
from wallet.web.current import kit, signed_in
from wallet.web.fields import Field, amount, count, percent, sentences
from wallet.web.forms import read
from wallet.web.in_place import answered_on, proved_here
from wallet.web.policy import needs
from wallet.web.questions import asked, day_of_sunset

bp = Blueprint("ballot_proposals", __name__, url_prefix="/federation/ballots")

READERS = {"part": percent(), "points": percent(), "money": amount(zero=True, moves=False)}


@bp.get("")
@needs("facilitator")
def show() -> ResponseReturnValue:
    """Show what waits for a second facilitator, what can be proposed, and the ballots that were opened."""
    acts.close_due(kit())
    with snapshot(kit().engine) as connection:
        waiting = ballots.proposed(connection)
        opened = ballots.opened(connection)
        hand, latest = charters.in_hand(connection), charters.voted(connection).latest
        least = acts.shortest(kit(), charters.this_month(connection)).days
        facts = _desk(connection)
    standing = {one.parameter for one in waiting} | {one.parameter for one in opened if one.state == "open"}
    rows = [(PARAMETERS[name], getattr(latest, name), name in standing) for name in _in_order()]
    return render_template(
        "federation/ballots.html",
        **facts,
        waiting=[
            (one, asked(one, hand), one.proposed_by == signed_in().person_id, one.open_days < least) for one in waiting
        ],
        opened=[(one, asked(one, hand)) for one in opened],
        rows=[
            (one, charter_words.name_of(one.name), charter_words.value_of(one, value), stands)
            for one, value, stands in rows
        ],
    )


@bp.get("/new/<parameter>")
@needs("facilitator")
def new(parameter: str) -> ResponseReturnValue:
    """Show the form of a proposal."""
    found = _known(parameter)
    with snapshot(kit().engine) as connection:
        facts = _desk(connection)
        stands = getattr(charters.voted(connection).latest, found.name)
        month = charters.this_month(connection)
        charter_on = federation.charter_on(connection)
    return render_template(
        "federation/propose.html",
        **facts,
        parameter=found,
        name=charter_words.name_of(found.name),
        stands=stands,
        stands_as=charter_words.value_of(found, stands),
        sunset=day_of_sunset(charter_on, stands) if charter_on and found.majority.in_every else "",
        least=charter_words.written(found.unit, found.least),
        most=charter_words.written(found.unit, found.most),
        such_as=charter_words.typed(found, stands),
        usual_days=month.ballot_days,
        shortest_days=acts.shortest(kit(), month).days,
    )


@bp.post("/new/<parameter>")
@needs("facilitator")
@answered_on("ballot_proposals.new")
def propose(parameter: str) -> ResponseReturnValue:
    """Propose a ballot."""
    found = _known(parameter)
    typed = read(value=_reader(found), reason=sentences(1_000), days=count())
    acts.propose(kit(), proved_here().handle, typed.value, typed.reason, typed.days, parameter=found.name)
    return redirect(url_for("ballot_proposals.show"), 303)


@bp.post("/<int:ballot>/open")
@needs("facilitator")
@answered_on("ballot_proposals.show")
def agree(ballot: int) -> ResponseReturnValue:
    """Open a ballot, as a second person."""
    read()
    acts.agree(kit(), proved_here().handle, ballot)
    return redirect(url_for("ballot_proposals.show"), 303)


@bp.post("/<int:ballot>/withdraw")
@needs("facilitator")
@answered_on("ballot_proposals.show")
def withdraw(ballot: int) -> ResponseReturnValue:
    """Withdraw a ballot that is not open yet."""
    read()
    acts.withdraw(kit(), signed_in().handle, ballot)
    return redirect(url_for("ballot_proposals.show"), 303)


def _reader(parameter: Parameter) -> Field:
    """Read a value of `parameter`; what it cannot be is refused with how far it goes."""
    plain = READERS.get(parameter.unit, count())

    def reader(value: Any, typed: bool) -> int:
        try:
            read = int(plain.reader(value, typed)) * (60 if parameter.unit == "hours" else 1)
        except Refusal as refusal:
            raise _out_of_bounds(parameter, refusal.code) from refusal
        if not parameter.allows(read):
            raise _out_of_bounds(parameter, "bad_form")
        return read

    return Field(reader, is_amount=plain.is_amount)


def _out_of_bounds(parameter: Parameter, code: str) -> Refusal:
    least, most = (charter_words.written(parameter.unit, end) for end in (parameter.least, parameter.most))
    return refuse(code, _("Write a value from %(least)s to %(most)s. Nothing was changed.", least=least, most=most))


def _in_order() -> list[str]:
    return [name for names in charter_words.GROUPS.values() for name in names]


def _known(parameter: str) -> Parameter:
    found = PARAMETERS.get(parameter)
    if found is None:
        raise refuse("unknown_page")
    return found


def _desk(connection: sa.Connection) -> dict[str, object]:
    return {
        "federation": quilt.name(connection),
        **desk.second(connection),
        "charter_on": federation.charter_on(connection),
    }
