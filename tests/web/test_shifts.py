"""Closing a till over HTTP: the page, the difference and where it may come from, the report, its sheet and its list."""

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.test_codes import Handset, scan
from wallet.domain.dispute import Return
from wallet.kit import Kit
from wallet.services import dispute_returns, disputes, payments, refunds
from wallet.services.refunds import Ask
from wallet.store import halts
from wallet.store.engine import write
from wallet.store.tables import keys

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
HERE = "/tills/bakery-1"


@pytest.fixture
def bea(browser_of: Browsers) -> FlaskClient:
    """Give the browser of the bakery's cashier."""
    return browser_of("bea")


def sell(kit: Kit, total: int, cash: int = 0, note: str | None = None) -> str:
    key = new_key()
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=total, cash_minor=cash, note=note, key=key)
    return payments.pay_bill(kit, bill.code, "ana", key=key, confirm=True).ref


def number(browser: FlaskClient) -> str:
    return Page(browser.get(f"{HERE}/shift").text).forms[f"{HERE}/shift/close"]["shift"]


def close(browser: FlaskClient, shift: str, **fields: str):  # type: ignore[no-untyped-def]
    return browser.post(f"{HERE}/shift/close", data={"shift": shift, "key": new_key(), **fields})


def test_a_cashier_closes_a_till_that_agrees(bea: FlaskClient, federation: Kit, balances: Balances) -> None:
    sell(federation, 2_50, 50)
    sell(federation, 1_00)
    before, shift = balances(), number(bea)

    answer = close(bea, shift, res="3", cash="0,50", note="lens needs a wipe")
    report = bea.get(answer.location)

    assert (answer.status_code, answer.location) == (303, f"{HERE}/shifts/{shift}")
    assert "agrees with the ledger" in report.text
    assert balances() == before | {"bakery-1": 0, "bakery": before["bakery"] + 3_00}
    # The next shift has not begun; what was noted for it waits on the keypad's page.
    assert "lens needs a wipe" in bea.get(HERE).text
    assert "No shift is open" in bea.get(f"{HERE}/shift").text


def test_a_difference_is_shown_with_its_candidates_and_closed_with_a_reason(
    bea: FlaskClient, federation: Kit, clock: Clock, balances: Balances
) -> None:
    sell(federation, 1_00, note="slip 1")
    twice = [sell(federation, 1_50, note="slip 2")]
    clock.advance(minutes=9)
    twice.append(sell(federation, 1_50, note="slip 2"))
    clock.advance(minutes=11)
    without = sell(federation, 2_25)
    over = payments.open_bill(federation, "bakery-1", "bea", amount_minor=75, note="slip 4", key=new_key())
    clock.advance(minutes=3)
    before, shift = balances(), number(bea)

    asked = close(bea, shift, res="7.00")
    linked = [each for each in Page(asked.text).links if each and ("/receipts/" in each or "bill=" in each)]

    assert asked.status_code == 409
    assert "register 0.75 above the ledger" in asked.text
    # A bill that nobody paid makes just the difference; then what was paid twice, then what lacks a note.
    assert linked == [f"{HERE}?bill={over.code}", *(f"/receipts/{ref}" for ref in (*twice, without))]
    assert balances() == before

    answer = close(bea, shift, res="7.00", reason="rang up slip 4, nobody paid")
    assert answer.status_code == 303
    assert "rang up slip 4, nobody paid" in bea.get(answer.location).text
    assert balances() == before | {"bakery-1": 0, "bakery": before["bakery"] + 6_25}


def differing(browser: FlaskClient, kit: Kit) -> dict[str, str]:
    """Give the form that asks why the register says 0.70 more than the 4.30 that were sold."""
    sell(kit, 4_30)
    return Page(close(browser, number(browser), res="5.00").text).forms[f"{HERE}/shift/close"] | {"res": "5.00"}


def test_a_figure_that_cannot_be_read_loses_neither_the_reason_nor_what_it_is_for(
    bea: FlaskClient, federation: Kit
) -> None:
    form = differing(bea, federation) | {"reason": "till roll jammed", "res": "5,oo"}

    refused = bea.post(f"{HERE}/shift/close", data=form)

    assert (refused.status_code, "There is a difference" in refused.text) == (400, False)
    form = Page(refused.text).forms[f"{HERE}/shift/close"]
    assert ('value="till roll jammed"' in refused.text, form["seen"]) == (True, "0.70")
    form |= {"reason": "till roll jammed"}
    other = bea.post(f"{HERE}/shift/close", data=form | {"res": "50.00"})
    assert (other.status_code, "register 45.70 above the ledger" in other.text) == (409, True)
    assert bea.post(f"{HERE}/shift/close", data=form | {"res": "5.00"}).status_code == 303


