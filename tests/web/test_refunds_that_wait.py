"""A refund above the till's limit: a steward approves or declines it, the till withdraws it, or it lapses."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.counter_back import back, bought
from tests.web.disputes import disputed, does
from tests.web.outsider import INSTANT, RECEIPT, is_replay, post, refuses, says
from tests.web.page import Page
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import counter, histories, members, network, refunds
from wallet.store import notices, people
from wallet.store.columns import MICROSECOND
from wallet.store.engine import reading
from wallet.store.views import refunds as refund_view

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def waiting(browser: FlaskClient, kit: Kit, amount: int = 12_000) -> tuple[str, str]:
    """Ask for a whole sale above the limit; give the sale and the refund that waits."""
    sale = bought(kit, amount)
    asked = back(browser, sale, f"{amount / 100:.2f}")
    return sale, str(says(asked, 202, refund=RECEIPT, state="waiting")["refund"])


def test_above_the_tills_limit_a_steward_agrees_from_their_own_session(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, key = bought(staffed, 15_000, 3_000), new_key()
    assert back(bea, sale, "70.00", cash="30.00").status_code == 201, "just the limit"
    before = balances()

    asked = back(bea, sale, "0.01", key=key)
    refund = says(asked, 202, refund=RECEIPT, state="waiting")["refund"]
    assert balances() == before
    again = back(bea, sale, "0.01", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)
    refuses(back(bea, sale, "50.01"), 409, "refund_exceeds_sale")
    refuses(back(bea, sale, "1.00", cash="0.01"), 409, "refund_exceeds_sale")

    for act in ("approve", "withdraw"):
        refuses(post(browser_of("tim"), f"/refunds/{refund}/{act}", more=1), 400, "bad_form")
    done = post(browser_of("tim"), f"/refunds/{refund}/approve")
    whole = {"refund": refund, "refunded_total": "70.01", "cash_refunded_total": "30.00"}
    says(done, 200, **whole)
    says(post(browser_of("sam"), f"/refunds/{refund}/approve"), 200, **whole)
    assert balances()["ana"] == before["ana"] + 1, "agreed to twice, given back once"
    again = back(bea, sale, "0.01", key=key)
    assert (is_replay(again), again.status_code, again.data) == (True, 202, asked.data)


def test_cash_that_is_asked_back_counts_to_the_tills_limit_like_res(bea: FlaskClient, staffed: Kit) -> None:
    sale = bought(staffed, 15_000, 12_000)

    says(back(bea, sale, "0.00", cash="100.01"), 202, refund=RECEIPT, state="waiting")
    assert back(bea, sale, "0.00", cash="100.00").status_code == 201
    says(back(bea, sale, "0.00", cash="0.01"), 202, refund=RECEIPT, state="waiting")


def test_nobody_else_agrees_not_the_asker_nor_the_payer_nor_too_late(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances, clock: Clock
) -> None:
    members.join(staffed, "mill", "mia")
    members.grant(staffed, "mia", "steward", "mill")
    sale = bought(staffed, 12_000)
    mine = says(back(browser_of("sam"), sale, "110.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    before = balances()

    for handle in ("ana", "mia", "fay", "cal"):
        refuses(post(browser_of(handle), f"/refunds/{mine}/approve"), 404, "unknown_refund")
    # Who sees it at the till and is no steward is told so, not that there is none.
    assert bea.get(f"/refunds/{mine}", headers=JSON).status_code == 200
    for handle in ("bea", "joy", "sam"):
        refuses(post(browser_of(handle), f"/refunds/{mine}/approve"), 403, "not_allowed")
    refuses(post(browser_of("tim"), "/refunds/0000000000ZZ/approve"), 404, "unknown_refund")
    clock.advance(599.999)
    assert browser_of("tim").get(f"/refunds/{mine}", headers=JSON).get_json()["state"] == "waiting"
    clock.advance(0.001)
    assert browser_of("tim").get(f"/refunds/{mine}", headers=JSON).get_json()["state"] == "lapsed"
    refuses(post(browser_of("tim"), f"/refunds/{mine}/approve"), 410, "refund_lapsed")
    assert balances() == before

    histories.pay(staffed, "bakery", "tim", 130_000, 9_600, key="pay of tim")
    own = bought(staffed, 12_000, payer="tim")
    asked = says(back(bea, own, "120.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 403, "not_allowed")
    assert post(browser_of("sam"), f"/refunds/{asked}/approve").status_code == 200


def test_what_was_given_back_meanwhile_is_not_given_back_again(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale = bought(staffed, 12_000)
    asked = [says(back(bea, sale, "115.00"), 202, refund=RECEIPT, state="waiting")["refund"] for _ in range(2)]
    tim = browser_of("tim")
    assert post(tim, f"/refunds/{asked[0]}/approve").status_code == 200
    before = balances()

    refuses(post(tim, f"/refunds/{asked[1]}/approve"), 409, "refund_exceeds_sale")
    assert balances() == before


def test_a_new_steward_agrees_to_nothing_before_the_role_begins(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, clock: Clock
) -> None:
    with staffed.engine.begin() as connection:
        connection.execute(sa.text("UPDATE roles SET granted_at = granted_at + 86400000000 WHERE role = 'steward'"))
    asked = waiting(bea, staffed)[1]
    assert approvals(browser_of("tim")) == []

    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 404, "unknown_refund")
    with pytest.raises(Refusal, match="unknown_refund"):
        refunds.approve(staffed, asked, "tim")
    clock.advance(days=1)
    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 410, "refund_lapsed")


def test_what_waits_is_listed_to_who_is_a_steward_by_now_and_still_and_until_it_lapses(
    bea: FlaskClient, staffed: Kit, clock: Clock
) -> None:
    asked = waiting(bea, staffed)[1]

    def listed(role: str) -> list[str]:
        with staffed.engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE roles SET {role} WHERE role = 'steward'"))
            return [each.ref for each in refund_view.waiting_for(connection, "tim", clock())]

    assert listed("granted_at = granted_at + 1") == []
    assert listed("granted_at = granted_at - 1") == [asked]
    assert listed("revoked_at = granted_at") == []
    clock.advance(minutes=10)
    clock.set(clock() - MICROSECOND)
    assert listed("revoked_at = NULL") == [asked]
    clock.set(clock() + MICROSECOND)
    assert listed("revoked_at = NULL") == []


def test_the_till_withdraws_what_waits_and_no_money_moves(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances
) -> None:
    sale, asked = waiting(bea, staffed)
    joy, before = browser_of("joy"), balances()

    for handle in ("ana", "cal", "fay"):
        refuses(post(browser_of(handle), f"/refunds/{asked}/withdraw"), 404, "unknown_refund")
    done = post(joy, f"/refunds/{asked}/withdraw")
    told = says(
        done, 200, refund=asked, state="withdrawn", sale=sale, amount="120.00", cash="0.00", reason="stale",
        lapses_at=INSTANT, ended_at=INSTANT, ended_why=None,
    )  # fmt: skip
    assert post(bea, f"/refunds/{asked}/withdraw").get_json() == told, "twice is once"
    refuses(post(browser_of("tim"), f"/refunds/{asked}/approve"), 410, "refund_withdrawn")
    refuses(post(browser_of("tim"), f"/refunds/{asked}/decline", reason="No"), 410, "refund_withdrawn")
    refuses(post(bea, "/refunds/0000000000ZZ/withdraw"), 404, "unknown_refund")
    assert balances() == before
    # It stands in nobody's way: the same is asked for again and approved.
    again = says(back(bea, sale, "120.00"), 202, refund=RECEIPT, state="waiting")["refund"]
    assert post(browser_of("tim"), f"/refunds/{again}/approve").status_code == 200
    refuses(post(bea, f"/refunds/{again}/withdraw"), 409, "refund_posted")
    other = waiting(bea, staffed)[1]
    assert post(browser_of("tim"), f"/refunds/{other}/withdraw").status_code == 200, "so does a steward"


def test_a_steward_declines_with_a_reason_and_neither_asker_nor_payer_does(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, balances: Balances, clock: Clock
) -> None:
    asked = waiting(browser_of("sam"), staffed)[1]
    tim, before = browser_of("tim"), balances()

    for handle in ("ana", "fay"):
        refuses(post(browser_of(handle), f"/refunds/{asked}/decline", reason="No"), 404, "unknown_refund")
    for handle in ("bea", "joy", "sam"):
        refuses(post(browser_of(handle), f"/refunds/{asked}/decline", reason="No"), 403, "not_allowed")
    for blank in ({}, {"reason": "  "}, {"reason": "x" * 201}, {"reason": 7}):
        refuses(post(tim, f"/refunds/{asked}/decline", **blank), 400, "bad_form")
    done = post(tim, f"/refunds/{asked}/decline", reason="Cy has  it already")
    assert (done.status_code, done.get_json()["state"]) == (200, "declined")
    assert done.get_json()["ended_why"] == "Cy has it already"
    again = post(tim, f"/refunds/{asked}/decline", reason="Another reason")
    assert again.get_json() == done.get_json(), "twice is once, and the first reason stands"
    refuses(post(tim, f"/refunds/{asked}/approve"), 410, "refund_declined")
    refuses(post(bea, f"/refunds/{asked}/withdraw"), 410, "refund_declined")

    histories.pay(staffed, "bakery", "tim", 130_000, 9_600, key="pay of tim")
    own = says(back(bea, bought(staffed, 12_000, payer="tim"), "120.00"), 202, refund=RECEIPT, state="waiting")
    refuses(post(tim, f"/refunds/{own['refund']}/decline", reason="No"), 403, "not_allowed")
    clock.advance(minutes=10)
    refuses(post(browser_of("sam"), f"/refunds/{own['refund']}/decline", reason="No"), 410, "refund_lapsed")
    refuses(post(bea, f"/refunds/{own['refund']}/withdraw"), 410, "refund_lapsed")
    assert balances()["ana"] == before["ana"]
    with reading(staffed.engine) as connection:
        told = notices.last(connection, people.holder(connection, "ana").id, notices.MONEY)
    assert told == (), "who was not told that it waited is not told that it ended"


def test_the_pages_tell_both_sides_how_it_ended_and_that_no_money_moved(
    bea: FlaskClient, browser_of: Browser, staffed: Kit, clock: Clock
) -> None:
    tim, ends = browser_of("tim"), dict[str, str]()
    sale = bought(staffed, 25_000)
    for name in ("declined", "withdrawn", "lapsed"):
        ends[name] = str(back(bea, sale, "240.00").get_json()["refund"])
    page = f"/refunds/{ends['declined']}"
    assert set(Page(tim.get(page).text).forms) == {f"{page}/approve", f"{page}/decline"}
    assert set(Page(bea.get(page).text).forms) == {f"{page}/withdraw"}
    # Without a script, too, who waits sees how it ends; who writes a reason is not disturbed.
    refreshed = f'content="3;url={page}"'
    assert [refreshed in browser.get(page).text for browser in (bea, tim)] == [True, False]
    assert "Unless a steward approves it, it lapses." in Page(tim.get(page).text).text, "Sam may as well"
    blank = tim.post(f"{page}/decline", data={"reason": " "})
    assert (blank.status_code, "It still waits" in blank.text) == (400, True)

    assert tim.post(f"{page}/decline", data={"reason": "It was <b>eaten</b>"}).status_code == 303
    assert bea.post(f"/refunds/{ends['withdrawn']}/withdraw", data={}).status_code == 303
    clock.advance(minutes=10)
    for browser in (bea, tim):
        for name, words in (
            ("declined", ("Tim declined it", "“It was <b>eaten</b>”")),
            ("withdrawn", ("Bea withdrew it",)),
            ("lapsed", ("Nobody approved it within ten minutes",)),
        ):
            shown = Page(browser.get(f"/refunds/{ends[name]}").text)
            for each in (*words, "No money moved"):
                assert each in shown.text, (name, each)
            assert shown.forms == {}, "nothing is left to be done"
    assert refreshed not in bea.get(page).text
    talk = "Talk to them before you ask for it again."
    assert [talk in browser.get(page).text for browser in (bea, tim)] == [True, False], "nobody talks to themselves"
    late = bea.post(f"/refunds/{ends['declined']}/withdraw", data={})
    assert (late.status_code, "It was over already" in late.text) == (410, True)
    story = Page(bea.get(f"/receipts/{sale}").text)
    for words in ("declined by Tim: It was <b>eaten</b>", "withdrawn by Bea", "nobody approved it in time"):
        assert words in story.text
    assert {f"/refunds/{ref}" for ref in ends.values()} <= set(story.links)
    member = browser_of("ana").get(f"/receipts/{sale}").text
    assert "declined" not in member, "the member was never told that it waited"
    assert "not given back" not in member


def test_the_only_steward_who_may_approve_reads_that_it_lapses_without_them(browser_of: Browser, staffed: Kit) -> None:
    _, ref = waiting(browser_of("sam"), staffed)

    assert "Without you it lapses." in Page(browser_of("tim").get(f"/refunds/{ref}").text).text


def test_where_nobody_may_approve_the_asker_is_told_at_once(browser_of: Browser, staffed: Kit) -> None:
    left = sa.text("UPDATE roles SET revoked_at = 1 WHERE person_id = (SELECT id FROM people WHERE handle = 'tim')")
    with staffed.engine.begin() as connection:
        connection.execute(left)
    asked = waiting(browser_of("sam"), staffed)[1]

    assert "There is nobody who may approve it" in browser_of("sam").get(f"/refunds/{asked}").text


@pytest.fixture
def strict(staffed: Kit) -> Kit:
    """Let everything that the bakery's till gives back wait for a steward."""
    counter.set_refund_limit(staffed, "bakery", "bakery-1", 0)
    return staffed


