"""Receipts: one transfer on one page, for those who have a part in it and for nobody else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.giving_back import refund_sale
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.domain.words import words_for
from wallet.kit import Kit
from wallet.services import gifts, histories, members, payments
from wallet.services.gifts import Gift

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def sale(federation: Kit) -> str:
    """Let Ana pay 4.50 at the bakery, 1.00 of it in cash; give the receipt's number."""
    bill = payments.open_bill(
        federation, "bakery-1", "bea", amount_minor=450, cash_minor=100, note="r 17", key=new_key()
    )
    return payments.pay_bill(federation, bill.code, "ana", key=new_key()).ref


def test_the_payer_reads_both_parts_the_words_what_counted_and_both_balances(browser_of: Browser, sale: str) -> None:
    page = Page(browser_of("ana").get(f"/receipts/{sale}").text)

    for words in (
        "Bread & Roses Counter 1",
        "3.50 RES",
        "Paid, 2 March 2026, 12:00:00",
        "Paid by Ana Reis",
        "In RES 3.50",
        "In cash 1.00",
        "Together 4.50",
        "Counts for the pay share 4.50",
        "Counts for the dividend basis 3.50",
        "Note of the shop r 17",
        f"Receipt {sale}",
        "You had, then 10.00",
        "You had, after it 6.50",
    ):
        assert words in page.text


def test_a_receipt_as_json_tells_both_parts_and_what_came_back(federation: Kit, browser_of: Browser, sale: str) -> None:
    receipt = f"/receipts/{sale}"
    whole = {"receipt": sale, "kind": "sale", "at": "2026-03-02T12:00:00Z", "amount": "3.50", "cash": "1.00"}
    whole |= {"other": "Bread & Roses", "note": "r 17", "words": words_for(sale), "counts": True}
    nothing = {"refunded": "0.00", "cash_refunded": "0.00", "refunds": []}
    assert browser_of("ana").get(receipt, headers=JSON).get_json() == whole | {"person": "Ana Reis"} | nothing
    assert browser_of("bea").get(receipt, headers=JSON).get_json() == whole | {"person": "Ana"} | nothing

    refund_sale(federation, sale, 150, 20)

    back = browser_of("bea").get(receipt, headers=JSON).get_json()
    assert (back["amount"], back["refunded"], back["cash_refunded"]) == ("3.50", "1.50", "0.20")
    assert len(back["refunds"]) == 1


def test_what_was_given_back_of_it_counts_no_more(federation: Kit, browser_of: Browser, sale: str) -> None:
    refund_sale(federation, sale, 150, 100)

    text = Page(browser_of("ana").get(f"/receipts/{sale}").text).text

    assert (
        "Together 4.50 Counts for the pay share 2.00 Counts for the dividend basis 2.00 Given back so far 2.50" in text
    )


def test_where_logged_cash_does_not_count_bill_receipt_and_statement_leave_it_out(
    app: Flask, federation: Kit, browser_of: Browser, sale: str
) -> None:
    charter = replace(federation.charter, count_logged_cash=0, own_set_days=30)
    app.extensions["kit"] = replace(app.extensions["kit"], charter=charter)
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=450, cash_minor=100, key=new_key())
    ana = browser_of("ana")

    assert "For your pay share counts, 3.50" in Page(ana.get(f"/b/{bill.code}").text).text
    assert "Counts for the pay share 3.50" in Page(ana.get(f"/receipts/{sale}").text).text
    assert ana.get("/statement", headers=JSON).get_json()["counted"] == "3.50"


@pytest.mark.parametrize("handle", ["bea", "sam"])
def test_cashier_and_steward_read_the_name_for_counters_and_no_balance(
    browser_of: Browser, sale: str, handle: str
) -> None:
    page = Page(browser_of(handle).get(f"/receipts/{sale}").text)

    assert "Paid by Ana " in page.text
    for secret in ("Ana Reis", "You had", "10.00", "6.50", "basis"):
        assert secret not in page.text


@pytest.mark.parametrize("handle", ["cal", "fay"])
def test_for_everyone_else_there_is_no_such_receipt(browser_of: Browser, sale: str, handle: str) -> None:
    answer = browser_of(handle).get(f"/receipts/{sale}", headers=JSON)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "unknown_receipt")


def test_a_receipt_that_never_was_is_unknown(browser_of: Browser) -> None:
    assert browser_of("ana").get("/receipts/0000000000ZZ").status_code == 404


def test_a_stranger_is_asked_to_sign_in(stranger: FlaskClient, sale: str) -> None:
    assert stranger.get(f"/receipts/{sale}").status_code == 401


def test_a_purchase_at_ones_own_co_op_says_why_it_does_not_count(federation: Kit, browser_of: Browser) -> None:
    histories.sell(federation, "mill", "ana", 200, 0, key="flour")
    ana = browser_of("ana")
    ref = ana.get("/activity", headers=JSON).get_json()["movements"][0]["receipt"]

    page = Page(ana.get(f"/receipts/{ref}").text)

    assert "Counts for the pay share own co-op" in page.text
    assert "Only what you buy at other co-ops counts." in page.text


def test_a_refund_and_its_sale_lead_to_each_other(federation: Kit, browser_of: Browser, sale: str) -> None:
    refund = refund_sale(federation, sale, 150, 50)
    ana = browser_of("ana")

    of_sale = Page(ana.get(f"/receipts/{sale}").text)
    of_refund = Page(ana.get(f"/receipts/{refund.ref}").text)

    assert f"/receipts/{refund.ref}" in of_sale.links
    assert "Given back so far 2.00" in of_sale.text
    assert f"/receipts/{sale}" in of_refund.links
    assert "Paid to Ana Reis" in of_refund.text
    assert "You had, after it 8.00" in of_refund.text


@pytest.mark.parametrize(("handle", "before", "after"), [("ana", "10.00", "8.00"), ("cal", "0.00", "2.00")])
def test_both_sides_of_a_gift_read_it(
    federation: Kit, browser_of: Browser, handle: str, before: str, after: str
) -> None:
    gifts.give(federation, "ana", Gift("cal", False, 200, "for soup", new_key()))
    client = browser_of(handle)
    ref = client.get("/activity", headers=JSON).get_json()["movements"][0]["receipt"]

    answer = client.get(f"/receipts/{ref}").text
    page = Page(answer)

    assert "What for: for soup" in answer
    for words in ("Cal Dias", "Paid by Ana Reis", f"You had, then {before}", f"You had, after it {after}"):
        assert words in page.text


def test_a_steward_of_two_co_ops_goes_back_to_the_office_that_the_receipt_is_of(
    federation: Kit, staffed: Kit, browser_of: Browser
) -> None:
    members.grant(federation, "tim", "steward", "mill")
    members.join(federation, "mill", "max")
    members.grant(federation, "max", "cashier", "mill")
    for till, cashier in (("mill-1", "max"), ("bakery-1", "bea")):
        bill = payments.open_bill(federation, till, cashier, amount_minor=100, key=new_key())
        sale = payments.pay_bill(federation, bill.code, "ana", key=new_key()).ref

        assert f"/office/{till[:-2]}" in Page(browser_of("tim").get(f"/receipts/{sale}").text).links


def test_pay_shows_which_part_came_in_res(browser_of: Browser) -> None:
    ana = browser_of("ana")
    ref = ana.get("/activity", headers=JSON).get_json()["movements"][0]["receipt"]

    page = Page(ana.get(f"/receipts/{ref}").text)

    assert "Part of your pay in RES 10 %" in page.text
    assert "Paid to Ana Reis" in page.text
