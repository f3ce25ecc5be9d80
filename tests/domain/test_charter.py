"""The charter of a month and of a period: what was voted by ballots that had ended when it began, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.domain import fiscal
from wallet.domain.ballot import EVERY, MOST
from wallet.domain.charter import Change, Charter, History
from wallet.domain.example import worked
from wallet.domain.fiscal import Spell
from wallet.domain.parameter import DIVIDEND, PARAMETERS
from wallet.domain.patronage import own_until
from wallet.domain.period import day_start, month_start, next_month

MARCH = month_start("2026-03", "UTC")
SECOND = timedelta(seconds=1)


def voted(*changes: tuple[str, int, datetime], zone: str = "UTC") -> History:
    """Give a charter with so many changes."""
    made = (Change(number, *change) for number, change in enumerate(changes, 1))
    return History(Charter(), tuple(made), zone)


@pytest.mark.parametrize(
    ("yes", "eligible", "reached"),
    [
        (0, 1, False),
        (1, 1, True),
        (1, 2, False),
        (2, 2, True),
        (2, 4, False),
        (3, 4, True),
        (3, 5, True),
        (2, 5, False),
    ],
)
def test_exactly_half_of_a_roll_is_not_more_than_half(yes: int, eligible: int, reached: bool) -> None:
    assert MOST.reached(yes, eligible) == reached
    assert (yes >= MOST.needed(eligible)) == reached


def test_exactly_half_of_the_co_ops_is_not_more_than_half() -> None:
    assert not MOST.passed([(2, 2), (0, 9)])
    assert MOST.passed([(2, 2), (5, 9), (0, 100)]), "nobody weighs more than another"
    assert not MOST.passed([(2, 2), (3, 6), (0, 100)])
    assert not MOST.passed([])


@given(st.lists(st.integers(1, 12).flatmap(lambda roll: st.tuples(st.integers(0, roll), st.just(roll))), max_size=7))
def test_majorities_are_those_of_fractions(counts: list[tuple[int, int]]) -> None:
    parts = [Fraction(yes, roll) for yes, roll in counts]
    over_half = [part for part in parts if part > Fraction(1, 2)]
    assert MOST.passed(counts) == (len(counts) > 0 and Fraction(len(over_half), len(counts)) > Fraction(1, 2))
    assert EVERY.passed(counts) == (len(counts) > 0 and min(parts) >= Fraction(3, 4))


@pytest.mark.parametrize(("ended", "holds"), [(-SECOND, True), (0 * SECOND, True), (SECOND, False)])
def test_a_month_goes_by_what_was_voted_before_its_first_second_was_over(ended: timedelta, holds: bool) -> None:
    history = voted(("floor_bp", 1_500, MARCH + ended))
    change = history.changes[0]

    assert history.of_month("2026-02") == Charter()
    assert history.of_month("2026-03").floor_bp == (1_500 if holds else 1_000)
    assert history.of_month("2026-03").version == (2 if holds else 1)
    assert history.of_month("2026-04").floor_bp == 1_500
    assert history.month_from(change) == ("2026-03" if holds else "2026-04")
    assert history.in_month_of(MARCH + timedelta(days=9)) == history.of_month("2026-03")
    assert history.latest.floor_bp == 1_500


def test_a_month_begins_in_the_federation_s_zone() -> None:
    ended = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)

    assert voted(("rise_bp", 500, ended)).of_month("2026-04").rise_bp == 500
    assert voted(("rise_bp", 500, ended), zone="Asia/Tokyo").of_month("2026-04").rise_bp == 1_000
    assert voted(("rise_bp", 500, ended), zone="Asia/Tokyo").of_month("2026-05").rise_bp == 500


months = st.integers(0, 40).map(lambda steps: next_month("2026-01", steps))
instants = st.integers(0, 40 * 31).map(lambda days: datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=days))
floors = st.lists(st.tuples(st.just("floor_bp"), st.integers(0, 5_000), instants), max_size=6)


@given(floors, months)
def test_the_charter_of_a_month_is_told_by_going_through_all_months_before_it(
    changes: list[tuple[str, int, datetime]], month: str
) -> None:
    changes.sort(key=lambda change: change[2])
    stands, walked = 1_000, "2026-01"
    while walked <= month:
        begins = month_start(walked, "UTC")
        stands = next((value for _name, value, at in reversed(changes) if at <= begins), stands)
        walked = next_month(walked)

    assert voted(*changes).of_month(month).floor_bp == stands


def off(*days: tuple[int, date], ends: tuple[date, ...] = ()) -> fiscal.Periods:
    """Give the periods that follow from votes on the switch, each ending with a day."""
    changes = [(DIVIDEND, value, day_start(day, "UTC")) for value, day in days]
    return fiscal.periods(voted(*changes), date(2026, 1, 1), ends)


def test_off_holds_from_the_next_period_s_end_or_else_a_year_s() -> None:
    june = (0, date(2026, 6, 10))
    assert off(june).spells == (Spell(date(2027, 1, 1)),)
    assert off(june, ends=(date(2026, 6, 1),)).spells == (Spell(date(2027, 1, 1)),), "that period was over"
    assert off(june, ends=(date(2026, 6, 10),)).spells == (Spell(date(2026, 6, 10)),)
    assert off(june, ends=(date(2026, 9, 1),)).spells == (Spell(date(2026, 9, 1)),)
    assert off((0, date(2027, 1, 1))).spells == (Spell(date(2027, 1, 1)),)
    assert off((0, date(2027, 1, 2))).spells == (Spell(date(2028, 1, 1)),)


def test_a_run_is_refused_for_what_ends_in_the_spell_and_for_nothing_else() -> None:
    periods = off((0, date(2026, 6, 10)), (1, date(2028, 3, 1)), ends=(date(2026, 9, 1),))

    assert periods.spells == (Spell(date(2026, 9, 1), date(2029, 1, 1)),)
    assert not periods.is_off(date(2026, 9, 1))
    assert periods.is_off(date(2026, 9, 2))
    assert periods.is_off(date(2029, 1, 1))
    assert not periods.is_off(date(2029, 1, 2))
    assert periods.begins(date(2030, 1, 1)) == date(2029, 1, 1)
    assert periods.spell_on(date(2028, 12, 31)) == periods.spells[0]
    assert periods.spell_on(date(2029, 1, 1)) is None
    assert (periods.in_hand(date(2028, 12, 31)), periods.in_hand(date(2029, 1, 1))) == (
        date(2026, 9, 1),
        date(2029, 1, 1),
    )


def test_off_and_on_again_before_the_period_is_over_comes_to_nothing() -> None:
    assert off((0, date(2026, 6, 10)), (1, date(2026, 8, 1))).spells == ()


def test_off_on_and_off_again_are_two_spells() -> None:
    periods = off((0, date(2026, 6, 10)), (1, date(2027, 6, 1)), (0, date(2028, 6, 1)))

    assert periods.spells == (Spell(date(2027, 1, 1), date(2028, 1, 1)), Spell(date(2029, 1, 1)))


@given(
    st.lists(st.tuples(st.integers(0, 1), st.dates(date(2026, 1, 2), date(2036, 1, 1))), max_size=6),
    st.lists(st.dates(date(2026, 1, 2), date(2036, 1, 1)), max_size=4),
    st.dates(date(2026, 1, 2), date(2040, 1, 1)),
)
def test_a_period_is_paid_as_its_last_day_s_switch_says(
    votes: list[tuple[int, date]], ends: list[date], ends_on: date
) -> None:
    votes.sort(key=lambda vote: vote[1])
    turning = {date(year, 1, 1) for year in range(2026, 2042)} | set(ends)
    stands = 1
    for day in sorted(turn for turn in turning if turn < ends_on):
        stands = next((value for value, voted_on in reversed(votes) if voted_on <= day), 1)

    assert off(*votes, ends=tuple(ends)).is_off(ends_on) == (stands == 0)


def switched(votes: list[tuple[int, date]]) -> History:
    """Give what votes on the switch come to, each ending with a day, as ballots 1, 2 and so on."""
    return voted(*((DIVIDEND, value, day_start(day, "UTC")) for value, day in votes))


def test_off_that_another_ballot_takes_back_holds_only_from_a_period_that_ends_between_the_two() -> None:
    history = switched([(0, date(2026, 4, 11)), (1, date(2026, 6, 21))])
    begun = date(2026, 1, 1)
    found = fiscal.periods(history, begun, [])
    (chance,) = fiscal.chances(history, found)

    assert chance == fiscal.Chance(1, 0, date(2026, 4, 11), date(2026, 6, 20), date(2027, 1, 1))
    assert fiscal.cut(history, begun, found, date(2026, 6, 1)) == Spell(date(2026, 6, 1), date(2027, 1, 1))
    for ends_on in (date(2026, 4, 10), date(2026, 6, 21)):
        assert fiscal.cut(history, begun, found, ends_on) is None
    assert fiscal.replaced(history, found, begun) == frozenset()
    paid = fiscal.periods(history, begun, [date(2026, 6, 20)])
    assert (fiscal.chances(history, paid), fiscal.replaced(history, paid, paid.last)) == ((), frozenset())
    passed_over = fiscal.periods(history, begun, [date(2026, 6, 21)])
    assert fiscal.replaced(history, passed_over, passed_over.last) == {1}


def test_a_period_that_ends_early_leaves_out_what_was_earned_until_the_time_without() -> None:
    history, begun = switched([(0, date(2026, 4, 11))]), date(2026, 1, 1)
    found = fiscal.periods(history, begun, [])

    assert fiscal.cut(history, begun, found, date(2026, 10, 1)) == Spell(date(2026, 10, 1), date(2027, 1, 1))
    for ends_on in (date(2026, 4, 10), date(2027, 1, 1)):
        assert fiscal.cut(history, begun, found, ends_on) is None


@given(
    st.lists(st.dates(date(2026, 1, 2), date(2029, 1, 1)), max_size=6),
    st.lists(st.dates(date(2026, 1, 2), date(2029, 1, 1)), max_size=5, unique=True),
)
def test_what_is_replaced_stays_so_whatever_is_paid_and_what_may_still_hold_does_from_there(
    days: list[date], ends: list[date]
) -> None:
    history, begun = switched([(number % 2, day) for number, day in enumerate(sorted(days))]), date(2026, 1, 1)
    known: list[date] = []
    for ends_on in sorted(ends):
        found = fiscal.periods(history, begun, known)
        if found.is_off(ends_on):
            continue
        known.append(ends_on)
        after = fiscal.periods(history, begun, known)
        gone = fiscal.replaced(history, after, ends_on)
        assert fiscal.replaced(history, found, begun) <= gone
        for chance in fiscal.chances(history, found):
            starts = after.starts_on(history.day_from(history.changes[chance.ballot - 1]))
            assert (chance.first <= ends_on <= chance.last) == (starts == ends_on and chance.ballot not in gone)
        taken = fiscal.cut(history, begun, found, ends_on)
        for day in map(date.fromordinal, range(ends_on.toordinal() + 1, date(2031, 1, 1).toordinal(), 7)):
            is_out = taken is not None and taken.until is not None and day <= taken.until
            assert is_out == (after.is_off(day) and not found.is_off(day))


def test_every_parameter_has_a_case_and_bounds_that_hold_what_a_federation_begins_with() -> None:
    for name, parameter in PARAMETERS.items():
        begins = getattr(Charter(), name)
        assert parameter.allows(begins), name
        assert not parameter.allows(parameter.least - 1)
        assert not parameter.allows(parameter.most + 1)
        if name != "sunset_months":
            other = parameter.least if begins != parameter.least else parameter.most
            example = worked(name, begins, other, Charter())
            assert example.before != example.after, f"the case of {name} shows no difference"
    assert PARAMETERS["floor_bp"].most <= PARAMETERS["cap_bp"].least, "whichever pass, the floor is not above the cap"
    assert not PARAMETERS["month_minutes_max"].allows(18_030), "hours are whole"


@pytest.mark.parametrize(
    ("paid", "at", "days", "until"),
    [
        # Ninety days, whatever holds later.
        ("2026-03-10T12:00", "2026-03-20T00:00", 90, "2026-06-08T12:00"),
        # A shorter time that begins while the longer one runs, before and after its own end.
        ("2026-04-20T12:00", "2026-04-21T00:00", 30, "2026-05-20T12:00"),
        ("2026-03-10T12:00", "2026-03-20T00:00", 30, "2026-04-30T23:59:59.999999"),
        # Over at the begin of May to the very instant: a purchase then is not later than thirty days.
        ("2026-04-01T00:00", "2026-04-02T00:00", 30, "2026-05-01T00:00"),
        # A longer one holds on, unless the shorter was over before it began.
        ("2026-03-10T12:00", "2026-03-20T00:00", 365, "2027-03-10T12:00"),
        ("2026-01-20T12:00", "2026-03-20T00:00", 365, "2026-04-20T12:00"),
        # Over with the last instant of April by the charter of April; in May it is not.
        ("2026-01-30T23:59:59.999999", "2026-03-20T00:00", 365, "2027-01-30T23:59:59.999999"),
    ],
)
def test_a_co_op_that_paid_is_ones_own_until_the_charter_of_that_month_lets_it_go(
    paid: str, at: str, days: int, until: str
) -> None:
    history = voted(("own_set_days", days, month_start("2026-04", "UTC") + SECOND))
    paid_at, since, ends = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (paid, at, until))

    found = own_until(paid_at, since, history, "UTC")

    assert found == ends
    tick = timedelta(microseconds=1)
    for moment, is_own in ((found, True), (found + tick, False)):
        assert (moment - paid_at <= timedelta(days=history.in_month_of(moment).own_set_days)) is is_own


def test_a_change_in_the_hour_that_shows_the_old_day_again_is_of_the_day_after_the_new_one() -> None:
    began = day_start(date(2009, 11, 1), "America/St_Johns")
    for at, day in ((began, date(2009, 11, 1)), (began + timedelta(minutes=2), date(2009, 11, 2))):
        history = voted((DIVIDEND, 0, at), zone="America/St_Johns")
        assert history.day_from(history.changes[0]) == day
