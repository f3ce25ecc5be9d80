"""What ballots change in the charter, in the books: from the first second of a month or period on, and never before."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.clock import Clock
from tests.races.rush import rush
from tests.services.test_ballots import town, vote
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import ballots, dividends, histories, network, payments
from wallet.store import charters, dues, pool
from wallet.store.engine import reading
from wallet.store.views import purchases

__all__ = ["town"]

EVERYBODY = (("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo"), ("mill", "ana"), ("mill", "dee"))


def opened(kit: Kit, parameter: str, value: int, yes: tuple[tuple[str, str], ...] = EVERYBODY) -> int:
    """Open a ballot, with so many yes; nobody closes it."""
    number = ballots.propose(kit, "flo", value, "It is better.", 30, parameter=parameter)
    ballots.agree(kit, "eve", number)
    for coop, handle in yes:
        vote(kit, number, coop, handle)
    return number


def passed(kit: Kit, clock: Clock, **values: int) -> None:
    """Let ballots on so many values pass."""
    for parameter, value in values.items():
        opened(kit, parameter, value)
    clock.advance(days=30)
    ballots.close_due(kit)


def row(kit: Kit, statement: str) -> tuple[int, ...]:
    """Read one row."""
    with reading(kit.engine) as connection:
        return tuple(connection.execute(sa.text(statement)).one())


def state(kit: Kit, number: int) -> str:
    """Tell what came of a ballot."""
    return str(row(kit, f"SELECT state FROM ballots WHERE id = {number}")[0])


@pytest.mark.parametrize(
    ("yes", "came"),
    [
        ((("bakery", "ben"), ("bakery", "eve"), ("clinic", "flo")), "passed"),
        ((("bakery", "ben"), ("clinic", "flo")), "failed"),
        ((("bakery", "ben"), ("mill", "ana"), ("mill", "dee")), "failed"),
        ((), "failed"),
    ],
    ids=["two of three co-ops", "half of a roll is not more", "one of three co-ops", "nobody"],
)
def test_it_takes_more_than_half_in_more_than_half_of_the_co_ops(
    town: Kit, clock: Clock, yes: tuple[tuple[str, str], ...], came: str
) -> None:
    number = opened(town, "floor_bp", 1_500, yes)
    clock.advance(days=30)
    ballots.close_due(town)

    assert state(town, number) == came


def test_exactly_half_of_the_co_ops_that_are_left_is_not_enough(town: Kit, clock: Clock) -> None:
    number = opened(town, "floor_bp", 1_500, (("clinic", "flo"), ("mill", "ana"), ("mill", "dee")))
    network.coop_leaves(town, "mill")
    clock.advance(days=30)
    ballots.close_due(town)

    assert state(town, number) == "failed", "of bakery and clinic only one reached it"


def test_each_parameter_has_its_bounds_and_one_ballot_at_a_time(town: Kit) -> None:
    for parameter, value in (("floor_bp", 5_001), ("cap_bp", 4_999), ("rise_bp", 99), ("month_minutes_max", 90)):
        with pytest.raises(Refusal, match="bad_form"):
            ballots.propose(town, "flo", value, "?", 30, parameter=parameter)
    with pytest.raises(Refusal, match="bad_form"):
        ballots.propose(town, "flo", 1_000, "It stands already.", 30, parameter="floor_bp")
    opened(town, "floor_bp", 1_500)
    opened(town, "cap_bp", 9_000)
    with pytest.raises(Refusal, match="already_waiting"):
        ballots.propose(town, "flo", 1_200, "Another one.", 30, parameter="floor_bp")


def test_from_a_month_s_first_second_on_pay_goes_by_what_was_voted_though_nobody_closed_it(
    town: Kit, clock: Clock
) -> None:
    clock.set(datetime(2026, 5, 1, 0, 0, 0, tzinfo=UTC))
    opened(town, "rate_max_minor", 1_000)
    opened(town, "month_minutes_max", 120)

    stands = "SELECT eligible_minor FROM accounts a JOIN people p ON p.account_id = a.id WHERE handle = 'ana'"

    def eligible(hours: int, key: str) -> int:
        (before,) = row(town, stands)
        histories.pay(town, "mill", "ana", 100_00 * hours, 60 * hours, key=key)
        return row(town, stands)[0] - before

    clock.set(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC))
    share = row(town, "SELECT share_bp FROM transfers WHERE kind = 'pay' ORDER BY id DESC LIMIT 1")[0]
    assert eligible(4, "last of May") == 4 * 100_00 * share // 10_000 * 4 * 22_50 // (4 * 100_00)
    clock.set(datetime(2026, 6, 1, 0, 0, 0, tzinfo=UTC))
    assert eligible(4, "first of June") == 4 * 100_00 * share // 10_000 * 2 * 10_00 // (4 * 100_00)
    assert row(town, "SELECT COUNT(*) FROM ballots WHERE state = 'passed'") == (2,), "who posted first has closed them"


def test_shares_of_months_before_a_change_are_worked_out_with_what_held_then(town: Kit, clock: Clock) -> None:
    """Ana is paid in April, nobody looks until August; the floor rose for June and the cap fell for July."""
    clock.set(datetime(2026, 4, 1, 12, tzinfo=UTC))
    histories.pay(town, "mill", "dee", 1_000_00, 600, key="April")
    clock.set(datetime(2026, 5, 1, 12, tzinfo=UTC))
    passed(town, clock, floor_bp=2_500)
    clock.set(datetime(2026, 6, 1, 0, tzinfo=UTC))
    passed(town, clock, headroom_bp=4_000)
    clock.set(datetime(2026, 8, 3, 12, tzinfo=UTC))
    histories.pay(town, "mill", "dee", 1_000_00, 600, key="August")

    with reading(town.engine) as connection:
        kept = connection.execute(
            sa.text(
                "SELECT month, share_bp, charter_version FROM shares s JOIN people p ON p.id = s.person_id"
                " WHERE p.handle = 'dee' AND month >= '2026-04' ORDER BY month"
            )
        ).all()
    assert [tuple(one) for one in kept] == [
        ("2026-04", 1_000, 1),
        ("2026-05", 1_000, 1),
        ("2026-06", 2_500, 2),
        ("2026-07", 3_500, 3),
        ("2026-08", 3_500, 3),
    ]


def test_a_co_op_that_paid_somebody_is_theirs_for_as_long_as_the_month_of_the_sale_says(
    town: Kit, clock: Clock
) -> None:
    clock.set(datetime(2026, 5, 1, 0, tzinfo=UTC))
    opened(town, "own_set_days", 30)
    clock.set(datetime(2026, 5, 1, 12, tzinfo=UTC))
    histories.pay(town, "clinic", "ana", 100_00, 60, key="a day at the clinic")

    def qualifies(key: str) -> bool:
        posted = histories.sell(town, "clinic", "ana", 1_00, 0, key=key)
        assert posted is not None
        return bool(posted.qualifies)

    clock.set(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC))
    assert not qualifies("90 days held in May")
    clock.set(datetime(2026, 6, 1, 0, tzinfo=UTC))
    assert qualifies("30 days hold in June")


def test_ballots_are_open_as_long_as_the_month_of_their_opening_says(town: Kit, clock: Clock) -> None:
    waiting = ballots.propose(town, "flo", 1_500, "Soon.", 30, parameter="floor_bp")
    passed(town, clock, ballot_days=60)
    clock.advance(days=31)

    with pytest.raises(Refusal, match="bad_form"):
        ballots.propose(town, "flo", 9_000, "Too soon.", 30, parameter="cap_bp")
    with pytest.raises(Refusal, match="already_decided"):
        ballots.agree(town, "eve", waiting)


def paid(kit: Kit, clock: Clock, ends_on: date, pot_minor: int = 100_00) -> int:
    """Draft, approve and post a period's run."""
    number = dividends.draft(kit, "flo", ends_on, pot_minor)
    dividends.approve(kit, "eve", number)
    clock.advance(days=7)
    dividends.post(kit)
    return number


