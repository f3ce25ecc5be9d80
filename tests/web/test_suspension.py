"""A co-op suspended at noon, over HTTP: the desk, the till, the payer, the sticker and the office say the same."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.authenticator import Authenticator
from tests.clock import Clock
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.counter_back import back, bought
from tests.web.doors import begin, invited, join
from tests.web.outsider import bill_of, charge, pay, post, refuses, scan
from tests.web.page import Page
from tests.web.phone import MemberPhone
from tests.web.stopped import HOW, stop
from wallet.kit import Kit
from wallet.services import ballots, members, network, payments, scans, supplies
from wallet.store import engine

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def agree(browser: FlaskClient) -> None:
    """Press the one Agree of the bakery's page."""
    (action,) = [each for each in Page(browser.get("/federation/coops/bakery").text).forms if each.endswith("/agree")]
    assert browser.post(action).status_code == 303


@pytest.fixture
def suspend(browser_of: Browser, gus: FlaskClient) -> Callable[[], None]:
    """Give a function by which Fay proposes to suspend the bakery and Gus agrees."""

    def suspended() -> None:
        asked = browser_of("fay").post("/federation/coops/bakery/suspend", data={"reason": "Its books\nare open."})
        assert (asked.status_code, asked.location) == (303, "/federation/coops/bakery?proposed=1")
        agree(gus)

    return suspended


def test_a_co_op_is_suspended_and_this_is_lifted_at_the_desk(
    browser_of: Browser, gus: FlaskClient, suspend: Callable[[], None]
) -> None:
    fay = browser_of("fay")
    refuses(fay.post("/federation/coops/bakery/suspend", json={"reason": " "}, headers=JSON), 400, "bad_form")
    refuses(post(fay, "/federation/coops/bakery/lift"), 409, "not_suspended")

    suspend()

    page = Page(fay.get("/federation/coops/bakery").text)
    assert {"/federation/coops/bakery/lift"} == {each for each in page.forms if "/coops/" in each}
    assert "Why: Its books are open." in page.text
    assert "Suspend Bread & Roses: Its books are open." in page.text
    assert "suspended" in Page(fay.get("/federation").text).text
    office = Page(browser_of("sam").get("/office/bakery").text)
    assert "Bread & Roses is suspended" in office.text
    assert "Why: Its books are open." in office.text
    refuses(post(fay, "/federation/coops/bakery/suspend", reason="Again"), 409, "account_not_open")
    assert fay.post("/federation/coops/bakery/lift").status_code == 303
    agree(gus)
    page = Page(fay.get("/federation/coops/bakery").text)
    assert "/federation/coops/bakery/suspend" in page.forms
    assert "until" in page.text.partition("Suspensions")[2]


def test_till_payer_sticker_and_scripts_end_on_the_same_state(
    bea: FlaskClient, browser_of: Browser, stranger: FlaskClient, phone: MemberPhone, suspend: Callable[[], None]
) -> None:
    ana, token = browser_of("ana"), phone.token()
    code = bill_of(bea)
    assert post(ana, f"/b/{code}/claim").status_code == 200
    watched = bea.get("/tills/bakery-1/state").get_json()["rev"]

    suspend()

    assert bea.get("/tills/bakery-1/state").get_json()["rev"] != watched
    for address in ("/tills/bakery-1", f"/tills/bakery-1?bill={code}"):
        till = Page(bea.get(address).text)
        assert "Bread & Roses is suspended" in till.text
        assert "You can refund, not charge." in till.text
        assert not [action for action in till.forms if "/tills/" in action]
    assert "No money moved" in till.text
    sheet, sticker = Page(ana.get(f"/b/{code}").text), Page(ana.get("/c/bakery-1").text)
    for page in (sheet, sticker):
        assert "Bread & Roses is suspended" in page.text
        assert "No money moved" in page.text
        assert not [action for action in page.forms if action.startswith(("/b/", "/c/"))]
    assert {browser.get(f"/b/{code}", headers=JSON).get_json()["state"] for browser in (bea, ana, stranger)} == {
        "cancelled"
    }
    assert stranger.get("/c/bakery-1", headers=JSON).get_json()["open"] is False
    for answer in (
        charge(bea),
        scan(bea, token),
        pay(ana, code),
        post(ana, f"/b/{code}/claim"),
        post(ana, "/c/bakery-1", amount="1.00", key=new_key()),
    ):
        refuses(answer, 409, "account_not_open")
        assert "Bread & Roses is suspended" in answer.get_json()["title"]
    typed = bea.post("/tills/bakery-1/bills", data={"amount": "2.00", "key": new_key()})
    assert (typed.status_code, "You can refund, not charge." in typed.text) == (409, True)
    pressed = ana.post(f"/b/{code}/pay", data={"key": new_key()})
    assert (pressed.status_code, "Bread &amp; Roses is suspended" in pressed.text) == (409, True)
    assert ana.get("/me", headers=JSON).get_json()["balance"] == "10.00"


