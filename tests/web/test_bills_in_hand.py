"""Bills on one's home screen: those that one has opened, or that a till asks for, as long as they wait for oneself."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.stopped import stop
from wallet.kit import Kit
from wallet.services import members, payments, supplies

Browser = Callable[[str], FlaskClient]


def opened(federation: Kit, who: str, amount_minor: int = 450, cash_minor: int = 0) -> str:
    """Make a bill that somebody opens; give its code."""
    made = payments.open_bill(
        federation, "bakery-1", "bea", amount_minor=amount_minor, cash_minor=cash_minor, key=new_key()
    )
    payments.claim_bill(federation, made.code, who)
    return made.code


def home(browser: FlaskClient) -> Page:
    return Page(browser.get("/").text)


def test_home_shows_who_asks_for_how_much_and_leads_to_the_sheet_that_pays(
    federation: Kit, browser_of: Browser
) -> None:
    ana, code = browser_of("ana"), opened(federation, "ana")

    page = home(ana)

    for words in ("Bread & Roses Counter 1 4.50 RES Bill made at", "open 3:00", "5.50 RES stay with you."):
        assert words in page.text
    assert f"/b/{code}" in page.links
    assert f"/b/{code}/pay" not in page.forms
    assert "/pay" in page.links


def test_a_bill_for_cash_alone_is_confirmed_from_home(federation: Kit, browser_of: Browser) -> None:
    opened(federation, "ana", 450, 450)

    page = home(browser_of("ana"))

    assert "4.50 cash" in page.text
    assert "10.00 RES stay with you. Confirm, 4.50 in cash" in page.text


def test_of_a_bill_for_more_than_one_has_home_says_how_much_is_missing(federation: Kit, browser_of: Browser) -> None:
    opened(federation, "ana", 1_200)

    page = home(browser_of("ana"))

    assert "2.00 RES are missing. Show the bill" in page.text
    assert "Pay 12.00 RES" not in page.text


def test_a_bill_stays_on_home_when_the_till_no_longer_waits_for_this_member_alone(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, code = browser_of("ana"), opened(federation, "ana")
    clock.advance(60)

    assert ana.get(f"/b/{code}", headers=JSON).json["state"] == "open"
    assert "open 2:00" in home(ana).text


@pytest.mark.parametrize("ends", ["pay", "decline", "cancel", "late", "suspended", "another opens it"])
def test_home_forgets_a_bill_that_does_not_wait_for_its_member_any_more(
    federation: Kit, browser_of: Browser, clock: Clock, ends: str
) -> None:
    ana, code = browser_of("ana"), opened(federation, "ana")
    assert "Pay 4.50 RES" in home(ana).text

    if ends == "late":
        clock.advance(180)
    elif ends == "another opens it":
        payments.claim_bill(federation, code, "cal")
    elif ends == "suspended":
        stop(federation, "bakery", "suspended")
    else:
        who, said = browser_of("bea") if ends == "cancel" else ana, {"key": new_key()} if ends == "pay" else {}
        assert who.post(f"/b/{code}/{ends}", json=said, headers=JSON).status_code < 300

    page = home(ana)
    assert "4.50 RES Bill made" not in page.text
    assert f"/b/{code}" not in page.links


def test_a_bill_that_waits_for_a_co_ops_second_steward_is_not_the_stewards_own_to_pay(
    federation: Kit, browser_of: Browser
) -> None:
    for handle, coop, role in (("max", "mill", "cashier"), ("sue", "bakery", "steward")):
        members.join(federation, coop, handle)
        members.grant(federation, handle, role, coop)
    code = payments.open_bill(federation, "mill-1", "max", amount_minor=60_000, key=new_key()).code
    payments.claim_bill(federation, code, "sam")
    assert f"/b/{code}" in home(browser_of("sam")).links

    assert supplies.pay(federation, "sam", "bakery", code, key=new_key()).receipt is None

    assert f"/b/{code}" not in home(browser_of("sam")).links


def test_of_several_bills_the_one_opened_last_stands_above_and_each_leads_to_its_sheet(
    federation: Kit, browser_of: Browser, clock: Clock
) -> None:
    ana, first = browser_of("ana"), opened(federation, "ana", 100)
    clock.advance(1)
    second = opened(federation, "ana", 250)

    page = home(ana)

    assert "2.50 RES Bill made" in page.text
    assert "Bread & Roses Pay 1.00 RES, open 2:59" in page.text
    assert {f"/b/{first}", f"/b/{second}"} <= set(page.links)
    assert set(page.forms) >= {f"/b/{second}/decline"}
    assert f"/b/{first}/decline" not in page.forms
    assert "Pay 2.50 RES" not in home(browser_of("cal")).text
