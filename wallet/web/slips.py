"""Pay slips: what a member was paid, in RES and in cash, and why in these parts."""

from itertools import groupby

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import period
from wallet.domain.money import format_amount
from wallet.domain.payfile import format_hours
from wallet.errors import refuse
from wallet.store.engine import snapshot
from wallet.store.views import slips
from wallet.store.views.slips import Slip
from wallet.web.answers import saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("slips", __name__, url_prefix="/slips")

COLUMNS = ("paid", "coop", "hours", "deductions", "due", "kept_back", "res", "cash", "share", "receipt")


@bp.get("")
@needs("signed_in")
def show_all() -> ResponseReturnValue:
    """List the viewer's pay slips, year by year."""
    found = mine()
    if wants_json():
        return jsonify(slips=[as_json(slip) for slip in found])
    years = [(year, list(group)) for year, group in groupby(found, lambda slip: paid_on(slip)[:4])]
    return render_template("slips/list.html", years=years)


@bp.get("/file")
@needs("signed_in")
def as_file() -> Response:
    """Give the viewer's pay as a file: a line for each slip."""
    rows = (
        (
            paid_on(slip),
            slip.coop,
            format_hours(slip.minutes),
            *(
                format_amount(minor)
                for minor in (
                    slip.deductions_minor,
                    slip.due_minor,
                    slip.kept_back_minor,
                    slip.res_minor,
                    slip.cash_minor,
                )
            ),
            format_amount(slip.part_bp),
            slip.ref,
        )
        for slip in mine()
    )
    return saved("pay", COLUMNS, rows)


@bp.get("/<ref>")
@needs("paid", of="ref")
def show(ref: str) -> ResponseReturnValue:
    """Show one of the viewer's pay slips."""
    with snapshot(kit().engine) as connection:
        slip = slips.find(connection, signed_in().handle, ref)
        if slip is None:
            raise refuse("unknown_slip")
        agreed, carried = slips.had_agreed(connection, slip), slips.carried_after(connection, slip)
    if wants_json():
        return jsonify(as_json(slip) | {"lowered_by": list(slip.lowered_by), "carried": format_amount(carried)})
    month = period.month_of(slip.at, federation_zone())
    return render_template("slips/show.html", slip=slip, month=month, agreed=agreed, carried_minor=carried)


def mine() -> list[Slip]:
    """Read the viewer's slips, the newest first."""
    with snapshot(kit().engine) as connection:
        return slips.of(connection, signed_in().handle)


def paid_on(slip: Slip) -> str:
    """Give the day on which a pay was posted."""
    return period.day_of(slip.at, federation_zone())


def as_json(slip: Slip) -> dict[str, object]:
    """Write a slip for scripts."""
    return {
        "slip": slip.ref,
        "paid": paid_on(slip),
        "coop": slip.coop,
        "minutes": slip.minutes,
        "deductions": format_amount(slip.deductions_minor),
        "due": format_amount(slip.due_minor),
        "kept_back": format_amount(slip.kept_back_minor),
        "res": format_amount(slip.res_minor),
        "cash": format_amount(slip.cash_minor),
        "share": slip.part_bp,
        "entitlement": slip.terms.entitlement_bp,
    }
