"""Being paid in RES: agreed to once in so many words, and taking less of it from the next month on."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.domain import agreement
from wallet.kit import Kit
from wallet.services import histories, members, paybounds, payments
from wallet.store.engine import reading
from wallet.store.tables import agreements

Browser = Callable[[str], FlaskClient]
UP_TO = "Write a percentage up to your share"
YES, NO = {"agree": "1", "version": "1"}, {"agree": "0", "version": "1"}


def choice(browser: FlaskClient) -> dict[str, object]:
    found: dict[str, object] = browser.get("/share/less", headers=JSON).get_json()
    return found


def less(browser: FlaskClient, most: str) -> int:
    return browser.post("/share/less", json={"most": most}).status_code


def test_who_has_not_answered_is_asked_at_home_and_on_the_share(browser_of: Browser) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")

    for page in ("/", "/share"):
        assert "Do you want to be paid in RES?" in Page(ana.get(page).text).text
        assert "Do you want to be paid in RES?" not in Page(cal.get(page).text).text, "nobody pays a customer"
    assert choice(ana) == {"agreed": False, "most": 0, "next": None}

    assert ana.post("/agreement", data=YES).status_code == 303

    for page in ("/", "/share"):
        assert "Do you want to be paid in RES?" not in Page(ana.get(page).text).text
    assert choice(ana) == {"agreed": True, "most": None, "next": None}


def test_who_works_nowhere_any_more_is_not_asked_and_finds_the_agreement_with_their_share(
    federation: Kit, browser_of: Browser
) -> None:
    members.leave(federation, "mill", "ana")
    ana = browser_of("ana")

    for page in ("/", "/share"):
        assert "Do you want to be paid in RES?" not in Page(ana.get(page).text).text
    assert "/agreement" in Page(ana.get("/share").text).links


def test_the_words_their_version_and_the_time_are_kept_once(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    ana, agreed_at = browser_of("ana"), clock()
    ana.post("/agreement", data=YES)
    clock.advance(days=1)
    ana.post("/agreement", data=YES)

    with reading(federation.engine) as connection:
        kept = connection.execute(sa.select(agreements.c.version, agreements.c.words, agreements.c.agreed_at)).all()
    assert [tuple(row) for row in kept] == [(1, agreement.words(), agreed_at)]
    page = Page(ana.get("/agreement").text)
    assert "You have agreed" in page.text
    assert "/agreement" not in page.forms, "there is nothing left to answer"


def test_who_agrees_reads_so_and_finds_what_they_agreed_to_again(browser_of: Browser) -> None:
    ana = browser_of("ana")

    landed = ana.post("/agreement", data=YES, follow_redirects=True)

    assert "You have agreed" in Page(landed.text).text
    for page in ("/share", "/share/less"):
        assert "/agreement" in Page(ana.get(page).text).links


def test_who_stays_with_cash_is_led_to_their_share_which_says_so(browser_of: Browser) -> None:
    ana = browser_of("ana")

    landed = ana.post("/agreement", data=NO, follow_redirects=True)

    assert landed.request.path == "/share"
    assert "You are paid in cash" in Page(landed.text).text


def test_other_words_than_those_of_today_are_not_agreed_to(browser_of: Browser) -> None:
    ana = browser_of("ana")

    assert ana.post("/agreement", data=YES | {"version": "0"}).status_code == 400
    assert choice(ana)["agreed"] is False


def test_who_says_no_is_not_asked_again_and_may_still_agree(browser_of: Browser, clock: Clock) -> None:
    ana = browser_of("ana")
    assert ana.post("/agreement", data=NO).status_code == 303

    assert "Do you want to be paid in RES?" not in Page(ana.get("/").text).text
    assert "You are paid in cash" in Page(ana.get("/share").text).text
    clock.advance(days=40)
    ana = browser_of("ana")
    ana.post("/agreement", data=YES)

    assert choice(ana) == {"agreed": True, "most": 0, "next": {"month": "2026-05", "most": None}}


def test_less_holds_from_the_next_month_and_can_be_changed_back(browser_of: Browser, clock: Clock) -> None:
    ana = browser_of("ana")
    ana.post("/agreement", data=YES)

    assert less(ana, "4.50") == 200
    assert choice(ana) == {"agreed": True, "most": None, "next": {"month": "2026-04", "most": 450}}
    assert 'value="4.50"' in ana.get("/share/less").text
    for page in ("/share", "/"):
        assert "From April on you take at most 4.5 %." in Page(ana.get(page).text).text
    assert "comes in RES" not in Page(ana.get("/").text).text, "what comes of it in RES may be less"

    clock.advance(days=31)
    ana = browser_of("ana")
    text = Page(ana.get("/share").text).text
    assert choice(ana)["most"] == 450
    assert "In April, 10 % of your pay may come in RES. You take 4.5 %." in text
    assert "Since April you take at most 4.5 % of your pay in RES." in text
    assert "you take at most 4.5 %" in Page(ana.get("/").text).text

    assert ana.post("/share/whole").status_code == 303
    assert choice(ana) == {"agreed": True, "most": 450, "next": {"month": "2026-05", "most": None}}
    less(ana, "4.50")
    assert choice(ana)["next"] is None, "changed back before it began"


@pytest.mark.parametrize(("most", "status"), [("0.00", 200), ("10.00", 200), ("10.01", 400), ("100.00", 400)])
def test_it_goes_from_nothing_to_the_share(browser_of: Browser, most: str, status: int) -> None:
    ana = browser_of("ana")
    ana.post("/agreement", data=YES)

    assert less(ana, most) == status
    assert (choice(ana)["next"] is None) == (status == 400)


@pytest.mark.parametrize(
    ("who", "most", "status"), [("ana", "14.50", 200), ("ana", "14.51", 400), ("bea", "10.00", 200)]
)
def test_it_goes_to_the_next_months_share_where_that_is_more_and_to_the_floor_before_the_first_pay(
    federation: Kit, browser_of: Browser, who: str, most: str, status: int
) -> None:
    # 4.50 of 100.00 are spent at another co-op, and 10 % are added.
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=450, key=new_key())
    payments.pay_bill(federation, bill.code, "ana", key=new_key())
    browser_of(who).post("/agreement", data=YES)

    assert less(browser_of(who), most) == status


def test_who_agrees_again_keeps_what_they_have_chosen_since(browser_of: Browser) -> None:
    ana = browser_of("ana")
    ana.post("/agreement", data=YES)
    less(ana, "4.50")

    assert ana.post("/agreement", data=YES).status_code == 303

    assert choice(ana) == {"agreed": True, "most": None, "next": {"month": "2026-04", "most": 450}}


def test_a_choice_that_is_none_says_so_and_changes_nothing(browser_of: Browser) -> None:
    ana = browser_of("ana")
    assert less(ana, "5.00") == 403, "not before having agreed"
    ana.post("/agreement", data=YES)

    for typed, words in (("much", UP_TO), ("101", UP_TO), ("50", "Your share is less than that.")):
        answer = ana.post("/share/less", data={"most": typed})
        assert answer.status_code == 400
        assert words in Page(answer.text).text
        assert f'value="{typed}"' in answer.text
    assert choice(ana)["next"] is None


def told(browser: FlaskClient) -> list[str]:
    return [Page(browser.get(page).text).text.replace("\u202f", " ") for page in ("/", "/share")]


def test_a_ceiling_of_a_co_op_is_named_where_it_is_told_what_comes_in_res(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana = browser_of("ana")
    ana.post("/agreement", data=YES)
    home, share = told(ana)
    assert "10 % in April Of your pay in RES, so far" in home
    assert "In March, 10 % of your pay comes in RES, the rest in cash." in share

    members.grant(federation, "fay", "steward", "mill")
    paybounds.set_ceiling(federation, "fay", "mill", 500)

    home, share = told(ana)
    assert "10 % in April Of your pay, so far: an estimate, not a promise. May come in RES." in home
    assert "May come in RES. The Mill pays at most 5 % in RES." in home
    assert "may come in RES, the rest in cash. The Mill pays at most 5 % in RES." in share

    paybounds.set_ceiling(federation, "fay", "mill", 1_000)
    assert "10 % in April Of your pay in RES, so far" in told(ana)[0]
    assert less(ana, "3.00") == 200
    paybounds.set_ceiling(federation, "fay", "mill", 500)
    clock.advance(days=31)
    for page in told(browser_of("ana")):
        assert "pays at most" not in page, "she takes less than that anyway"


def test_who_is_paid_without_working_there_reads_of_the_cash_floor_that_bounds_their_pay(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    histories.pay(federation, "bakery", "cal", 10_000, 480, key="a day's work")
    paybounds.answer_floor(federation, "sam", "bakery", 800, "Sam Vaz")
    cal = browser_of("cal")
    cal.post("/agreement", data=YES)

    home, share = told(cal)
    assert "May come in RES. Bread & Roses pays at least 8.00 an hour in cash." in home
    assert "may come in RES, the rest in cash. Bread & Roses pays at least 8.00 an hour in cash." in share
    clock.advance(days=120)
    for page in told(browser_of("cal")):
        assert "pays at least" not in page
