"""The demo federation: who and what is in it, that its books are sound, and that a day always tells the same year."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.beancount_file import loaded
from tests.clock import Clock
from tests.conftest import DATABASES, database, on_server
from wallet.cli import demo
from wallet.domain import beancount
from wallet.domain.bookkeeping import Period
from wallet.domain.demo.paydays import paydays_before
from wallet.domain.demo.people import MODEST, PEOPLE, RUNS_AT, WITH_CODES, cashiers_of
from wallet.domain.demo.places import BOUGHT, FEDERATION, PLACES, SUPPLIES
from wallet.domain.demo.year import acts_until
from wallet.domain.needs import NEEDS
from wallet.domain.period import day_start, months_from_to
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import network
from wallet.services.demo import CannotFill
from wallet.store import charters, disputes, dues, federation, paylines, payruns, people, shares, verify
from wallet.store.engine import make_engine, reading, snapshot
from wallet.store.views import (
    activity,
    ballots,
    bookkeeping,
    dividends,
    office,
    personas,
    refunds,
    slips,
    standing,
    wallet_statement,
)
from wallet.store.views import payruns as payrun_view

TODAY = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
JOURNAL = sa.text(
    "SELECT kind, at, debit_id, credit_id, amount_minor, cash_minor, debit_seq, credit_seq, qualifies, basis_minor,"
    " basis_minutes, share_bp, till_id, means FROM transfers ORDER BY id"
)


@pytest.fixture(scope="module")
def towns(cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Kit]]:
    """Fill a database of each kind, once for all these tests, on the evening of one Tuesday; tell how long it took."""
    on_server(cluster, "CREATE DATABASE alder_valley")
    urls = {
        "sqlite": f"sqlite:///{tmp_path_factory.mktemp('demo')}/wallet.sqlite3",
        "postgresql": database(cluster, "alder_valley"),
    }
    kits = {kind: Kit(make_engine(url), Clock(TODAY)) for kind, url in urls.items()}
    for kind, kit in kits.items():
        begun = time.monotonic()
        assert demo.fill(kit)
        print(f"filled {kind} in {time.monotonic() - begun:.1f} s")
    yield kits
    for kit in kits.values():
        kit.engine.dispose()
    on_server(cluster, "DROP DATABASE alder_valley WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def filled(request: pytest.FixtureRequest, towns: dict[str, Kit]) -> Kit:
    """Give the kit of a database that the demo has filled."""
    return towns[request.param]


def journal(kit: Kit) -> list[tuple[object, ...]]:
    with reading(kit.engine) as connection:
        return [tuple(row) for row in connection.execute(JOURNAL)]


def test_fourteen_coops_serve_nine_of_twelve_needs_and_sixty_people_live_a_year(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        coops = connection.execute(sa.text("SELECT need, mark, status FROM coops")).all()
        people = connection.execute(sa.text("SELECT COUNT(*) FROM people")).scalar_one()
        workers = connection.execute(sa.text("SELECT COUNT(DISTINCT person_id) FROM own_set WHERE is_member = true"))
        paydays = connection.execute(sa.text("SELECT DISTINCT at FROM transfers WHERE kind = 'pay'")).scalars().all()
        kinds = Counter(connection.execute(sa.text("SELECT kind FROM transfers")).scalars())
        charter_on = connection.execute(sa.text("SELECT charter_on FROM federation")).scalar_one()
    days = {datetime.fromtimestamp(at / 1_000_000, UTC).date() for at in paydays}

    assert (len(coops), len({coop.need for coop in coops}), len(NEEDS), people) == (14, 9, 12, 60)
    assert {coop.need for coop in coops} < set(NEEDS)
    assert len({coop.mark for coop in coops}) == 14
    assert {coop.status for coop in coops} == {"active"}
    assert workers.scalar_one() == 50
    assert len(days) == 12
    assert 1_500 <= kinds.total() - kinds["dividend"] <= 3_700
    assert min(kinds[kind] for kind in ("pay", "sale", "refund", "gift", "supply", "fund", "sweep")) > 20
    assert charter_on == "2025-11-01"


def test_the_books_of_the_demo_are_sound(filled: Kit) -> None:
    with snapshot(filled.engine) as connection:
        checked = verify.examine(connection)

    assert checked.breaches == []
    assert checked.transfers > 1_500


def test_the_first_persona_is_a_member_then_come_a_cashier_a_steward_and_a_facilitator(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        found = personas.everyone(connection)

    assert [(one.handle, one.roles) for one in found[:4]] == [
        ("ana", (("member", None),)),
        ("ben", (("member", None), ("cashier", "bakery"))),
        ("eve", (("member", None), ("steward", "bakery"))),
        ("joy", (("member", None), ("facilitator", None))),
    ]
    assert found[1].tills == ("bakery-1", "bakery-2")
    assert {till.rsplit("-", 1)[0] for one in found for till in one.tills} == {place.slug for place in PLACES}
    assert [one.handle for one in found if len(one.works_at) > 1] == ["mara"]
    assert next(one for one in found if one.handle == "milo").works_at == ()


def test_shares_differ_some_at_the_floor_some_moving_some_far_up(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        months = shares.of_all(connection, "2026-11", filled.charter)
        handles = {row.id: row.handle for row in connection.execute(sa.text("SELECT id, handle FROM people"))}
    paths = {handles[person]: [*path.values()] for person, path in months.items() if path}
    lately = {handle: path[-1] for handle, path in paths.items()}

    assert len(paths) == 51, "fifty who work there, and one who helped out"
    assert len(set(lately.values())) >= 10
    assert sum(share == 1000 for share in lately.values()) >= 5
    assert sum(path[-1] != path[-2] for path in paths.values()) >= 25
    assert max(lately.values()) > 7000
    assert 1500 < lately["ana"] < 6000


def test_everybody_who_works_has_purchases_that_count_and_one_that_does_not(filled: Kit) -> None:
    counted = sa.text(
        "SELECT p.handle, t.qualifies, COUNT(*) FROM transfers t JOIN people p ON p.account_id = t.debit_id"
        " WHERE t.kind = 'sale' AND t.at > :since GROUP BY 1, 2"
    )
    since = int((TODAY.timestamp() - 85 * 86_400) * 1_000_000)
    with reading(filled.engine) as connection:
        found = {(row[0], bool(row[1])): row[2] for row in connection.execute(counted, {"since": since})}

    for someone in PEOPLE:
        if someone.works_at and someone.role != "temp":
            assert found.get((someone.handle, True), 0) >= 3, someone
            assert found.get((someone.handle, False), 0) >= 1, someone


def test_every_share_page_has_lines_that_count_and_one_that_does_not(towns: dict[str, Kit]) -> None:
    kit = towns["sqlite"]
    app = create_app(replace(kit.settings, demo=True), engine=kit.engine, clock=kit.clock)
    with reading(kit.engine) as connection:
        paid = [
            one.handle
            for one in personas.everyone(connection)
            if shares.outlook(connection, one.handle, "2026-11", kit.charter)
        ]
    assert len(paid) == 51
    for handle in paid:
        browser = app.test_client()
        assert browser.post("/demo/sign-in", json={"handle": handle}).status_code == 204
        # One line of the page begins with what its group's sign says of it.
        groups = browser.get("/share").text.split('<li class="reason" data-tone="')[1:]
        found = Counter(
            {tone: sum(one.count("/receipts/") for one in groups if one.startswith(tone)) for tone in ("good", "off")}
        )
        assert found["good"] >= 3, (handle, found)
        assert found["off"] >= 1, (handle, found)
    app.extensions["streams"].live.close()


def test_a_co_op_pays_in_runs_and_the_next_is_a_draft_with_mistyped_hours(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        runs, _further = payrun_view.listed(connection, RUNS_AT)
        draft = payruns.find(connection, RUNS_AT, runs[0].id)
        lines = paylines.worked_out(connection, draft, "2026-11", filled.charter)
        bounds = {handle: {slip.lowered_by for slip in slips.of(connection, handle)} for handle in ("ben", MODEST)}

    assert [run.state for run in runs] == ["draft"] + ["posted"] * 12
    most = filled.charter.month_minutes_max or 0
    assert (draft.pay_on, [line.handle for line in lines if line.minutes > most]) == ("2026-11-28", ["ruth"])
    assert ("floor",) in bounds["ben"]
    assert ("election",) in bounds[MODEST]


def test_a_dividend_was_shared_out_and_some_dues_since_are_paid_and_some_open(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        (run,) = dividends.runs(connection)
        given = {one.handle: dividends.statements(connection, one.handle) for one in PEOPLE}
        hand, zone = charters.in_hand(connection, filled.charter, filled.clock()), federation.zone(connection)
        assert hand is not None
        period = dues.period(connection, hand, zone, None, filled.clock())
        asked = dues.of_all(connection, period, hand, zone)

    assert (run.state, run.label, run.months, run.sunset_months) == ("posted", "2026-07", 9, 180)
    assert (run.drafted_by_name, run.approved_by_name) == ("Joy Abara", "Flo Mensah")
    assert run.given_minor == run.pot_minor > 50_000
    assert run.history_minor == run.pot_minor * 171 // 180
    # Who works and spent at others before it; the first four whom visitors meet are among them.
    assert [len(given[handle]) for handle in ("ana", "ben", "eve", "joy")] == [1, 1, 1, 1]
    assert sum(len(statements) for statements in given.values()) == run.members >= 40
    assert sum(one.open_minor > 0 for one in asked) >= 4
    assert sum(one.due_minor > 0 and one.open_minor == 0 for one in asked) >= 4


def test_what_went_wrong_is_open_answered_given_back_or_with_the_facilitators(filled: Kit) -> None:
    now = filled.clock()
    with reading(filled.engine) as connection:
        bakery, farm = (disputes.going_on(connection, slug, now) for slug in ("bakery", "farm"))
        passed, _further = disputes.for_facilitators(connection, now)
        waiting = refunds.waiting_for(connection, "eve", now)
        asked = connection.execute(sa.text("SELECT COUNT(*) FROM refunds WHERE state = 'waiting'")).scalar_one()
        news = notices_of(connection, "ana")

    # Half of a cake came back, which is an answer: only the whole ends a dispute.
    assert sorted(one.state for one in bakery) == ["answered", "open", "open"]
    # Ana's purchase by code came back at once, until it is settled; the farm has answered another of hers.
    assert [(one.member, one.carried_minor > 0) for one in bakery if one.carried] == [("ana", True)]
    assert [(one.state, one.member) for one in farm] == [("answered", "ana")]
    assert [(one.coop, one.state, one.overdue) for one in passed] == [("canteen", "passed", True)]
    assert asked == 2
    assert len(waiting) <= 1
    assert {"answered", "carried"} <= news


def notices_of(connection: sa.Connection, handle: str) -> set[str]:
    told = sa.text("SELECT n.kind FROM notices n JOIN people p ON p.id = n.person_id WHERE p.handle = :handle")
    return set(connection.execute(told, {"handle": handle}).scalars())


def test_co_ops_buy_at_each_others_counters_one_sum_so_large_that_two_agreed(filled: Kit) -> None:
    bought = sa.text(
        "SELECT p.slug, s.slug, t.amount_minor FROM transfers t JOIN coops p ON p.account_id = t.debit_id"
        " JOIN coops s ON s.account_id = t.credit_id WHERE t.kind = 'supply' AND t.till_id IS NOT NULL ORDER BY t.id"
    )
    decided = sa.text("SELECT kind, state FROM proposals")
    with reading(filled.engine) as connection:
        found = [tuple(row) for row in connection.execute(bought)]
        agreed = [tuple(row) for row in connection.execute(decided)]

    assert sorted(found) == sorted((buyer, seller, amount) for _day, _minute, buyer, seller, amount in BOUGHT)
    assert agreed == [("supply", "done")]


def test_one_ballot_has_failed_and_another_is_open_in_which_visitors_have_not_voted(filled: Kit) -> None:
    votes = sa.text(
        "SELECT b.parameter, b.state, COUNT(*), SUM(CASE WHEN r.voted THEN 1 ELSE 0 END) FROM ballots b"
        " JOIN ballot_places r ON r.ballot_id = b.id GROUP BY b.id, b.parameter, b.state ORDER BY b.id"
    )
    with reading(filled.engine) as connection:
        found = [tuple(row) for row in connection.execute(votes)]
        mine = [
            ballots.waiting_for(connection, people.holder(connection, handle).id, filled.clock())
            for handle in ("ana", "ben", "eve", "joy", "flo")
        ]

    assert [row[:2] for row in found] == [("sunset_months", "failed"), ("headroom_bp", "open")]
    assert all(0 < voted < roll for _parameter, _state, roll, voted in found)
    assert [len(places) for places in mine[:4]] == [1, 1, 1, 1]


def test_ana_has_res_to_spend_and_something_to_look_at(filled: Kit) -> None:
    with reading(filled.engine) as connection:
        held = sa.text("SELECT balance_minor FROM accounts a JOIN people p ON p.account_id = a.id WHERE handle = 'ana'")
        lately = sa.text(
            "SELECT t.means FROM transfers t JOIN people p ON p.account_id = t.debit_id"
            " WHERE p.handle = 'ana' AND t.at > :since AND t.kind = 'sale'"
        )
        balance = connection.execute(held).scalar_one()
        since = int((TODAY.timestamp() - 6 * 86_400) * 1_000_000)
        means = Counter(connection.execute(lately, {"since": since}).scalars())

    assert balance > 10_000
    assert means["phone"] >= 3
    assert means["code"] >= 1


def test_a_year_of_every_co_op_loads_in_beancount_and_comes_to_the_ledgers_balances(filled: Kit) -> None:
    first, autumn, last = (date(2025, 1, 1), date(2026, 9, 1), TODAY.date())
    with snapshot(filled.engine) as connection:
        zone = federation.zone(connection)
        until = day_start(last + timedelta(days=1), zone)
        for place in PLACES:
            for period in (Period(day, last, day_start(day, zone), until) for day in (first, autumn)):
                book = bookkeeping.book(connection, place.slug, period, filled.clock())
                sums, stated = loaded("".join(beancount.written(book, bookkeeping.entries(connection, book))))
                assert {name: sums[name] for name in stated} == stated
            held = office.one_coop(connection, place.slug)
            assert held is not None
            assert sum(stated.values()) == Decimal(held.balance_minor).scaleb(-2), place.slug


def test_a_year_of_statements_of_everybody_ends_at_what_they_have(filled: Kit) -> None:
    with snapshot(filled.engine) as connection:
        zone, dated = federation.zone(connection), charters.history(connection, filled.charter, filled.clock())
        for person in PEOPLE:
            wallet, had = activity.wallet(connection, person.handle), 0
            assert wallet is not None
            for month in months_from_to("2025-01", "2026-11"):
                found = wallet_statement.of(connection, wallet.account_id, month, zone, dated)
                assert found.opening_minor == had
                had = found.closing_minor
                assert found.lines == () or found.lines[-1].balance_minor == had
            mine = standing.of(connection, person.handle)
            assert mine is not None
            assert had == mine.balance_minor, person.handle


def test_the_same_day_tells_the_same_year_on_both_databases(towns: dict[str, Kit]) -> None:
    first, second = (journal(kit) for kit in towns.values())

    # SQLite keeps yes and no as numbers; Python holds True and 1 to be equal.
    assert first == second


@pytest.mark.parametrize(
    "now", ["2026-03-01T00:00:30", "2027-02-28T09:00:00", "2028-02-29T23:59:59", "2026-12-31T12:00:00"]
)
def test_any_day_has_its_year(now: str) -> None:
    end = datetime.fromisoformat(now).replace(tzinfo=UTC)
    acts = list(acts_until(end))
    paydays = {act.at.date() for act in acts if act.kind == "pay"}

    kinds = Counter(act.kind for act in acts)

    assert (kinds["dispute"], kinds["answer"], kinds["settle"]) == (5, 1, 1)
    assert (kinds["bought"], kinds["ballot"], kinds["counted"]) == (4, 2, 1)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert acts[-1].at < end
    assert sorted(paydays) == paydays_before(end.date())
    assert len(paydays) == 12
    assert max(paydays) < end.date()
    assert (end - acts[0].at).days <= 400


def test_the_cast_of_the_demo_holds_together() -> None:
    handles = {one.handle for one in PEOPLE}

    assert len(handles) == len(PEOPLE) == 60
    assert all(handle == handle.lower() and handle.isascii() for handle in handles)
    assert set(WITH_CODES) <= handles
    assert all(cashiers_of(place.slug) for place in PLACES)
    assert {coop for one in PEOPLE for coop in one.works_at} == {place.slug for place in PLACES}
    assert {coop for buyer, seller, _usual in SUPPLIES for coop in (buyer, seller)} <= {place.slug for place in PLACES}


def test_a_federation_that_is_there_is_left_alone(kit: Kit) -> None:
    network.found_federation(kit, "Somewhere")
    network.admit_coop(kit, "bakery", 0)
    runner = create_app(replace(kit.settings, demo=True), engine=kit.engine, clock=kit.clock).test_cli_runner()

    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    assert runner.invoke(args=["demo"]).exit_code == 1
    assert not demo.fill(kit)


def test_a_deployment_for_real_people_is_not_filled_with_invented_ones(kit: Kit) -> None:
    known = replace(kit.settings, demo=False, origin="https://wallet.example")
    told = create_app(known, engine=kit.engine, clock=kit.clock).test_cli_runner().invoke(args=["demo"])

    assert (told.exit_code, "WALLET_ORIGIN" in told.stderr) == (1, True)
    with reading(kit.engine) as connection:
        assert federation.founded_zone(connection) is None


def test_a_filling_that_was_cut_off_is_noticed_and_one_that_was_not_is_left_alone(kit: Kit, filled: Kit) -> None:
    assert not demo.fill(filled)
    network.found_federation(kit, FEDERATION, charter_on="2026-01-01")

    with pytest.raises(CannotFill):
        demo.fill(kit)


def test_of_two_that_fill_at_once_the_second_to_begin_does_nothing(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallet.services.demo.is_empty", lambda _kit: True)
    network.found_federation(kit, FEDERATION)

    with pytest.raises(CannotFill, match="another process"):
        demo.fill(kit)
    with reading(kit.engine) as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM coops")).scalar_one() == 0


def test_only_a_demo_is_filled_before_it_is_served(kit: Kit) -> None:
    demo.prepare(replace(kit.settings, demo=False))

    with reading(kit.engine) as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM federation")).scalar_one() == 0
