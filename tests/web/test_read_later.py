"""What is read after its day says the day, with the year when that is another: today the time alone is enough."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import payments, refunds
from wallet.services.refunds import Ask
from wallet.web import filters

Browser = Callable[[str], FlaskClient]

THEN = "Mon 2\N{NO-BREAK SPACE}Mar"


def text_of(browser: FlaskClient, address: str) -> str:
    return Page(browser.get(address).text).text


def sold(kit: Kit, amount_minor: int) -> tuple[str, str]:
    """Let Ana pay a bill of the bakery; give its code and the receipt."""
    bill = payments.open_bill(kit, "bakery-1", "sam", amount_minor=amount_minor, key=new_key())
    return bill.code, payments.pay_bill(kit, bill.code, "ana", key=new_key()).ref


def test_a_moment_is_written_with_the_day_that_is_not_today(app: Flask, clock: Clock) -> None:
    then = clock()
    with app.app_context():
        assert filters.moment(then) == "12:00"
        clock.advance(days=1)
        assert filters.moment(then) == f"{THEN}, 12:00"
        clock.advance(days=365)
        assert filters.moment(then) == f"{THEN} 2026, 12:00"


@pytest.mark.parametrize(("days", "said"), [(0, "12:00"), (1, "Mon 2 Mar, 12:00"), (400, "Mon 2 Mar 2026, 12:00")])
def test_a_payment_and_a_refund_say_their_day_wherever_they_are_read_later(
    staffed: Kit, browser_of: Browser, clock: Clock, days: int, said: str
) -> None:
    code, sale = sold(staffed, 120_00)
    refund = refunds.give_back(staffed, Ask(sale, "sam", 110_00, 0, "returned", None, new_key())).ref
    refunds.approve(staffed, refund, "tim")
    clock.advance(days=days)

    # There is little room in a line of these, and the receipt says the time.
    last_five = text_of(browser_of("sam"), "/tills/bakery-1").partition("Last five payments")[2]
    assert last_five.count(said.partition(",")[0]) == 1
    of_refund = text_of(browser_of("tim"), f"/refunds/{refund}")
    assert f"Asked for by Sam, {said}" in of_refund
    assert f"Approved by Tim, {said}" in of_refund
    ana = browser_of("ana")
    assert f" {said}:00 " in text_of(ana, f"/b/{code}"), "beside the words, to the second"
    again = ana.post(f"/b/{code}/pay", data={"key": new_key()})
    assert f"You paid this bill before ({said})." in Page(again.text).text


def test_lines_of_a_shift_that_was_open_over_days_say_their_day(
    staffed: Kit, browser_of: Browser, clock: Clock
) -> None:
    _code, sale = sold(staffed, 5_00)
    clock.advance(days=1)
    refunds.give_back(staffed, Ask(sale, "sam", 2_00, 0, "returned", None, new_key()))
    clock.advance(days=1)
    sam, here = browser_of("sam"), "/tills/bakery-1"
    form = Page(sam.get(f"{here}/shift").text).forms[f"{here}/shift/close"]

    differs = sam.post(f"{here}/shift/close", data=form | {"res": "1.00", "cash": "0", "reason": ""})
    lines = Page(differs.text).text.partition("Lines to look at")[2]
    assert "Tue 3 Mar, 12:00, refund" in lines

    closed = sam.post(f"{here}/shift/close", data=form | {"res": "1.00", "cash": "0", "reason": "Lost"})
    assert closed.status_code == 303
    assert re.search(r"Given back \S.* Tue 3 Mar, 12:00, by Sam", text_of(sam, closed.location))
