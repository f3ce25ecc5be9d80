"""What is paid in cash alone where a ballot has ended that logged cash counts: no page says that it does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.closing_up import close
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.domain.charter import Change, Charter, History
from wallet.kit import Kit
from wallet.services import histories, payments
from wallet.store.engine import snapshot
from wallet.store.views import activity
from wallet.store.views.counterparties import of
from wallet.store.views.lanes import COUNTS, NOT_COUNTING, Narrowing

Browser = Callable[[str], FlaskClient]
BY_THE_CHARTER = "By the charter of that month only RES counts."

# The charter is swapped under the journal.
pytestmark = pytest.mark.breaks_books


@pytest.fixture
def voted(app: Flask, federation: Kit) -> Kit:
    """Give the federation in which only RES counts."""
    charter = replace(federation.charter, count_logged_cash=0, own_set_days=30)
    app.extensions["kit"] = replace(app.extensions["kit"], charter=charter)
    return replace(federation, charter=charter)


@pytest.fixture
def code(voted: Kit) -> str:
    """Give the code of a bill that Ana is to pay in cash alone."""
    return payments.open_bill(voted, "bakery-1", "bea", amount_minor=450, cash_minor=450, key=new_key()).code


@pytest.fixture
def paid(voted: Kit, code: str) -> str:
    """Let Ana pay it; give the receipt."""
    return payments.pay_bill(voted, code, "ana", key=new_key()).ref


@pytest.mark.parametrize("page", ["/", "/activity", "/activity?show=not", "/activity?show=not&coop=bakery"])
def test_a_list_says_that_it_does_not_count(browser_of: Browser, paid: str, page: str) -> None:
    assert "4.50 cash does not count" in Page(browser_of("ana").get(page).text).text


@pytest.mark.parametrize("page", ["/activity?show=counts", "/activity?show=counts&coop=bakery"])
def test_it_stands_in_no_list_of_what_counts(browser_of: Browser, paid: str, page: str) -> None:
    assert "4.50 cash" not in Page(browser_of("ana").get(page).text).text


def test_scripts_are_told_the_same(browser_of: Browser, paid: str) -> None:
    ana = browser_of("ana")

    assert ana.get("/activity", headers=JSON).get_json()["movements"][0]["counts"] is False
    assert ana.get(f"/receipts/{paid}", headers=JSON).get_json()["counts"] is False


def test_the_bill_says_so_before_and_after(browser_of: Browser, code: str) -> None:
    ana = browser_of("ana")

    before = Page(ana.get(f"/b/{code}").text).text
    assert "does not count" in before
    assert "counts, 0.00" not in before
    said = Page(ana.post(f"/b/{code}/pay", data={"key": new_key()}, follow_redirects=True).text).text
    assert BY_THE_CHARTER in said
    assert "It counts" not in said


def test_the_till_says_so(browser_of: Browser, paid: str) -> None:
    text = Page(browser_of("bea").get(f"/tills/bakery-1?paid={paid}").text).text

    assert "does not count" in text
    assert "counts for a pay share" not in text


def test_a_shift_does_not_say_that_cash_counts(browser_of: Browser, voted: Kit, paid: str) -> None:
    bea = browser_of("bea")

    told = [Page(bea.get("/tills/bakery-1/shift").text).text]
    close(voted, "bakery-1", "bea", 0, 450)
    told.append(Page(bea.get("/tills/bakery-1/shifts/1").text).text)

    for text in told:
        assert "It counts towards members’ pay share" not in text
        assert "The cash is in your drawer, not in the ledger." in text


def test_the_statement_does_not_say_with_cash(browser_of: Browser, paid: str) -> None:
    text = Page(browser_of("ana").get("/statement").text).text

    assert "Counted for the pay share 0.00" in text
    assert "with cash" not in text


def test_each_purchase_goes_by_the_charter_of_its_own_month(federation: Kit, clock: Clock, engine: sa.Engine) -> None:
    """Logged cash counts in March and in May, and not in April."""
    for month in (3, 4, 5):
        clock.set(datetime(2026, month, 15, 12, tzinfo=UTC))
        histories.sell(federation, "bakery", "ana", 0, month, key=f"cash {month}")
        histories.sell(federation, "bakery", "ana", 1, month, key=f"both {month}")
    ended = (Change(1, "count_logged_cash", 0, datetime(2026, 3, 20, tzinfo=UTC)),
             Change(2, "count_logged_cash", 1, datetime(2026, 4, 20, tzinfo=UTC)))  # fmt: skip
    history = History(Charter(), ended, "Europe/Lisbon")

    with snapshot(engine) as connection:
        wallet = activity.wallet(connection, "ana")
        assert wallet is not None
        bakery = tuple(one for one in of(connection, wallet.account_id) if one.coop == "bakery")
        for others in (None, bakery):
            found = {}
            for kind in (None, COUNTS, NOT_COUNTING):
                narrowing = Narrowing(kind, others)
                movements = activity.page(connection, wallet, history, narrowing).movements
                found[kind] = {(one.at.month, one.signed_minor, one.reason) for one in movements if one.kind == "sale"}
                assert activity.count(connection, wallet, history, narrowing) == len(movements)
            assert found[NOT_COUNTING] == {(4, 0, "cash")}
            assert found[COUNTS] == found[None] - found[NOT_COUNTING]
            assert {reason for *_, reason in found[COUNTS]} == {"counts"}
            assert len(found[None]) == 6
