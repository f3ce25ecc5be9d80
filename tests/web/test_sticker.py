"""The sticker at a counter: it leads to the till's bill, to the typed code, or to a sum; a till closed for good."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.domain.shift import Register
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import counter, histories, members, network, payments, refunds, scans, shifts, stickers, supplies
from wallet.services.refunds import Ask
from wallet.services.shifts import Closing
from wallet.store.engine import reading
from wallet.store.views import shifts as shift_view

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]
HERE = "/c/bakery-1"


@pytest.fixture
def ana(browser_of: Browsers) -> FlaskClient:
    """Give the browser of a member who has 10.00 RES."""
    return browser_of("ana")


def charged(kit: Kit, amount: int = 2_00) -> str:
    return payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount, key=new_key()).code


def ask(browser: FlaskClient, amount: str = "2.50", **fields: str):  # type: ignore[no-untyped-def]
    return browser.post(HERE, json={"amount": amount, "key": new_key()} | fields, headers=JSON)


def test_a_sticker_leads_to_the_tills_only_bill_of_the_last_minute(
    ana: FlaskClient, federation: Kit, clock: Clock
) -> None:
    code = charged(federation)

    assert ana.get(HERE).location == f"/b/{code}"
    clock.advance(seconds=59)
    assert ana.get(HERE, headers=JSON).get_json() == {
        "counter": "bakery-1", "coop": "bakery", "open": True, "bills": 1, "code": code,
    }  # fmt: skip
    clock.advance(seconds=1)
    assert (ana.get(HERE).status_code, ana.get(HERE, headers=JSON).get_json()["bills"]) == (200, 0)


def test_with_two_bills_the_code_is_typed(ana: FlaskClient, federation: Kit) -> None:
    first, _second = charged(federation), charged(federation, 3_00)

    page = Page(ana.get(HERE).text)

    assert list(page.forms) == ["/pay"]
    assert "2 bills are open at this counter" in page.text
    payments.cancel_bill(federation, first, "bea")
    assert ana.get(HERE).status_code == 303


def test_a_sticker_leads_to_no_other_tills_bill_nor_to_one_that_waits_for_a_members_or_a_co_ops_yes(
    ana: FlaskClient, federation: Kit
) -> None:
    histories.pay(federation, "mill", "ana", 900_00, 480, key="more pay of ana")
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    for handle in ("max", "mo"):
        members.join(federation, "mill", handle)
        members.grant(federation, handle, "steward", "mill")
    token = MemberPhone(federation, "ana").token()

    payments.open_bill(federation, "bakery-2", "bea", amount_minor=2_00, key=new_key())
    scans.scan_code(federation, "bakery-1", "bea", token=token, amount_minor=50_01, key=new_key())
    assert supplies.pay(federation, "max", "mill", charged(federation, 500_01), key=new_key()).receipt is None

    assert ana.get(HERE, headers=JSON).get_json()["bills"] == 0


def test_without_a_bill_the_member_types_the_sum_and_the_cashier_sees_it_at_once(
    ana: FlaskClient, browser_of: Browsers, federation: Kit, balances: Balances
) -> None:
    key = Page(ana.get(HERE).text).forms[HERE]["key"]

    made = ana.post(HERE, data={"amount": "2,50", "key": key})
    again = ana.post(HERE, data={"amount": "2,50", "key": key})
    code = made.location.removeprefix("/b/")
    seen = browser_of("bea").get("/tills/bakery-1/state").get_json()["bills"]

    assert (made.status_code, again.location) == (303, made.location)
    assert again.headers["Idempotent-Replay"] == "true"
    assert [(bill["code"], bill["state"], bill["amount"], bill["payer"]) for bill in seen] == [
        (code, "claimed", "2.50", "Ana")
    ]
    # It is Ana's: nobody else who reads the sticker is led to it.
    assert browser_of("cal").get(HERE).status_code == 200
    before = balances()
    assert ana.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON).status_code == 201
    assert balances() == before | {"ana": before["ana"] - 2_50, "bakery-1": before["bakery-1"] + 2_50}


def test_another_sum_takes_the_place_of_the_first_and_not_paying_ends_it(
    ana: FlaskClient, federation: Kit, browser_of: Browsers
) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    elsewhere = stickers.make_bill(federation, "bakery-2", "ana", amount_minor=2_00, key=new_key()).code
    others, shown = ask(browser_of("cal")).get_json()["code"], charged(federation)
    first, second = (ask(ana, amount).get_json()["code"] for amount in ("2.50", "2.75"))

    codes = (elsewhere, others, shown, first, second)
    states = [payments.show_bill(federation, code, "bea").state for code in codes]
    assert states == ["claimed", "claimed", "open", "declined", "claimed"]
    assert ana.post(f"/b/{second}/decline", json={}, headers=JSON).get_json()["state"] == "declined"


def test_another_sum_ends_no_bill_about_which_a_co_ops_second_steward_is_asked(
    ana: FlaskClient, federation: Kit, browser_of: Browsers, balances: Balances
) -> None:
    for handle in ("max", "mo"):
        members.join(federation, "mill", handle)
        members.grant(federation, handle, "steward", "mill")
    first = ask(ana, "600.00").get_json()["code"]
    assert supplies.pay(federation, "max", "mill", first, key=new_key()).receipt is None

    second = ask(ana, "2.75").get_json()["code"]

    assert [payments.show_bill(federation, code, "bea").state for code in (first, second)] == ["claimed", "claimed"]
    before = balances()
    assert browser_of("mo").post("/proposals/1/agree").status_code == 303
    assert balances()["bakery"] == before["bakery"] + 600_00


def test_three_members_at_the_sticker_do_not_keep_the_cashier_from_charging(
    browser_of: Browsers, federation: Kit
) -> None:
    for who in ("ana", "bea", "sam", "cal"):
        assert ask(browser_of(who)).status_code == 201

    typed = browser_of("bea").post("/tills/bakery-1/bills", data={"amount": "1", "key": new_key()})

    assert typed.status_code == 303


@pytest.mark.parametrize(("amount", "typed"), [("0.00", 400), ("-1.00", 400), ("1", 303)])
def test_what_is_no_sum_makes_no_bill_but_people_type_whole_units(ana: FlaskClient, amount: str, typed: int) -> None:
    answer = ask(ana, amount)

    assert (answer.status_code, answer.get_json()["type"]) == (400, "bad_amount")
    assert ana.post(HERE, data={"amount": amount, "key": new_key()}).status_code == typed


def test_where_a_part_is_taken_in_cash_no_member_makes_the_bill(ana: FlaskClient, federation: Kit) -> None:
    counter.set_res_part(federation, "bakery", 9_999)
    refused = ask(ana)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "cash_part_required")
    page = Page(ana.get(HERE).text)
    assert "The cashier makes the bill here" in page.text
    assert page.forms.keys() == {"/pay"}
    # Whose page was open before reads the same.
    late = ana.post(HERE, data={"amount": "2.50", "key": new_key()})
    assert (late.status_code, Page(late.text).text) == (409, page.text)

    counter.set_res_part(federation, "bakery", 10_000)
    assert HERE in Page(ana.get(HERE).text).forms
    assert ask(ana).status_code == 201


def test_who_is_signed_out_reads_whose_counter_it_is_and_nothing_of_its_bills(
    stranger: FlaskClient, federation: Kit
) -> None:
    charged(federation)

    page = stranger.get(HERE)

    assert page.status_code == 200
    assert "Bread &amp; Roses" in page.text
    assert "2.00" not in page.text
    assert stranger.get(HERE, headers=JSON).get_json() == {"counter": "bakery-1", "coop": "bakery", "open": True}
    assert ask(stranger).status_code == 401
    assert stranger.get("/c/nowhere", headers=JSON).get_json()["type"] == "unknown_till"


def test_the_sheet_holds_the_counters_address(browser_of: Browsers) -> None:
    sheet = Page(browser_of("sam").get("/tills/bakery-1/sticker").text)

    assert "http://localhost:8000/c/bakery-1" in sheet.text
    assert "Bread & Roses" in sheet.text
    assert "Valley" in sheet.text
    assert browser_of("ana").get("/tills/bakery-1/sticker").status_code == 404


def close_shift(kit: Kit, taken: int) -> None:
    with reading(kit.engine) as connection:
        place = shift_view.counter(connection, "bakery-1", "sam", kit.clock())
        assert place is not None
        running = shift_view.running(connection, "bakery-1", place.account_id)
        assert running is not None
    shifts.close_shift(kit, "bakery-1", "sam", running.id, Closing(Register(taken, 0)), key=new_key())


def test_a_till_is_closed_for_good_when_its_shift_is_and_can_be_opened_again(
    browser_of: Browsers, ana: FlaskClient, federation: Kit, balances: Balances
) -> None:
    sam, bea, place = browser_of("sam"), browser_of("bea"), {"till": "bakery-1"}
    paid = payments.pay_bill(federation, charged(federation), "ana", key=new_key()).ref
    busy = sam.post("/office/bakery/tills/close", json=place, headers=JSON)
    assert (busy.status_code, busy.get_json()["type"]) == (409, "shift_open")
    assert "A shift is open at this counter" in sam.post("/office/bakery/tills/close", data=place).text

    close_shift(federation, 2_00)
    assert sam.post("/office/bakery/tills/close", data=place).status_code == 303
    assert sam.post("/office/bakery/tills/close", data=place).status_code == 303

    body = {"amount": "1.00", "key": new_key()}
    for refused in (bea.post("/tills/bakery-1/bills", json=body, headers=JSON), ask(ana)):
        assert (refused.status_code, refused.get_json()["type"]) == (409, "account_not_open")
    # What was sold there can be given back all the same, and the till stays empty.
    refunds.give_back(federation, Ask(paid, "bea", 1_00, 0, "returned", None, new_key()))
    assert balances()["bakery-1"] == 0
    assert "This counter is out of service" in bea.get("/tills/bakery-1").text
    assert "Counter 1" not in bea.get("/tills/").text
    assert "takes no payments at present" in ana.get(HERE).text
    assert "out of service since" in Page(sam.get("/office/bakery/tills").text).text
    # A sheet that was printed now would stand at a counter that takes nothing.
    for browser, up in ((sam, "/office/bakery/tills"), (bea, "/tills/")):
        sheet = browser.get("/tills/bakery-1/sticker").text
        assert "This counter is out of service" in sheet
        assert up in Page(sheet).links
        assert "/c/bakery-1" not in sheet

    assert sam.post("/office/bakery/tills/open-again", data=place).status_code == 303
    assert bea.post("/tills/bakery-1/bills", json=body, headers=JSON).status_code == 201


def test_only_a_till_of_ones_own_co_op_is_closed(browser_of: Browsers, federation: Kit) -> None:
    answer = browser_of("sam").post("/office/bakery/tills/close", json={"till": "mill-1"}, headers=JSON)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_till")
    with pytest.raises(Refusal, match="unknown_till"):
        network.open_till_again(federation, "bakery", "mill-1")
