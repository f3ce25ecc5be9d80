"""Before a co-op has ever paid somebody, no page tells them that what they buy counts."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.giving_back import refund_sale
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import gifts, histories, payments

Browser = Callable[[str], FlaskClient]
FROM_THEN_ON = "counts from the month in which a co-op first pays you."


@pytest.fixture
def cal(federation: Kit, browser_of: Browser) -> FlaskClient:
    """Give the browser of Cal, who only shops, and has 5.00 RES."""
    gifts.send(federation, "ana", "cal", 500, key="for Cal")
    return browser_of("cal")


def bill_of(kit: Kit) -> str:
    """Make a bill of 2.00 at the bakery; give its code."""
    return payments.open_bill(kit, "bakery-1", "bea", amount_minor=200, key=new_key()).code


def text_of(browser: FlaskClient, page: str) -> str:
    """Give what a page says."""
    return Page(browser.get(page).text).text


def test_who_was_never_paid_reads_nowhere_that_a_purchase_counts(federation: Kit, cal: FlaskClient) -> None:
    code = bill_of(federation)

    sheet = text_of(cal, f"/b/{code}")
    assert ("For your pay share no pay share yet" in sheet, "counts, 2.00" in sheet) == (True, False)
    receipt = payments.pay_bill(federation, code, "cal", key=new_key()).ref
    paid = text_of(cal, f"/b/{code}")
    assert (f"What you buy {FROM_THEN_ON}" in paid, "It counts." in paid) == (True, False)
    assert "Counts for the pay share before your first pay" in text_of(cal, f"/receipts/{receipt}")
    places = text_of(cal, "/places")
    assert (f"What you spend {FROM_THEN_ON}" in places, "for you" in places) == (True, False)
    assert f"Not yet. You have no pay share: what you spend here {FROM_THEN_ON}" in text_of(cal, "/places/bakery")


def test_what_is_left_of_it_is_not_said_to_count_either(federation: Kit, cal: FlaskClient) -> None:
    code = bill_of(federation)
    sale = payments.pay_bill(federation, code, "cal", key=new_key()).ref
    refund_sale(federation, sale, 50, 0)

    paid = text_of(cal, f"/b/{code}")

    assert ("Given back so far: 0.50." in paid, "What is left counts" in paid) == (True, False)


def test_from_the_month_of_the_first_pay_on_it_counts_and_what_was_before_does_not(
    federation: Kit, cal: FlaskClient, browser_of: Browser, clock: Clock
) -> None:
    before = payments.pay_bill(federation, bill_of(federation), "cal", key=new_key()).ref
    clock.set(datetime(2026, 4, 20, 12, tzinfo=UTC))
    cal = browser_of("cal")
    code = bill_of(federation)
    within = payments.pay_bill(federation, code, "cal", key=new_key()).ref
    histories.pay(federation, "mill", "cal", 10_000, 480, key="first pay of cal")

    assert "Counts for the pay share before your first pay" in text_of(cal, f"/receipts/{before}")
    assert "Counts for the pay share 2.00" in text_of(cal, f"/receipts/{within}")
    assert "It counts." in text_of(cal, f"/b/{code}")
    assert "counts, 2.00" in text_of(cal, f"/b/{bill_of(federation)}")
    assert "1 of 2 places counts for you" in text_of(cal, "/places")
    assert "Yes. What you spend here counts" in text_of(cal, "/places/bakery")


@pytest.mark.parametrize("narrowed", ["", "&coop=bakery"])
def test_activity_tells_the_purchases_from_before_it_apart(
    federation: Kit, cal: FlaskClient, browser_of: Browser, clock: Clock, narrowed: str
) -> None:
    before = payments.pay_bill(federation, bill_of(federation), "cal", key=new_key()).ref
    never = asked_of(cal, narrowed)
    clock.set(datetime(2026, 4, 20, 12, tzinfo=UTC))
    cal = browser_of("cal")
    within = payments.pay_bill(federation, bill_of(federation), "cal", key=new_key()).ref
    histories.pay(federation, "mill", "cal", 10_000, 480, key="first pay of cal")

    rows = text_of(cal, "/activity")
    assert ("−2.00 before your first pay" in rows, "−2.00 counts" in rows) == (True, True)
    assert ("April 2.00 counted" in rows, "March 0.00 counted" in rows) == (True, True)
    assert asked_of(cal, narrowed) == {"counts": {within}, "not": {before}}
    assert never == {"counts": set(), "not": {before}}
    assert "1 of 4 movements" in text_of(cal, "/activity?show=not")
    assert cal.get(f"/receipts/{before}", headers=JSON).get_json()["counts"] is False


def asked_of(browser: FlaskClient, narrowed: str) -> dict[str, set[str]]:
    """Read which purchases the lists of what counts and of what does not hold."""
    lists = {kind: browser.get(f"/activity?show={kind}{narrowed}", headers=JSON) for kind in ("counts", "not")}
    return {kind: {one["receipt"] for one in found.get_json()["movements"]} for kind, found in lists.items()}


def test_the_shop_is_told_neither_whether_somebody_was_ever_paid_nor_that_it_counts_for_them(
    federation: Kit, cal: FlaskClient, browser_of: Browser
) -> None:
    never, paid = (payments.pay_bill(federation, bill_of(federation), who, key=new_key()).ref for who in ("cal", "ana"))
    bea = browser_of("bea")

    receipts = [text_of(bea, f"/receipts/{ref}") for ref in (never, paid)]
    tills = [text_of(bea, f"/tills/bakery-1?paid={ref}") for ref in (never, paid)]

    assert ["before your first pay" in text for text in receipts] == [False, False]
    assert ["Counts for a pay share 2.00" in text for text in receipts] == [True, True]
    assert ["counts for a pay share" in text for text in tills] == [True, True]