def test_the_sheet_of_a_co_op_that_pays_says_which_of_the_two_is_suspended(
    federation: Kit, bea: FlaskClient, browser_of: Browser, suspend: Callable[[], None]
) -> None:
    for handle, coop, role in (("ana", "mill", "steward"), ("fay", "mill", "cashier")):
        members.grant(federation, handle, role, coop)
    sold = bill_of(bea)
    bought = post(browser_of("fay"), "/tills/mill-1/bills", amount="2.50", key=new_key()).get_json()["code"]

    suspend()

    for who, address in (("ana", f"/office/mill/bills/{sold}"), ("sam", f"/office/bakery/bills/{bought}")):
        page = Page(browser_of(who).get(address).text)
        assert "Bread & Roses is suspended" in page.text
        assert address not in page.forms
        refuses(post(browser_of(who), address, key=new_key()), 409, "account_not_open")


def test_a_purchase_from_before_is_shown_as_paid_and_given_back(
    bea: FlaskClient, browser_of: Browser, suspend: Callable[[], None]
) -> None:
    ana = browser_of("ana")
    code = bill_of(bea)
    receipt = pay(ana, code).get_json()["receipt"]
    suspend()

    paid = bea.get(f"/tills/bakery-1?bill={code}").text
    assert ('data-screen="paid"' in paid, "?wrong=" in paid) == (True, False)
    assert f"/receipts/{receipt}" in Page(bea.get("/tills/bakery-1").text).links
    refuses(pay(ana, code), 409, "bill_already_paid")
    back = post(bea, f"/receipts/{receipt}/refunds", amount="2.50", reason="returned", key=new_key())
    assert (back.status_code, back.get_json()["refunded_total"]) == (201, "2.50")
    home = Page(bea.get("/").text)
    assert "Bread & Roses is suspended" in home.text
    assert "Bread & Roses is suspended: it gives back" in Page(bea.get("/notices").text).text
    assert "Bread & Roses is suspended" not in Page(ana.get("/").text).text


def test_a_till_that_takes_no_payments_shows_the_refunds_that_wait_there(
    federation: Kit, staffed: Kit, browser_of: Browser
) -> None:
    bea = browser_of("bea")
    asked = back(bea, bought(staffed, 150_00, 60_00), "90.00", cash="60.00").get_json()["refund"]
    stop(federation, "bakery", "suspended")

    assert "Refund waits for a steward" in Page(bea.get("/tills/bakery-1").text).text
    assert post(browser_of("tim"), f"/refunds/{asked}/approve").status_code == 200
    assert "Take 60.00 from the drawer" in Page(bea.get("/tills/bakery-1").text).text


