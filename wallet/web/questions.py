"""What a ballot asks, in words and numbers, for the pages that ask and that propose."""

from dataclasses import dataclass
from datetime import date

from wallet.domain import ballot as rule
from wallet.domain import dividend
from wallet.domain.charter import Change, Charter, History
from wallet.domain.parameter import DIVIDEND, PARAMETERS, SUNSET, Parameter
from wallet.i18n import date_name, ngettext
from wallet.i18n import gettext as _
from wallet.store import federation
from wallet.store.ballots import Ballot
from wallet.store.engine import reading
from wallet.web import charter_words
from wallet.web.current import kit
from wallet.web.filters import day, month_and_year, percent_bp
from wallet.web.today import federation_zone, this_day

Rows = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a ballot's question; `old` and `new` are the values as written, `rows` what it would change.

    `says` are what a choice comes to; `head` and `note` stand above the rows.
    """

    parameter: Parameter
    question: str
    old: str
    new: str
    says: dict[str, str]
    rows: Rows
    head: str
    note: str

    @property
    def short(self) -> str:
        """Give the question for a list."""
        return _("%(new)s instead of %(old)s", new=self.new, old=self.old)

    @property
    def name(self) -> str:
        """Give what the parameter is called."""
        return charter_words.name_of(self.parameter.name)

    @property
    def passed(self) -> str:
        """Say that it passed."""
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
        if self.parameter.starts == "period":
            return _("It holds from the first period that begins after %(day)s.", day=closed)
        change = Change(found.id, found.parameter, found.to_value, found.closes_at)
        first = History(Charter(), (change,), federation_zone()).month_from(change)
        return _("It holds from %(month)s on.", month=month_and_year(first))


def asked(found: Ballot) -> Question:
    """Say what a ballot asks."""
    if found.parameter == SUNSET:
        return _sunset(found.from_value, found.to_value)
    parameter = PARAMETERS[found.parameter]
    old, new = (charter_words.value_of(parameter, value) for value in (found.from_value, found.to_value))
    says = {"yes": new, "no": _("keep %(old)s", old=old), "blank": _("neither; it counts as no")}
    rows = charter_words.case_of(parameter, found.from_value, found.to_value)
    return Question(
        parameter, _question(parameter, old, new, found.to_value), old, new, says, rows, _("For example"), ""
    )


def _question(parameter: Parameter, old: str, new: str, to_value: int) -> str:
    if parameter.name != DIVIDEND:
        name = charter_words.name_of(parameter.name)
        return _("%(name)s: shall it be %(new)s instead of %(old)s?", name=name, new=new, old=old)
    if to_value:
        return _("Shall the Network Builder dividend be switched on again?")
    return _("Shall the Network Builder dividend be switched off?")


def _sunset(before: int, after: int) -> Question:
    by = abs(after - before)
    old, new = (day_of_sunset(months) for months in (before, after))
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
    return Question(PARAMETERS[SUNSET], question, old, new, says, _parts(before, after), _("Period to"), note)


def day_of_sunset(months: int) -> str:
    """Write the day on which history stops counting, so many months from the charter's."""
    charter_on = _charter_on()
    return "" if charter_on is None else date_name(dividend.month_after(charter_on, months))


def _parts(before: int, after: int) -> Rows:
    charter_on = _charter_on()
    if charter_on is None:
        return []
    months = dividend.complete_months(charter_on, this_day())
    return [
        (date_name(dividend.month_after(charter_on, one.months)), percent_bp(one.before_bp), percent_bp(one.after_bp))
        for one in rule.changes(months, before, after)
    ]


def _charter_on() -> date | None:
    with reading(kit().engine) as connection:
        return federation.charter_on(connection)
