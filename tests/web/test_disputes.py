"""Disputes: a member says what is wrong, stewards answer or give back, a facilitator decides what stays open."""

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
from tests.web.doors import code_of
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import codes, disputes, members, payments, refunds, scans
from wallet.services.refunds import Ask
from wallet.store import migrate, receipts, refund_view, verify
from wallet.store import refunds as refund_rows
from wallet.store.engine import reading, snapshot

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    members.join(federation, "mill", "mia", name="Mia Lang")
    members.grant(federation, "mia", "steward", "mill")
    return federation


def charged(kit: Kit, amount_minor: int = 300) -> str:
    """Let the bakery's till charge Ana's code; give the receipt."""
    phone = MemberPhone(kit, "ana")
    codes.unfreeze(kit, "ana")
    token = phone.token()
    paid = scans.scan_code(kit, "bakery-1", "bea", token=token, amount_minor=amount_minor, confirm=True, key=new_key())
    return str(paid.ref)  # type: ignore[union-attr]


def bought(kit: Kit, amount_minor: int = 300) -> str:
    """Let Ana pay a bill of the bakery; give the receipt."""
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount_minor, key=new_key())
    return payments.pay_bill(kit, bill.code, "ana", key=new_key(), confirm=True).ref


def disputed(browser: FlaskClient, ref: str, words: str = "I was not there", **more: Any) -> dict[str, Any]:
    answer = browser.post(f"/receipts/{ref}/dispute", json={"words": words, **more}, headers=JSON)
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def does(browser: FlaskClient, dispute: dict[str, Any], act: str, **more: Any) -> Any:
    more = {"key": new_key(), **more} if act == "refund" else more
    return browser.post(f"/disputes/{dispute['dispute']}/{act}", json=more, headers=JSON)


def state(browser: FlaskClient, dispute: dict[str, Any]) -> str:
    return str(browser.get(f"/disputes/{dispute['dispute']}", headers=JSON).get_json().get("state"))


def test_a_charge_by_code_that_was_not_me_comes_back_at_once_and_freezes_my_codes(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, ref = browser_of("ana"), charged(shop)
    assert (balances()["ana"], balances()["bakery-1"]) == (700, 300)
    made = disputed(ana, ref, not_me=True)

    assert (made["kind"], made["state"], made["carried"]) == ("not_me", "open", "3.00")
    assert (balances()["ana"], balances()["bakery-1"]) == (1_000, 0)
    assert ana.get("/code/state", headers=JSON).get_json()["frozen"] is True
    # Sent again it is the same dispute, and nothing comes back twice.
    assert disputed(ana, ref, not_me=True)["dispute"] == made["dispute"]
    assert balances()["ana"] == 1_000
    kinds = [one["kind"] for one in ana.get("/notices", headers=JSON).get_json()["notices"]]
    assert kinds == ["carried", "charged"]
    told = browser_of("sam").get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["kind"], one["page"]) for one in told] == [("disputed", f"/disputes/{made['dispute']}")]
    with reading(shop.engine) as connection:
        receipt = receipts.find(connection, ref, "ana")
    assert receipt is not None
    assert (receipt.refunded_minor, receipt.left) == (300, 0)


def test_who_disputes_it_again_in_other_words_says_them_in_the_dispute_that_is_there(
    shop: Kit, browser_of: Browser
) -> None:
    ana, ref = browser_of("ana"), charged(shop)
    address, first, more = f"/receipts/{ref}/dispute", {"words": "I was at home."}, {"words": "My phone was, too."}

    made = ana.post(address, json=first, headers=JSON).get_json()
    answers = [ana.post(address, json=body, headers=JSON) for body in (more, more, first)]

    assert {(each.status_code, each.get_json()["dispute"]) for each in answers} == {(201, made["dispute"])}
    said = ana.get(f"/disputes/{made['dispute']}", headers=JSON).get_json()["words"]
    assert [words for _side, _act, words in said] == [first["words"], more["words"]]
    assert does(browser_of("sam"), made, "refund", amount="0.00", words="Sorry").get_json()["state"] == "refunded"
    assert code_of(ana.post(address, json={"words": "It was me, after all."}, headers=JSON)) == "dispute_over"