def approvals(browser: FlaskClient) -> list[tuple[str, bool]]:
    """List the notices that ask for a refund's approval: their pages, and whether they are still news."""
    told = browser.get("/notices", headers=JSON).get_json()["notices"]
    return [(one["page"], one["new"]) for one in told if one["kind"] == "approve"]


def test_stewards_are_told_what_waits_for_them_until_it_has_ended_and_the_asker_is_not(
    bea: FlaskClient, browser_of: Browser, strict: Kit, clock: Clock
) -> None:
    sam, tim, dot = browser_of("sam"), browser_of("tim"), 'class="news"'
    assert dot not in tim.get("/").text
    first = waiting(browser_of("sam"), strict, 200)[1]
    assert dot not in sam.get("/").text, "who asked is not told"
    assert dot in tim.get("/").text
    assert post(bea, f"/refunds/{first}/withdraw").status_code == 200
    assert dot not in tim.get("/").text, "what is done is no news any more, seen or not"
    assert (approvals(sam), approvals(tim)) == ([], [(f"/refunds/{first}", False)])

    asked = [waiting(bea, strict, 201 + more)[1] for more in range(3)]
    page = Page(tim.get("/notices").text)
    assert page.text.count("Bread & Roses asks: approve a refund?") == 4
    assert page.text.split().count("over") == 1
    assert page.text.count("until 12:1") == 3, "what waits says until when"
    assert "2.0" not in page.text, "no sums unless they are wanted"
    assert {f"/refunds/{ref}" for ref in asked} <= set(page.links)
    assert post(tim, f"/refunds/{asked[0]}/approve").status_code == 200
    assert post(sam, f"/refunds/{asked[1]}/decline", reason="No").status_code == 200
    assert Page(tim.get("/notices").text).text.split().count("over") == 3
    assert dot in sam.get("/").text
    clock.advance(minutes=10)
    assert dot not in sam.get("/").text
    assert Page(sam.get("/notices").text).text.split().count("over") == 3
    for handle in ("bea", "joy", "ana"):
        assert approvals(browser_of(handle)) == []


