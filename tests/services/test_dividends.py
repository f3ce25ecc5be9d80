"""A dividend's run: drafted by one, seen by everybody, approved by another, posted once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests import cast
from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.races.rush import rush, wait_until_it_waits
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import dividends, histories, members, payments
from wallet.services.dividends import PaidDividend
from wallet.store import dividends as runs
from wallet.store.ledger import journal

APRIL = date(2026, 4, 1)
POT = cast.POT


@pytest.fixture
def town(kit: Kit, clock: Clock) -> Kit:
    """Let Ana and Ben, whose 240.00 RES came for 16 hours, spend at each other's co-op in March; May begins."""
    cast.share_out(kit)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    return kit


def told(kit: Kit) -> list[tuple[str, int]]:
    """List who was told of the dividend, and of how much; the page is that of their receipt."""
    with kit.engine.connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT p.handle, n.amount_minor FROM notices n JOIN people p ON p.id = n.person_id"
                " JOIN transfers t ON '/receipts/' || t.ref = n.link AND t.credit_id = p.account_id"
                " AND t.amount_minor = n.amount_minor WHERE n.kind = 'dividend' ORDER BY 1"
            )
        )
        return [(row.handle, row.amount_minor) for row in found]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_two_facilitators_and_seven_days_pay_everybody_their_line_once(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    run = dividends.draft(town, "flo", APRIL, POT)
    dividends.approve(town, "eve", run)
    before = balances()
    clock.advance(days=7, seconds=-1)
    assert dividends.post(town) is None, "everybody sees it for seven days"
    assert told(town) == []
    assert balances() == before

    clock.advance(seconds=1)
    assert dividends.post(town) == PaidDividend(2)
    assert dividends.post(town) is None

    # In month 3 of 180: 491.66 by 180.00 and 60.00 of basis, 8.34 by as many hours; twice the hash decides a half.
    moved = {who: minor - before[who] for who, minor in balances().items() if minor != before[who]}
    assert moved == {"ana": 368_75 + 6_26, "ben": 122_91 + 2_08, "pool": -POT}
    assert told(town) == [("ana", moved["ana"]), ("ben", moved["ben"])]


@pytest.mark.parametrize(
    ("taken", "named"), [(["2026-03"], "2026-03-31"), (["2026-03", "2026-03-31", "2026-03-31-2"], "2026-03-31-3")]
)
def test_a_period_whose_name_a_history_s_payment_has_takes_the_next_that_its_end_gives(
    town: Kit, clock: Clock, taken: list[str], named: str
) -> None:
    for ref in taken:
        histories.fund(town, "bakery", 1, key=ref)
    run = dividends.draft(town, "flo", APRIL, POT)
    dividends.approve(town, "eve", run)
    clock.advance(days=7)

    assert dividends.post(town) == PaidDividend(2)
    with town.engine.connect() as connection:
        assert list(runs.of_all(connection)) == [named]


def test_a_dividend_of_a_history_that_has_a_later_period_s_name_holds_none_back(town: Kit, clock: Clock) -> None:
    dividends.pay(town, "2026-03", date(2026, 2, 1), 1)

    run = dividends.draft(town, "flo", APRIL, POT - 1)
    dividends.approve(town, "eve", run)
    clock.advance(days=7)
    assert dividends.post(town) is not None
    with town.engine.connect() as connection:
        assert set(runs.of_all(connection)) == {"2026-03", "2026-03-31"}


def test_nothing_is_paid_before_somebody_else_has_approved(town: Kit, clock: Clock) -> None:
    run = dividends.draft(town, "flo", APRIL, POT)
    assert code_of(partial(dividends.approve, town, "flo", run)) == "second_person"
    assert code_of(partial(dividends.approve, town, "ben", run)) == "not_allowed"
    clock.advance(days=30)

    assert dividends.post(town) is None
    dividends.approve(town, "eve", run)
    assert code_of(partial(dividends.approve, town, "eve", run)) == "already_decided"
    assert dividends.post(town) == PaidDividend(2)


def test_what_was_withdrawn_is_never_posted_and_the_period_is_free_again(town: Kit, clock: Clock) -> None:
    run = dividends.draft(town, "flo", APRIL, POT)
    assert code_of(partial(dividends.draft, town, "eve", date(2026, 3, 1), POT)) == "already_waiting"
    dividends.approve(town, "eve", run)
    dividends.withdraw(town, "eve", run)
    clock.advance(days=8)
    assert dividends.post(town) is None
    assert code_of(partial(dividends.withdraw, town, "eve", run)) == "already_decided"

    dividends.approve(town, "flo", dividends.draft(town, "eve", APRIL, POT))
    clock.advance(days=7)
    assert dividends.post(town) == PaidDividend(2)
    for ends_on in (date(2026, 3, 20), APRIL):
        assert code_of(partial(dividends.draft, town, "eve", ends_on, 1)) == "not_allowed"


def test_a_draft_waits_for_its_cut_off_asks_two_people_and_takes_no_more_than_there_is(town: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 4, 15, tzinfo=UTC) - timedelta(microseconds=1))
    assert code_of(partial(dividends.draft, town, "flo", APRIL, POT)) == "not_allowed"
    clock.set(datetime(2026, 4, 15, tzinfo=UTC))
    assert code_of(partial(dividends.draft, town, "flo", APRIL, POT + 1)) == "insufficient_funds"
    assert code_of(partial(dividends.draft, town, "flo", APRIL, 0)) == "bad_amount"
    assert code_of(partial(dividends.pay, town, "at once", APRIL, 0)) == "bad_amount"
    dividends.withdraw(town, "flo", dividends.draft(town, "flo", APRIL, POT))
    assert code_of(partial(dividends.draft, town, "ana", APRIL, POT)) == "not_allowed"
    with town.engine.begin() as connection:
        eve = "person_id = (SELECT id FROM people WHERE handle = 'eve')"
        connection.execute(sa.text(f"UPDATE roles SET revoked_at = granted_at WHERE role = 'facilitator' AND {eve}"))
    assert code_of(partial(dividends.draft, town, "flo", APRIL, POT)) == "second_person"