@pytest.mark.parametrize(("hours", "carried"), [(72, "3.00"), (72.001, "0.00")])
def test_only_in_time_is_it_carried(shop: Kit, browser_of: Browser, clock: Clock, hours: float, carried: str) -> None:
    ref = charged(shop)
    clock.advance(hours=hours)
    page = Page(browser_of("ana").get(f"/receipts/{ref}/dispute?not_me=1").text).text
    assert ". Your codes are frozen" in page
    assert ("You get the RES back at once" in page, "the stewards decide" in page) == (hours == 72, hours > 72)

    assert disputed(browser_of("ana"), ref)["carried"] == carried


def test_a_paid_bill_that_is_disputed_is_answered_and_given_back(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, ref = browser_of("ana"), browser_of("sam"), bought(shop)
    made = disputed(ana, ref, "the bread was hard", not_me=True)
    assert (made["kind"], made["carried"], balances()["ana"]) == ("wrong", "0.00", 700)
    assert does(sam, made, "words", words="Which one?").get_json()["state"] == "answered"
    assert does(ana, made, "words", words="The rye").get_json()["state"] == "open"
    assert code_of(does(sam, made, "refund", amount="3.01")) == "refund_exceeds_sale"
    assert code_of(does(sam, made, "refund")) == "bad_amount"
    assert does(sam, made, "refund", amount="3.00", words="Sorry").get_json()["state"] == "refunded"

    assert balances()["ana"] == 1_000
    assert code_of(does(sam, made, "refund", amount="1.00")) == "dispute_over"
    assert code_of(does(ana, made, "words", words="more")) == "dispute_over"
    said = ana.get(f"/disputes/{made['dispute']}", headers=JSON).get_json()["words"]
    assert [one[:2] for one in said] == [
        ["member", "opened"], ["coop", "answered"], ["member", "wrote"], ["coop", "refunded"],
    ]  # fmt: skip


def test_stewards_are_reminded_after_three_days_and_a_facilitator_has_it_after_seven(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop))
    clock.advance(days=3, seconds=-1)
    does(ana, made, "words", words="Is anybody there?")
    assert "waited for three days" not in sam.get("/office/bakery/disputes").get_data(as_text=True)
    clock.advance(1)
    assert "1 member has waited for three days" in sam.get("/office/bakery/disputes").get_data(as_text=True)
    clock.advance(days=4, seconds=-1)
    assert (state(ana, made), code_of(does(fay, made, "decide", words="Hm", for_member=True))) == (
        "open", "dispute_over",
    )  # fmt: skip
    assert state(fay, made) == "None"
    clock.advance(1)

    assert [state(who, made) for who in (ana, sam, fay)] == ["passed"] * 3
    assert made["dispute"] in fay.get("/federation/disputes").get_data(as_text=True)
    # A late answer is welcome, and it stays with the facilitator.
    assert does(sam, made, "words", words="We were closed").get_json()["state"] == "passed"


