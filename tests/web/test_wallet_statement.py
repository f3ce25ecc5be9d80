"""A member's statement: every movement of a month, what counted, and sums that are the ledger's."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.domain.money import format_amount
from wallet.kit import Kit
from wallet.services import gifts, histories, payments
from wallet.store.tables import accounts, patronage_months, people

Browser = Callable[[str], FlaskClient]

MONTHS = ("2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07")
NOTE = "=1+1"


@pytest.fixture
def half_a_year(federation: Kit, clock: Clock) -> Kit:
    """Let Ana be paid, buy, give and get back, at the edges of months and long after the sale too."""
    kit = federation
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=450, cash_minor=100, note=NOTE, key=new_key())
    payments.pay_bill(kit, bill.code, "ana", key=new_key())
    histories.sell(kit, "mill", "ana", 110, 0, key="flour")
    # In Lisbon it is March still, then April; in UTC it is March both times.
    for hour, minute, second, key in ((22, 59, 59, "last of March"), (23, 0, 0, "first of April")):
        clock.set(datetime(2026, 3, 31, hour, minute, second, tzinfo=UTC))
        histories.sell(kit, "bakery", "ana", 200, 0, key=key)
    histories.refund(kit, "last of March", 50, 0)
    gifts.send(kit, "ana", "cal", 25, key="gift")
    clock.set(datetime(2026, 6, 30, 12, 0, tzinfo=UTC))
    histories.pay(kit, "mill", "ana", 100_000, 9_600, key="pay of June")
    histories.sell(kit, "bakery", "ana", 0, 300, key="cash")
    gifts.send(kit, "cal", "ana", 5, key="gift back")
    # So late that it lowers the month in which it comes back.
    histories.refund(kit, "last of March", 30, 0)
    clock.set(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    return kit


def statement(client: FlaskClient, month: str) -> dict[str, object]:
    found = client.get(f"/statement?month={month}", headers=JSON).get_json()
    assert found["month"] == month
    return dict(found)


def minor(text: object) -> int:
    return int(Decimal(str(text)).scaleb(2))


def test_months_follow_from_each_other_and_end_at_the_ledgers_balance(
    half_a_year: Kit, browser_of: Browser, balances: Callable[[], dict[str, int]]
) -> None:
    ana = browser_of("ana")
    found = [statement(ana, month) for month in MONTHS]

    assert found[0]["opening"] == "0.00"
    assert [one["opening"] for one in found[1:]] == [one["closing"] for one in found[:-1]]
    assert found[-1]["closing"] == format_amount(balances()["ana"])
    for one in found:
        assert minor(one["closing"]) == minor(one["opening"]) + minor(one["in"]) - minor(one["out"])


def test_what_one_had_after_each_is_what_its_receipt_says_though_the_clock_was_set_back(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    gifts.send(federation, "ana", "cal", 600, key="gift")
    clock.advance(minutes=2)
    histories.pay(federation, "mill", "ana", 100_000, 480, key="pay")
    clock.advance(minutes=-1)
    histories.sell(federation, "bakery", "ana", 9_000, 0, key="bread")
    ana = browser_of("ana")

    movements = ana.get("/statement", headers=JSON).get_json()["movements"]

    assert [one["balance"] for one in movements] == ["10.00", "4.00", "104.00", "14.00"]
    for one in movements:
        assert f"You had, after it {one['balance']}" in Page(ana.get(f"/receipts/{one['receipt']}").text).text


def test_what_counted_is_what_the_ledger_counted(half_a_year: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")
    found = [statement(ana, month) for month in MONTHS]

    with half_a_year.engine.connect() as connection:
        posted = {
            month: int(spend)
            for month, spend in connection.execute(
                sa.select(patronage_months.c.posted_month, sa.func.sum(patronage_months.c.spend_minor))
                .join(people, people.c.id == patronage_months.c.person_id)
                .where(people.c.handle == "ana")
                .group_by(patronage_months.c.posted_month)
            )
        }
        basis = connection.execute(
            sa.select(accounts.c.basis_minor)
            .join(people, people.c.account_id == accounts.c.id)
            .where(people.c.handle == "ana")
        ).scalar_one()
    assert {one["month"]: minor(one["counted"]) for one in found} == dict.fromkeys(MONTHS, 0) | posted
    assert sum(minor(one["basis"]) for one in found) == basis > 0


def test_a_month_holds_its_movements_in_the_order_of_time(half_a_year: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert rows(ana, "2026-04") == [
        ["opening", "", "", "3.40", "", "", ""],
        ["sale", "Bread & Roses", "-2.00", "1.40", "0.00", "2.00", ""],
        ["refund", "Bread & Roses", "0.50", "1.90", "0.00", "-0.50", ""],
        ["gift", "Cal Dias", "-0.25", "1.65", "0.00", "0.00", ""],
        ["closing", "", "", "1.65", "", "", ""],
    ]
    assert [row[0] for row in rows(ana, "2026-06")] == ["opening", "pay", "sale", "gift", "refund", "closing"]
    assert rows(ana, "2026-05") == [["opening", "", "", "1.65", "", "", ""], ["closing", "", "", "1.65", "", "", ""]]


def rows(client: FlaskClient, month: str) -> list[list[str]]:
    """Read a sheet; give kind, other side, amount, balance, cash, what counted and the note."""
    answer = client.get(f"/statement.csv?month={month}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    found = csv.DictReader(io.StringIO(answer.text))
    return [[row[name] for name in ("kind", "other", "amount", "balance", "cash", "counted", "note")] for row in found]


def test_the_sheet_runs_in_no_spreadsheet_and_says_what_the_page_says(half_a_year: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")
    text = Page(ana.get("/statement?month=2026-03").text).text

    assert ["sale", "Bread & Roses", "-3.50", "6.50", "1.00", "4.50", f"'{NOTE}"] in rows(ana, "2026-03")
    for words in (
        "Statement, March 2026",
        "Ana Reis, Valley",
        "You had 0.00",
        "Came in +10.00",
        "Went out −6.60",
        "You had then 3.40",
        "Counted for the pay share, with cash 6.50",
        "Counted for the dividend basis 5.50",
        f"Bread & Roses with 1.00 in cash {NOTE} Mon 2 Mar, 12:00 4.50 −3.50 6.50",
        "The Mill Mon 2 Mar, 12:00 – −1.10 5.40",
    ):
        assert words in text


def test_the_month_that_is_not_over_says_so(half_a_year: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/statement").text).text

    assert "Statement, July 2026" in text
    assert "So far, 1 July 2026, 10:00" in text
    assert "Nothing moved in this month." in text


def test_it_is_ones_own_alone(half_a_year: Kit, browser_of: Browser, stranger: FlaskClient) -> None:
    assert [row[1:3] for row in rows(browser_of("cal"), "2026-04")][1:-1] == [["Ana Reis", "0.25"]]
    assert stranger.get("/statement.csv").status_code == 401


@pytest.mark.parametrize(
    ("query", "code"),
    [("month=2026-08", "unknown_page"), ("month=x", "bad_form"), ("month=2026-13", "bad_form"), ("of=cal", "bad_form")],
)
def test_a_month_that_is_none_is_refused(half_a_year: Kit, browser_of: Browser, query: str, code: str) -> None:
    for path in ("/statement", "/statement.csv"):
        assert browser_of("ana").get(f"{path}?{query}", headers=JSON).get_json()["type"] == code


def test_the_statement_says_that_what_counted_is_what_its_own_movements_added(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.sell(federation, "bakery", "ana", 500, 0, key="bread")
    clock.set(datetime(2026, 4, 2, 12, tzinfo=UTC))
    histories.refund(federation, "bread", 200, 0)
    ana = browser_of("ana")

    assert "March 3.00 counted" in Page(ana.get("/activity").text).text
    for month, counted in (("2026-03", "5.00"), ("2026-04", "−2.00")):
        text = Page(ana.get(f"/statement?month={month}").text).text
        assert f"Counted for the pay share, with cash {counted}" in text
        assert "What counted is what this month’s movements added" in text
        assert "What comes back is taken off in the month in which it does" in text