def test_however_late_the_draft_the_cut_off_is_two_weeks_after_the_end(town: Kit, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 2, 13, tzinfo=UTC))
    in_time = histories.sell(town, "clinic", "ana", 20_00, 0, key="a visit")
    too_late = histories.sell(town, "clinic", "ana", 40_00, 0, key="another visit")
    assert in_time is not None
    assert too_late is not None
    clock.set(datetime(2026, 4, 14, 23, 59, 59, tzinfo=UTC))
    refund_sale(town, in_time.ref, 20_00, 0)
    clock.set(datetime(2026, 4, 15, tzinfo=UTC))
    refund_sale(town, too_late.ref, 40_00, 0)
    clock.advance(days=60)

    dividends.draft(town, "flo", APRIL, POT)

    lines = sa.text("SELECT l.basis_minor FROM dividend_lines l JOIN people p ON p.id = l.person_id ORDER BY p.handle")
    with town.engine.connect() as connection:
        assert list(connection.execute(lines).scalars()) == [220_00, 60_00]


def test_who_leaves_between_draft_and_posting_is_paid_as_everybody_saw(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    dividends.approve(town, "eve", dividends.draft(town, "flo", APRIL, POT))
    members.leave(town, "mill", "ana")
    before = balances()["ana"]
    clock.advance(days=7)

    assert dividends.post(town) == PaidDividend(2)
    assert balances()["ana"] - before == 375_01


@pytest.mark.parametrize("ends_on", [APRIL, date(2026, 2, 1)], ids=["to the last cent", "or to nobody"])
def test_a_pool_that_became_too_small_pays_nobody_and_the_draft_waits(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]], ends_on: date
) -> None:
    run = dividends.draft(town, "flo", ends_on, POT)
    dividends.approve(town, "eve", run)
    assert dividends.pay(town, "meanwhile", date(2026, 4, 20), 1) == PaidDividend(1)
    clock.advance(days=7)
    before = balances()
    app = create_app(town.settings, engine=town.engine, clock=clock)

    done = app.test_cli_runner().invoke(args=["dividend"])

    assert (done.exit_code, done.stderr.startswith("Not posted: ")) == (1, True)
    assert balances() == before
    assert told(town) == []
    dividends.withdraw(town, "flo", run)