def test_decided_for_the_member_the_co_op_gives_back_or_has_done_so(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    carried, other = disputed(ana, charged(shop)), disputed(ana, bought(shop, 200))
    for made in (carried, other):
        assert does(ana, made, "pass").get_json()["state"] == "passed"
        assert does(ana, made, "words", words="And the till").get_json()["state"] == "passed", "it stays with Fay"
    assert does(fay, carried, "decide", words="Clear", for_member=True).get_json()["state"] == "refunded"
    assert does(fay, other, "decide", words="Clear", for_member=True).get_json()["state"] == "open"

    assert balances()["ana"] == 800
    assert "has to give back all that is left of it" in ana.get(f"/disputes/{other['dispute']}").get_data(as_text=True)
    assert does(sam, other, "refund", amount="2.00").get_json()["state"] == "refunded"
    assert balances()["ana"] == 1_000


@pytest.mark.parametrize("by_itself", [True, False])
def test_what_is_decided_for_the_member_is_not_decided_otherwise_and_comes_again_to_be_reminded_of(
    shop: Kit, browser_of: Browser, clock: Clock, by_itself: bool
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop, 200))
    page = f"/disputes/{made['dispute']}"
    does(sam, made, "pass")
    assert does(fay, made, "decide", words="Clear", for_member=True).get_json()["state"] == "open"

    assert code_of(does(sam, made, "pass")) == "dispute_over"
    assert [f"{page}/pass" in Page(who.get(page).text).forms for who in (sam, ana)] == [False, True]
    if by_itself:
        clock.advance(days=7)
    else:
        assert does(ana, made, "pass").get_json()["state"] == "passed"

    assert code_of(does(fay, made, "decide", words="Or not", for_member=False)) == "dispute_over"
    assert "Remind the stewards" in Page(fay.get(page).text).text
    assert does(fay, made, "decide", words="Please", for_member=True).get_json()["state"] == "open"
    told = sam.get("/notices", headers=JSON).get_json()["notices"]
    assert [one["kind"] for one in told].count("settled") == 2
    assert does(sam, made, "refund", amount="2.00").get_json()["state"] == "refunded"


def test_what_is_carried_and_decided_for_the_co_op_is_owed_and_nobody_pulls_it(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, charged(shop), not_me=True)
    does(sam, made, "pass")
    assert disputed(ana, charged(shop, 50))["carried"] == "0.50", "before it is decided nothing is owed"
    assert does(fay, made, "decide", words="You were there", for_member=False).get_json()["state"] == "owed"
    for who, act in ((ana, "pass"), (sam, "pass"), (ana, "end")):
        assert code_of(does(who, made, act)) == "dispute_over", "what was decided is not decided again"
    for who in (ana, sam):
        assert does(who, made, "words", words="When will it be?").get_json()["state"] == "owed"
    assert state(fay, made) == "owed", "who decided still sees what came of it"
    assert balances()["ana"] == 1_000

    # Until it is paid, the next dispute is heard and not carried.
    next_one = charged(shop, 100)
    assert "You still owe a co-op from an earlier note" in ana.get(f"/receipts/{next_one}/dispute?not_me=1").text
    assert disputed(ana, next_one)["carried"] == "0.00"
    bought(shop)
    assert code_of(does(ana, made, "paid")) == "unknown_dispute"
    assert does(sam, made, "paid").get_json()["state"] == "settled"
    assert disputed(ana, charged(shop, 150))["carried"] == "1.50"


def test_a_member_may_end_it_and_then_owes_what_was_carried(shop: Kit, browser_of: Browser) -> None:
    ana = browser_of("ana")
    assert does(ana, disputed(ana, bought(shop, 100)), "end").get_json()["state"] == "settled"
    made = disputed(ana, charged(shop, 100))
    assert does(ana, made, "end").get_json()["state"] == "owed"
    page = f"/disputes/{made['dispute']}"
    assert "You ended it, so this is owed. Pay it at any till of Bread & Roses;" in Page(ana.get(page).text).text
    ended = Page(browser_of("sam").get(page).text).text
    assert "ended it, so this is owed. It is paid at any till of Bread & Roses;" in ended
    assert "decided" not in ended


def test_what_is_passed_on_is_told_to_facilitators_and_who_writes_on_reads_that_they_read_it(
    shop: Kit, browser_of: Browser
) -> None:
    ana, fay = browser_of("ana"), browser_of("fay")
    made = disputed(ana, bought(shop, 100))
    page = f"/disputes/{made['dispute']}"
    assert fay.get("/notices", headers=JSON).get_json()["notices"] == []
    assert "Write to the stewards Your words" in Page(ana.get(page).text).text

    does(ana, made, "pass")

    told = fay.get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["kind"], one["page"]) for one in told] == [("disputed", page)]
    assert "Write to the stewards and the facilitator Your words" in Page(ana.get(page).text).text