def test_a_steward_who_made_the_purchase_is_not_asked_to_approve_its_refund(
    bea: FlaskClient, browser_of: Browser, strict: Kit
) -> None:
    histories.pay(strict, "mill", "tim", 10_000, 480, key="pay of tim")
    asked = back(bea, bought(strict, 200, payer="tim"), "2.00").get_json()["refund"]

    assert approvals(browser_of("sam")) == [(f"/refunds/{asked}", True)]
    assert approvals(browser_of("tim")) == []


@pytest.mark.parametrize("asker", ["bea", "sam"])
def test_home_asks_who_may_approve_a_refund_and_neither_who_asked_nor_who_paid(
    browser_of: Browser, strict: Kit, asker: str
) -> None:
    histories.pay(strict, "mill", "tim", 10_000, 480, key="pay of tim")
    asked = "asks you to approve a refund"
    back(browser_of(asker), bought(strict, 200), "2.00")
    assert (asked in Page(browser_of("sam").get("/").text).text) == (asker != "sam")
    assert asked in Page(browser_of("tim").get("/").text).text
    # At the counter whoever asked finds it, and withdraws it.
    assert "2.00 RES" in Page(browser_of("sam").get("/office/bakery/counter").text).text

    members.grant(strict, "ana", "steward", "bakery")
    assert asked not in Page(browser_of("ana").get("/").text).text


