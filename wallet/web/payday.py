"""A co-op's payday: its pay runs, and what it sets for all of them: a ceiling, a cash floor, what was overpaid."""

from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Redirect

from wallet.domain.payfile import HEADER
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.services import paybounds as bounds
from wallet.services import payruns as acts
from wallet.store import coops, federation, paybounds, paylines, roles
from wallet.store.engine import reading
from wallet.store.views import office, payruns
from wallet.web.answers import once, saved
from wallet.web.ceilings import read_ceiling
from wallet.web.current import kit, signed_in
from wallet.web.fields import amount, day, key, label, name, remark, text, whole
from wallet.web.forms import read, read_query
from wallet.web.in_place import answered_on
from wallet.web.policy import needs
from wallet.web.today import this_day

bp = Blueprint("payday", __name__, url_prefix="/office/<coop>/payday")


@bp.get("")
@needs("steward", of="coop")
def show(coop: str) -> ResponseReturnValue:
    """List the pay runs, and offer a new one."""
    before = read_query(before=whole(optional=True)).before
    with reading(kit().engine) as connection:
        place = coops.known(connection, coop)
        runs, further = payruns.listed(connection, coop, before)
        return render_template(
            "payday/list.html",
            coop=office.one_coop(connection, coop),
            runs=runs,
            further=further,
            today=this_day().isoformat(),
            floor=paybounds.floor_of(connection, place.id),
            stewards=roles.serving(connection, place.id, "steward", kit().clock()),
        )


@bp.post("")
@needs("steward", of="coop")
@answered_on("payday.show", pay_on={"bad_form"})
def draft(coop: str) -> ResponseReturnValue:
    """Begin a run."""
    run = acts.draft(kit(), signed_in().handle, coop, read(pay_on=day()).pay_on.isoformat())
    return redirect(url_for("payruns.show", coop=coop, run=run), 303)


@bp.get("/settings")
@needs("steward", of="coop")
def settings(coop: str) -> ResponseReturnValue:
    """Show what the co-op set for its pay."""
    with reading(kit().engine) as connection:
        place = coops.known(connection, coop)
        return render_template(
            "payday/settings.html",
            coop=office.one_coop(connection, coop),
            ceiling=paybounds.ceiling_of(connection, place.id),
            floor=paybounds.floor_of(connection, place.id),
            overpaid=paybounds.overpayments_of(connection, place.id),
            payees=list(paylines.payees(connection, place.id).values()),
            key=str(uuid4()),
            cash=federation.cash(connection),
        )


@bp.post("/ceiling")
@needs("steward", of="coop")
@answered_on("payday.settings")
def set_ceiling(coop: str) -> ResponseReturnValue:
    """Set the co-op's ceiling in percent, or take it away."""
    ceiling, _form = read_ceiling()
    bounds.set_ceiling(kit(), signed_in().handle, coop, ceiling)
    return back(coop)


@bp.post("/floor")
@needs("steward", of="coop")
@answered_on("payday.settings", hour={"bad_form"})
def answer_floor(coop: str) -> ResponseReturnValue:
    """Answer whether a cash floor per hour applies."""
    form = read(applies=text(3), hour=amount(optional=True, moves=False), name=name())
    if form.applies not in ("yes", "no"):
        raise refuse("bad_form")
    if (form.applies == "yes") != bool(form.hour):
        raise refuse(
            "bad_form", _("Write the least cash per hour, or leave it blank if none applies. Nothing was changed.")
        )
    bounds.answer_floor(kit(), signed_in().handle, coop, form.hour or None, form.name)
    return back(coop)


@bp.post("/overpayments")
@needs("steward", of="coop")
@answered_on("payday.settings")
def note_overpayment(coop: str) -> ResponseReturnValue:
    """Note that somebody was paid too much; safe to send twice with one key."""
    form = read(handle=label(), amount=amount(moves=False), note=remark(80), key=key())
    again = bounds.note_overpayment(kit(), signed_in().handle, coop, form.handle, form.amount, form.note, key=form.key)
    return once(back(coop), again)


@bp.post("/overpayments/<int:overpayment>/withdraw")
@needs("steward", of="coop")
@answered_on("payday.settings")
def withdraw_overpayment(coop: str, overpayment: int) -> ResponseReturnValue:
    """Take back what was noted."""
    read()
    bounds.withdraw_overpayment(kit(), signed_in().handle, coop, overpayment)
    return back(coop)


@bp.get("/template.csv")
@needs("steward", of="coop")
def template(coop: str) -> Response:
    """Give a file to fill in, with a line for everybody who works here."""
    with reading(kit().engine) as connection:
        payees = paylines.payees(connection, coops.known(connection, coop).id)
    rows = [(each.handle, each.name, "", "", "") for each in payees.values() if each.is_member]
    return saved("pay", HEADER, rows)


def back(coop: str) -> Redirect:
    """Go on with the settings."""
    return redirect(url_for("payday.settings", coop=coop, saved=1), 303)