@pytest.mark.parametrize(
    ("reason", "status", "said"),
    [
        ("roll \u202ejammed", 400, "Hidden signs in what you wrote turn letters around."),
        ("   ", 409, "Write why, or put the figures right. The shift is still open."),
        ("\u200b", 409, "Write why, or put the figures right. The shift is still open."),
        ("", 409, "Write why, or put the figures right. The shift is still open."),
    ],
    ids=["turned around", "blank", "not to be seen", "none"],
)
def test_what_is_wrong_with_a_reason_stands_at_its_field(
    bea: FlaskClient, federation: Kit, reason: str, status: int, said: str
) -> None:
    refused = bea.post(f"{HERE}/shift/close", data=differing(bea, federation) | {"reason": reason})

    assert refused.status_code == status
    assert re.search(r'<input[^>]* name="reason"[^>]* aria-describedby="reason-wrong"', refused.text)
    assert said in refused.text.partition('id="reason-wrong"')[2].partition("</p>")[0]


def test_who_puts_figures_otherwise_is_asked_why_and_told_of_no_reason_that_is_missing(
    bea: FlaskClient, federation: Kit
) -> None:
    other = bea.post(f"{HERE}/shift/close", data=differing(bea, federation) | {"res": "4.00", "reason": ""})

    assert (other.status_code, "register 0.30 under the ledger" in other.text) == (409, True)
    assert "reason-wrong" not in other.text


def test_nobody_signs_another_difference_than_they_read(bea: FlaskClient, federation: Kit) -> None:
    sell(federation, 1_00, 20)
    read = close(bea, number(bea), res="1.55", cash="0.10")
    form = Page(read.text).forms[f"{HERE}/shift/close"] | {"res": "1.55", "cash": "0.10"}
    # A colleague charges at the second device of this till, and is paid meanwhile.
    sell(federation, 5_00)

    late = bea.post(f"{HERE}/shift/close", data=form | {"reason": "75 rung up twice"})

    assert (late.status_code, "register 4.25 under the ledger" in late.text) == (409, True)
    assert 'value="75 rung up twice"' in late.text
    form |= Page(late.text).forms[f"{HERE}/shift/close"] | {"reason": "75 rung up twice"}
    assert (form["seen"], form["seen_cash"]) == ("-4.25", "-0.10")
    # Who writes something else has another difference as well.
    other = form | {"res": "5.75", "cash": "0.20"}
    assert bea.post(f"{HERE}/shift/close", data=other).status_code == 409
    assert bea.post(f"{HERE}/shift/close", data=form).status_code == 303


def test_who_closes_with_a_difference_reads_why_it_is_refused(bea: FlaskClient, federation: Kit) -> None:
    sell(federation, 10_00)
    shift = number(bea)
    write(federation.engine, lambda connection: halts.stop(connection, "a test", federation.clock()))
    try:
        answer = close(bea, shift, res="10.75", reason="75 rung up twice")
    finally:
        write(federation.engine, lambda connection: halts.lift(connection, halts.last(connection), federation.clock()))

    assert answer.status_code == 409
    assert "Payments are stopped everywhere" in Page(answer.text).text
    assert "register 0.75 above the ledger" in Page(answer.text).text


def test_a_scan_counts_in_the_shift_that_it_is_stamped_with_however_the_clock_was_set_back(
    bea: FlaskClient, browser_of: Browsers, federation: Kit, clock: Clock
) -> None:
    phone = Handset(browser_of("ana"), clock)
    clock.advance(hours=1)
    assert scan(bea, phone.token(), "2.00") == (201, "paid")
    assert close(bea, number(bea), res="2.00").status_code == 303

    clock.advance(hours=-1)
    sell(federation, 1_00)
    read = Page(bea.get(f"{HERE}/shift").text).text
    assert "Tell a facilitator before you close" not in read
    assert "1 of 1 payment, checked" in read

    assert close(bea, number(bea), res="1.00").status_code == 303
    clock.advance(hours=3)
    sell(federation, 1_00)
    clock.advance(hours=-1)
    assert scan(bea, phone.token(), "2.00") == (201, "paid")
    assert "2 of 2 payments, checked" in Page(bea.get(f"{HERE}/shift").text).text