def test_what_went_back_meanwhile_offers_no_yes_and_says_why(
    bea: FlaskClient, browser_of: Browser, staffed: Kit
) -> None:
    sale, asked = waiting(bea, staffed)
    tim, here = browser_of("tim"), f"/refunds/{asked}"
    assert f"{here}/approve" in Page(tim.get(here).text).forms
    made = disputed(browser_of("ana"), sale)
    assert does(browser_of("sam"), made, "refund", amount="0.01").status_code == 200

    for reader in ("tim", "bea"):
        page = Page(browser_of(reader).get(here).text)
        assert "Less is left of the sale than this No money moved by this." in page.text
        assert set(page.forms) == {f"{here}/withdraw"}
    assert "asks you to approve" not in Page(tim.get("/").text).text
    refuses(post(tim, f"{here}/approve"), 409, "refund_exceeds_sale")


def test_what_waits_is_told_at_the_till_of_its_sale_alone(bea: FlaskClient, strict: Kit) -> None:
    network.open_till(strict, "bakery", "bakery-2", "Counter 2")
    asked = waiting(bea, strict, 200)[1]

    told = {till: bea.get(f"/tills/{till}/state", headers=JSON).get_json() for till in ("bakery-1", "bakery-2")}
    assert {till: [each["refund"] for each in state["refunds"]] for till, state in told.items()} == {
        "bakery-1": [asked],
        "bakery-2": [],
    }


