"""What is pressed or sent twice in a dispute is done once, and the second press reads what the first has done."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import JSON, new_key
from tests.web.disputes import bought, charged, disputed, does, state, with_mia
from tests.web.doors import code_of
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import scans

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


@pytest.fixture
def shop(federation: Kit) -> Kit:
    """Give the federation in which Mia is steward of the mill."""
    return with_mia(federation)


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


def test_a_button_of_a_dispute_that_is_pressed_twice_does_once_what_it_says(shop: Kit, browser_of: Browser) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    told, left, owed = (
        disputed(ana, bought(shop, 50)),
        disputed(ana, charged(shop, 60)),
        disputed(ana, charged(shop, 70)),
    )
    leave, decision = {"key": new_key(), "words": "Sorry"}, {"words": "Clear", "for_member": "1"}
    for browser, made, act, form in (
        (ana, told, "pass", {}),
        (fay, told, "decide", decision),
        (ana, told, "end", {}),
        (sam, left, "refund", leave),
        (ana, owed, "end", {}),
        (sam, owed, "paid", {}),
    ):
        page = f"/disputes/{made['dispute']}"
        before = len(ana.get(page, headers=JSON).get_json()["words"])
        answers = [browser.post(f"{page}/{act}", data=form) for _press in range(2)]
        assert [(each.status_code, each.location.partition("?")[0]) for each in answers] == [(303, page)] * 2, act
        assert len(ana.get(page, headers=JSON).get_json()["words"]) == before + 1, act

    assert [each["kind"] for each in fay.get("/notices", headers=JSON).get_json()["notices"]] == ["disputed"]
    assert code_of(does(fay, told, "decide", words="Other words", for_member=True)) == "dispute_over"
    assert code_of(does(sam, left, "refund", words="Other words")) == "dispute_over"
    assert [state(ana, each) for each in (told, left, owed)] == ["settled", "refunded", "settled"]


def test_what_one_side_has_passed_on_the_other_does_not_pass_on_again(shop: Kit, browser_of: Browser) -> None:
    ana, sam, fay = browser_of("ana"), browser_of("sam"), browser_of("fay")
    made = disputed(ana, bought(shop, 50))

    assert [does(who, made, "pass").get_json()["state"] for who in (ana, sam)] == ["passed"] * 2
    assert [each["kind"] for each in fay.get("/notices", headers=JSON).get_json()["notices"]] == ["disputed"]
    said = ana.get(f"/disputes/{made['dispute']}", headers=JSON).get_json()["words"]
    assert [act for _side, act, _words in said] == ["opened", "passed"]


@pytest.mark.parametrize("ended", [False, True])
def test_not_me_freezes_the_codes_whatever_was_said_of_that_charge_before(
    shop: Kit, browser_of: Browser, ended: bool
) -> None:
    ana, ref = browser_of("ana"), charged(shop)
    address = f"/receipts/{ref}/dispute"
    made = disputed(ana, ref, "The sum is wrong")
    if ended:
        does(browser_of("sam"), made, "refund", amount="0.00", words="Keep it")

    answer = ana.post(address, data={"words": "It was not me", "not_me": "1"})

    assert ana.get("/code/state", headers=JSON).get_json()["frozen"] is True
    assert answer.status_code == (409 if ended else 303)
    page = Page(ana.get(f"/disputes/{made['dispute']}").text).text
    assert ("It was not me" in page) is not ended
    if ended:
        refused = Page(answer.text).text
        assert "Nothing was sent" in refused
        assert "This is settled already, so your words were not sent. Your codes are frozen, on every phone" in refused
        assert "Keep it" in refused, "it stands on the page that says how it was settled"


@pytest.mark.parametrize("decided", [False, True])
def test_cash_of_a_charge_is_the_members_no_more_once_they_say_that_it_was_not_them(
    shop: Kit, browser_of: Browser, decided: bool
) -> None:
    ana, sam, token = browser_of("ana"), browser_of("sam"), MemberPhone(shop, "ana").token()
    paid = scans.scan_code(shop, "bakery-1", "bea", token=token, amount_minor=300, cash_minor=100, key=new_key())
    ref = str(paid.ref)  # type: ignore[union-attr]
    made = disputed(ana, ref, "The sum is wrong")
    if decided:
        does(ana, made, "pass")
        does(browser_of("fay"), made, "decide", words="All of it", for_member=True)
    page = f"/disputes/{made['dispute']}"
    assert "In cash" in Page(sam.get(page).text).text

    again = disputed(ana, ref, "It was not me, either", not_me=True)

    # What a facilitator has decided is not made another note by its member.
    assert again["kind"] == ("wrong" if decided else "not_me")
    assert ("In cash" in Page(sam.get(page).text).text) is decided
    assert does(sam, made, "refund", cash="1.00").status_code == (200 if decided else 400)