def test_a_line_of_pay_is_answered_and_set_right_with_the_next_pay(shop: Kit, browser_of: Browser) -> None:
    ana, mia = browser_of("ana"), browser_of("mia")
    ref = ana.get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(ana, ref, "I worked 9 hours")
    assert (made["kind"], made["coop"]) == ("line", "mill")

    assert code_of(does(mia, made, "refund", amount="1.00")) == "bad_amount"
    assert does(ana, made, "pass").get_json()["state"] == "passed"
    decided = does(browser_of("fay"), made, "decide", words="9 hours", for_member=True)
    assert decided.get_json()["state"] == "open", "there is nothing that went back already"
    assert does(mia, made, "words", words="It comes with the next pay").get_json()["state"] == "answered"
    assert does(ana, made, "end").get_json()["state"] == "settled"


def test_others_see_nothing_and_nobody_judges_their_own(shop: Kit, browser_of: Browser, balances: Balances) -> None:
    members.grant(shop, "ana", "steward", "bakery")
    members.grant(shop, "ana", "facilitator")
    ana, ref = browser_of("ana"), bought(shop)
    made, before = disputed(ana, ref), balances()
    for who in ("cal", "bea", "mia", "fay"):
        assert code_of(browser_of(who).get(f"/disputes/{made['dispute']}", headers=JSON)) == "unknown_dispute"
        assert code_of(browser_of(who).get(f"/receipts/{ref}/dispute", headers=JSON)) == "unknown_receipt"
    assert code_of(does(ana, made, "refund", amount="1.00")) == "unknown_dispute"
    does(ana, made, "pass")
    assert code_of(does(ana, made, "decide", words="mine", for_member=True)) == "unknown_dispute"
    assert balances() == before


def test_pages_lead_from_the_receipt_to_the_end(shop: Kit, browser_of: Browser) -> None:
    ana, sam, ref = browser_of("ana"), browser_of("sam"), charged(shop)
    receipt = Page(ana.get(f"/receipts/{ref}").get_data(as_text=True))
    assert {f"/receipts/{ref}/dispute?not_me=1", f"/receipts/{ref}/dispute"} <= set(receipt.links)
    form = Page(ana.get(f"/receipts/{ref}/dispute?not_me=1").get_data(as_text=True))
    assert form.forms[f"/receipts/{ref}/dispute"] == {"not_me": "1"}
    blank = ana.post(f"/receipts/{ref}/dispute", data={"not_me": "1", "words": "  "})
    assert (blank.status_code, "Nothing was sent" in blank.get_data(as_text=True)) == (400, True)
    assert '<span id="words-wrong">' in blank.get_data(as_text=True)
    made = ana.post(f"/receipts/{ref}/dispute", data={"not_me": "1", "words": "never\r\nwas there"}).location
    assert "never was there" in ana.get(made).get_data(as_text=True)
    assert made in Page(ana.get(f"/receipts/{ref}").get_data(as_text=True)).links
    assert made in Page(sam.get(f"/receipts/{ref}").get_data(as_text=True)).links
    assert made in Page(sam.get("/office/bakery/disputes").get_data(as_text=True)).links
    shown = Page(sam.get(made).get_data(as_text=True))
    assert "Leave it with the member" in shown.text
    assert sam.post(f"{made}/refund", data={"words": "", "key": new_key()}).status_code == 303
    assert "given back" in Page(ana.get(made).get_data(as_text=True)).text
    again = sam.post(f"{made}/words", data={"words": "one more"})
    assert (again.status_code, "settled already" in again.get_data(as_text=True)) == (409, True)


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