def test_where_nobody_has_basis_nobody_is_paid_and_all_of_it_stays(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    before = balances()
    for ends_on, paid in ((date(2026, 2, 1), PaidDividend(0)), (APRIL, PaidDividend(2))):
        assert balances() == before
        dividends.approve(town, "eve", dividends.draft(town, "flo", ends_on, POT))
        clock.advance(days=7)
        assert dividends.post(town) == paid


def test_in_the_demo_a_draft_is_seen_for_ten_seconds(town: Kit, clock: Clock) -> None:
    demo = replace(town, settings=replace(town.settings, demo=True))
    dividends.approve(demo, "eve", dividends.draft(demo, "flo", APRIL, POT))
    assert dividends.post(demo) is None
    clock.advance(seconds=10)

    assert dividends.post(demo) == PaidDividend(2)


def test_posted_by_sixteen_at_once_it_is_paid_once(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]]
) -> None:
    dividends.approve(town, "eve", dividends.draft(town, "flo", APRIL, POT))
    clock.advance(days=7)

    met = rush([partial(dividends.post, town)] * 16)

    assert PaidDividend(2) in met.answers
    assert set(met.answers) <= {PaidDividend(2), None}, "who saw the draft is told what came of it"
    assert balances()["pool"] == 0


def test_who_pays_while_the_dividend_is_posted_waits_for_it_and_neither_is_lost(
    town: Kit, clock: Clock, balances: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dividends.approve(town, "eve", dividends.draft(town, "flo", APRIL, POT))
    clock.advance(days=7)
    bread = payments.open_bill(town, "bakery-1", "ben", amount_minor=5_00, key="bread")
    before, is_under_way, add_selected = balances()["ana"], threading.Event(), journal.add_selected

    def held_until_the_payment_waits(*asked: Any) -> None:
        is_under_way.set()
        wait_until_it_waits(town)
        add_selected(*asked)

    def pays() -> object:
        assert is_under_way.wait(30)
        return payments.pay_bill(town, bread.code, "ana", key="paid")

    monkeypatch.setattr(journal, "add_selected", held_until_the_payment_waits)
    met = rush([partial(dividends.post, town), pays])

    assert (len(met.answers), met.refused) == (2, {})
    assert balances()["ana"] == before + 375_01 - 5_00


def test_drafted_by_two_at_once_there_is_one_draft(town: Kit) -> None:
    met = rush([partial(dividends.draft, town, who, APRIL, POT) for who in ("flo", "eve") * 4])

    assert (len(met.answers), met.refused) == (1, {"already_waiting": 7})


def test_the_command_posts_what_is_due_and_says_how_many_were_paid(town: Kit, clock: Clock) -> None:
    app = create_app(town.settings, engine=town.engine, clock=clock)
    dividends.approve(town, "eve", dividends.draft(town, "flo", APRIL, POT))

    waits = app.test_cli_runner().invoke(args=["dividend"])
    clock.advance(days=7)
    posts = app.test_cli_runner().invoke(args=["dividend"])
    again = app.test_cli_runner().invoke(args=["dividend"])

    assert (waits.exit_code, waits.output) == (0, "There is nothing to post.\n")
    assert (posts.exit_code, posts.output) == (0, "Posted. Members paid: 2.\n")
    assert (again.exit_code, again.output) == (0, "There is nothing to post.\n")
