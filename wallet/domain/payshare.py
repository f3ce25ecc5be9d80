"""The pay share: which part of a month's pay comes in RES, from what was spent at other co-ops before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wallet.domain.charter import Charter, Dated
from wallet.domain.parameter import PARAMETERS
from wallet.domain.period import months_from_to, next_month, previous_month
from wallet.domain.ratio import WHOLE_BP

LONGEST_WINDOW = PARAMETERS["window_months"].most


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold pay (RES and cash) and qualifying spend that count for `month` and were posted in `posted_month`."""

    month: str
    posted_month: str
    income_minor: int = 0
    spend_minor: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """Hold the share of a month and how it came about.

    Units: `income_minor` and `spend_minor` of the window, both ends included; there is no window in the month of the
    first pay, and neither ratio nor target then or while the share is frozen.
    """

    month: str
    share_bp: int
    window_from: str | None = None
    window_to: str | None = None
    income_minor: int = 0
    spend_minor: int = 0
    ratio_bp: int | None = None
    target_bp: int | None = None

    @property
    def is_first(self) -> bool:
        """Tell whether this is the month of the first pay."""
        return self.window_from is None

    @property
    def is_frozen(self) -> bool:
        """Tell whether too little pay lies in the window, so that the share stays as it was."""
        return self.ratio_bp is None and not self.is_first

    def held_back(self, before_bp: int, charter: Charter) -> str | None:
        """Tell whether it could only `rise` or `fall` so far after one of `before_bp`, short of the target; or None.

        Where the least or the greatest share says what it is, no step held it back.
        """
        if self.target_bp is None:
            return None
        least, most = before_bp - charter.fall_bp, before_bp + charter.rise_bp
        if self.target_bp > most > charter.floor_bp:
            return "rise"
        return "fall" if self.target_bp < least and charter.floor_bp < least < charter.cap_bp else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold next month's share if nothing more is spent, and the income of this month that it assumes.

    Units: `net_minor` the net spend of its window, below 0 where more came back than was spent.
    """

    share: Share
    income_expected_minor: int
    net_minor: int


def window_of(month: str, first_pay: str, charter: Charter) -> list[str]:
    """List the full months before `month` that its share looks at; none in the month of the first pay."""
    return months_from_to(max(first_pay, previous_month(month, charter.window_months)), previous_month(month))


def judge(month: str, before_bp: int, window: list[str], income: int, spend: int, charter: Charter) -> Share:
    """Give the share of `month` after one of `before_bp`, from the income and the net spend of its window."""
    spend = max(0, spend)
    if income < charter.frozen_below_minor:
        return Share(month, before_bp, window[0], window[-1], income, spend)
    ratio = min(WHOLE_BP, WHOLE_BP * spend // income)
    target = min(charter.cap_bp, ratio + charter.headroom_bp)
    step = min(max(target, before_bp - charter.fall_bp), before_bp + charter.rise_bp)
    share = min(max(step, charter.floor_bp), charter.cap_bp)
    return Share(month, share, window[0], window[-1], income, spend, ratio, target)


def walk(rows: Iterable[Counted], last: str, dated: Dated, known: Mapping[str, Share] | None = None) -> list[Share]:
    """Give the share of every month from the first pay to `last`; months that are `known` are taken as they are.

    Each month looks at what was posted before its first second only, and goes by the charter of that month.
    """
    by_month = _by_month(rows)
    first_pay = min((month for month, found in by_month.items() if any(row.income_minor for row in found)), default="")
    if not first_pay:
        return []
    months, found, known = months_from_to(first_pay, last), list[Share](), known or {}
    for place, month in enumerate(months):
        share = known.get(month)
        if share is None and place == 0:
            share = Share(month, dated.of_month(month).floor_bp)
        found.append(share or _judged(months, place, found[-1].share_bp, by_month, dated))
    return found


def walk_on(rows: Iterable[Counted], first_pay: str, newest: Share, last: str, dated: Dated) -> list[Share]:
    """Give the share of every month after that of `newest` to `last`, as `walk` does.

    It needs the `rows` from LONGEST_WINDOW months before it on alone.
    """
    by_month, found = _by_month(rows), [newest]
    months = months_from_to(max(first_pay, previous_month(newest.month, LONGEST_WINDOW)), last)
    for place in range(months.index(newest.month) + 1, len(months)):
        found.append(_judged(months, place, found[-1].share_bp, by_month, dated))
    return found[1:]


def _by_month(rows: Iterable[Counted]) -> dict[str, list[Counted]]:
    by_month: dict[str, list[Counted]] = defaultdict(list)
    for row in rows:
        by_month[row.month].append(row)
    return by_month


def _judged(months: list[str], place: int, before_bp: int, by_month: dict[str, list[Counted]], dated: Dated) -> Share:
    month = months[place]
    charter = dated.of_month(month)
    window = months[max(0, place - charter.window_months) : place]
    early = [row for one in window for row in by_month.get(one, ()) if row.posted_month < month]
    income, spend = sum(row.income_minor for row in early), sum(row.spend_minor for row in early)
    return judge(month, before_bp, window, income, spend, charter)


def estimate(rows: Iterable[Counted], now: Share, first_pay: str, dated: Dated) -> Estimate:
    """Give the share of the month after `now` as far as it can be told while that month still runs.

    It assumes that nothing more is spent, and pay as in the month before unless some is posted already.
    """
    month = next_month(now.month)
    charter = dated.of_month(month)
    window, income, spend = window_of(month, first_pay, charter), dict[str, int](), 0
    for row in rows:
        income[row.month] = income.get(row.month, 0) + row.income_minor
        spend += row.spend_minor if row.month in window else 0
    expected = income.get(now.month) or income.get(previous_month(now.month), 0)
    earned = expected + sum(income.get(one, 0) for one in window if one != now.month)
    return Estimate(judge(month, now.share_bp, window, earned, spend, charter), expected, spend)


def most_after(before_bp: int, charter: Charter) -> int:
    """Give the most that the share of a month can be after one of `before_bp`."""
    return min(max(before_bp + charter.rise_bp, charter.floor_bp), charter.cap_bp)


def spend_for(share_bp: int, before_bp: int, income_minor: int, charter: Charter) -> int:
    """Give the least counted spend of a window with which a month's share is `share_bp` after one of `before_bp`.

    A month can have that share: it is no more than `most_after` the one before.
    """
    if share_bp <= max(charter.floor_bp, before_bp - charter.fall_bp):
        return 0
    ratio = min(max(0, share_bp - charter.headroom_bp), WHOLE_BP)
    return -(-ratio * income_minor // WHOLE_BP)
