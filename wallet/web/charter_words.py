"""The charter in words: what a parameter is called, what it means, how its values are written, and its worked case."""

from datetime import date

from wallet.domain.charter import Charter
from wallet.domain.example import Example, worked
from wallet.domain.money import format_amount
from wallet.domain.parameter import DIVIDEND, Parameter
from wallet.i18n import N_, date_name, ngettext
from wallet.i18n import gettext as _
from wallet.web.filters import amount, in_points, percent_bp

# Under which heading a parameter stands.
GROUPS: dict[str, tuple[str, ...]] = {
    N_("Pay share"): (
        "floor_bp", "cap_bp", "headroom_bp", "rise_bp", "fall_bp", "window_months", "frozen_below_minor",
    ),
    N_("What counts"): (
        "own_set_days", "rate_max_minor", "month_minutes_max", "count_logged_cash", "logged_cash_day_minor",
    ),
    N_("Dividend"): ("dividend_on", "pool_rate_bp", "sunset_months"),
    N_("Ballots"): ("ballot_days",),
}  # fmt: skip
NAMES: dict[str, str] = {
    "sunset_months": N_("Months until every hour counts the same"),
    "dividend_on": N_("The Network Builder dividend"),
    "pool_rate_bp": N_("Part of sales to members of others that a co-op is asked to put into the pool"),
    "floor_bp": N_("Least pay share"),
    "cap_bp": N_("Greatest pay share"),
    "headroom_bp": N_("How far a pay share may lie above what is spent at others"),
    "rise_bp": N_("By how much a pay share rises in a month, at most"),
    "fall_bp": N_("By how much a pay share falls in a month, at most"),
    "window_months": N_("Months that a pay share looks back on"),
    "frozen_below_minor": N_("Pay in those months below which a share stays as it is"),
    "own_set_days": N_("Days for which a co-op that paid you is yours"),
    "count_logged_cash": N_("Cash that tills log counts for the pay share"),
    "logged_cash_day_minor": N_("Cash that may be logged for a member and day without a steward"),
    "rate_max_minor": N_("RES an hour of work that can become basis, at most"),
    "month_minutes_max": N_("Hours of work a month that count, at most"),
    "ballot_days": N_("How long a ballot is open at least"),
}
CASES: dict[str, str] = {
    "floor_bp": N_("RES in the first pay of 2,400.00"),
    "cap_bp": N_("RES in a pay of 2,400.00, for who spends all of it at other co-ops month after month"),
    "headroom_bp": N_("RES in a pay of 2,400.00, for who spends 30 %% of it at other co-ops month after month"),
    "rise_bp": N_("Next month’s share of somebody at 20 %% who spent all their pay at other co-ops"),
    "fall_bp": N_("Next month’s share of somebody at 40 %% who spent nothing at other co-ops"),
    "window_months": N_("Spent of the pay that is looked at, for who is paid 2,400.00 a month and spent 2,160.00 once"),
    "frozen_below_minor": N_("Next month’s share of somebody at 20 %% who was paid %(sum)s and spent it at others"),
    "own_set_days": N_("Paid on 1 March 2026: the last day on which nothing counts at that co-op"),
    "count_logged_cash": N_("Spent of a pay of 2,400.00, for who spent 480.00 in RES and 240.00 in cash at others"),
    "logged_cash_day_minor": N_("A steward must be at the till for %(sum)s in cash on one day"),
    "rate_max_minor": N_("Of an hour paid with %(sum)s RES can become basis"),
    "month_minutes_max": N_("Of %(sum)s in one month count"),
    "pool_rate_bp": N_("Asked for when members of others spent 10,000.00 RES there"),
    "dividend_on": N_("Shared out of a pool that holds 1,000.00 RES; basis is recorded either way"),
    "ballot_days": N_("Opened on 1 March 2026, a ballot ends at the earliest on"),
}


def name_of(parameter: str) -> str:
    """Give what a parameter is called."""
    return _(NAMES[parameter])


def written(unit: str, value: int) -> str:
    """Write a value in its unit."""
    if unit == "part":
        return percent_bp(value)
    if unit == "points":
        return in_points(value)
    if unit == "money":
        return amount(value)
    if unit == "day":
        return date_name(date.fromordinal(value))
    if unit == "switch":
        if value:
            # i18n: something that the charter can switch is so.
            return _("yes")
        # i18n: something that the charter can switch is not so.
        return _("no")
    count = value // 60 if unit == "hours" else value
    if unit == "hours":
        return ngettext("%(num)s hour", "%(num)s hours", count)
    if unit == "days":
        return ngettext("%(num)s day", "%(num)s days", count)
    return ngettext("%(num)s month", "%(num)s months", count)


def value_of(parameter: Parameter, value: int) -> str:
    """Write a parameter's value; the dividend is on or off."""
    if parameter.name == DIVIDEND:
        if value:
            # i18n: there is a dividend.
            return _("on")
        # i18n: there is no dividend.
        return _("off")
    return written(parameter.unit, value)


def typed(parameter: Parameter, value: int) -> str:
    """Write a value as somebody would type it."""
    if parameter.unit in ("part", "points", "money"):
        return format_amount(value)
    return str(value // 60 if parameter.unit == "hours" else value)


def case_of(parameter: Parameter, before: int, after: int, charter: Charter) -> list[tuple[str, str, str]]:
    """Give the worked case of a change: what it is about, and what comes of it as it is and as proposed."""
    found: Example = worked(parameter.name, before, after, charter)
    about = written(parameter.unit, found.about)
    label = _(CASES[parameter.name], sum=about)
    return [(label, written(found.unit, found.before), written(found.unit, found.after))]
