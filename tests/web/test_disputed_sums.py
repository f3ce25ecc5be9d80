"""What a dispute moves: what is carried and until when, what comes back in which tender, whole or in part, once."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.races.rush import rush, wait_until_it_waits
from tests.web.conftest import JSON, new_key
from tests.web.disputes import bought, charged, disputed, does, state, with_mia
from tests.web.doors import code_of
from tests.web.page import Page
from tests.web.phone import MemberPhone
from tests.web.stopped import HOW, let_go_on, stop
from wallet.kit import Kit
from wallet.services import codes, disputes, members, refunds, scans
from wallet.services.refunds import Ask
from wallet.store import migrate, verify
from wallet.store import refunds as refund_rows
from wallet.store.engine import reading, snapshot
from wallet.store.views import refunds as refund_view

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    return with_mia(federation)


@pytest.mark.parametrize(("hours", "carried"), [(72, "3.00"), (72.001, "0.00")])
def test_only_in_time_is_it_carried(shop: Kit, browser_of: Browser, clock: Clock, hours: float, carried: str) -> None:
    ref = charged(shop)
    clock.advance(hours=hours)
    page = Page(browser_of("ana").get(f"/receipts/{ref}/dispute?not_me=1").text).text
    assert ". Your codes are frozen" in page
    assert ("You get the RES back at once" in page, "the stewards decide" in page) == (hours == 72, hours > 72)

    assert disputed(browser_of("ana"), ref)["carried"] == carried


def test_what_a_dispute_gave_back_says_who_and_why_to_all_who_read_of_it(shop: Kit, browser_of: Browser) -> None:
    ana, bea, sam = (browser_of(who) for who in ("ana", "bea", "sam"))
    rows = []
    for ref, act, words in ((charged(shop), None, "Came back at once, in a dispute"), (bought(shop), "refund", "Sam")):
        made = disputed(ana, ref)
        if act:
            does(sam, made, act, amount="2.50")
        (back,) = ana.get(f"/receipts/{ref}", headers=JSON).get_json()["refunds"]
        rows.append(back)
        for browser in (ana, bea, sam):
            shown = Page(browser.get(f"/receipts/{ref}").text).text
            assert words in shown
            assert "by Ana," not in shown, "she asked for it and gave nothing back"
        desk, till = (Page(browser.get(f"/refunds/{back}").text) for browser in (sam, bea))
        assert f"/disputes/{made['dispute']}" in desk.links
        assert f"/disputes/{made['dispute']}" not in till.links, "what was said is between the member and the stewards"
        assert "Asked for by Ana" in till.text
        assert browser_of("cal").get(f"/refunds/{back}", headers=JSON).status_code == 404
    state = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
    assert [each["refunded"] for each in state["last"]] == ["2.50", "3.00"]
    with reading(shop.engine) as connection:
        stands = [refund_view.find(connection, back, shop.clock()) for back in rows]
    assert [(one.state, one.asked_by, one.approved_by_name, one.amount_minor) for one in stands if one] == [
        ("posted", "ana", None, 300), ("posted", "ana", "Sam", 250),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cash_minor", "paid"),
    [(0, "4.50 RES"), (150, "3.00 RES and 1.50 cash"), (450, "4.50 cash")],
    ids=lambda it: str(it),
)
def test_what_is_disputed_is_written_as_it_was_paid_and_cash_never_as_res(
    shop: Kit, browser_of: Browser, cash_minor: int, paid: str
) -> None:
    ana, sam, fay = (browser_of(who) for who in ("ana", "sam", "fay"))
    ref = bought(shop, 450, cash_minor)
    read = [Page(ana.get(f"/receipts/{ref}/dispute").text).text]
    made = disputed(ana, ref)
    does(ana, made, "pass")

    lists = [(sam, "/office/bakery/disputes"), (fay, "/federation/disputes"), (fay, "/")]
    for browser, address in [(ana, f"/disputes/{made['dispute']}"), *lists]:
        read.append(Page(browser.get(address).text).text)
    for text in read:
        assert (paid in text, f"and {paid}" in text, "4.50 RES" in text) == (True, False, not cash_minor), text


def test_what_disputes_gave_back_before_there_were_rows_gets_them(shop: Kit, browser_of: Browser) -> None:
    ana, sam, sheet = browser_of("ana"), browser_of("sam"), sa.text("SELECT * FROM refunds ORDER BY ref")
    disputed(ana, charged(shop))
    settled = disputed(ana, charged(shop, 200))
    does(sam, settled, "refund", words="Sorry")
    does(sam, disputed(ana, bought(shop)), "refund", amount="3.00")
    does(sam, disputed(ana, bought(shop)), "words", words="Which one?")
    with shop.engine.connect() as connection:
        before = connection.execute(sheet).all()
    moves = ScriptDirectory(str(migrate.MIGRATIONS)).get_revision("0024").module

    with shop.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM refunds"))
        for statement in (moves.CARRIED, moves.ENDED, moves.CARRIED, moves.ENDED):
            connection.execute(sa.text(statement))
        assert connection.execute(sheet).all() == before
    assert len(before) == 3


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE disputes SET carried_id = transfer_id",
        "UPDATE disputes SET person_id = (SELECT id FROM people WHERE handle = 'cal')",
        "UPDATE disputes SET coop_id = (SELECT id FROM coops WHERE slug = 'mill')",
        "DELETE FROM refunds",
        "UPDATE refunds SET asked_by = (SELECT id FROM people WHERE handle = 'cal')",
    ],
)
def test_the_books_are_checked_for_what_is_carried(shop: Kit, browser_of: Browser, harm: str) -> None:
    made = disputed(browser_of("ana"), charged(shop))
    with snapshot(shop.engine) as connection:
        assert verify.check(connection) == []
    with shop.engine.begin() as connection:
        connection.execute(sa.text(harm))
    with snapshot(shop.engine) as connection:
        found = verify.check(connection)

    assert {one.invariant for one in found} == {"I8"}
    assert ("disputes", made["dispute"]) in {(one.table, one.row) for one in found} or "refunds" in harm


def test_however_often_it_is_sent_at_once_the_sum_comes_back_once(shop: Kit, balances: Balances) -> None:
    ref = charged(shop)
    outcome = rush([partial(disputes.begin, shop, "ana", ref, "I was not there", not_me=True) for _ in range(8)])

    assert (len(outcome.answers), len({one.ref for one in outcome.answers}), outcome.together > 1) == (8, 1, True)
    assert (balances()["ana"], balances()["bakery-1"]) == (1_000, 0)


@pytest.mark.parametrize("passed", [False, True])
def test_a_part_that_is_given_back_answers_and_ends_nothing(
    shop: Kit, browser_of: Browser, balances: Balances, passed: bool
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop))
    if passed:
        does(ana, made, "pass")
    assert does(sam, made, "refund", amount="0.01").get_json()["state"] == ("passed" if passed else "answered")
    assert balances()["ana"] == 701
    assert "gave a part back" in Page(ana.get(f"/disputes/{made['dispute']}").text).text
    told = [one["kind"] for one in ana.get("/notices", headers=JSON).get_json()["notices"]]
    assert ("answered" in told, "settled" in told) == (True, False)

    if not passed:
        assert does(ana, made, "pass").get_json()["state"] == "passed"
    assert does(fay, made, "decide", words="All of it", for_member=True).get_json()["state"] == "open"
    assert does(sam, made, "refund", amount="2.99").get_json()["state"] == "refunded"
    assert balances()["ana"] == 1_000


def test_what_a_facilitator_decided_is_given_back_whole(shop: Kit, browser_of: Browser, balances: Balances) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop))
    does(ana, made, "pass")
    does(fay, made, "decide", words="Clear", for_member=True)

    for less in ("0.01", "2.99"):
        assert code_of(does(sam, made, "refund", amount=less)) == "bad_amount"
    refused = sam.post(f"/disputes/{made['dispute']}/refund", data={"amount": "0.01", "key": new_key()}).text
    assert "all that is left of it, 3.00 RES, goes back. No money moved" in Page(refused).text
    assert (state(ana, made), balances()["ana"]) == ("open", 700)
    assert does(sam, made, "refund", amount="3.00").get_json()["state"] == "refunded"


@pytest.mark.parametrize(("not_me", "ends"), [(True, "refunded"), (False, "open")])
def test_cash_belongs_to_whoever_laid_it_down(shop: Kit, browser_of: Browser, not_me: bool, ends: str) -> None:
    ana, sam, fay, token = browser_of("ana"), browser_of("sam"), browser_of("fay"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    made = disputed(ana, str(paid.ref), not_me=not_me)  # type: ignore[union-attr]
    assert made["carried"] == "2.00"
    does(ana, made, "pass")

    assert does(fay, made, "decide", words="Clear", for_member=True).get_json()["state"] == ends
    if not not_me:
        assert code_of(does(sam, made, "refund")) == "bad_amount"
        assert does(sam, made, "refund", cash="1.00").get_json()["state"] == "refunded"


def test_the_cash_of_a_charge_that_was_not_the_members_is_neither_offered_to_them_nor_given(
    shop: Kit, browser_of: Browser
) -> None:
    ana, sam, token = browser_of("ana"), browser_of("sam"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    made = disputed(ana, str(paid.ref), not_me=True)  # type: ignore[union-attr]
    here = f"/disputes/{made['dispute']}"

    shown = Page(sam.get(here).text)
    assert "Leave it with the member" in shown.text
    assert "from the drawer" not in shown.text
    refused = sam.post(f"{here}/refund", data={"cash": "1.00", "key": new_key()})
    assert (refused.status_code, "The cash is not the member’s" in Page(refused.text).text) == (400, True)
    assert sam.post(f"{here}/refund", data=shown.forms[f"{here}/refund"]).status_code == 303

    receipt = ana.get(f"/receipts/{paid.ref}", headers=JSON).get_json()  # type: ignore[union-attr]
    assert (receipt["refunded"], receipt["cash_refunded"], state(ana, made)) == ("2.00", "0.00", "refunded")


def test_of_a_charge_by_code_of_which_no_res_is_left_nothing_is_carried(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    token = MemberPhone(shop, "ana").token()
    in_cash = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=300, key=new_key())
    codes.unfreeze(shop, "ana")
    back = charged(shop, 200)
    refunds.give_back(shop, Ask(back, "bea", 2_00, 0, "twice", None, new_key()))
    before = balances()

    for ref, given_back in ((str(in_cash.ref), 0), (back, 1)):  # type: ignore[union-attr]
        said = Page(browser_of("ana").get(f"/receipts/{ref}/dispute").text).text
        assert "No RES of it is left to come back at once: the stewards decide." in said
        assert "You get the RES back" not in said
        made = disputed(browser_of("ana"), ref)
        assert (made["state"], made["carried"]) == ("open", "0.00")
        assert len(browser_of("ana").get(f"/receipts/{ref}", headers=JSON).get_json()["refunds"]) == given_back
    assert balances() == before


def test_only_the_whole_ends_what_is_carried_beside_cash(shop: Kit, browser_of: Browser) -> None:
    ana, sam, token = browser_of("ana"), browser_of("sam"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    made = disputed(ana, str(paid.ref))  # type: ignore[union-attr]

    assert code_of(does(sam, made, "refund")) == "bad_amount"
    assert does(sam, made, "refund", cash="0.40").get_json()["state"] == "answered"
    assert does(sam, made, "refund", cash="0.60").get_json()["state"] == "refunded"


def test_a_part_that_a_cashier_gives_back_at_the_same_moment_loses_no_dispute(
    shop: Kit, browser_of: Browser, balances: Balances, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, posted, add = charged(shop), threading.Event(), refund_rows.add

    def held_until_the_dispute_waits(connection: sa.Connection, row: dict[str, Any]) -> None:
        add(connection, row)
        if row.get("dispute_id") is None:
            posted.set()
            wait_until_it_waits(shop)

    monkeypatch.setattr(refund_rows, "add", held_until_the_dispute_waits)
    part = Ask(ref, "bea", 1_00, 0, "twice", None, new_key())

    def speaks_up() -> object:
        assert posted.wait(30)
        return disputes.begin(shop, "ana", ref, "I was not there", not_me=True)

    outcome = rush([partial(refunds.give_back, shop, part), speaks_up])

    assert outcome.refused == {}
    assert (balances()["ana"], balances()["bakery-1"]) == (1_000, 0)
    made = disputed(browser_of("ana"), ref)
    assert (made["kind"], made["carried"]) == ("not_me", "2.00")
    assert browser_of("ana").get("/code/state", headers=JSON).get_json()["frozen"] is True


@pytest.mark.parametrize("how", HOW)
def test_what_is_owed_to_a_co_op_that_takes_no_payments_rests_until_it_does_again(
    shop: Kit, browser_of: Browser, how: str
) -> None:
    members.grant(shop, "mia", "cashier", "mill")
    ana, sam, made = browser_of("ana"), browser_of("sam"), disputed(browser_of("ana"), charged(shop, 100))
    does(ana, made, "end")
    page = f"/disputes/{made['dispute']}"

    stop(shop, "bakery", how)

    for browser in (ana, sam):
        text = Page(browser.get(page).text).text
        assert "rests" in text
        assert "at any till" not in text
    assert state(ana, made) == "owed"
    next_one = charged(shop, 50, "mill-1", "mia")
    assert "You get the RES back at once" in Page(ana.get(f"/receipts/{next_one}/dispute").text).text
    assert disputed(ana, next_one)["carried"] == "0.50"

    let_go_on(shop, "bakery", how)

    assert "Pay it at any till of Bread & Roses" in Page(ana.get(page).text).text
    assert disputed(ana, charged(shop, 25, "mill-1", "mia"))["carried"] == "0.00"


@pytest.mark.parametrize("how", HOW)
def test_a_steward_of_a_co_op_that_takes_no_payments_notes_what_was_paid_in_another_way(
    shop: Kit, browser_of: Browser, how: str
) -> None:
    ana, sam, made = browser_of("ana"), browser_of("sam"), disputed(browser_of("ana"), charged(shop, 100))
    does(ana, made, "end")
    stop(shop, "bakery", how)

    assert "/disputes/{}/paid".format(made["dispute"]) in Page(sam.get(f"/disputes/{made['dispute']}").text).forms
    assert does(sam, made, "paid").get_json()["state"] == "settled"


@pytest.mark.parametrize("why", ["late", "owes", "none_left", "carried"])
def test_who_reads_that_it_comes_back_at_once_and_sends_too_late_reads_that_it_did_not(
    shop: Kit, browser_of: Browser, clock: Clock, why: str
) -> None:
    ana, owed, ref = browser_of("ana"), disputed(browser_of("ana"), charged(shop, 50)), charged(shop)
    clock.advance(hours=71, minutes=59)
    assert "You get the RES back at once" in Page(ana.get(f"/receipts/{ref}/dispute").text).text
    if why == "late":
        clock.advance(minutes=2)
    elif why == "owes":
        does(ana, owed, "end")
    elif why == "none_left":
        refunds.give_back(shop, Ask(ref, "bea", 300, 0, "returned", None, new_key()))

    sent = ana.post(f"/receipts/{ref}/dispute", data={"words": "Not mine"}, follow_redirects=True)

    said = Page(sent.text).text
    assert "Sent to the stewards of Bread & Roses" in said
    assert ("Nothing came back at once" in said) is (why != "carried")
    because = {
        "late": "more than 72 hours ago",
        "owes": "You still owe a co-op from an earlier note",
        "none_left": "No RES of it is left to come back at once",
        "carried": "3.00 RES came back at once",
    }
    assert [each for each, words in because.items() if words in said] == [why]
