"""Your pay share: this month's and the next so far, how they come about, and every purchase behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from wallet.domain import payshare, period
from wallet.domain.charter import Charter
from wallet.domain.money import format_amount
from wallet.domain.payshare import Share
from wallet.domain.ratio import WHOLE_BP
from wallet.errors import refuse
from wallet.store import elections, ownset, places, shares
from wallet.store.engine import reading, snapshot
from wallet.store.shares import Outlook
from wallet.store.views import purchases
from wallet.store.views.purchases import Purchase
from wallet.web import charters, paybounds
from wallet.web.current import kit, signed_in, wants_json
from wallet.web.policy import needs
from wallet.web.today import federation_zone

bp = Blueprint("share", __name__)

# The chart shows so many months, the newest at its end.
MONTHS = 24
# To the end of this very instant.
NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Hold what next month's share still asks for.

    Units: `top_bp` the most it can be, `top_minor` the counted spend it takes, `so_far_minor` the net spend there is,
    below 0 where more came back, `to_go_minor` what is missing; `keep_minor` what keeps this month's share, 0 where
    nothing need or can; `last_at` an instant of the last day that counts.
    """

    top_bp: int
    top_minor: int
    so_far_minor: int
    to_go_minor: int
    keep_minor: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Hold the purchases at one place that count, or do not, for one reason."""

    where: str
    reason: str
    lines: tuple[Purchase, ...]

    @property
    def sum_minor(self) -> int:
        """Give what they come to, net of refunds."""
        return sum(one.sum_minor for one in self.lines)

    @property
    def cash_minor(self) -> int:
        """Give the logged cash in it."""
        return sum(one.cash_minor for one in self.lines)


@dataclass(frozen=True, slots=True)
class ShareMonth:
    """Hold what counted in a month, net of refunds."""

    month: str
    res_minor: int
    cash_minor: int


@bp.get("/share")
@needs("signed_in")
def show() -> ResponseReturnValue:
    """Show the signed-in person's pay share: this month's, the next one's so far, or that of a month that is over."""
    who, zone, now = signed_in(), federation_zone(), kit().clock()
    month = period.month_of(now, zone)
    with snapshot(kit().engine) as connection:
        dated = charters.voted(connection)
        mine = shares.outlook(connection, who.handle, month, dated)
        looked_at = chosen(mine, request.args.get("of", month))
        first, until = seen(looked_at, month, now, zone)
        bought = purchases.between(connection, who.handle, first, until, zone, dated)
        later = looked_at is not None and looked_at.month == month and not looked_at.is_first
        since = purchases.between(connection, who.handle, month, now + NEXT, zone, dated) if later else []
        works = ownset.works(connection, who.person_id)
        taken = elections.taken(connection, who.person_id, month)
        bounds = paybounds.of_mine(connection, mine, taken, dated)
        everywhere = places.all_of(connection, who.person_id, now, dated)
    if wants_json():
        return jsonify(share=None if mine is None else as_json(mine))
    past = () if mine is None else mine.history[-MONTHS:]
    return render_template(
        "share/show.html",
        mine=mine,
        works=works,
        taken=taken,
        bounds=bounds,
        looked_at=looked_at,
        coming=mine is not None and looked_at is mine.next.share,
        counting=grouped(list(purchases.counted(bought))),
        others=grouped([one for one in bought if one.reason not in (purchases.COUNTS, purchases.TAKEN_BACK)]),
        since=grouped(since),
        by_month=by_month(purchases.counted(bought), zone),
        own_bp=own_part(bought),
        places=sum(place.counts for place in everywhere),
        step=None if mine is None else step_of(mine, dated.of_month(mine.next.share.month), zone),
        before_bp=None if mine is None or looked_at is None else before(mine, looked_at),
        past=past,
        windows={dated.of_month(share.month).window_months for share in past if not share.is_first},
        charter=dated.of_month(month if looked_at is None else looked_at.month),
    )