def test_a_till_that_only_polls_reads_of_each_end_at_its_next_look(
    bea: FlaskClient, browser_of: Browser, strict: Kit, clock: Clock
) -> None:
    tim, sale = browser_of("tim"), bought(strict, 5_000)

    def seen() -> tuple[str, list[tuple[str, str]]]:
        told = bea.get("/tills/bakery-1/state", headers=JSON).get_json()
        return told["rev"], [(each["refund"], each["state"]) for each in told["refunds"]]

    revs = [seen()[0]]
    asked = [str(back(bea, sale, "1.10").get_json()["refund"]) for _ in range(4)]
    revs.append(seen()[0])
    assert seen()[1] == [(ref, "waiting") for ref in asked]
    assert Page(bea.get("/tills/bakery-1").text).text.count("Refund waits for a steward") == 4
    ends = (
        lambda: post(tim, f"/refunds/{asked[0]}/approve"),
        lambda: post(tim, f"/refunds/{asked[1]}/decline", reason="No"),
        lambda: post(bea, f"/refunds/{asked[2]}/withdraw"),
        lambda: clock.advance(minutes=9, seconds=59),
        lambda: clock.advance(seconds=1),
    )
    for end in ends:
        end()
        revs.append(seen()[0])
    assert len(set(revs)) == len(revs), "each end is another mark"
    assert seen()[1] == [(asked[3], "lapsed")], "what ended long ago is not told any more"
    clock.advance(minutes=2)
    assert seen()[1] == []
    last = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["last"]
    assert [each["refunded"] for each in last] == ["1.10"]
    shown = browser_of("joy").get("/tills/bakery-1/state", headers=JSON).get_json()
    assert {"bills", "last", "refunds", "rev", "now"} <= set(shown)


def test_the_tills_page_says_how_each_ended(bea: FlaskClient, browser_of: Browser, strict: Kit) -> None:
    tim, sale = browser_of("tim"), bought(strict, 5_000, 3_000)
    asked = [str(back(bea, sale, "1.00", cash=cash).get_json()["refund"]) for cash in ("20.00", "1.00", "2.00")]
    post(tim, f"/refunds/{asked[0]}/approve")
    post(tim, f"/refunds/{asked[1]}/decline", reason="No")
    post(bea, f"/refunds/{asked[2]}/withdraw")

    page = Page(bea.get("/tills/bakery-1").text)
    assert "21.00 Given back. Take 20.00 from the drawer" in page.text
    assert "2.00 Refund declined, no money moved" in page.text
    assert "3.00 Refund withdrawn, no money moved" in page.text
    assert {f"/refunds/{ref}" for ref in asked} <= set(page.links)