@pytest.mark.breaks_books
def test_a_scan_that_the_till_was_told_of_and_the_journal_lacks_is_told_before_the_till_is_closed(
    bea: FlaskClient, browser_of: Browsers, federation: Kit, clock: Clock
) -> None:
    sell(federation, 1_00)
    lost = {"scope": "till:bakery-1", "key": new_key(), "digest": "", "act": "sale", "made": "LOST", "at": clock()}
    with federation.engine.begin() as connection:
        connection.execute(sa.insert(keys), lost)

    read = Page(bea.get(f"{HERE}/shift").text).text

    assert "1 of 2 payments" in read
    assert "The till was told that these are paid: LOST. Tell a facilitator before you close." in read


def test_an_open_bill_blocks_and_is_cancelled_from_the_page(bea: FlaskClient, federation: Kit) -> None:
    made = payments.open_bill(federation, "bakery-1", "bea", amount_minor=75, note=None, key=new_key())
    shift = number(bea)

    blocked = close(bea, shift, res="0")
    assert (blocked.status_code, "Cancel that bill" in blocked.text) == (409, True)

    cancelled = bea.post(f"/b/{made.code}/cancel", data={"to": "shift"})
    assert (cancelled.status_code, cancelled.location) == (303, f"{HERE}/shift")
    assert close(bea, shift, res="0").status_code == 303


def test_a_steward_who_closes_a_till_is_led_to_no_bill_and_no_button_of_a_cashier(
    bea: FlaskClient, browser_of: Browsers, staffed: Kit, clock: Clock
) -> None:
    tim = browser_of("tim")
    payments.open_bill(staffed, "bakery-1", "bea", amount_minor=75, key=new_key())
    assert "Cancel it" in Page(bea.get(f"{HERE}/shift").text).text
    assert "have a cashier cancel it" in Page(tim.get(f"{HERE}/shift").text).text
    clock.advance(minutes=4)
    sell(staffed, 1_00)

    asked = Page(close(tim, number(tim), res="1.75").text)

    assert "bill that nobody paid" in asked.text
    assert [link for link in asked.links if link and "bill=" in link] == []


@pytest.mark.parametrize("paid", [True, False], ids=["a sale", "a bill that can still be paid"])
def test_a_shift_holds_what_came_after_the_clock_was_set_back(
    bea: FlaskClient, federation: Kit, clock: Clock, paid: bool
) -> None:
    clock.advance(hours=1)
    sell(federation, 2_00)
    shift = number(bea)
    clock.advance(hours=-1)
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=70, key=new_key())
    if paid:
        payments.pay_bill(federation, bill.code, "ana", key=new_key())

    blind = close(bea, shift, res="2.00")
    assert blind.status_code == 409
    assert ("register 0.70 under the ledger" in blind.text) is paid
    if not paid:
        assert "One bill is still open" in Page(blind.text).text
        payments.cancel_bill(federation, bill.code, "bea")
    assert close(bea, shift, res="2.70" if paid else "2.00").status_code == 303
    assert len(bea.get(f"{HERE}/shifts/{shift}/lines.csv").text.splitlines()) == (3 if paid else 2)


def test_a_second_closing_leads_to_the_report_of_the_first(
    bea: FlaskClient, browser_of: Browsers, federation: Kit
) -> None:
    sell(federation, 1_00)
    shift = number(bea)
    close(bea, shift, res="1")

    again = close(browser_of("sam"), shift, res="9", reason="I counted too")

    assert again.status_code == 303
    assert "No further money moved" in browser_of("sam").get(again.location).text


@pytest.mark.parametrize("typed", ["", "1.234", "x", "--1", "1e3"])
def test_what_is_no_amount_closes_nothing(bea: FlaskClient, federation: Kit, typed: str) -> None:
    sell(federation, 1_00)
    shift = number(bea)

    assert close(bea, shift, res=typed).status_code == 400
    assert number(bea) == shift


