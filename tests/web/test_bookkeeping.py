"""A co-op's accounts, exported: Beancount loads them, they come to the ledger's balances, and what is closed stays."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction
from flask.testing import FlaskClient

from tests.beancount_file import loaded
from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.cli.replay import BOOK
from wallet.domain.bookkeeping import till_account
from wallet.domain.shift import Register
from wallet.kit import Kit
from wallet.services import histories, members, network, payments, refunds, shifts
from wallet.services.refunds import Ask
from wallet.services.replay import replay
from wallet.services.shifts import Closing
from wallet.store.engine import reading
from wallet.store.views import shifts as shift_view

Browser = Callable[[str], FlaskClient]

ODD_TILL = 'kiosk é & "2" \\ -1'
NOTE = '=HYPERLINK("\\x")'


@pytest.fixture
def year(federation: Kit, clock: Clock) -> Kit:
    """Let all kinds of transfers happen at the bakery in March and April, at the edges of the months too."""
    kit = federation
    network.open_till(kit, "bakery", ODD_TILL, "Kiosk")
    members.grant(kit, "bea", "steward", "mill")
    paid(kit, "bakery-1", 200, 0, NOTE)
    paid(kit, ODD_TILL, 350, 150)
    back = paid(kit, "bakery-1", 0, 450)
    refund_sale(kit, back, 0, 50)
    histories.sell(kit, "bakery", "ana", 120, 30, key="history")
    # In Lisbon it is still March, in UTC too; an hour later it is April there alone.
    clock.set(datetime(2026, 3, 31, 22, 59, tzinfo=UTC))
    histories.refund(kit, "history", 20, 30)
    clock.set(datetime(2026, 3, 31, 23, 0, tzinfo=UTC))
    paid(kit, "bakery-1", 101, 0)
    histories.pay(kit, "bakery", "bea", 100_000, 9_600, key="pay of bea")
    histories.pay(kit, "bakery", "cal", 4, 30, key="so little that all is cash")
    histories.supply(kit, "bakery", "mill", 4_200, key="flour")
    histories.supply(kit, "mill", "bakery", 300, key="bread")
    histories.fund(kit, "bakery", 55, key="pool")
    paid(kit, ODD_TILL, 1, 0)
    clock.set(datetime(2026, 6, 10, 9, 0, tzinfo=UTC))
    return kit


def paid(kit: Kit, till: str, res_minor: int, cash_minor: int, note: str = "") -> str:
    """Let Ana buy something at a till of the bakery."""
    total = res_minor + cash_minor
    bill = payments.open_bill(kit, till, "bea", amount_minor=total, cash_minor=cash_minor, note=note, key=new_key())
    return payments.pay_bill(kit, bill.code, "ana", key=new_key(), confirm=True).ref


def exported(steward: FlaskClient, coop: str, ending: str, first: str, last: str) -> str:
    with steward.get(f"/office/{coop}/accounts/journal.{ending}?first={first}&last={last}") as answer:
        assert answer.status_code == 200, answer.get_data()
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return answer.get_data().decode()


PERIODS = (
    ("2026-03-01", "2026-03-31"),
    ("2026-04-01", "2026-04-30"),
    ("2026-03-31", "2026-03-31"),
    ("2026-04-01", "2026-04-01"),
    ("2026-01-01", "2026-12-31"),
    ("2026-05-01", "2026-05-31"),
    ("2025-01-01", "2025-12-31"),
)


@pytest.mark.parametrize("coop", ["bakery", "mill"])
def test_beancount_loads_every_export_and_comes_to_the_ledgers_balances(
    year: Kit, browser_of: Browser, balances: Callable[[], dict[str, int]], coop: str
) -> None:
    steward = browser_of({"bakery": "sam", "mill": "bea"}[coop])
    files = {period: loaded(exported(steward, coop, "beancount", *period)) for period in PERIODS}

    for sums, stated in files.values():
        assert {name: sums[name] for name in stated} == stated
        assert sum(sums.values()) == 0
    ledger = balances()
    names = {"Assets:RES:Main": coop} | {till_account(till): till for till in (f"{coop}-1", ODD_TILL)}
    whole, _ = files["2026-01-01", "2026-12-31"]
    assert {name: whole[name] for name in whole if name in names} == {
        name: Decimal(ledger[owner]).scaleb(-2) for name, owner in names.items() if name in whole
    }
    assert len(whole) >= 4
    # What was before March and what came after April leave nothing.
    assert set(files["2025-01-01", "2025-12-31"][0].values()) <= {Decimal(0)}
    assert files["2026-05-01", "2026-05-31"][1] == files["2026-04-01", "2026-04-30"][1]


def test_a_month_ends_at_midnight_where_the_federation_is(year: Kit, browser_of: Browser) -> None:
    march, april = (exported(browser_of("sam"), "bakery", "csv", *period) for period in PERIODS[:2])

    assert [kind for kind, _ in movements(march)] == ["sale", "sale", "sale", "refund", "sale", "refund"]
    assert movements(april)[0] == ("sale", "1.01")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def movements(text: str) -> list[tuple[str, str]]:
    """Give the kind and the sum of each entry of a sheet, from its first posting."""
    found = [row for row in rows(text) if row["receipt"]]
    assert [row["receipt"] for row in found[::2]] == [row["receipt"] for row in found[1::2]], "two rows an entry"
    return [(row["kind"], row["amount"]) for row in found[::2]]


@pytest.mark.parametrize("period", PERIODS)
def test_the_sheet_adds_up_and_says_what_beancount_says(
    year: Kit, browser_of: Browser, period: tuple[str, str]
) -> None:
    steward = browser_of("sam")
    sheet = rows(exported(steward, "bakery", "csv", *period))
    _sums, stated = loaded(exported(steward, "bakery", "beancount", *period))
    running = {row["account"]: Decimal(row["balance"]) for row in sheet if row["kind"] == "opening"}

    for row in sheet:
        if row["amount"] and row["account"] in running:
            running[row["account"]] += Decimal(row["amount"])
            assert row["balance"] == f"{running[row['account']]:.2f}"

    closing = {row["account"]: Decimal(row["balance"]) for row in sheet if row["kind"] == "closing"}
    assert running == closing == stated
    assert sum(Decimal(row["amount"]) for row in sheet if row["amount"]) == 0


def test_the_sheet_has_no_balance_that_never_was_though_the_clock_was_set_back(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    network.admit_coop(federation, "farm", 0)
    members.join(federation, "farm", "ida")
    members.grant(federation, "ida", "steward", "farm")
    clock.advance(minutes=2)
    histories.sell(federation, "farm", "ana", 500, 0, key="apples")
    clock.advance(minutes=-1)
    histories.fund(federation, "farm", 500, key="pool")

    sheet = rows(exported(browser_of("ida"), "farm", "csv", *PERIODS[0]))

    assert [row["balance"] for row in sheet if row["balance"]] == ["0.00", "5.00", "0.00", "0.00"]


def test_two_res_stay_two_res_and_a_note_runs_in_no_spreadsheet(year: Kit, browser_of: Browser) -> None:
    steward = browser_of("sam")
    first = next(row for row in rows(exported(steward, "bakery", "csv", *PERIODS[0])) if row["receipt"])
    text = exported(steward, "bakery", "beancount", *PERIODS[0])

    assert first["amount"] == "2.00"
    assert first["note"] == f"'{NOTE}"
    assert "  Assets:RES:Till-bakery-1  2.00 RES\n" in text
    assert "  cash: 1.50 USD\n" in text
    entry = next(one for one in loader.load_string(text)[0] if isinstance(one, Transaction) and "note" in one.meta)
    assert entry.meta["note"] == NOTE


def test_cash_that_went_back_is_below_zero_in_every_sheet_and_counted_once(
    federation: Kit, browser_of: Browser
) -> None:
    sold, sam = paid(federation, "bakery-1", 500, 400), browser_of("sam")
    refunds.give_back(federation, Ask(sold, "bea", 0, 100, "wrong", None, new_key()))
    histories.pay(federation, "bakery", "cal", 100_000, 60, key="pay")
    with reading(federation.engine) as connection:
        counter = shift_view.counter(connection, "bakery-1", "bea", federation.clock())
        assert counter is not None
        shift = shift_view.running(connection, "bakery-1", counter.account_id)
    assert shift is not None
    shifts.close_shift(federation, "bakery-1", "bea", shift.id, Closing(Register(500, 300)), key=new_key())

    with browser_of("bea").get(f"/tills/bakery-1/shifts/{shift.id}/lines.csv") as answer:
        at_till = rows(answer.get_data(as_text=True))
    with browser_of("ana").get("/statement.csv") as answer:
        bought = rows(answer.get_data(as_text=True))
    books = [row for row in rows(exported(sam, "bakery", "csv", *PERIODS[0])) if row["receipt"]]
    own = [row for row in books if row["account"].startswith("Assets:")]

    came_and_went = [("sale", "4.00"), ("refund", "-1.00")]
    assert [(row["kind"], row["cash"]) for row in at_till if row["kind"] in ("sale", "refund")] == came_and_went
    assert [(row["kind"], row["cash"]) for row in bought if row["kind"] in ("sale", "refund")] == came_and_went
    assert [(row["kind"], row["cash"]) for row in own if row["till"]] == came_and_went
    assert [(row["cash"], row["minutes"]) for row in own if row["kind"] == "pay"] == [("900.00", "60")]
    assert {(row["cash"], row["minutes"]) for row in books if row not in own} == {("", "")}
    assert "  cash: -1.00 USD\n" in exported(sam, "bakery", "beancount", *PERIODS[0])
    assert "with 1.00 in cash" in Page(browser_of("ana").get("/statement").text).text


def test_a_closed_period_exports_the_same_bytes_whatever_happens_later(
    year: Kit, clock: Clock, browser_of: Browser
) -> None:
    before = [exported(browser_of("sam"), "bakery", kind, *PERIODS[1]) for kind in ("csv", "beancount")]

    clock.advance(days=30)
    network.open_till(year, "bakery", "bakery-9", "Counter 9")
    paid(year, "bakery-9", 77, 0)
    histories.refund(year, "history", 10, 0)
    histories.pay(year, "bakery", "bea", 50_000, 4_800, key="next pay of bea")
    network.coop_leaves(year, "mill")

    assert [exported(browser_of("sam"), "bakery", kind, *PERIODS[1]) for kind in ("csv", "beancount")] == before
    assert "The period is closed" in before[1]


def test_a_period_is_closed_when_its_last_postings_are_surely_in(
    federation: Kit, clock: Clock, browser_of: Browser
) -> None:
    steward, found = browser_of("sam"), []
    for minute in (9, 10):
        clock.set(datetime(2026, 3, 31, 23, minute, tzinfo=UTC))
        found.append(steward.get("/office/bakery/accounts?first=2026-03-01&last=2026-03-31", headers=JSON).get_json())

    assert [one["closed"] for one in found] == [False, True]


def test_an_export_of_more_than_a_thousand_entries_is_complete(
    federation: Kit, clock: Clock, browser_of: Browser
) -> None:
    for number in range(1_200):
        histories.sell(federation, "bakery", "ana", 0, 1 + number, key=f"bun {number}")
        clock.advance(seconds=1)
    steward = browser_of("sam")

    sheet = rows(exported(steward, "bakery", "csv", "2026-03-01", "2026-03-31"))
    found, errors, _options = loader.load_string(exported(steward, "bakery", "beancount", "2026-03-01", "2026-03-31"))

    assert errors == []
    assert sum(isinstance(entry, Transaction) for entry in found) == 1_200
    assert [row["cash"] for row in sheet if row["cash"]] == [
        f"{cash // 100}.{cash % 100:02d}" for cash in range(1, 1_201)
    ]


def test_a_steward_sees_the_balances_and_what_moved_between(year: Kit, browser_of: Browser) -> None:
    page = Page(browser_of("sam").get("/office/bakery/accounts?first=2026-03-01&last=2026-04-30").text)

    for words in (
        "1 March 2026 to 30 April 2026",
        "closed: a new export gives the same file",
        "Assets:RES:Main 0.00 −132.04",
        "Sales +7.72",
        "Refunds −0.20",
        "Pay −100.00",
        "Supplies to co-ops +3.00",
        "Supplies from co-ops −42.00",
        "To the pool −0.55",
        "Together −132.03",
    ):
        assert words in page.text
    assert "/office/bakery/accounts/journal.csv?first=2026-03-01&last=2026-04-30" in page.links


def test_an_hour_that_shows_the_old_day_again_stands_in_the_new_day_s_file(brought: tuple[Kit, Browser]) -> None:
    kit, opened = brought
    report = replay(
        kit,
        [
            "at,kind,coop,member,other,amount,cash,minutes,ref",
            "2009-10-01T12:00:00Z,coop,mill,,,1000.00,,,",
            "2009-10-01T12:00:00Z,coop,bakery,,,1000.00,,,",
            "2009-10-01T12:00:00Z,member,mill,ana,,,,,",
            "2009-10-01T12:00:00Z,member,bakery,sam,,,,,",
            "2009-10-02T12:00:00Z,pay,mill,ana,,1000.00,,9600,p1",
            "2009-11-01T02:45:00Z,sale,bakery,ana,,10.00,,,s1",
        ],
        BOOK,
        zone="America/St_Johns",
    )
    assert report["refused"] == []
    members.grant(kit, "sam", "steward", "bakery")

    written = exported(opened("sam"), "bakery", "beancount", "2009-11-01", "2009-11-30")

    sums, stated = loaded(written)
    assert "2009-11-01 * " in written
    assert {name: sums[name] for name in stated} == stated


def test_names_of_buyers_stay_at_the_counter(year: Kit, browser_of: Browser) -> None:
    for ending in ("csv", "beancount"):
        # Whole words: the number of a receipt may hold any letters.
        words = set(re.findall(r"\w+", exported(browser_of("sam"), "bakery", ending, *PERIODS[4]).lower()))
        assert "ana" not in words
        assert "bea" in words


def test_without_days_it_is_the_last_whole_month(year: Kit, browser_of: Browser) -> None:
    answer = browser_of("sam").get("/office/bakery/accounts", headers=JSON).get_json()

    assert (answer["first"], answer["last"]) == ("2026-05-01", "2026-05-31")


@pytest.mark.parametrize(
    "query",
    ["first=2026-03-02&last=2026-03-01", "first=x", "last=2026-02-30", "first=2020-01-01&last=2026-01-01", "month=3"],
)
def test_a_period_that_is_none_is_refused(federation: Kit, browser_of: Browser, query: str) -> None:
    for path in ("", "/journal.csv", "/journal.beancount"):
        answer = browser_of("sam").get(f"/office/bakery/accounts{path}?{query}", headers=JSON)
        assert answer.get_json()["type"] == "bad_form"


@pytest.mark.parametrize(
    ("first", "last", "field", "sentence"),
    [
        ("2022-01-01", "2026-02-28", "last", "Give a first and a last day, at most three years apart."),
        ("2026-02-28", "2026-01-01", "last", "The last day lies before the first."),
        ("2026-02-01", "2026-02-30", "last", "There is no such day."),
        ("0001-01-01", "0001-01-31", "first", "Give days from 1900 to 2199."),
    ],
)
def test_a_refused_period_keeps_the_days_and_says_at_the_form_what_is_wrong(
    year: Kit, browser_of: Browser, first: str, last: str, field: str, sentence: str
) -> None:
    answer = browser_of("sam").get(f"/office/bakery/accounts?first={first}&last={last}")
    page = Page(answer.text)

    assert answer.status_code == 400
    assert f'name="first" value="{first}"' in answer.text
    assert f'name="last" value="{last}"' in answer.text
    assert f'aria-describedby="{field}-wrong"' in answer.text
    assert sentence in page.text
    # The usual month stands there meanwhile, and its files are offered.
    assert "1 May 2026 to 31 May 2026" in page.text
    assert "/office/bakery/accounts/journal.csv?first=2026-05-01&last=2026-05-31" in page.links


@pytest.mark.parametrize("handle", ["ana", "bea", "fay"])
def test_only_its_stewards_read_a_co_ops_accounts(federation: Kit, browser_of: Browser, handle: str) -> None:
    assert browser_of(handle).get("/office/bakery/accounts/journal.csv").status_code == 404
