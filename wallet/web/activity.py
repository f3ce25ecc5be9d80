"""Activity: everything that moved on the member's wallet, the newest first, narrowed to what they look for."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from wallet.domain import period
from wallet.domain.money import format_amount, parse_typed
from wallet.domain.names import words_of
from wallet.errors import Refusal, refuse
from wallet.store.columns import from_micros, micros
from wallet.store.engine import snapshot
from wallet.store.views import activity, counterparties, lanes
from wallet.store.views.activity import Movement, Page, Wallet
from wallet.store.views.counterparties import Counterparty
from wallet.store.views.lanes import Cursor, Narrowing
from wallet.web import charters
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.fields import text
from wallet.web.forms import read_query
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("activity", __name__)

LONGEST_NUMBER = 17


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what the address of a list asks for: a kind, a name, sum or note, a co-op, a month; each None for all."""

    show: str | None = None
    q: str | None = None
    coop: str | None = None
    month: str | None = None

    def to(self, **changes: str | None) -> str:
        """Give the address of the list that asks for something else as well, or no longer."""
        return url_for("activity.show", **asdict(replace(self, **changes)))

    @property
    def is_narrowed(self) -> bool:
        """Tell whether something is left out."""
        return self != Asked()


@bp.get("/activity")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """List one page of movements."""
    form = read_query(
        show=text(optional=True), q=text(optional=True), coop=text(optional=True), month=text(optional=True),
        before=text(optional=True),
    )  # fmt: skip
    asked, before = read_asked(form), read_cursor(form.before)
    with snapshot(kit().engine) as connection:
        wallet, voted = activity.wallet(connection, signed_in().handle), charters.voted(connection)
        met = counterparties.of(connection, wallet.account_id) if wallet else []
        narrowing = narrowed_to(asked, met)
        page, number, counted = Page((), None), None, {}
        if wallet:
            page = activity.page(connection, wallet, voted, narrowing, before=before)
            number = wallet.movements
            if narrowing.is_by_look:
                # Known once all of it was looked through.
                number = len(page.movements) if page.after is None and before == lanes.NEWEST else None
            elif asked.is_narrowed:
                number = activity.count(connection, wallet, voted, narrowing)
            counted = activity.counted(connection, wallet, [month for month, _ in by_month(page.movements)])
    further = url_for("activity.show", **asdict(asked), before=write_cursor(page.after)) if page.after else None
    if wants_json():
        return jsonify(movements=[as_json(movement) for movement in page.movements], further=further)
    return render_template(
        "activity/list.html",
        asked=asked,
        coops=counterparties.coops_among(met),
        months_there=months_of(wallet),
        months=by_month(page.movements),
        counted=counted if asked.q is None and asked.coop is None and asked.show in (None, lanes.COUNTS) else None,
        number=number,
        by_look=narrowing.is_by_look,
        most=activity.MOST_COUNTED,
        all=wallet.movements if wallet else 0,
        balance_minor=wallet.balance_minor if wallet else None,
        further=further,
        first=before == lanes.NEWEST,
    )


def narrowed_to(asked: Asked, met: Iterable[Counterparty]) -> Narrowing:
    """Say what to list.

    Raises: unknown_coop, for one with which this wallet has had nothing to do.
    """
    others = None
    if asked.coop is not None:
        others = tuple(one for one in met if one.coop == asked.coop)
        if not others:
            raise refuse("unknown_coop")
    sum_minor, words = None, None
    if asked.q is not None:
        named = tuple(counterparties.named(met if others is None else others, asked.q))
        # What nobody is called is a sum, or stands in a note.
        if named:
            others = named
        else:
            sum_minor, words = read_sum(asked.q), words_of(asked.q)
    if asked.month is None:
        return Narrowing(asked.show, others, sum_minor, words)
    zone = federation_zone()
    since, until = (period.month_start(each, zone) for each in (asked.month, period.next_month(asked.month)))
    return Narrowing(asked.show, others, sum_minor, words, since, until)


def read_sum(words: str) -> int | None:
    """Read what somebody looks for as a sum; None where it is none."""
    try:
        found: int = parse_typed(words, moves=False)
    except Refusal:
        return None
    return found


def by_month(movements: tuple[Movement, ...]) -> list[tuple[str, list[Movement]]]:
    """Gather movements, which are in the order of time, by their month."""
    zone = federation_zone()
    return [(month, list(found)) for month, found in groupby(movements, lambda one: period.month_of(one.at, zone))]


def months_of(wallet: Wallet | None) -> list[str]:
    """List the months since the wallet's first movement, the newest first."""
    if wallet is None or wallet.first_at is None:
        return []
    first, last = (period.month_of(at, federation_zone()) for at in (wallet.first_at, kit().clock()))
    return period.months_from_to(first, last)[::-1]


def read_asked(form: SimpleNamespace) -> Asked:
    """Read what the list is narrowed to.

    Raises: bad_form.
    """
    if form.show and form.show not in lanes.KINDS:
        raise refuse("bad_form")
    month = period.parse_month(form.month) if form.month else None
    return Asked(form.show or None, form.q.strip() or None, form.coop or None, month)


def read_cursor(written: str) -> Cursor:
    """Read where a page begins, as `write_cursor` wrote it.

    Raises: bad_form.
    """
    if not written:
        return lanes.NEWEST
    at, _dash, number = written.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= LONGEST_NUMBER for part in (at, number)):
        raise refuse("bad_form")
    return from_micros(int(at)), int(number)


def write_cursor(cursor: Cursor) -> str:
    """Write where a page begins."""
    return f"{micros(cursor[0])}-{cursor[1]}"


def as_json(movement: Movement) -> dict[str, Any]:
    """Write a movement for scripts."""
    return {
        "receipt": movement.ref,
        "at": period.format_instant(movement.at),
        "kind": movement.kind,
        "other": movement.other,
        "direction": "out" if movement.kind == "sale" or movement.signed_minor < 0 else "in",
        "amount": format_amount(abs(movement.signed_minor)),
        "cash": format_amount(movement.cash_minor),
        "note": movement.note,
        "counts": movement.counts,
    }