def test_decided_both_ways_at_once_it_is_decided_once(shop: Kit, browser_of: Browser) -> None:
    made = disputed(browser_of("ana"), charged(shop))
    does(browser_of("sam"), made, "pass")
    ways = [partial(disputes.decide, shop, "fay", made["dispute"], "So", for_member=way) for way in (True, False)]

    outcome = rush(ways)

    assert (len(outcome.answers), outcome.refused) == (1, {"dispute_over": 1})
    assert outcome.answers[0].state == state(browser_of("ana"), made)


@pytest.mark.parametrize(
    ("who", "code"), [("cal", "not_allowed"), ("ana", "unknown_dispute"), ("sam", "unknown_dispute")]
)
def test_the_act_itself_lets_nobody_but_a_facilitator_decide(
    shop: Kit, browser_of: Browser, who: str, code: str
) -> None:
    made = disputed(browser_of("ana"), charged(shop))
    does(browser_of("sam"), made, "pass")

    with pytest.raises(Refusal) as refused:
        disputes.decide(shop, who, made["dispute"], "So", for_member=True)

    assert (refused.value.code, state(browser_of("ana"), made)) == (code, "passed")


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


def test_what_is_given_back_in_a_dispute_is_given_back_once_however_often_it_is_pressed(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, ref = browser_of("ana"), browser_of("sam"), bought(shop)
    made = disputed(ana, ref)
    here = f"/disputes/{made['dispute']}"
    form = Page(sam.get(here).text).forms[f"{here}/refund"] | {"amount": "1.00", "words": "Sorry"}

    first, again = (sam.post(f"{here}/refund", data=form) for _press in range(2))
    assert (first.status_code, again.status_code, again.location) == (303, 303, here)
    assert "Idempotent-Replay" in again.headers
    assert balances()["ana"] == 800
    other = does(sam, made, "refund", amount="2.00", key=form["key"])
    assert (other.status_code, code_of(other)) == (422, "key_reused")

    whole = {"amount": "2.00", "key": new_key()}
    for _retry in range(2):
        assert does(sam, made, "refund", **whole).get_json()["state"] == "refunded"
    assert balances()["ana"] == 1_000
    assert code_of(does(sam, made, "refund", amount="2.00")) == "dispute_over"


def test_a_second_steward_whose_page_is_older_gives_back_nothing_unseen(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    members.join(shop, "bakery", "tim", name="Tim Orr")
    members.grant(shop, "tim", "steward", "bakery")
    ana, sam, tim = browser_of("ana"), browser_of("sam"), browser_of("tim")
    here = f"/disputes/{disputed(ana, bought(shop))['dispute']}"
    forms = [Page(browser.get(here).text).forms[f"{here}/refund"] | {"amount": "1.00"} for browser in (sam, tim)]
    assert sam.post(f"{here}/refund", data=forms[0]).status_code == 303

    late = tim.post(f"{here}/refund", data=forms[1])

    assert (late.status_code, balances()["ana"]) == (409, 800)
    assert "Something of this sale was given back a moment ago" in Page(late.text).text
    # The page it stands on has seen it: whoever means more sends it again.
    newer = Page(late.text).forms[f"{here}/refund"] | {"amount": "0.50"}
    assert tim.post(f"{here}/refund", data=newer).status_code == 303
    assert balances()["ana"] == 850


def test_words_that_are_sent_twice_are_said_once(shop: Kit, browser_of: Browser) -> None:
    ana, sam = browser_of("ana"), browser_of("sam")
    made = disputed(ana, bought(shop))
    for browser, words in (
        (sam, "Which one?"),
        (sam, "Which one?"),
        (ana, "The rye"),
        (ana, "The rye"),
        (sam, "The rye"),
    ):
        assert does(browser, made, "words", words=words).status_code == 200

    said = ana.get(f"/disputes/{made['dispute']}", headers=JSON).get_json()["words"][1:]
    assert [one[2] for one in said] == ["Which one?", "The rye", "The rye"]
