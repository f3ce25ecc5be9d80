"""What a ballot asks, in words and numbers, for the pages that ask and that propose."""

from dataclasses import dataclass
from datetime import date, timedelta

from wallet.domain import ballot as rule
from wallet.domain import dividend
from wallet.domain.charter import Change
from wallet.domain.parameter import DIVIDEND, PARAMETERS, SUNSET, Parameter
from wallet.i18n import date_name, ngettext
from wallet.i18n import gettext as _
from wallet.store.ballots import Ballot
from wallet.store.charters import InHand
from wallet.web import charter_words
from wallet.web.current import kit
from wallet.web.filters import day, month_and_year, percent_bp

Rows = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a ballot's question; `old` and `new` are the values as written, `rows` what it would change.

    `says` are what a choice comes to; `head` and `note` stand above the rows. `ends_on` is the day on which a sunset
    asks history to stop counting, and `hand` the dividend's period as it stands.
    """

    hand: InHand
    parameter: Parameter
    question: str
    old: str
    new: str
    says: dict[str, str]
    rows: Rows
    head: str
    note: str
    ends_on: date | None = None

    @property
    def short(self) -> str:
        """Give the question for a list."""
        return _("%(new)s instead of %(old)s", new=self.new, old=self.old)

    @property
    def name(self) -> str:
        """Give what the parameter is called."""
        return charter_words.name_of(self.parameter.name)

    def passed(self, found: Ballot) -> str:
        """Say that it passed."""
        if self.ends_on is not None and self.ends_on <= self.hand.history.day_from(_change(found)):
            return _("Passed. History stops counting.")
        if self.parameter.name == SUNSET:
            return _("Passed. The day becomes %(day)s.", day=self.new)
        return _("Passed. It becomes: %(new)s.", new=self.new)

    @property
    def failed(self) -> str:
        """Say that it did not pass."""
        if self.parameter.name == SUNSET:
            return _("Not passed. The day stays %(day)s.", day=self.old)
        return _("Not passed. It stays: %(old)s.", old=self.old)

    def reached(self, count: int, of: int) -> str:
        """Say how many co-ops reached what it takes."""
        if self.parameter.majority.in_every:
            return _("%(reached)s of %(all)s co-ops reached 75 %%; all must.", reached=count, all=of)
        return _(
            "In %(reached)s of %(all)s co-ops more than half said yes; it takes more than half of them.",
            reached=count,
            all=of,
        )

    def in_force(self, found: Ballot) -> str:
        """Say from when a passed ballot holds."""
        assert found.closes_at is not None, "it was opened"
        closed = day(found.closes_at)
        if self.parameter.majority.in_every:
            return _("Every co-op reached 75 %%. It holds from the first period that begins after %(day)s.", day=closed)
        for one in self.hand.chances:
            if one.ballot == found.id:
                return _(
                    "Another ballot replaces it unless a period is paid that ends from %(first)s to %(last)s: "
                    "it holds then from there to %(day)s.",
                    first=date_name(one.first),
                    last=date_name(one.last),
                    day=date_name(one.until),
                )
        if self.parameter.starts == "period":
            return _("It holds from the first period that begins after %(day)s.", day=closed)
        return _("It holds from %(month)s on.", month=month_and_year(self.hand.history.month_from(_change(found))))


def asked(found: Ballot, hand: InHand | None) -> Question:
    """Say what a ballot asks."""
    assert hand is not None, "none is proposed before the charter has its day"
    if found.parameter == SUNSET:
        return _sunset(found, hand)
    parameter = PARAMETERS[found.parameter]
    old, new = (charter_words.value_of(parameter, value) for value in (found.from_value, found.to_value))
    says = {"yes": new, "no": _("keep %(old)s", old=old), "blank": _("neither; it counts as no")}
    charter = hand.history.in_month_of(found.opened_at or kit().clock())
    rows = charter_words.case_of(parameter, _before(found, hand), found.to_value, charter)
    question = _question(parameter, old, new, found.to_value)
    return Question(hand, parameter, question, old, new, says, rows, _("For example"), "")


def _change(found: Ballot) -> Change:
    """Give what a ballot changes once it passes; one that is not open yet is opened today."""
    closes_at = found.closes_at or kit().clock() + timedelta(days=found.open_days)
    return Change(found.id, found.parameter, found.to_value, closes_at)


def _before(found: Ballot, hand: InHand) -> int:
    """Give the value that stood before: what was voted then may never have held."""
    earlier = [change for change in hand.history.of(found.parameter) if change.at < found.proposed_at]
    if not earlier or earlier[-1].ballot not in hand.replaced:
        return found.from_value
    held = [change.value for change in earlier if change.ballot not in hand.replaced]
    return held[-1] if held else int(getattr(hand.history.founding, found.parameter))


def _question(parameter: Parameter, old: str, new: str, to_value: int) -> str:
    if parameter.name != DIVIDEND:
        name = charter_words.name_of(parameter.name)
        return _("%(name)s: shall it be %(new)s instead of %(old)s?", name=name, new=new, old=old)
    if to_value:
        return _("Shall the Network Builder dividend be switched on again?")
    return _("Shall the Network Builder dividend be switched off?")


def _sunset(found: Ballot, hand: InHand) -> Question:
    before, after = found.from_value, found.to_value
    by = abs(after - before)
    old, new = (day_of_sunset(hand.charter_on, months) for months in (before, after))
    sooner = ngettext("%(num)s month sooner", "%(num)s months sooner", by)
    later = ngettext("%(num)s month later", "%(num)s months later", by)
    says = {
        "yes": sooner if after < before else later,
        "no": _("keep %(old)s", old=old),
        "blank": _("neither; it counts as no"),
    }
    question = _(
        "Shall history stop counting in the Network Builder dividend on %(new)s instead of %(old)s?", new=new, old=old
    )
    note = _(
        "The part of a dividend that goes by what each has circulated in all the years; "
        "the rest goes by new hours, equal for equal hours."
    )
    rows = _parts(found, hand)
    ends_on = dividend.month_after(hand.charter_on, after)
    return Question(hand, PARAMETERS[SUNSET], question, old, new, says, rows, _("Period to"), note, ends_on)


def day_of_sunset(charter_on: date, months: int) -> str:
    """Write the day on which history stops counting, so many months from the charter's."""
    return date_name(dividend.month_after(charter_on, months))


def _parts(found: Ballot, hand: InHand) -> Rows:
    """List what a sunset changes, from the end of the first year on that may begin after the ballot's close."""
    begins = hand.periods.starts_on(hand.history.day_from(_change(found)))
    first = dividend.complete_months(hand.charter_on, begins) + 12
    return [
        (
            date_name(dividend.month_after(hand.charter_on, one.months)),
            percent_bp(one.before_bp),
            percent_bp(one.after_bp),
        )
        for one in rule.changes(first, _before(found, hand), found.to_value)
    ]