def test_the_members_of_a_co_op_that_leaves_are_told_in_notices_on_home_and_at_the_ballot(
    federation: Kit, bea: FlaskClient, browser_of: Browser, gus: FlaskClient, clock: Clock
) -> None:
    network.found_federation(federation, "Valley", charter_on="2026-01-01")
    ballots.agree(federation, "fay", ballots.propose(federation, "gus", 156, "It is long enough.", 60))
    fay, ana = browser_of("fay"), browser_of("ana")
    assert fay.post("/federation/coops/bakery/leave").status_code == 303

    agree(gus)

    assert "Bread & Roses has left the federation: it gives back" in Page(bea.get("/notices").text).text
    home = Page(bea.get("/").text).text
    assert "Bread & Roses has left the federation Since 2 March 2026" in home
    assert "your basis stays" in home
    assert "has left the federation" not in Page(ana.get("/").text).text + Page(ana.get("/notices").text).text
    ballot = Page(bea.get("/ballots/1").text).text
    assert "Bread & Roses has left the federation You stand on the roll as its member." in ballot
    assert "still does" not in ballot
    clock.advance(days=31)
    bea, fay, gus = browser_of("bea"), browser_of("fay"), browser_of("gus")
    home = Page(bea.get("/").text).text
    assert ("You have" in home, "has left the federation" in home) == (True, False), "it is no news for ever"
    assert "Bread & Roses has left" in Page(bea.get("/ballots/1").text).text

    assert fay.post("/federation/coops/bakery/again", data={"line": "10"}).status_code == 303
    agree(gus)

    assert "Bread & Roses charges and pays again" in Page(bea.get("/notices").text).text
    assert "/ballots/1/bakery/check" in Page(bea.get("/ballots/1").text).forms


def test_who_works_at_another_co_op_too_is_not_told_that_they_have_no_dividend(
    federation: Kit, browser_of: Browser
) -> None:
    members.join(federation, "mill", "bea")
    network.coop_leaves(federation, "bakery")

    home = Page(browser_of("bea").get("/").text).text
    assert "You have no vote there while it is out; your dividend goes on by your other co-op." in home
    assert "no dividend" not in home


