"""Activity: every movement once, the newest first, each with whether it counts."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import gifts, histories, payments
from wallet.store.views import activity

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def history(federation: Kit, clock: Clock) -> Kit:
    """Let Ana buy at the bakery and at her own mill, get some of it back, and get and give a gift."""
    clock.advance(days=1)
    histories.sell(federation, "bakery", "ana", 300, 50, key="loaf")
    clock.advance(minutes=1)
    histories.sell(federation, "mill", "ana", 200, 0, key="flour")
    clock.advance(minutes=1)
    histories.refund(federation, "loaf", 100, 0)
    clock.advance(minutes=1)
    gifts.send(federation, "ana", "cal", 150, key="gift")
    clock.advance(minutes=1)
    gifts.send(federation, "cal", "ana", 20, key="gift back")
    return federation


def lines(client: FlaskClient, address: str = "/activity") -> list[tuple[str, str, str, bool]]:
    """Read a page of movements as direction, amount, kind and whether it counts."""
    found = client.get(address, headers=JSON).get_json()["movements"]
    return [(one["direction"], one["amount"], one["kind"], one["counts"]) for one in found]


def test_every_movement_stands_there_once_the_newest_first(history: Kit, browser_of: Browser) -> None:
    assert lines(browser_of("ana")) == [
        ("in", "0.20", "gift", False),
        ("out", "1.50", "gift", False),
        ("in", "1.00", "refund", True),
        ("out", "2.00", "sale", False),
        ("out", "3.00", "sale", True),
        ("in", "10.00", "pay", False),
    ]


def test_each_row_says_whether_it_counts_or_why_not(history: Kit, browser_of: Browser) -> None:
    text = Page(browser_of("ana").get("/activity").text).text

    for words in (
        "March 2.50 counted",
        "+0.20 gift",
        "+1.00 taken back",
        "−2.00 own co-op",
        "and 0.50 cash, 1.00 given back −3.00 counts",
        "+10.00 10 % of pay",
    ):
        assert words in text


def test_a_row_does_not_say_what_its_tag_says(history: Kit, browser_of: Browser) -> None:
    histories.refund(history, "loaf", 200, 50)

    text = Page(browser_of("ana").get("/activity").text).text

    assert "and 0.50 cash −3.00 given back" in text
    assert "3.50 given back" not in text
    assert ", pay" not in text


@pytest.mark.parametrize(
    ("kind", "amounts"), [("counts", ["3.00"]), ("not", ["2.00"]), ("pay", ["10.00"]), ("gifts", ["0.20", "1.50"])]
)
def test_a_narrowed_list_says_how_many_are_left_out(
    history: Kit, browser_of: Browser, kind: str, amounts: list[str]
) -> None:
    ana = browser_of("ana")

    assert [line[1] for line in lines(ana, f"/activity?show={kind}")] == amounts
    assert f"{len(amounts)} of 6 movements" in Page(ana.get(f"/activity?show={kind}").text).text


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("coop=bakery", ["1.00", "3.00"]),
        ("coop=mill", ["2.00", "10.00"]),
        ("coop=mill&show=counts", []),
        ("coop=mill&show=not", ["2.00"]),
        ("coop=mill&show=pay", ["10.00"]),
        ("coop=mill&show=gifts", []),
        ("q=dias", ["0.20", "1.50"]),
        ("q=DIAS cal&show=gifts", ["0.20", "1.50"]),
        ("q=cal&show=counts", []),
        ("q=br%C3%A8ad", ["1.00", "3.00"]),
        ("q=loaf", []),
        ("q=bread&coop=mill", []),
        ("q=3", ["3.00"]),
        ("q=3,50", ["3.00"]),
        ("q=0.50", ["3.00"]),
        ("q=1.00", ["1.00"]),
        ("q=1.00&show=gifts", []),
        ("q=2.00&coop=mill", ["2.00"]),
        ("q=2.00&coop=bakery", []),
        ("q=7.77", []),
        ("month=2026-03", ["0.20", "1.50", "1.00", "2.00", "3.00", "10.00"]),
        ("month=2026-02", []),
    ],
)
def test_a_list_is_narrowed_to_a_co_op_a_name_or_a_month(
    history: Kit, browser_of: Browser, query: str, amounts: list[str]
) -> None:
    ana = browser_of("ana")

    assert [line[1] for line in lines(ana, f"/activity?{query}")] == amounts
    assert f"{len(amounts)} of 6 movements" in Page(ana.get(f"/activity?{query}").text).text


def test_a_note_is_found_by_its_words_and_stands_in_the_list_that_it_was_looked_for_in(
    history: Kit, browser_of: Browser, clock: Clock
) -> None:
    for note, minor, cash in (("Röggelchen, 17", 120, 0), ("rye, seven", 1_700, 1_650)):
        clock.advance(minutes=1)
        charge = {"amount_minor": minor, "cash_minor": cash, "note": note, "key": new_key()}
        code = payments.open_bill(history, "bakery-1", "bea", **charge).code
        payments.pay_bill(history, code, "ana", key=new_key())
    ana = browser_of("ana")

    found = {typed: [line[1] for line in lines(ana, f"/activity?q={typed}")] for typed in ("roggel", "rye 7", "17")}
    assert found == {"roggel": ["1.20"], "rye 7": [], "17": ["0.50", "1.20"]}
    assert "Röggelchen, 17" in Page(ana.get("/activity?q=roggel").text).text
    assert "Röggelchen" not in Page(ana.get("/activity").text).text
    assert "1 of 8 movements" in Page(ana.get("/activity?q=roggel&coop=bakery").text).text


def test_a_sum_is_looked_for_in_one_stretch_after_another(
    history: Kit, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "REACH", 2)
    ana, address, found = browser_of("ana"), "/activity?q=3.00", []
    while address:
        assert "of 6 movements" not in Page(ana.get(address).text).text, "not all were looked at"
        answer = ana.get(address, headers=JSON).get_json()
        found.append([one["amount"] for one in answer["movements"]])
        address = answer["further"]

    assert found == [[], [], ["3.00"]]


def test_a_month_begins_and_ends_at_midnight_where_the_federation_is(
    federation: Kit, clock: Clock, browser_of: Browser
) -> None:
    # In Lisbon summer begins on 29 March 2026: April begins an hour before it does in UTC.
    for day, hour, minute, second, amount in ((31, 22, 59, 59, 111), (31, 23, 0, 0, 112)):
        clock.set(datetime(2026, 3, day, hour, minute, second, tzinfo=UTC))
        histories.sell(federation, "bakery", "ana", amount, 0, key=f"bun {amount}")
    ana = browser_of("ana")

    assert [line[1] for line in lines(ana, "/activity?month=2026-03")] == ["1.11", "10.00"]
    assert [line[1] for line in lines(ana, "/activity?month=2026-04")] == ["1.12"]


def test_a_narrowed_list_goes_on_page_by_page_narrowed(federation: Kit, clock: Clock, browser_of: Browser) -> None:
    for number in range(30):
        histories.sell(federation, ("bakery", "mill")[number % 2], "ana", 1 + number, 0, key=f"bun {number}")
    ana = browser_of("ana")
    found, address = [], "/activity?coop=bakery&show=counts&q=bread"

    while address:
        page = ana.get(address, headers=JSON).get_json()
        found += [one["amount"] for one in page["movements"]]
        address = page["further"]

    assert found == [f"0.{29 - number:02d}" for number in range(0, 30, 2)]


def test_what_one_offers_to_look_for_is_what_there_is(history: Kit, clock: Clock, browser_of: Browser) -> None:
    clock.set(datetime(2026, 5, 3, tzinfo=UTC))
    text = Page(browser_of("ana").get("/activity?coop=bakery&month=2026-03").text).text

    assert "Co-op All Bread & Roses The Mill Month All May April March Show" in text
    assert "Bread & Roses March 2 of 6 movements" in text


def test_a_purchase_in_cash_alone_is_a_row_with_its_cash(federation: Kit, browser_of: Browser) -> None:
    histories.sell(federation, "bakery", "ana", 0, 450, key="cake")
    ana = browser_of("ana")

    assert lines(ana)[0] == ("out", "0.00", "sale", True)
    assert "4.50 cash counts" in Page(ana.get("/activity").text).text


def test_a_co_op_with_which_one_had_nothing_to_do_is_unknown(history: Kit, browser_of: Browser) -> None:
    assert browser_of("cal").get("/activity?coop=bakery", headers=JSON).get_json()["type"] == "unknown_coop"


def test_older_movements_follow_page_by_page_without_gap_or_repetition(
    federation: Kit, clock: Clock, browser_of: Browser
) -> None:
    # All in one instant: the order within it must hold as well.
    for number in range(30):
        histories.sell(federation, "bakery", "ana", 1 + number, 0, key=f"bun {number}")
    ana = browser_of("ana")
    found, address = [], "/activity"

    while address:
        page = ana.get(address, headers=JSON).get_json()
        found += [one["amount"] for one in page["movements"]]
        address = page["further"]

    assert found == [*(f"0.{30 - number:02d}" for number in range(30)), "10.00"]


def test_others_movements_are_not_there(history: Kit, browser_of: Browser) -> None:
    assert lines(browser_of("cal")) == [("out", "0.20", "gift", False), ("in", "1.50", "gift", False)]


@pytest.mark.parametrize(
    "query",
    [
        "show=all",
        "month=2026-13",
        "month=march",
        "coops=x",
        "before=1",
        "before=x-1",
        "before=-1",
        "before=" + "9" * 30 + "-1",
    ],
)
def test_a_malformed_query_is_refused(browser_of: Browser, query: str) -> None:
    assert browser_of("ana").get(f"/activity?{query}", headers=JSON).get_json()["type"] == "bad_form"


def test_a_stranger_sees_no_activity(stranger: FlaskClient) -> None:
    assert stranger.get("/activity").status_code == 401


def test_a_name_that_is_markup_stays_text(federation: Kit, browser_of: Browser) -> None:
    histories.pay(federation, "bakery", "ana", 1_000, 60, key="second pay")

    assert "Bread &amp; Roses" in browser_of("ana").get("/activity").text


def test_a_purchase_that_came_back_whole_is_given_back_and_counts_no_more(
    federation: Kit, clock: Clock, browser_of: Browser
) -> None:
    ana = browser_of("ana")
    histories.sell(federation, "bakery", "ana", 300, 50, key="loaf")

    def said() -> list[str]:
        return [Page(ana.get(page).text).text.split("−3.00 ")[1].split()[0] for page in ("/", "/activity")]

    clock.advance(minutes=1)
    histories.refund(federation, "loaf", 300, 0)
    assert said() == ["counts", "counts"], "the cash of it is spent yet"
    clock.advance(minutes=1)
    histories.refund(federation, "loaf", 0, 50)
    assert said() == ["given", "given"]
