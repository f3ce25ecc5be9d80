"""Activity: everything that moved on the member's wallet, the newest first."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wallet.domain import period
from wallet.domain.money import format_amount
from wallet.errors import refuse
from wallet.store import activity
from wallet.store.activity import Cursor, Movement
from wallet.store.columns import EPOCH, MICROSECOND
from wallet.store.engine import snapshot
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.filters import federation_zone
from wallet.web.policy import needs

bp = Blueprint("activity", __name__)

LONGEST_NUMBER = 17


@bp.get("/activity")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """List one page of movements."""
    handle = signed_in().handle
    narrowed = read_kind(request.args.get("show"))
    before = read_cursor(request.args.get("before"))
    with snapshot(kit().engine) as connection:
        page = activity.page(connection, handle, before=before, narrowed=narrowed)
        numbers = activity.tally(connection, handle)
        months = by_month(page.movements)
        counted = activity.counted(connection, handle, [month for month, _movements in months])
    further = url_for("activity.show", show=narrowed, before=write_cursor(page.after)) if page.after else None
    if wants_json():
        return jsonify(movements=[as_json(movement) for movement in page.movements], further=further)
    return render_template(
        "activity/list.html",
        months=months,
        counted=counted,
        numbers=numbers,
        narrowed=narrowed,
        further=further,
        first=before == activity.NEWEST,
    )


def by_month(movements: tuple[Movement, ...]) -> list[tuple[str, list[Movement]]]:
    """Gather movements, which are in the order of time, by their month."""
    zone = federation_zone()
    return [(month, list(found)) for month, found in groupby(movements, lambda one: period.month_of(one.at, zone))]


def read_kind(written: str | None) -> str | None:
    """Read what the list is narrowed to.

    Raises: bad_form.
    """
    if written and written not in activity.KINDS:
        raise refuse("bad_form")
    return written or None


def read_cursor(written: str | None) -> Cursor:
    """Read where a page begins, as `write_cursor` wrote it.

    Raises: bad_form.
    """
    if not written:
        return activity.NEWEST
    at, _dash, number = written.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= LONGEST_NUMBER for part in (at, number)):
        raise refuse("bad_form")
    return EPOCH + timedelta(microseconds=int(at)), int(number)


def write_cursor(cursor: Cursor) -> str:
    """Write where a page begins."""
    return f"{(cursor[0] - EPOCH) // MICROSECOND}-{cursor[1]}"


def as_json(movement: Movement) -> dict[str, Any]:
    """Write a movement for scripts."""
    return {
        "receipt": movement.ref,
        "at": period.format_instant(movement.at),
        "kind": movement.kind,
        "other": movement.other,
        "direction": "out" if movement.signed_minor < 0 else "in",
        "amount": format_amount(abs(movement.signed_minor)),
        "cash": format_amount(movement.cash_minor),
        "counts": movement.qualifies,
    }
