"""How a sale is paid: a part in cash, cash alone, much cash in a day, and a co-op's highest part in RES."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.closing_up import close
from tests.web.conftest import JSON, new_key
from tests.web.outsider import RECEIPT, WORDS, bill_of, charge, pay, post, refuses, says, scan
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import counter, histories, members, network, payments, refunds
from wallet.services.refunds import Ask
from wallet.store import coops, people, roles
from wallet.store.columns import MICROSECOND

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def ana(browser_of: Browser, federation: Kit) -> FlaskClient:
    """Give the browser of Ana, who has 200.00 RES; Sam, a steward of the bakery, works at its tills too."""
    histories.pay(federation, "mill", "ana", 190_000, 9_600, key="second pay of ana")
    members.grant(federation, "sam", "cashier", "bakery")
    return browser_of("ana")


@pytest.fixture
def bea(browser_of: Browser) -> FlaskClient:
    return browser_of("bea")


@pytest.fixture
def phone(federation: Kit) -> MemberPhone:
    return MemberPhone(federation, "ana")


def test_a_purchase_in_cash_alone_is_logged_for_the_member_who_shows_the_code(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, balances: Balances
) -> None:
    before = balances()
    paid = says(
        scan(bea, phone.token(), "30.00", cash="30.00"),
        201, receipt=RECEIPT, state="paid", amount="30.00", cash="30.00", payer="Ana", words=WORDS,
    )  # fmt: skip

    assert balances() == before
    receipt = ana.get(f"/receipts/{paid['receipt']}", headers=JSON).get_json()
    assert (receipt["amount"], receipt["cash"], receipt["counts"]) == ("0.00", "30.00", True)


def test_a_purchase_in_cash_alone_is_called_cash_on_every_screen_of_it_and_aloud(
    bea: FlaskClient, ana: FlaskClient, federation: Kit
) -> None:
    till = "/tills/bakery-1?bill={}".format
    left, paid = bill_of(bea, "180.00", cash="180.00"), bill_of(bea, "180.00", cash="180.00")
    pages = [bea.get(till(paid)), ana.get(f"/b/{paid}")]
    payments.cancel_bill(federation, left, "bea")
    sale = pay(ana, paid).get_json()["receipt"]
    back = refunds.give_back(federation, Ask(sale, "bea", 0, 180_00, "returned", None, new_key()))
    pages += [bea.get(till(left)), ana.get(f"/b/{left}"), bea.get(f"/refunds/{back.ref}")]
    pages += [bea.get(till(paid)), ana.get(f"/b/{paid}")]

    texts = [Page(page.text).text for page in pages]
    for text in texts:
        assert "180.00 cash" in text
        assert not re.search(r"(?<!\d)0\.00 RES", text)
        assert "and 180.00" not in text
    for text, heard in (
        (texts[0], "Bill of 180.00 in cash shown. Waiting for the member."),
        (pages[0].text, "Code to confirm 180.00 in cash to Bread &amp; Roses"),
        (texts[5], "Ana confirmed 180.00 in cash. The words are"),
        (texts[6], "Paid 180.00 in cash to Bread & Roses. The words are"),
    ):
        assert heard in text


def test_cash_that_was_given_back_is_written_as_cash_on_the_receipt_and_in_the_shifts_report(
    federation: Kit, bea: FlaskClient, ana: FlaskClient, phone: MemberPhone
) -> None:
    sold = scan(bea, phone.token(), "30.00", cash="30.00").get_json()["receipt"]
    refunds.give_back(federation, Ask(sold, "bea", 0, 12_50, "returned", None, new_key()))
    close(federation, "bakery-1", "bea", 0, 17_50)

    shift = next(link for link in Page(bea.get("/tills/bakery-1/shifts").text).links if link and "/shifts/" in link)
    for browser, page in ((ana, f"/receipts/{sold}"), (bea, shift)):
        text = Page(browser.get(page).text).text
        assert ("12.50 cash" in text, "and 12.50 cash" in text) == (True, False), page


def test_above_the_days_cash_a_steward_has_to_be_at_the_till(
    bea: FlaskClient, ana: FlaskClient, browser_of: Browser, phone: MemberPhone, clock: Clock
) -> None:
    clock.advance(hours=1)
    sam = browser_of("sam")
    assert pay(ana, bill_of(bea, "150.00", cash="149.99")).status_code == 201
    assert pay(ana, bill_of(bea, "50.01", cash="50.01")).status_code == 201, "just 200.00"

    key, code = new_key(), bill_of(bea, "5.00", cash="0.01")
    refuses(pay(ana, code, key=key), 409, "steward_required")
    refuses(scan(bea, phone.token(), "5.00", cash="0.01"), 409, "steward_required")
    clock.advance(30)
    refuses(scan(bea, phone.token(), "65.00", cash="0.01"), 409, "steward_required")
    assert bea.get(f"/b/{code}", headers=JSON).get_json()["state"] == "open", "no money moved"
    assert pay(ana, bill_of(bea, "4.00")).status_code == 201, "RES alone is no matter of cash"
    assert pay(ana, bill_of(sam, "5.00", cash="0.01"), key=key).status_code == 201

    clock.advance(30)
    assert scan(sam, phone.token(), "6.00", cash="6.00").status_code == 201
    clock.set(clock.now.replace(hour=23, minute=59, second=59))
    ana, bea = browser_of("ana"), browser_of("bea")
    code = bill_of(bea, "7.00", cash="7.00")
    refuses(pay(ana, code), 409, "steward_required")
    clock.advance(1)
    assert pay(ana, code).status_code == 201, "a new day in the federation's zone"


def test_who_is_refused_as_too_much_cash_is_logged_reads_that_a_steward_has_to_charge_it_anew(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone
) -> None:
    code = bill_of(bea, "200.01", cash="200.01")

    at_till = scan(bea, phone.token(), "200.01", cash="200.01").get_json()["title"]
    on_the_sheet = Page(ana.post(f"/b/{code}/pay", data={"key": new_key()}).text).text
    for said in (at_till, on_the_sheet):
        assert "More cash would be logged for one member today than a cashier may log. No money moved." in said
        assert "A steward has to sign in at the till and charge it anew." in said


def test_cash_of_midnight_is_the_new_days_and_that_of_the_microsecond_before_is_not(
    bea: FlaskClient, ana: FlaskClient, clock: Clock
) -> None:
    midnight = clock.now.replace(hour=0) + timedelta(days=1)
    for at, cash in ((midnight - MICROSECOND, "199.99"), (midnight, "0.01")):
        clock.set(at)
        assert pay(ana, bill_of(bea, cash, cash=cash)).status_code == 201

    refuses(pay(ana, bill_of(bea, "200.00", cash="200.00")), 409, "steward_required")


def test_an_hour_that_shows_the_old_day_again_is_of_the_new_day(brought: tuple[Kit, Browser], clock: Clock) -> None:
    """In Newfoundland clocks went back over the midnight of 31 October 2009, which was at 02:30 UTC."""
    kit, _opened = brought
    clock.set(datetime(2009, 10, 31, 12, tzinfo=UTC))
    network.found_federation(kit, "Valley", zone="America/St_Johns")
    for slug in ("bakery", "mill"):
        network.admit_coop(kit, slug, 100_000)
    network.open_till(kit, "bakery", "bakery-1", "Counter 1")
    members.join(kit, "bakery", "bea")
    members.join(kit, "mill", "ana")
    members.grant(kit, "bea", "cashier", "bakery")

    for hour, minute in ((2, 0), (2, 45)):
        clock.set(datetime(2009, 11, 1, hour, minute, tzinfo=UTC))
        cash = {"amount_minor": 150_00, "cash_minor": 150_00}
        bill = payments.open_bill(kit, "bakery-1", "bea", **cash, key=new_key())
        assert payments.pay_bill(kit, bill.code, "ana", key=new_key()).cash_minor == 150_00


def test_cash_of_a_purchase_that_no_till_noted_is_none_of_the_days_cash(
    bea: FlaskClient, ana: FlaskClient, federation: Kit
) -> None:
    histories.sell(federation, "bakery", "ana", 0, 200_00, key="by history")

    assert pay(ana, bill_of(bea, "5.00", cash="0.01")).status_code == 201


def test_the_cash_of_one_member_is_none_of_anothers(bea: FlaskClient, ana: FlaskClient, browser_of: Browser) -> None:
    assert pay(ana, bill_of(bea, "200.00", cash="200.00")).status_code == 201

    assert pay(browser_of("cal"), bill_of(bea, "5.00", cash="5.00")).status_code == 201


def test_who_becomes_a_steward_later_is_none_before(
    bea: FlaskClient, ana: FlaskClient, federation: Kit, clock: Clock
) -> None:
    assert pay(ana, bill_of(bea, "200.00", cash="200.00")).status_code == 201
    begins = clock.now + timedelta(minutes=1)
    with federation.engine.begin() as connection:
        coop = coops.known(connection, "bakery")
        roles.grant(connection, people.holder(connection, "bea").id, "steward", coop.id, begins)
    code, key = bill_of(bea, "5.00", cash="0.01"), new_key()

    clock.set(begins - timedelta(microseconds=1))
    refuses(pay(ana, code, key=key), 409, "steward_required")
    clock.set(begins)
    assert pay(ana, code, key=key).status_code == 201


def test_cash_that_was_given_back_is_logged_no_more(bea: FlaskClient, ana: FlaskClient) -> None:
    wrong = pay(ana, bill_of(bea, "190.00", cash="190.00")).get_json()["receipt"]
    code = bill_of(bea, "19.00", cash="19.00")
    refuses(pay(ana, code), 409, "steward_required")

    back = post(bea, f"/receipts/{wrong}/refunds", amount="0.00", cash="9.00", reason="wrong_sum", key=new_key())
    assert back.status_code == 201
    assert pay(ana, code).status_code == 201
    refuses(pay(ana, bill_of(bea, "5.00", cash="0.01")), 409, "steward_required")


def test_cash_that_was_logged_tomorrow_before_the_clock_was_set_back_is_not_todays(
    bea: FlaskClient, ana: FlaskClient, phone: MemberPhone, clock: Clock
) -> None:
    today, midnight = clock.now, clock.now.replace(hour=0) + timedelta(days=1)
    clock.set(midnight)
    assert pay(ana, bill_of(bea, "200.00", cash="200.00")).status_code == 201
    clock.set(today)

    assert pay(ana, bill_of(bea, "6.00", cash="6.00")).status_code == 201
    assert scan(bea, phone.token(), "7.00", cash="7.00").status_code == 201


def test_a_steward_of_elsewhere_is_none_here(bea: FlaskClient, ana: FlaskClient, federation: Kit) -> None:
    members.join(federation, "mill", "bea")
    members.grant(federation, "bea", "steward", "mill")

    refuses(pay(ana, bill_of(bea, "200.01", cash="200.01")), 409, "steward_required")


@pytest.mark.parametrize(
    ("part", "amount", "cash", "fits"),
    [
        ("50.00", "10.00", "5.00", True),
        ("50.00", "10.00", "4.99", False),
        ("50.00", "0.01", "0.00", False),
        ("50.00", "0.01", "0.01", True),
        ("33.33", "100.00", "66.67", True),
        ("33.33", "100.00", "66.66", False),
        ("0.01", "9999999999.99", "9998999999.99", False),
        ("0.01", "9999999999.99", "9999000000.00", True),
        ("100.00", "10.00", "0.00", True),
    ],
)
def test_a_co_op_takes_no_more_than_its_highest_part_in_res(
    bea: FlaskClient, browser_of: Browser, federation: Kit, part: str, amount: str, cash: str, fits: bool
) -> None:
    says(post(browser_of("sam"), "/office/bakery/counter/tender", part=part), 200, part=part)

    answer = charge(bea, amount, cash=cash)
    if fits:
        assert answer.status_code == 201
    else:
        refuses(answer, 409, "cash_part_required")


def test_a_till_that_is_closed_for_good_says_so_and_asks_for_no_cash(bea: FlaskClient, federation: Kit) -> None:
    counter.set_res_part(federation, "bakery", 5_000)
    network.close_till(federation, "bakery", "bakery-1")

    for cash in ("0.00", "5.00"):
        refuses(charge(bea, "10.00", cash=cash), 409, "account_not_open")


def test_a_scan_that_asks_for_too_much_res_leaves_the_code_unspent(
    bea: FlaskClient, ana: FlaskClient, federation: Kit, phone: MemberPhone
) -> None:
    counter.set_res_part(federation, "bakery", 5_000)
    token, key = phone.token(), new_key()

    refuses(scan(bea, token, "10.00", cash="4.00", key=key), 409, "cash_part_required")
    assert scan(bea, token, "10.00", cash="5.00", key=key).status_code == 201
    counter.set_res_part(federation, "bakery", 10_000)
    says(scan(bea, token, "10.00", cash="5.00", key=key), 201, **dict.fromkeys(("receipt",), RECEIPT),
         state="paid", amount="10.00", cash="5.00", payer="Ana", words=WORDS)  # fmt: skip


def test_whoever_asks_for_too_much_res_reads_how_much_to_take_in_cash(
    bea: FlaskClient, ana: FlaskClient, federation: Kit, phone: MemberPhone
) -> None:
    counter.set_res_part(federation, "bakery", 5_000)
    wanted = "Up to 50\u202f% of a sale in RES. No money moved. Take 6.25 in cash."

    for answer in (charge(bea, "12.50"), scan(bea, phone.token(), "12.50", cash="1.00")):
        assert answer.get_json()["title"] == wanted


def test_whoever_types_the_note_handed_over_as_the_cash_part_is_told_so(
    bea: FlaskClient, ana: FlaskClient, federation: Kit, phone: MemberPhone, balances: Balances
) -> None:
    sale, before = pay(ana, bill_of(bea, "30.00")).get_json()["receipt"], balances()
    asked = {"amount": "12.50", "cash": "20.00"}
    for path, more in (("bills", {}), ("scans", {"token": phone.token()}), ("corrections", {"sale": sale})):
        answer = post(bea, f"/tills/bakery-1/{path}", key=new_key(), **asked, **more)
        refuses(answer, 400, "bad_amount")
        assert answer.get_json()["title"] == (
            "The cash part is more than the sum. No money moved. "
            "Write only what of the sum is paid in cash, not what was handed over."
        )
    assert balances() == before


def test_the_till_says_beforehand_how_much_cash_is_needed(bea: FlaskClient, federation: Kit) -> None:
    assert "the rest in cash" not in bea.get("/tills/bakery-1").text
    counter.set_res_part(federation, "bakery", 3_750)

    page = bea.get("/tills/bakery-1").text
    assert "Up to 37.5" in page
    assert 'data-res-part="3750"' in page


def test_only_a_steward_settles_and_only_what_is_allowed(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    for wrong in ("0.00", "100.01", "x", "-1.00"):
        refuses(post(sam, "/office/bakery/counter/tender", part=wrong), 400, "bad_amount")
    refuses(post(sam, "/office/bakery/counter/tills/bakery-1/limit", limit="100.01"), 400, "bad_amount")
    refuses(post(sam, "/office/bakery/counter/tills/mill-1/limit", limit="1.00"), 404, "unknown_till")
    refuses(post(browser_of("bea"), "/office/bakery/counter/tender", part="50.00"), 404, "unknown_coop")

    says(post(sam, "/office/bakery/counter/tills/bakery-1/limit", limit="0.00"), 200, limit="0.00")
    assert sam.post("/office/bakery/counter/tills/bakery-1/limit", data={"limit": "20"}).status_code == 303
    settled = sam.post("/office/bakery/counter/tender", data={"part": "50"})
    assert settled.status_code == 303
    assert "What stands here holds from now on." in sam.get(settled.location).text
    again = sam.post("/office/bakery/counter/tills/bakery-1/limit", data={"limit": "200"})
    assert again.status_code == 400
    assert "The federation allows no higher limit" in Page(again.text).text
    assert 'value="20.00"' in sam.get("/office/bakery/counter").text


def test_a_lowered_limit_of_the_till_holds_from_the_next_refund_on(
    bea: FlaskClient, ana: FlaskClient, federation: Kit
) -> None:
    receipt = pay(ana, bill_of(bea, "30.00")).get_json()["receipt"]
    counter.set_refund_limit(federation, "bakery", "bakery-1", 1_000)

    def back(amount: str) -> int:
        return post(bea, f"/receipts/{receipt}/refunds", amount=amount, reason="stale", key=new_key()).status_code

    assert (back("10.01"), back("10.00"), back("0.01")) == (202, 201, 202)
