"""How the federation grows: needs with a place to spend, who pays, what goes round, and who buys from whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from wallet.domain import growth as rule
from wallet.domain.crowd import told
from wallet.domain.money import format_amount
from wallet.domain.names import sort_key
from wallet.domain.needs import NEEDS
from wallet.domain.ratio import WHOLE_BP, half_up
from wallet.services import circulation as acts
from wallet.store import circulation as months
from wallet.store import declarations
from wallet.store.circulation import CirculationMonth
from wallet.store.declarations import Worth
from wallet.store.engine import snapshot
from wallet.store.views import circulation, growth
from wallet.store.views.circulation import Circulation
from wallet.store.views.growth import Flow, Recent, Work
from wallet.web.current import kit, wants_json
from wallet.web.filters import instant_iso
from wallet.web.kept import some_minutes_old
from wallet.web.policy import needs

bp = Blueprint("growth", __name__)

# The chart shows so many months that are over.
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Buyer:
    """Hold a co-op as the page shows it.

    Units: `days` whole days that its RES lasts, None where nothing flows out; `others` the names of active co-ops from
    which it has not bought.
    """

    flow: Flow
    suppliers: int
    days: int | None
    is_stuck: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Hold the figures of an instant; what tells of fewer than five people is held back where it is shown."""

    at: datetime
    res: Circulation
    members: int
    now: Recent
    before: Recent
    work: Work
    buyers: tuple[Buyer, ...]
    months: tuple[CirculationMonth, ...]
    worth: Worth | None

    @property
    def blocks(self) -> dict[str, list[str]]:
        """Give for each need what draws the blocks of the co-ops that serve it, the oldest first."""
        by_age = sorted((one.flow for one in self.buyers), key=lambda flow: flow.id)
        return {need: [flow.mark for flow in by_age if flow.need == need] for need in NEEDS}

    @property
    def coops(self) -> int:
        """Count the active co-ops."""
        return len(self.buyers)


@bp.get("/growth")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the figures of the federation, to every member alike."""
    found = some_minutes_old("growth", summed)
    if wants_json():
        return jsonify(as_json(found))
    return render_template("growth/show.html", res=found.res, found=found, needs=NEEDS, told=told, part=others_bp)


def summed(now: datetime) -> Growth:
    """Sum the figures of this instant."""
    recently, earlier = (now - each * timedelta(days=rule.RECENT_DAYS) for each in (1, 2))
    flowed = now - timedelta(days=rule.FLOW_DAYS)
    acts.keep_months(kit())
    with snapshot(kit().engine) as connection:
        kept, res = months.months(connection), circulation.summed(connection, now)
        return Growth(
            now,
            res,
            growth.members(connection),
            growth.recent(connection, recently, now),
            growth.recent(connection, earlier, recently),
            growth.work(connection, flowed, now),
            buyers(growth.flows(connection, flowed, now)),
            tuple(kept[month] for month in sorted(kept)[-MONTHS:]),
            declarations.worth(connection, now, res.uncovered_minor, res.outstanding_minor),
        )


def buyers(flows: list[Flow]) -> tuple[Buyer, ...]:
    """Say of each active co-op from how many it buys and how long its RES lasts; whose RES is stuck comes first."""
    active = {flow.id: flow.name for flow in flows}

    def seen(flow: Flow) -> Buyer:
        others = sorted((name for key, name in active.items() if key not in flow.suppliers | {flow.id}), key=sort_key)
        return Buyer(
            flow,
            len(flow.suppliers & active.keys() - {flow.id}),
            rule.days_on_hand(flow.balance_minor, flow.outflow_minor),
            rule.is_stuck(flow.balance_minor, flow.outflow_minor),
            tuple(others),
        )

    found = [seen(flow) for flow in flows]
    return tuple(sorted(found, key=lambda one: (not one.is_stuck, sort_key(one.flow.name), one.flow.slug)))


def others_bp(work: Work) -> int | None:
    """Give the part of paid hours that people worked where they are no members; None where it is of too few.

    Units: basis points, half up.
    """
    if work.others and told(work.others) is None:
        return None
    return half_up(WHOLE_BP * work.minutes_of_others, work.minutes)


def as_json(found: Growth) -> dict[str, object]:
    """Write the figures; null stands for a number of people below five."""
    return {
        "at": instant_iso(found.at),
        "needs": {need: len(blocks) for need, blocks in found.blocks.items()},
        "coops": found.coops,
        "coops_with_payments": found.now.takers,
        "members": told(found.members),
        "members_who_paid": told(found.now.payers),
        "spent_at_others": format_amount(found.now.spent_minor),
        "hours_of_non_members_bp": others_bp(found.work),
        "unit_value": None if found.worth is None else worth_as_json(found.worth),
        "by_coop": [
            {
                "coop": one.flow.slug,
                "suppliers": one.suppliers,
                "of": found.coops - 1,
                "days_on_hand": one.days,
                "stuck": one.is_stuck,
            }
            for one in found.buyers
        ],
    }


def worth_as_json(worth: Worth) -> dict[str, object]:
    """Write what stands behind the RES."""
    return {
        "worth": format_amount(worth.stand.worth_minor),
        "outstanding": format_amount(worth.stand.outstanding_minor),
        "value": None if worth.value is None else format_amount(worth.value),
        "index": None if worth.index is None else format_amount(worth.index),
        "declared": [
            {
                "coop": one.slug,
                "worth": format_amount(one.worth_minor),
                "meeting": one.meeting_on.isoformat(),
                "stale": stale,
            }
            for one, stale in worth.declared
        ],
    }
