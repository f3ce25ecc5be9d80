"""Disputes: a member says what is wrong, stewards answer or give back, a facilitator decides what stays open."""

from collections.abc import Callable
from functools import partial

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.races.rush import rush
from tests.web.conftest import JSON, new_key
from tests.web.disputes import bought, charged, disputed, does, state, with_mia
from tests.web.doors import code_of
from tests.web.page import Page
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import disputes, histories, members, rulings
from wallet.store.engine import reading
from wallet.store.views import receipts

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    return with_mia(federation)


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
        receipt = receipts.find(connection, ref, "ana", shop.clock())
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


def test_a_paid_bill_that_is_disputed_is_answered_and_given_back(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, ref = browser_of("ana"), browser_of("sam"), bought(shop)
    made = disputed(ana, ref, "the bread was hard", not_me=True)
    assert (made["kind"], made["carried"], balances()["ana"]) == ("wrong", "0.00", 700)
    assert does(sam, made, "words", words="Which one?").get_json()["state"] == "answered"
    assert does(ana, made, "words", words="The rye").get_json()["state"] == "open"
    assert code_of(does(sam, made, "refund", amount="3.01")) == "refund_exceeds_sale"
    here = f"/disputes/{made['dispute']}"
    form = Page(sam.get(here).text).forms[f"{here}/refund"]
    refused = sam.post(f"{here}/refund", data=form | {"amount": "99"})
    assert "This is more than is left of it: 3.00 RES." in Page(refused.text).text
    assert 'aria-describedby="amount-wrong' in refused.text
    assert code_of(does(sam, made, "refund")) == "bad_amount"
    assert does(sam, made, "refund", amount="3.00", words="Sorry").get_json()["state"] == "refunded"

    assert balances()["ana"] == 1_000
    assert "gave it back" in Page(sam.get(here).text).text
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


@pytest.mark.parametrize("by_member", [True, False])
def test_a_facilitator_reads_how_what_was_passed_on_to_them_ended_without_them(
    shop: Kit, browser_of: Browser, by_member: bool
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop, 200))
    page = f"/disputes/{made['dispute']}"
    does(ana, made, "pass")
    ended = does(ana, made, "end") if by_member else does(sam, made, "refund", amount="2.00")
    assert ended.status_code == 200

    assert page in Page(fay.get("/notices").text).links
    assert ("ended it" if by_member else "gave it back") in Page(fay.get(page).text).text
    late = fay.post(f"{page}/decide", data={"words": "She is right", "for_member": "1"})
    assert (late.status_code, "This is settled already" in Page(late.text).text) == (409, True)


def test_a_line_of_pay_is_answered_and_set_right_with_the_next_pay(shop: Kit, browser_of: Browser) -> None:
    ana, mia = browser_of("ana"), browser_of("mia")
    ref = ana.get("/activity").get_data(as_text=True).split("/receipts/")[1][:12]
    made = disputed(ana, ref, "I worked 9 hours")
    assert (made["kind"], made["coop"]) == ("line", "mill")

    assert code_of(does(mia, made, "refund", amount="1.00")) == "bad_amount"
    assert does(ana, made, "pass").get_json()["state"] == "passed"
    decided = does(browser_of("fay"), made, "decide", words="9 hours", for_member=True)
    assert decided.get_json()["state"] == "open", "there is nothing that went back already"
    assert does(mia, made, "words", words="It comes with the next pay").get_json()["state"] == "open"
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
    assert form.forms[f"/receipts/{ref}/dispute"] == {"not_me": "1", "drawn_for": "ana"}
    blank = ana.post(f"/receipts/{ref}/dispute", data={"not_me": "1", "words": "  "})
    assert (blank.status_code, "Nothing was sent" in blank.get_data(as_text=True)) == (400, True)
    assert '<span id="words-wrong">' in blank.get_data(as_text=True)
    made = ana.post(f"/receipts/{ref}/dispute", data={"not_me": "1", "words": "never\r\nwas there"})
    made = made.location.partition("?")[0]
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