@pytest.mark.parametrize("amount", ["2.00", "90.00"])
def test_a_co_op_that_leaves_after_its_till_took_a_code_charges_nothing(
    browser_of: Browser, federation: Kit, balances: Balances, monkeypatch: pytest.MonkeyPatch, amount: str
) -> None:
    bea, token, before = browser_of("bea"), MemberPhone(federation, "ana").token(), balances()
    write, writes = engine.write, count(1)

    def leaving(*arguments: Any) -> Any:
        if next(writes) == 2:
            network.coop_leaves(federation, "bakery")
        return write(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(scans, "write", leaving)
        refuses(scan(bea, token, amount), 409, "account_not_open")

    assert next(writes) == 4, "the code is taken, the charge refused, and the attempt ended"
    assert balances() == before
    assert not browser_of("ana").get("/notices", headers=JSON).get_json()["notices"]


@pytest.mark.parametrize("kind", ["worker", "customer"])
def test_an_invitation_of_a_suspended_co_op_says_so_before_a_passkey_is_made(
    federation: Kit, clock: Clock, browser_of: Browser, suspend: Callable[[], None], kind: str
) -> None:
    app = for_real_people(federation, clock)
    link, newcomer, passkey = invited(federation, kind=kind, coop="bakery"), app.test_client(), Authenticator()
    suspend()

    page = newcomer.get(link)
    assert (page.status_code, "is suspended and takes nobody in" in page.text) == (409, True)
    assert "/challenge" not in page.text
    refuses(newcomer.get(link, headers=JSON), 409, "account_not_open")
    refuses(newcomer.post(f"{link}/challenge", json={"name": "Eva"}, headers=JSON), 409, "account_not_open")

    browser_of("fay").post("/federation/coops/bakery/lift")
    agree(browser_of("gus"))
    assert join(newcomer, link, passkey).status_code == 201
    app.extensions["streams"].live.close()


def test_a_co_op_that_is_suspended_while_somebody_joins_takes_them_in_no_more(
    federation: Kit, clock: Clock, suspend: Callable[[], None]
) -> None:
    app = for_real_people(federation, clock)
    link, newcomer = invited(federation, kind="worker", coop="bakery"), app.test_client()
    made = Authenticator().make(begin(newcomer, f"{link}/challenge", name="Eva"))
    suspend()

    refuses(newcomer.post(link, json={"name": "Eva", "credential": made}, headers=JSON), 409, "account_not_open")
    assert newcomer.get("/me", headers=JSON).status_code == 401
    app.extensions["streams"].live.close()


@pytest.mark.parametrize("serves", ["", "cashier"])
def test_an_office_of_a_suspended_co_op_reads_that_nobody_was_invited(
    browser_of: Browser, suspend: Callable[[], None], serves: str
) -> None:
    suspend()
    assert "Invite somebody" not in Page(browser_of("sam").get("/office/bakery").text).text
    asked = {"name": "Hal", "kind": "worker", "serves": serves, "key": new_key()}
    refused = browser_of("sam").post("/office/bakery/invite", data=asked)

    assert refused.status_code == 409
    assert "Nobody was invited." in refused.text
    assert "No money moved" not in refused.text


@pytest.mark.parametrize(
    ("who", "address", "form"),
    [
        ("sam", "/office/bakery/declarations", {"worth": "100.00", "meeting": "2020-01-01"}),
        ("sam", "/office/bakery/payday", {"pay_on": "2026-12-01"}),
        ("fay", "/federation/coops/bakery/line", {"line": "500.00"}),
        ("fay", "/federation/coops/bakery/suspend", {"reason": "Once more."}),
        ("fay", "/federation/coops/bakery/leave", {}),
    ],
)
def test_what_moves_no_money_and_waits_at_a_suspended_co_op_says_that_nothing_was_changed(
    browser_of: Browser, suspend: Callable[[], None], who: str, address: str, form: dict[str, str]
) -> None:
    suspend()
    refused = browser_of(who).post(address, data=form)

    assert refused.status_code == 409
    assert "is suspended" in refused.text
    assert "Nothing was changed." in refused.text
    assert "No money moved" not in refused.text


@pytest.mark.parametrize("how", HOW)
def test_a_charge_that_ended_with_its_co_op_asks_neither_the_member_nor_a_second_steward_for_a_yes(
    staffed: Kit, browser_of: Browser, phone: MemberPhone, how: str
) -> None:
    for handle in ("max", "mo"):
        members.join(staffed, "mill", handle)
        members.grant(staffed, handle, "steward", "mill")
    scans.scan_code(staffed, "bakery-1", "bea", token=phone.token(), amount_minor=70_00, key=new_key(), confirm=True)
    large = payments.open_bill(staffed, "bakery-1", "bea", amount_minor=600_00, key=new_key()).code
    assert supplies.pay(staffed, "max", "mill", large, key=new_key()).receipt is None
    ana, mo = browser_of("ana"), browser_of("mo")
    assert 'class="news"' in ana.get("/").text
    assert 'class="news"' in mo.get("/").text

    stop(staffed, "bakery", how)

    for browser, kind in ((ana, "asked"), (mo, "agree")):
        assert 'class="news"' not in browser.get("/").text
        (notice,) = browser.get("/notices", headers=JSON).get_json()["notices"]
        assert (notice["kind"], notice["new"]) == (kind, False)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(("who", "act"), [("tim", "agree"), ("sam", "drop")])
def test_a_co_op_that_pays_nothing_at_present_is_offered_no_yes_to_a_payment(
    staffed: Kit, browser_of: Browser, how: str, who: str, act: str
) -> None:
    members.grant(staffed, "fay", "cashier", "mill")
    large = payments.open_bill(staffed, "mill-1", "fay", amount_minor=600_00, key=new_key()).code
    supplies.pay(staffed, "sam", "bakery", large, key=new_key())
    sheet, viewer = f"/office/bakery/bills/{large}", browser_of(who)
    assert f"/proposals/1/{act}" in Page(viewer.get(sheet).text).forms

    stop(staffed, "bakery", how)

    page = Page(viewer.get(sheet).text)
    assert {"suspended": "Bread & Roses is suspended", "left": "Bread & Roses has left"}[how] in page.text
    assert "No money has moved" in page.text
    assert "asks you to agree" not in page.text + Page(viewer.get("/").text).text
    desk = Page(viewer.get("/office/bakery").text)
    for shown in (page, desk):
        assert "/proposals/1/agree" not in shown.forms
        assert "/proposals/1/drop" in shown.forms
    assert "Bread & Roses neither pays nor declares anything at present" in desk.text
    refuses(post(browser_of("tim"), "/proposals/1/agree"), 409, "account_not_open")
