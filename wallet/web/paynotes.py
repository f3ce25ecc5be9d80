"""What about a line of pay is worth a look, in words: on the line, and gathered for the whole run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wallet.domain import basis, payline
from wallet.domain.charter import Charter
from wallet.domain.payfile import WARNINGS, format_hours
from wallet.domain.payrun import hour_minor
from wallet.domain.period import month_of
from wallet.i18n import N_
from wallet.i18n import gettext as _
from wallet.store.paylines import PayRunLine
from wallet.store.payruns import PayRun
from wallet.web.filters import amount

# A word or two for the line; the sentence for the list beside it.
SHORT: dict[str, str] = {
    "name_differs": N_("other name"),
    "name_hidden": N_("hidden letters"),
    "elsewhere": N_("no member here"),
    "comma": N_("one amount?"),
    "deducted": N_("high deductions"),
    "no_hours": N_("no hours"),
    "long": N_("over %(hours)s hours"),
    "not_agreed": N_("has not agreed"),
    "kept_back": N_("lowered"),
    "cash_floor": N_("cash floor"),
    "below_floor": N_("below cash floor"),
    "fast": N_("high hourly pay"),
    "paid_already": N_("paid this month"),
}
SENTENCES: dict[str, str] = WARNINGS | {
    "long": N_("More than %(hours)s hours: what is beyond them never counts for the dividend."),
    "not_agreed": N_("Not agreed yet to be paid in RES: everything comes in cash."),
    "kept_back": N_("Lowered by what was overpaid before; what a line cannot bear is carried to the next."),
    "cash_floor": N_("Less comes in RES, so that the cash reaches the co-op’s cash floor."),
    "below_floor": N_("All of it together is less than the co-op’s cash floor for these hours."),
    "fast": N_("More than %(rate)s an hour: what is beyond it never counts for the dividend. Check hours and total."),
    "paid_already": N_("Paid by this co-op in this month before."),
}
NAMED = 5


@dataclass(frozen=True, slots=True)
class Gathered:
    """Hold one thing that is worth a look, the first whom it concerns, and how many more there are."""

    code: str
    names: tuple[str, ...]
    more: int


def of(line: PayRunLine, run: PayRun, charter: Charter, zone: str, now: datetime) -> tuple[str, ...]:
    """Name what about a line is worth a look."""
    # Lines of an older file may say that they are long by hours that were never voted.
    kept = (code for code in line.warnings if code != "long")
    return tuple(dict.fromkeys((*kept, *_live(line, run, charter, zone, now))))


def gathered(lines: Sequence[PayRunLine], notes: Mapping[str, Sequence[str]]) -> list[Gathered]:
    """Gather what is worth a look over all lines."""
    whom: dict[str, list[str]] = {}
    for line in lines:
        for code in notes[line.handle]:
            whom.setdefault(code, []).append(line.name)
    return [Gathered(code, tuple(names[:NAMED]), max(0, len(names) - NAMED)) for code, names in whom.items()]


def _live(line: PayRunLine, run: PayRun, charter: Charter, zone: str, now: datetime) -> Iterator[str]:
    terms, total = line.terms, line.total_minor
    if not line.is_member:
        yield "elsewhere"
    if charter.month_minutes_max is not None and line.minutes > charter.month_minutes_max:
        yield "long"
    if terms.elected_bp == 0 and not line.has_agreed:
        yield "not_agreed"
    if line.kept_back_minor or line.carried_minor:
        yield "kept_back"
    if line.split.res_minor < basis.res_part(total, line.split.share_bp):
        yield "cash_floor"
    if total < payline.cash_at_least(line.minutes, terms.floor_hour_minor):
        yield "below_floor"
    if (hour_minor(total, line.minutes) or 0) > charter.rate_max_minor:
        yield "fast"
    paid = line.last_paid_at
    # A run that is prepared before its month has begun pays in that one.
    month = max(month_of(now, zone), run.pay_on[:7])
    if run.is_open and paid is not None and month_of(paid, zone) == month:
        yield "paid_already"


def words(sentences: Mapping[str, str], charter: Charter) -> dict[str, str]:
    """Put into words, by code, what is worth a look, with what the charter says of it."""
    hours = format_hours(charter.month_minutes_max or 0)
    figures = {"fast": {"rate": amount(charter.rate_max_minor)}, "long": {"hours": hours}}
    return {code: _(sentence, **figures.get(code, {})) for code, sentence in sentences.items()}