def asked_of(kit: Kit) -> Mapping[str, int]:
    """Tell what each co-op is asked for."""
    with reading(kit.engine) as connection:
        hand = charters.in_hand(connection, kit.charter, kit.clock())
        assert hand is not None
        found = dues.of_all(connection, dues.period(connection, hand, "UTC", None, kit.clock()), hand, "UTC")
    return {one.slug: one.due_minor for one in found}


def test_a_dividend_that_is_off_pays_nothing_asks_nothing_and_loses_nothing(town: Kit, clock: Clock) -> None:
    histories.sell(town, "bakery", "ana", 100_00, 0, key="Ana's bread")
    histories.fund(town, "mill", 900_00, key="pool")
    passed(town, clock, dividend_on=0)
    assert asked_of(town)["bakery"] == 1_00, "the period in which it was voted is asked for and paid"
    clock.set(datetime(2027, 1, 20, tzinfo=UTC))
    assert asked_of(town)["bakery"] == 1_00
    paid(town, clock, date(2027, 1, 1))
    histories.sell(town, "bakery", "ana", 40_00, 0, key="Bread of a year without")
    assert asked_of(town)["bakery"] == 0
    clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    passed(town, clock, dividend_on=1, pool_rate_bp=200)
    for ends_on in (date(2027, 2, 1), date(2028, 1, 1)):
        clock.set(datetime(2028, 2, 1, tzinfo=UTC))
        with pytest.raises(Refusal, match="dividend_off"):
            dividends.draft(town, "flo", ends_on, 100_00)
    histories.sell(town, "bakery", "ana", 10_00, 0, key="Bread of a year with it")
    assert asked_of(town)["bakery"] == 20, "of the new period alone, at its own rate"
    clock.set(datetime(2029, 1, 20, tzinfo=UTC))
    number = paid(town, clock, date(2029, 1, 1))

    line = (
        "SELECT basis_minor FROM dividend_lines l JOIN people p ON p.id = l.person_id WHERE handle = 'ana' AND run_id ="
    )
    assert row(town, f"{line} {number}") == (150_00,), "what was circulated meanwhile counts"
    assert row(town, f"SELECT charter_version FROM dividend_runs WHERE id = {number}") == (4,)
    with reading(town.engine) as connection:
        assert pool.balance(connection) == 700_00


