"""What a facilitator decided for the member: it stays theirs, and stays in sight until all of it is given back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import new_key
from tests.web.disputes import bought, charged, disputed, does, state, with_mia
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import refunds, scans
from wallet.services.refunds import Ask
from wallet.store import disputes
from wallet.store.engine import reading

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    return with_mia(federation)


def decided(kit: Kit, browser_of: Browser, ref: str) -> dict[str, Any]:
    """Let Ana dispute and pass on, and Fay decide for her."""
    made = disputed(browser_of("ana"), ref)
    does(browser_of("ana"), made, "pass")
    assert does(browser_of("fay"), made, "decide", words="Clear", for_member=True).status_code == 200
    return made


def test_a_member_for_whom_it_was_decided_owes_nothing_when_they_end_it_without_the_cash(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, token = browser_of("ana"), browser_of("sam"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    made = decided(shop, browser_of, str(paid.ref))  # type: ignore[union-attr]
    page, before = f"/disputes/{made['dispute']}", balances()["ana"]

    for browser, says in ((ana, "It stays with you"), (sam, "It stays with")):
        shown = Page(browser.get(page).text).text
        assert says in shown
        assert "carries it until this is settled" not in shown
        assert "is owed" not in shown
    assert does(ana, made, "end").get_json()["state"] == "settled"

    assert balances()["ana"] == before
    assert disputed(ana, charged(shop, 150))["carried"] == "1.50"


def test_words_of_a_steward_do_not_keep_from_the_facilitators_what_was_decided_and_not_given_back(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = decided(shop, browser_of, bought(shop, 200))
    clock.advance(days=6)
    assert does(sam, made, "words", words="We will see").get_json()["state"] == "open"
    clock.advance(days=1)

    assert state(ana, made) == "passed"
    assert made["dispute"] in fay.get("/federation/disputes").text
    assert "Remind the stewards" in Page(fay.get(f"/disputes/{made['dispute']}").text).text


def test_what_a_till_gives_back_whole_is_given_back_as_it_was_decided(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, sam, fay, ref = browser_of("ana"), browser_of("sam"), browser_of("fay"), bought(shop)
    made = decided(shop, browser_of, ref)
    page = f"/disputes/{made['dispute']}"
    refunds.give_back(shop, Ask(ref, "bea", 100, 0, "returned", None, new_key()))
    assert state(ana, made) == "open"
    assert "Given back so far: 1.00 RES" in Page(ana.get(page).text).text

    refunds.give_back(shop, Ask(ref, "bea", 200, 0, "returned", None, new_key()))

    assert state(ana, made) == "refunded"
    for browser in (ana, sam, fay):
        said = Page(browser.get(page).text).text
        assert "has to give back all that is left" not in said
        assert "Given back so far: 3.00 RES" in said
    assert does(sam, made, "refund", amount="0.00").get_json()["type"] == "dispute_over"
    clock.advance(days=8)
    other = decided(shop, browser_of, bought(shop, 200))
    assert "not given back yet" not in Page(fay.get(page).text).text
    assert page not in fay.get("/federation/disputes").text
    # What still waits stands before what is over.
    with reading(shop.engine) as connection:
        going_on, (over, _further) = (
            each(connection, "bakery", clock()) for each in (disputes.going_on, disputes.over)
        )
    assert [[one.ref for one in each] for each in (going_on, over)] == [[other["dispute"]], [made["dispute"]]]


def test_what_a_till_gives_back_of_the_res_of_a_charge_that_was_not_me_leaves_no_cash_to_wait_for(
    shop: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, token = browser_of("ana"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    ref = str(paid.ref)  # type: ignore[union-attr]
    clock.advance(hours=73)
    made = disputed(ana, ref, not_me=True)
    does(ana, made, "pass")
    does(browser_of("fay"), made, "decide", words="Clear", for_member=True)
    assert state(ana, made) == "open"

    refunds.give_back(shop, Ask(ref, "bea", 200, 0, "returned", None, new_key()))

    assert state(ana, made) == "refunded"


def test_what_was_decided_for_the_co_op_is_undone_from_no_older_page(
    shop: Kit, browser_of: Browser, balances: Balances
) -> None:
    ana, sam, token = browser_of("ana"), browser_of("sam"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    made = disputed(ana, str(paid.ref))  # type: ignore[union-attr]
    page, before = f"/disputes/{made['dispute']}", balances()
    form = Page(sam.get(page).text).forms[f"{page}/refund"]
    does(ana, made, "pass")
    does(browser_of("fay"), made, "decide", words="It was theirs", for_member=False)

    for older in (form | {"cash": "1.00"}, form | {"cash": "0.50", "key": new_key()}):
        answer = sam.post(f"{page}/refund", data=older)
        assert answer.status_code == 409
        assert "What came back at once is owed by now" in Page(answer.text).text

    assert (state(ana, made), balances()) == ("owed", before)