@bp.get("/share/rule")
@needs("signed_in")
def rule() -> str:
    """Show the rule of the pay share, its version and the federation's settings."""
    with reading(kit().engine) as connection:
        return render_template("share/rule.html", charter=charters.this_month(connection))


def chosen(mine: Outlook | None, of: str) -> Share | None:
    """Give the share that is asked for: of a month, or of the "next"; None before the first pay.

    Raises: Refusal unknown_page, for a month without a share.
    """
    if mine is None:
        return None
    found = {share.month: share for share in mine.history} | {"next": mine.next.share}
    if of not in found:
        raise refuse("unknown_page")
    return found[of]


def seen(looked_at: Share | None, month: str, now: datetime, zone: str) -> tuple[str, datetime]:
    """Give the first month and the end of what a share looks at; one that is still to come sees up to this moment."""
    if looked_at is None or looked_at.month > month or (looked_at.is_first and looked_at.month == month):
        return (looked_at.window_from if looked_at else None) or month, now + NEXT
    if looked_at.window_from is None:
        return looked_at.month, period.month_start(period.next_month(looked_at.month), zone)
    return looked_at.window_from, period.month_start(looked_at.month, zone)


def by_month(counted: Iterable[Purchase], zone: str) -> list[ShareMonth]:
    """Add up what counted, month by month."""
    found: dict[str, ShareMonth] = {}
    for one in counted:
        month = period.month_of(one.at, zone)
        before = found.get(month, ShareMonth(month, 0, 0))
        found[month] = ShareMonth(month, before.res_minor + one.res_minor, before.cash_minor + one.cash_minor)
    return [found[month] for month in sorted(found)]


def step_of(mine: Outlook, charter: Charter, zone: str) -> Step:
    """Tell what is missing to the most that next month's share can be."""
    coming, now_bp = mine.next.share, mine.now.share_bp
    top = payshare.most_after(now_bp, charter)
    needed = payshare.spend_for(top, now_bp, coming.income_minor, charter)
    ends = period.month_start(coming.month, zone) - timedelta(seconds=1)
    keep = payshare.spend_for(now_bp, now_bp, coming.income_minor, charter) if now_bp <= top else 0
    so_far = mine.next.net_minor
    return Step(top, needed, so_far, max(0, needed - so_far), keep, ends)


def before(mine: Outlook, looked_at: Share) -> int | None:
    """Give the share of the month before the one that is looked at."""
    earlier = [share.share_bp for share in mine.history if share.month < looked_at.month]
    return earlier[-1] if earlier else None


def grouped(bought: list[Purchase]) -> list[Group]:
    """Gather purchases by place and reason, the largest sums first."""

    def place(one: Purchase) -> tuple[str, str]:
        return ("", one.reason) if one.reason == purchases.GIFT else (one.where, one.reason)

    groups = [Group(*key, tuple(lines)) for key, lines in groupby(sorted(bought, key=place), place)]
    return sorted(groups, key=lambda group: -group.sum_minor)


def own_part(bought: list[Purchase]) -> int:
    """Tell which part of all purchases was at one's own co-ops, in basis points."""
    own_minor = sum(one.sum_minor for one in bought if one.reason in purchases.OWN)
    others_minor = sum(one.sum_minor for one in bought if one.reason not in (*purchases.OWN, purchases.GIFT))
    return WHOLE_BP * own_minor // (own_minor + max(0, others_minor)) if own_minor else 0


def as_json(mine: Outlook) -> dict[str, object]:
    """Write the shares of all months and the estimate of the next."""
    expected = format_amount(mine.next.income_expected_minor)
    return {
        "months": [written(share) for share in mine.history],
        "next": written(mine.next.share) | {"income_expected": expected},
    }


def written(share: Share) -> dict[str, object]:
    """Write one month's share with what it follows from."""
    return {
        "month": share.month,
        "bp": share.share_bp,
        "window": None if share.window_from is None else [share.window_from, share.window_to],
        "income": format_amount(share.income_minor),
        "spent": format_amount(share.spend_minor),
        "ratio": share.ratio_bp,
        "target": share.target_bp,
    }
