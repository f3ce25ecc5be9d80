"""The dividend: what a member brings to it, how far the phase-out has come, what it would pay, and what it paid."""

from datetime import datetime
from itertools import chain

import sqlalchemy as sa
from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import dividend, simulation
from wallet.domain.basis import Standing
from wallet.domain.dividend import Clock
from wallet.domain.money import format_amount
from wallet.domain.parameter import SUNSET
from wallet.domain.ratio import WHOLE_BP
from wallet.domain.simulation import Network
from wallet.errors import refuse
from wallet.store import pool, suspensions
from wallet.store.charters import InHand
from wallet.store.engine import reading, snapshot
from wallet.store.views import dividends, estimates, standing
from wallet.store.views.dividends import DividendLine, DividendRun
from wallet.store.views.estimates import Everybody
from wallet.web import charters, dividend_whole
from wallet.web.answers import saved
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.kept import some_minutes_old
from wallet.web.policy import needs
from wallet.web.today import this_day

bp = Blueprint("dividend", __name__)

SHEET = ("what", "value")


@bp.get("/dividend")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the signed-in person's way to the dividend."""
    with snapshot(kit().engine) as connection:
        mine = standing.of(connection, signed_in().handle)
        hand = charters.in_hand(connection)
        pool_minor = pool.balance(connection)
        draft = dividends.draft(connection)
        everyone = everybody(connection, pool_minor, None if draft is None else draft.id)
        counts = dividends.counts_of(connection, signed_in().handle)
        draft_line = None if draft is None else dividends.line_of(connection, draft.id, signed_in().handle)
        runs = [read(connection, signed_in().handle) for read in (dividends.statements, dividends.without)]
        stopped = suspensions.of_member(connection, signed_in().person_id)
    if mine is None:
        raise refuse("unknown_member")
    clock = None if hand is None else clock_of(hand)
    if wants_json():
        return jsonify(as_json(mine, clock) | {"off": hand is not None and hand.spell is not None})
    estimate, filled = estimates.estimates(hand, draft, counts, everyone) if hand else (None, None)
    return render_template(
        "dividend/show.html",
        mine=mine,
        clock=clock,
        hand=hand,
        charter_on=hand.charter_on if hand else None,
        ends_on=dividend.month_after(hand.charter_on, clock.sunset_months) if hand and clock else None,
        history_bp=None if clock is None else clock.by_basis(WHOLE_BP),
        charter=charters.present(hand),
        equal_since=hand.held_since(SUNSET) if hand else None,
        voted=hand.waiting(SUNSET) if hand else [],
        counts=counts,
        estimate=estimate,
        out_minor=everyone.out_minor,
        filled=filled,
        draft=draft,
        draft_line=draft_line,
        leaves_out=hand.cut_by(draft.ends_on) if hand and draft else None,
        posts_at=draft.drafted_at + kit().deployment.draft_waits if draft else None,
        runs=sorted(chain(*runs), key=lambda one: one.run_id, reverse=True),
        stopped=stopped,
    )


@bp.get("/dividend/<int:run>")
@needs("signed_in")
def statement(run: int) -> str:
    """Show a run and the viewer's own line of it, with an arithmetic that can be done again."""
    found, line = looked_up(run)
    return render_template("dividend/statement.html", run=found, line=line)


@bp.get("/dividend/<int:run>/whole")
@needs("signed_in")
def whole(run: int) -> str:
    """Show what a run is or was as a whole, with nobody's line but the viewer's."""
    return render_template("dividend/whole.html", whole=dividend_whole.looked_up(run))


@bp.get("/dividend/<int:run>/statement.csv")
@needs("signed_in")
def sheet(run: int) -> ResponseReturnValue:
    """Give the viewer's own line of a run as a sheet, for their papers."""
    found, line = looked_up(run)
    rows: list[tuple[str, object]] = [
        ("period", found.label),
        ("period ends", found.ends_on.isoformat()),
        ("pot", format_amount(found.pot_minor)),
        ("by basis, of all", format_amount(found.history_minor)),
        ("by hours, of all", format_amount(found.hours_minor)),
        ("basis of all", format_amount(found.basis_minor)),
        ("new minutes of all", found.new_minutes),
    ]
    if line is not None:
        rows += [
            ("your basis", format_amount(line.basis_minor)),
            ("your new minutes", line.new_minutes),
            ("yours by basis", format_amount(line.by_basis_minor)),
            ("yours by hours", format_amount(line.by_hours_minor)),
            ("yours in all", format_amount(line.total_minor)),
            ("receipt", line.ref or ""),
        ]
    return saved(f"dividend-{run}", SHEET, rows)


@bp.get("/dividend/rule")
@needs("signed_in")
def rule() -> str:
    """Show the rule of the dividend, its version and the federation's settings."""
    with reading(kit().engine) as connection:
        hand = charters.in_hand(connection)
    return render_template("dividend/rule.html", hand=hand, charter=charters.present(hand))


@bp.get("/dividend/pyramid")
@needs("signed_in")
def pyramid() -> str:
    """Answer whether this is a pyramid, with a network that grows and a ring that cheats."""
    with reading(kit().engine) as connection:
        hand = charters.in_hand(connection)
    network, charter = Network(), charters.present(hand)
    cohorts = simulation.grown(network, charter)
    return render_template(
        "dividend/pyramid.html",
        network=network,
        hand=hand,
        charter=charter,
        cohorts=cohorts,
        against=[simulation.against(cohorts, phase_out=which) for which in (True, False)],
        ring=simulation.ringed(network, charter),
    )


def clock_of(hand: InHand) -> Clock:
    """Give the clock of a period that ends today."""
    today = this_day()
    return dividend.clock_at(hand.charter_on, today, hand.charter)


def looked_up(run: int) -> tuple[DividendRun, DividendLine | None]:
    """Give a run that stands, and the viewer's own line of it.

    Raises: unknown_page.
    """
    with reading(kit().engine) as connection:
        found = dividend_whole.standing(connection, run)
        return found, dividends.line_of(connection, found.id, signed_in().handle)


def everybody(connection: sa.Connection, pool_minor: int, draft: int | None) -> Everybody:
    """Sum what an estimate needs, some minutes old as long as the pool and the draft that waits stand as they stood."""

    def summed(now: datetime) -> Everybody:
        return estimates.everybody(connection, kit().charter, pool_minor, draft, now)

    return some_minutes_old("everybody", summed, lambda known: (known.pool_minor, known.draft) == (pool_minor, draft))


def as_json(mine: Standing, clock: Clock | None) -> dict[str, object]:
    """Write what a member brings to the dividend, and the clock."""
    return {
        "basis": format_amount(mine.basis_minor),
        "eligible": format_amount(mine.eligible_minor),
        "qualified_minutes": mine.qualified_minutes,
        "clock": None
        if clock is None
        else {"month": clock.months, "sunset": clock.sunset_months, "by_basis_bp": clock.by_basis(WHOLE_BP)},
    }