def test_a_script_closes_a_till_once_for_each_key(bea: FlaskClient, federation: Kit, balances: Balances) -> None:
    ref = sell(federation, 2_00, 25)
    refunds.give_back(federation, Ask(ref, "bea", 1_75, 25, "returned", None, new_key()))
    body = {"shift": int(number(bea)), "res": "-0.50", "reason": "change", "key": new_key()}

    first = bea.post(f"{HERE}/shift/close", json=body, headers=JSON)
    again = bea.post(f"{HERE}/shift/close", json=body, headers=JSON)
    other = bea.post(f"{HERE}/shift/close", json=body | {"res": "0.00"}, headers=JSON)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.get_json()["type"]) == (422, "key_reused")
    told = first.get_json()
    assert (told["sales"], told["refunds"]) == ({"number": 1, "res": "1.75"}, {"number": 1, "res": "1.75"})
    assert (told["taken"], told["swept"]) == ({"res": "0.00", "cash": "0.00"}, "0.00")
    assert (told["difference"], told["reason"]) == ({"res": "-0.50", "cash": "0.00"}, "change")
    assert balances()["bakery-1"] == 0


def test_the_sheet_of_a_shift_has_every_line_and_runs_nothing(bea: FlaskClient, federation: Kit, clock: Clock) -> None:
    ref = sell(federation, 2_00, note="=HYPERLINK(1)")
    clock.advance(minutes=1)
    refunds.give_back(federation, Ask(ref, "bea", 50, 0, "returned", None, new_key()))
    clock.advance(minutes=1)
    refunds.give_back(federation, Ask(ref, "bea", 25, 0, "+1 too many", None, new_key()))
    shift = number(bea)
    close(bea, shift, res="1.25")

    answer = bea.get(f"{HERE}/shifts/{shift}/lines.csv")
    rows = list(csv.DictReader(StringIO(answer.text)))

    assert answer.mimetype == "text/csv"
    assert [(row["kind"], row["res"], row["cash"], row["note"], row["cashier"], row["reason"]) for row in rows] == [
        ("sale", "2.00", "0.00", "'=HYPERLINK(1)", "Bea", ""),
        ("refund", "-0.50", "0.00", "", "Bea", "returned"),
        ("refund", "-0.25", "0.00", "", "Bea", "'+1 too many"),
    ]
    assert rows[1]["refund of"] == rows[0]["receipt"] == ref


def test_the_report_names_each_refund_of_its_shift_with_its_reason(bea: FlaskClient, federation: Kit) -> None:
    ref = sell(federation, 2_00, 25)
    close(bea, number(bea), res="1.75", cash="0.25")
    refunds.give_back(federation, Ask(ref, "bea", 1_50, 25, "returned", None, new_key()))
    refunds.give_back(federation, Ask(ref, "bea", 25, 0, "gone <stale>", None, new_key()))
    shift = number(bea)

    named = bea.get(close(bea, shift, res="-1.75", cash="-0.25").location).text
    former = bea.get(f"{HERE}/shifts/{int(shift) - 1}").text

    assert named.index("Goods came back") < named.index("gone &lt;stale&gt;")
    assert "Given back" not in former


def test_a_refund_of_a_dispute_says_so_in_the_report_and_the_sheet(
    bea: FlaskClient, browser_of: Browsers, federation: Kit
) -> None:
    about = sell(federation, 2_00)
    dispute = disputes.begin(federation, "ana", about, "It was stale").ref
    dispute_returns.give_back(federation, "sam", dispute, Return(2_00, 0, "Sorry", new_key()))
    shift = number(bea)

    told = bea.get(close(bea, shift, res="0").location).text
    rows = list(csv.DictReader(StringIO(bea.get(f"{HERE}/shifts/{shift}/lines.csv").text)))

    assert "Given back in a dispute" in told
    assert [row["reason"] for row in rows] == ["", "disputed"]


def test_past_shifts_are_listed_page_by_page(bea: FlaskClient, browser_of: Browsers, federation: Kit) -> None:
    sold = []
    for amount in range(1, 33):
        sell(federation, amount)
        sold.append(number(bea))
        close(bea, sold[-1], res=f"0.{amount:02d}")

    first = browser_of("sam").get(f"{HERE}/shifts", headers=JSON).get_json()
    second = bea.get(f"{HERE}/shifts?before={first['before']}", headers=JSON).get_json()

    assert [str(shift["shift"]) for shift in first["shifts"] + second["shifts"]] == sold[::-1]
    assert (len(first["shifts"]), second["before"]) == (30, None)
    assert "0.32" in bea.get(f"{HERE}/shifts").text