def test_who_sends_passes_on_or_ends_reads_that_it_is_done_until_they_look_again(
    shop: Kit, browser_of: Browser
) -> None:
    ana, ref = browser_of("ana"), bought(shop)

    def reads(address: str, words: str = "") -> tuple[str, str]:
        landed = ana.post(address, data={"words": words} if words else {}, follow_redirects=True)
        return landed.request.path, Page(landed.text).text

    here, sent = reads(f"/receipts/{ref}/dispute", "two loaves, not three")
    assert "Sent to the stewards of Bread & Roses" in sent
    assert "Sent to the stewards" not in Page(ana.get(here).text).text
    assert "Sent to the stewards" not in Page(browser_of("sam").get(f"{here}?done=sent").text).text
    assert "It is with a facilitator now" in reads(f"{here}/pass")[1]
    assert "It is settled" in reads(f"{here}/end")[1]
    assert "It is settled" not in Page(ana.get(here).text).text


def test_decided_both_ways_at_once_it_is_decided_once(shop: Kit, browser_of: Browser) -> None:
    made = disputed(browser_of("ana"), charged(shop))
    does(browser_of("sam"), made, "pass")
    ways = [partial(rulings.decide, shop, "fay", made["dispute"], "So", for_member=way) for way in (True, False)]

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
        rulings.decide(shop, who, made["dispute"], "So", for_member=True)

    assert (refused.value.code, state(browser_of("ana"), made)) == (code, "passed")


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


def test_nothing_is_noted_as_paid_that_is_not_owed(shop: Kit, browser_of: Browser) -> None:
    ana, sam = browser_of("ana"), browser_of("sam")
    for ref in (bought(shop), charged(shop)):
        made = disputed(ana, ref)
        assert code_of(does(sam, made, "paid")) == "dispute_over"
        assert state(ana, made) == "open"


def test_what_is_over_is_listed_page_by_page_the_newest_first_behind_what_waits(shop: Kit, browser_of: Browser) -> None:
    made = [disputes.begin(shop, "ana", bought(shop, 1), "It was another.").ref for _ in range(64)]
    waits = made[1], made[2]
    over = [ref for ref in made if ref not in waits]
    for ref in over:
        disputes.take_back(shop, "ana", ref)
    sam = browser_of("sam")

    first = Page(sam.get("/office/bakery/disputes").text)
    (further,) = [link for link in first.links if link and "before=" in link]
    second = Page(sam.get(further).text)

    assert listed(first) == [*waits, *over[:-51:-1]]
    assert listed(second) == over[-51::-1]
    assert "Show older ones" not in second.text


def test_facilitators_read_page_by_page_what_is_for_them_and_on_home_what_they_may_decide(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    members.grant(shop, "sam", "facilitator")
    made = [disputes.begin(shop, "ana", bought(shop, 1), "It was another.").ref for _ in range(52)]
    of_mill = histories.sell(shop, "mill", "ana", 1_00, 0, key="flour").ref
    made.append(disputes.begin(shop, "ana", of_mill, "It was another.").ref)
    clock.advance(days=7)
    fay, sam = browser_of("fay"), browser_of("sam")

    first = Page(fay.get("/federation/disputes").text)
    (further,) = [link for link in first.links if link and "after=" in link]
    second = Page(fay.get(further).text)

    assert listed(first) == listed(Page(fay.get("/").text)) == made[:50]
    assert listed(second) == made[50:]
    assert "Show more" not in second.text
    # The bakery's are before it, of which its steward decides nothing.
    assert listed(Page(sam.get("/").text)) == made[52:]
    assert "/federation/disputes" in Page(sam.get("/").text).links


def listed(page: Page) -> list[str]:
    return [link.rpartition("/")[2] for link in page.links if link and link.startswith("/disputes/")]