def test_whoever_makes_no_run_does_not_keep_the_dividend_on(town: Kit, clock: Clock) -> None:
    histories.fund(town, "mill", 900_00, key="pool")
    passed(town, clock, dividend_on=0)
    clock.set(datetime(2027, 3, 1, tzinfo=UTC))

    with pytest.raises(Refusal, match="dividend_off"):
        dividends.draft(town, "flo", date(2027, 2, 1), 100_00)
    dividends.draft(town, "flo", date(2027, 1, 1), 100_00)


def test_a_refused_run_of_a_history_leaves_its_name_free(town: Kit, clock: Clock) -> None:
    histories.fund(town, "mill", 900_00, key="pool")
    passed(town, clock, dividend_on=0)
    clock.set(datetime(2028, 3, 1, tzinfo=UTC))

    with pytest.raises(Refusal, match="dividend_off"):
        dividends.pay(town, "2027", date(2028, 1, 1), 100_00)
    assert dividends.pay(town, "2027", date(2027, 1, 1), 100_00) is not None


def test_whether_cash_counts_is_told_by_the_month_of_the_sale_also_when_it_comes_back(town: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 5, 1, 0, tzinfo=UTC))
    opened(town, "count_logged_cash", 0)

    def spent(res_minor: int, cash_minor: int, key: str) -> int:
        histories.sell(town, "bakery", "ana", res_minor, cash_minor, key=key)
        return counted()

    def counted() -> int:
        return row(
            town,
            "SELECT COALESCE(SUM(spend_minor), 0) FROM patronage_months m JOIN people p ON p.id = m.person_id"
            " WHERE handle = 'ana'",
        )[0]

    clock.set(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC))
    before = counted()
    assert spent(2_00, 3_00, "cash counts in May") == before + 5_00
    clock.set(datetime(2026, 6, 1, 0, tzinfo=UTC))
    assert spent(2_00, 3_00, "not in June") == before + 7_00
    histories.refund(town, "cash counts in May", 0, 1_00)
    assert counted() == before + 6_00
    histories.refund(town, "not in June", 1_00, 3_00)
    assert counted() == before + 5_00
    with reading(town.engine) as connection:
        dated = charters.history(connection, town.charter, clock())
        until = datetime(2026, 6, 2, tzinfo=UTC)
        bought = purchases.between(connection, "ana", "2026-05", until, "UTC", dated)
    assert sum(one.sum_minor for one in purchases.counted(bought)) == counted() - before, "their page adds up to it"


def test_a_counter_s_sale_counts_its_cash_as_its_month_says(town: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 5, 1, 0, tzinfo=UTC))
    opened(town, "count_logged_cash", 0)
    figures = "SELECT SUM(spend_minor) FROM patronage_months m JOIN people p ON p.id = m.person_id WHERE handle = 'ana'"
    sums = []
    for at in (datetime(2026, 5, 31, 12, tzinfo=UTC), datetime(2026, 6, 1, 0, tzinfo=UTC)):
        clock.set(at)
        bill = payments.open_bill(
            town, "bakery-1", "ben", amount_minor=5_00, cash_minor=3_00, key=f"bill at {at.isoformat()}"
        )
        payments.pay_bill(town, bill.code, "ana", key=f"pay at {at.isoformat()}")
        sums.append(row(town, figures)[0])

    assert sums[1] - sums[0] == 2_00, "in June the RES part alone"


def test_of_many_who_post_first_in_a_month_each_goes_by_what_was_voted_and_the_ballot_is_counted_once(
    town: Kit, clock: Clock
) -> None:
    clock.set(datetime(2026, 5, 1, 0, tzinfo=UTC))
    opened(town, "own_set_days", 30)
    clock.set(datetime(2026, 5, 1, 12, tzinfo=UTC))
    histories.pay(town, "clinic", "ana", 100_00, 60, key="a day at the clinic")
    clock.set(datetime(2026, 6, 1, 0, tzinfo=UTC))
    asked = [lambda key=f"June {number}": histories.sell(town, "clinic", "ana", 1, 0, key=key) for number in range(8)]  # type: ignore[misc]
    met = rush(asked)

    assert (met.refused, [bool(posted and posted.qualifies) for posted in met.answers]) == ({}, [True] * 8)
    with reading(town.engine) as connection:
        told = connection.execute(sa.text("SELECT COUNT(*) FROM notices WHERE kind = 'ballot_passed'")).scalar_one()
    assert told == len(EVERYBODY), "each was told once"
